"""Stage ``second_pass``: names that an article establishes once are found wherever it has them.

A name is established by a sure mention of an earlier stage, by two mentions, or by a definition
(…科技有限公司(以下简称「…」)). A full Chinese name also establishes its surname in front of a title
or honorific (柯市长, 陈先生). New mentions name their rule and score lower than their source.
Before that, mentions are settled by each other: labels, edges, Latin words marked by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.config import Config
from pipeline.document import NAME_LABELS, Document, Label, Mention
from pipeline.entities.established import Known, established
from pipeline.entities.grid import Grid
from pipeline.entities.settling import STAGE, settled
from pipeline.entities.surnames_in_use import SURNAME_RULES, surnames_in_use
from pipeline.overlap import choose
from pipeline.resources import alternation

NAME = STAGE
_GOES_ON = ("网", "社", "报", "台", "店", "厂", "家", "族")
"""A short name before one of these within a word begins a longer one (青草|网)."""

_LOWER = 0.8


def build(_: Config) -> SecondPass:
    """The stage; it has no settings."""
    return SecondPass()


@dataclass(frozen=True)
class SecondPass:
    """Finds established names at their other occurrences and settles lone labels."""

    name: str = NAME

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        """Return each document with what its own names establish; documents do not mix."""
        return [self._passed(document) for document in documents]

    def _passed(self, document: Document) -> Document:
        document = settled(document)
        chosen = choose([m for m in document.mentions if m.label in NAME_LABELS], ())
        found = list(_occurrences(document, chosen, established(document, chosen)))
        found += surnames_in_use(document, [*chosen, *found])
        people = {(m.start, m.end) for m in found if m.rule in SURNAME_RULES}
        kept = [m for m in document.mentions if (m.start, m.end) not in people]
        return document.with_mentions([*kept, *found])


def _occurrences(
    document: Document, chosen: Sequence[Mention], known: dict[str, Known]
) -> Iterator[Mention]:
    if not known:
        return
    grid = Grid(document, chosen)
    text = document.text
    for match in re.finditer(alternation(known), text):
        start, end = match.span()
        what = known[match.group()]
        touched = grid.touched(start, end)
        if any(m.start <= start and m.end >= end for m in touched):
            continue
        if any(m.start < start or m.end > end for m in touched):
            continue
        if what.label != Label.PERSON and any(_stands_apart(m, start, end) for m in touched):
            continue
        if not grid.fits(start, end, often=what.often) or _inside_word(text, start, end):
            continue
        if end not in grid.ends and grid.ends and text[end : end + 1] in _GOES_ON:
            continue
        score = round(min(what.score, 1.0) * _LOWER, 4)
        yield document.mention(start, end, what.label, score=score, stage=NAME, rule=what.rule)


def _stands_apart(mention: Mention, start: int, end: int) -> bool:
    """True for a person, or a place that is not merely the first word of the name (印度|航空)."""
    part = mention.start == start and mention.end < end
    return mention.label == Label.PERSON or (mention.label == Label.LOC and not part)


def _inside_word(text: str, start: int, end: int) -> bool:
    """True where a Latin form is part of a longer Latin word or number."""
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start], text[end : end + 1]
    joined_left = first.isascii() and first.isalnum() and before.isascii() and before.isalnum()
    joined_right = last.isascii() and last.isalnum() and after.isascii() and after.isalnum()
    return joined_left or joined_right
