"""Stage ``organisations``: COMPANY or ORG for what the backend marked, and well-known companies.

A mention keeps its offsets; where a rule speaks, its label is the rule's and its rule becomes
``<backend>+<rule>``. Bare words for a kind of body (法院, 公司) are dropped: they name nothing.
Companies of the lexicon that the backend missed are added where their name stands on word edges
and nothing else is marked, with ``LEXICON_SCORE``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.config import Config
from pipeline.document import Document, Label, Mention
from pipeline.names.firms import is_place
from pipeline.ner.bylines import bylines
from pipeline.ner.company_lists import listed_companies
from pipeline.ner.contexts import (
    governments,
    investors,
    is_any_central_bank,
    is_breadcrumb,
    is_description,
    is_idle_platform,
    is_led,
    is_place_to_post,
    is_product,
    is_service,
    is_thing,
    known_people,
    media_by_context,
    no_names,
    quoted_by_kind,
    station_of,
)
from pipeline.ner.edges import cut_names
from pipeline.ner.organisation_rules import OrganisationRules, load_rules

LEXICON_SCORE = 0.6
"""Score of a company that only the lexicon vouches for: below an engine's clear answers."""

BYLINE_SCORE = 0.8
"""Score of a name that its place in the form of an article vouches for."""

_NAMED = frozenset({Label.PERSON, Label.COMPANY, Label.ORG})
_LEVEL = re.compile(r"([^A-Za-z0-9]{2,}|[A-Za-z]{3,}\s)(?:[A-Z]\d{1,2}(?:-\d)?|\d-\d)")
_WATCHED = re.compile(r"(?<=证券|银行|保险|投信|投顾|国际|资本)(?:银行|证券|保险|金融)业\Z")
_DESCRIBED = re.compile(
    r"[\u4e00-\u9fff]{2,8}?(?:平台|厂商|大厂|巨头|龙头|供应商|品牌)(?=[^\s，。]{2})"
)
_CAUCUS = re.compile(r"(?:(?:立法院|立院|[^，。]{0,2}议会)党)?团(?![体队结圆购员聚])")
_MAY_BE_PART = frozenset({Label.COMPANY, Label.ORG, Label.LOC})
_TAKEN, _PART = b"\x01", b"\x02"
_LEAST_WHOLE, _SHORT = 3, 1
_DECIDED = frozenset({Label.COMPANY, Label.ORG})
_PARTY_IN_CHAMBER = re.compile(r"(?P<party>.+党)(?P<chamber>立法会|立法院|立院|.{0,3}议会)")
"""民主党立法会(议员) is a party and a chamber; engines take the two for one name."""

_CLASS_OF_SHARES = re.compile(r"-(?:KY|DR)(?![A-Za-z])")
"""Foreign firms listed in Taiwan carry it in their short name."""


