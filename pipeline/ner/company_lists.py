"""Companies that their neighbours in a list give away (阿里、腾讯、快手等)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.document import Document, Label, Mention
from pipeline.ner.organisation_rules import OrganisationRules

_ITEM_AFTER = re.compile(
    r"、([^、，。；：！？\s（）()「」]{2,8}?)(?=[、，。；\s]|等|和|与|及|以及)"
)
_ITEM_BEFORE = re.compile(
    r"(?:[、，。；：\s]|和|与|及|以及|如|包括|是|有|在)([^、，。；：！？\s（）()「」]{2,8})、\Z"
)
_REACH = 12


def listed_companies(
    document: Document, mentions: Sequence[Mention], rules: OrganisationRules
) -> Iterator[tuple[int, int]]:
    """Stretches beside companies of a list that the lexicon has, ambiguous forms included."""
    taken = bytearray(len(document.text))
    for mention in mentions:
        taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
    companies = {(m.start, m.end) for m in mentions if m.label == Label.COMPANY}
    waiting = sorted(companies, reverse=True)
    while waiting:
        start, end = waiting.pop()
        for span in _neighbours(document.text, start, end):
            name = document.text[span[0] : span[1]].casefold()
            if name in rules.companies and not any(taken[span[0] : span[1]]):
                taken[span[0] : span[1]] = b"\x01" * (span[1] - span[0])
                waiting.append(span)
                yield span


def _neighbours(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    after = _ITEM_AFTER.match(text, end)
    if after is not None:
        yield after.span(1)
    before = _ITEM_BEFORE.search(text, max(0, start - _REACH), start)
    if before is not None:
        yield before.span(1)
