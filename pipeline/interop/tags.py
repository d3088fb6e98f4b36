"""Spans to tags of characters and back: BIO and BIOES."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pipeline.evaluate.gold import GoldMention


def without_overlaps(mentions: Iterable[GoldMention], lost: Counter[str]) -> list[GoldMention]:
    """Mentions in text order of which none shares a character with another; the longest are kept.

    What is left out is counted in ``lost``.
    """
    kept: list[GoldMention] = []
    taken: set[int] = set()
    for m in sorted(mentions, key=lambda m: (m.start - m.end, m.start, m.label)):
        place = range(m.start, m.end)
        if taken.isdisjoint(place):
            taken.update(place)
            kept.append(m)
        else:
            lost["overlapping mentions"] += 1
    return sorted(kept, key=lambda m: m.start)


def tags_of(length: int, mentions: Iterable[GoldMention], *, bioes: bool = False) -> list[str]:
    """One tag a character; the mentions do not overlap."""
    tags = ["O"] * length
    for m in mentions:
        tags[m.start] = f"B-{m.label}"
        for n in range(m.start + 1, m.end):
            tags[n] = f"I-{m.label}"
        if bioes:
            last = m.end - 1
            tags[last] = f"{'S' if last == m.start else 'E'}-{m.label}"
    return tags


def spans_of(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Half-open spans of BIO, IOB1, BIOES, BMES or BILOU tags.

    As conlleval reads them: a tag that cannot continue the span before it begins a new one.
    """
    spans: list[tuple[int, int, str]] = []
    begin, current = 0, ""
    for n, tag in enumerate((*tags, "O")):
        prefix, _, label = tag.partition("-")
        continues = current and label == current and prefix in {"I", "M", "E", "L"}
        if current and not continues:
            spans.append((begin, n, current))
            current = ""
        if label and not continues:
            begin, current = n, label
        if current and prefix in {"E", "L", "S", "U"}:
            spans.append((begin, n + 1, current))
            current = ""
    return spans