class OrganisationStage:
    """Relabels and adds mentions; see the module."""

    name = "organisations"

    def __init__(self, rules: OrganisationRules) -> None:
        self._rules = rules

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        """Return the documents with organisations decided."""
        return [self._settled(document) for document in documents]

    def _settled(self, document: Document) -> Document:
        split = [m for mention in document.mentions for m in self._parts(document, mention)]
        kept = [m for mention in split for m in self._decided(document, mention)]
        kept = [*self._media(document, kept)]
        kept.extend(self._added(document, kept))
        kept.extend(self._by_context(document, kept))
        for start, end in listed_companies(document, kept, self._rules):
            kept.append(
                document.mention(
                    start,
                    end,
                    Label.COMPANY,
                    score=LEXICON_SCORE,
                    stage=self.name,
                    rule="lexicon, in a list",
                )
            )
        return document.with_mentions(_without_vetoed(document, kept))

    def _parts(self, document: Document, mention: Mention) -> Iterator[Mention]:
        """The names that the engine ran together, or with a verb, a place or a product."""
        if mention.label not in _DECIDED:
            yield mention
            return
        for part in _parties(document, mention):
            for start, end in cut_names(document, part, self._rules):
                if (start, end) == (part.start, part.end):
                    yield part
                    continue
                cut = document.recut(part, start, end)
                yield replace(cut, rule=f"{part.rule}+cut")

    def _media(self, document: Document, kept: Sequence[Mention]) -> Iterator[Mention]:
        """The mentions, and media that only 《》 and the word behind it give away."""
        media = dict.fromkeys(media_by_context(document))
        for mention in kept:
            span = (mention.start, mention.end)
            if span in media and mention.label in (Label.PERSON, Label.LOC):
                continue
            for start, end in list(media):
                if mention.start < end and mention.end > start:
                    del media[start, end]
            yield mention
        for start, end in media:
            decision = self._rules.decide(document.text[start:end])
            yield document.mention(
                start,
                end,
                decision.label if decision is not None else Label.COMPANY,
                score=LEXICON_SCORE,
                stage=self.name,
                rule="medium in title marks",
            )

    def _by_context(self, document: Document, kept: Sequence[Mention]) -> Iterator[Mention]:
        """Governments, and names that only their quotes and the word before them give away."""
        found = [(*span, Label.ORG, "government") for span in governments(document)]
        found += [(*span, Label.PERSON, "well-known person") for span in known_people(document)]
        found += [(*span, Label.COMPANY, "investor") for span in investors(document)]
        for start, end, label in quoted_by_kind(document):
            decision = self._rules.decide(document.text[start:end])
            chosen = decision.label if decision is not None else label
            found.append((start, end, Label(chosen), "quoted by kind"))
        for start, end, label in bylines(document):
            decision = self._rules.decide(document.text[start:end])
            chosen = decision.label if decision is not None and label != Label.PERSON else label
            found.append((start, end, Label(chosen), "byline"))
        for start, end, label, rule in found:
            touched = [m for m in kept if m.start < end and m.end > start]
            if all(_gives_way(m, start, end, byline=rule == "byline") for m in touched):
                score = BYLINE_SCORE if rule == "byline" else LEXICON_SCORE
                yield document.mention(start, end, label, score=score, stage=self.name, rule=rule)

    def _of_station(self, document: Document, mention: Mention) -> Iterator[Mention]:
        """The railway company in the name of a station (旺角|港铁|站), or the mention."""
        name = document.text[mention.start : mention.end]
        for start, end, decision in self._rules.known_in(name):
            if decision.label == Label.COMPANY and station_of(name, end, len(name)):
                company = document.recut(mention, mention.start + start, mention.start + end)
                rule = f"{mention.rule}+{decision.rule}"
                yield replace(company, label=decision.label, rule=rule)
                return
        yield mention

    def _bare(self, document: Document, mention: Mention) -> Mention:
        """A company without the level of its employee or the trade that he watches or it is in.

        阿里|P9, 字节|3-1, 青山证券|银行业 (首席分析师), 二手交易平台|青山网.
        """
        text, start, end = document.text, mention.start, mention.end
        level = _LEVEL.fullmatch(text, start, end)
        if level is not None and level[1].casefold() in self._rules.companies:
            end = level.end(1)
        watched = _WATCHED.search(text, start, end)
        if watched is not None and mention.label == Label.COMPANY:
            end = watched.start()
        described = _DESCRIBED.match(text, start, end)
        if described is not None and mention.label == Label.COMPANY:
            start = described.end()
        if (start, end) == (mention.start, mention.end):
            return mention
        return replace(document.recut(mention, start, end), label=Label.COMPANY)

    def _decided(self, document: Document, mention: Mention) -> Iterator[Mention]:
        mention = self._bare(document, mention)
        name = document.text[mention.start : mention.end]
        if mention.label in _DECIDED:
            if self._rules.is_generic(name):
                return
            decision = self._rules.decide(name)
            if decision is not None and decision.rule == "lexicon-prefix" and is_service(name):
                return
            if decision is None and is_place(name):
                yield replace(mention, label=Label.LOC, rule=f"{mention.rule}+place")
                return
        elif mention.label == Label.PERSON or (mention.label == Label.LOC and len(name) > 2):
            # Engines take names of firms for people (路透, 格隆汇); but a place of two
            # characters that is also a firm (大田) is mostly the place.
            decision = self._rules.is_clear(name)
        else:
            decision = None
        if decision is None and mention.label == Label.LOC:
            yield from self._of_station(document, mention)
        elif decision is None:
            yield mention
        else:
            end = _with_class_of_shares(document.text, mention.end, decision.label)
            rule = f"{mention.rule}+{decision.rule}"
            whole = document.recut(mention, mention.start, end)
            yield replace(whole, label=decision.label, rule=rule)

    def _added(self, document: Document, kept: Sequence[Mention]) -> Iterator[Mention]:
        """Lexicon companies on word edges, outside every other mention that is not a part of them.

        政制及|内地事务局: an engine's shorter organisation or place gives way.
        """
        taken = bytearray(len(document.text))
        for mention in kept:
            kind = _PART if mention.label in _MAY_BE_PART else _TAKEN
            taken[mention.start : mention.end] = kind * (mention.end - mention.start)
        whole = {(m.start, m.end) for m in kept}
        borders = {m.start for m in kept} | {m.end for m in kept}
        starts = {token.start for token in document.tokens}
        ends = {token.end for token in document.tokens}
        for start, end, decision in self._rules.known_in(document.text):
            # 行政院长 and 港铁站 are one token each, but the body in it is named.
            tail = "长" if decision.label == Label.ORG else "站"
            head = document.text.startswith(tail, end) and end + 1 in ends
            left = start in starts or (is_led(document.text, start) and end - start > _SHORT)
            on_edges = not document.tokens or (left and (end in ends or head))
            if not on_edges or is_idle_platform(document.text, start, end):
                continue
            if any(taken[start:end]) and not _contains(taken, start, end, borders):
                continue
            if (start, end) not in whole and not is_product(document.text, start, end):
                yield document.mention(
                    start,
                    _with_class_of_shares(document.text, end, decision.label),
                    decision.label,
                    score=LEXICON_SCORE,
                    stage=self.name,
                    rule=decision.rule,
                )


