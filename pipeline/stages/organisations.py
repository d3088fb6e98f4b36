"""Stage ``organisations``: COMPANY or ORG for what the backend marked, and well-known companies.

A mention keeps its offsets; where a rule speaks, its label is the rule's and its rule becomes
``<backend>+<rule>``. Bare words for a kind of body (法院, 公司) are dropped: they name nothing.
Companies of the lexicon that the backend missed are added where their name stands on word edges
and nothing else is marked, with ``LEXICON_SCORE``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.config import Config
from pipeline.document import Document, Label, Mention
from pipeline.ner.organisation_rules import OrganisationRules, load_rules

LEXICON_SCORE = 0.6
"""Score of a company that only the lexicon vouches for: below an engine's clear answers."""

_DECIDED = frozenset({Label.COMPANY, Label.ORG})


class OrganisationStage:
    """Relabels and adds mentions; see the module."""

    name = "organisations"

    def __init__(self, rules: OrganisationRules) -> None:
        self._rules = rules

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        """Return the documents with organisations decided."""
        return [self._settled(document) for document in documents]

    def _settled(self, document: Document) -> Document:
        kept = [m for mention in document.mentions for m in self._decided(document, mention)]
        kept.extend(self._added(document, kept))
        return document.with_mentions(kept)

    def _decided(self, document: Document, mention: Mention) -> Iterator[Mention]:
        if mention.label not in _DECIDED:
            yield mention
            return
        name = document.text[mention.start : mention.end]
        if self._rules.is_generic(name):
            return
        decision = self._rules.decide(name)
        if decision is None:
            yield mention
        else:
            rule = f"{mention.rule}+{decision.rule}"
            yield replace(mention, label=decision.label, rule=rule)

    def _added(self, document: Document, kept: Sequence[Mention]) -> Iterator[Mention]:
        """Lexicon companies on word edges, outside every other mention."""
        taken = bytearray(len(document.text))
        for mention in kept:
            taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
        starts = {token.start for token in document.tokens}
        ends = {token.end for token in document.tokens}
        for start, end in self._rules.companies_in(document.text):
            on_edges = not document.tokens or (start in starts and end in ends)
            if on_edges and not any(taken[start:end]):
                yield document.mention(
                    start,
                    end,
                    Label.COMPANY,
                    score=LEXICON_SCORE,
                    stage=self.name,
                    rule="lexicon",
                )


def build(config: Config) -> OrganisationStage:
    """Load the lexicons. Raises ``ConfigError``."""
    return OrganisationStage(load_rules())
