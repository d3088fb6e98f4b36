"""The simple form of article-level consistency, to measure which thresholds work.

A name that was found with confidence once is found at its other occurrences: where nothing was
found, or only less sure spans that it covers; never inside a longer span, never in a Latin word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.ner.backend import Span


class Spread(NamedTuple):
    """Settings: least score of a name that is spread, and least length of its surface."""

    score: float = 0.9
    length: int = 2
    replace_below: float = 0.6
    """A less sure span that the occurrence covers or crosses gives way below this score."""


def spread_names(text: str, spans: Sequence[Span], settings: Spread) -> list[Span]:
    """Spans with the further occurrences added; sorted, not overlapping."""
    best: dict[str, Span] = {}
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for span in spans:
        surface = text[span.start : span.end]
        votes[surface][span.label] += span.score
        if surface not in best or span.score > best[surface].score:
            best[surface] = span
    kept = list(spans)
    names = (s for s in best if best[s].label != "LOC")
    for surface in sorted(names, key=lambda s: (-len(s), s)):
        label = max(votes[surface], key=lambda name: votes[surface][name])
        if best[surface].score < settings.score or len(surface) < settings.length:
            continue
        kept = _spread_one(text, surface, Span(0, 0, label, settings.score), kept, settings)
    return sorted(kept)


def _spread_one(
    text: str, surface: str, pattern: Span, kept: list[Span], settings: Spread
) -> list[Span]:
    at = text.find(surface)
    while at >= 0:
        end = at + len(surface)
        over = [span for span in kept if span.start < end and at < span.end]
        same = any((span.start, span.end) == (at, end) for span in over)
        weak = all(span.score < settings.replace_below for span in over)
        inside = any(span.start <= at and end <= span.end for span in over)
        if not same and (not over or (weak and not inside)) and not _in_word(text, at, end):
            kept = [span for span in kept if span not in over]
            kept.append(pattern._replace(start=at, end=end))
        at = text.find(surface, end)
    return kept


def _in_word(text: str, start: int, end: int) -> bool:
    def latin(i: int) -> bool:
        return 0 <= i < len(text) and text[i].isascii() and text[i].isalnum()

    return (latin(start) and latin(start - 1)) or (latin(end - 1) and latin(end))