def _gives_way(mention: Mention, start: int, end: int, *, byline: bool) -> bool:
    """True for a place at the head of a name, and for what the end of a byline was taken for."""
    shorter = (
        start <= mention.start and mention.end <= end and mention.end - mention.start < end - start
    )
    return shorter and (mention.label == Label.LOC or (byline and mention.start > start))


def _contains(taken: bytearray, start: int, end: int, borders: Collection[int]) -> bool:
    """True where the mentions in a stretch are parts of a name and end inside it."""
    parts = set(taken[start:end]) <= {0, _PART[0]}
    crossing_left = bool(start and taken[start - 1] and taken[start] and start not in borders)
    crossing_right = bool(taken[end - 1] and taken[end : end + 1] > b"\x00" and end not in borders)
    return parts and end - start >= _LEAST_WHOLE and not crossing_left and not crossing_right


def _parties(document: Document, mention: Mention) -> Iterator[Mention]:
    """The mention, or the party and the chamber that it runs together."""
    mention = _with_caucus(document, mention)
    found = None
    if mention.label == Label.ORG:
        found = _PARTY_IN_CHAMBER.fullmatch(document.text, mention.start, mention.end)
    if found is None:
        yield mention
        return
    for part in ("party", "chamber"):
        cut = document.recut(mention, *found.span(part))
        yield replace(cut, rule=f"{mention.rule}+split")


def _with_caucus(document: Document, mention: Mention) -> Mention:
    """A party's caucus in full where the engine stops at the party (国民党|团批评)."""
    end = mention.end
    if mention.label != Label.ORG or document.text[end - 1] != "党":
        return mention
    caucus = _CAUCUS.match(document.text, end)
    if caucus is None:
        return mention
    return document.recut(mention, mention.start, caucus.end())


def _inside(text: str, mention: Mention, start: int, end: int) -> bool:
    """True for a part of a stretch; a whole title (《联合报》) is a name."""
    if text[start] in "《〈":
        whole = (start + 1, end - 1) == (mention.start, mention.end)
        return start < mention.start and mention.end < end and not whole
    return start <= mention.start and mention.end <= end


def _without_vetoed(document: Document, mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions without parts of titles and addresses, platforms to post on, things, page paths."""
    text = document.text
    closed = no_names(text)
    owners = {m.end for m in mentions if m.label in _NAMED}
    return [
        m
        for m in mentions
        if m.label not in _NAMED
        or not (
            any(_inside(text, m, start, end) for start, end in closed)
            or is_breadcrumb(text, m.start, m.end)
            or is_thing(text, m.start, m.end)
            or (m.label != Label.PERSON and is_place_to_post(text, m.start, m.end, owners))
            or (m.label != Label.PERSON and is_product(text, m.start, m.end))
            or is_any_central_bank(text, m.start, m.end)
            or (m.label in _DECIDED and is_description(text, m.start, m.end))
        )
    ]


def _with_class_of_shares(text: str, end: int, label: str) -> int:
    """The end of a company's name, -KY included."""
    found = _CLASS_OF_SHARES.match(text, end) if label == Label.COMPANY else None
    return found.end() if found is not None else end


def build(config: Config) -> OrganisationStage:
    """Load the lexicons, the user's companies included. Raises ``ConfigError``."""
    return OrganisationStage(load_rules([Path(name) for name in config.lexicons.companies]))
