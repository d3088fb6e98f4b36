"""The one rule for mentions that overlap: which of them stand in the tables.

Mentions are taken in this order, and one that overlaps a mention already taken is dropped:

1. the longer one first: 陳嘉庚 inside 陳嘉庚基金會, 台北 inside 台北市政府教育局 and a YEAR inside
   an ORG or COMPANY name (1111人力銀行, 2020基金會) are parts of a name, so they are no rows;
2. of equal length the one with the higher score;
3. of equal score the one whose stage stands earlier in the config;
4. at last by position and label, so that the outcome never depends on the order of arrival.

One exception comes before length: a quantity (PERCENT, YEAR, MONEY) is read by exact rules, so a
name that crosses its border (neither holds the other) yields to it whatever its length.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from pipeline.document import QUANTITY_LABELS, Document, Mention


def resolve_overlaps(document: Document, stage_order: Sequence[str]) -> Document:
    """The document with a set of mentions of which no two overlap."""
    if len(document.mentions) < 2:
        return document
    return document.with_mentions(choose(document.mentions, stage_order))


def choose(mentions: Iterable[Mention], stage_order: Sequence[str]) -> list[Mention]:
    """The mentions that survive, in text order."""
    rank = {name: number for number, name in enumerate(stage_order)}
    pool = _without_border_crossers(sorted(mentions, key=lambda m: (m.start, m.end, m.label)))
    pool.sort(
        key=lambda m: (
            m.start - m.end,
            -m.score,
            rank.get(m.stage, len(rank)),
            m.start,
            m.label,
            m.rule,
        )
    )
    starts: list[int] = []
    ends: list[int] = []
    taken: list[Mention] = []
    for mention in pool:
        # The taken ones are disjoint and sorted: only the neighbour on the left can reach into us.
        position = bisect_right(starts, mention.start)
        if position and ends[position - 1] > mention.start:
            continue
        if position < len(starts) and starts[position] < mention.end:
            continue
        starts.insert(position, mention.start)
        ends.insert(position, mention.end)
        taken.insert(position, mention)
    return taken


def _without_border_crossers(ordered: list[Mention]) -> list[Mention]:
    quantities = [m for m in ordered if m.label in QUANTITY_LABELS]
    starts = [m.start for m in quantities]
    longest = max((m.end - m.start for m in quantities), default=0)
    kept = []
    for mention in ordered:
        if mention.label not in QUANTITY_LABELS:
            near = quantities[
                bisect_left(starts, mention.start - longest) : bisect_left(starts, mention.end)
            ]
            if any(_cross(mention, quantity) for quantity in near):
                continue
        kept.append(mention)
    return kept


def _cross(a: Mention, b: Mention) -> bool:
    return a.start < b.start < a.end < b.end or b.start < a.start < b.end < a.end
