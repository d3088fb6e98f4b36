"""Long texts in windows that an engine can read, and its spans put back together.

Neighbouring windows share ``overlap`` characters. Somewhere in the shared part, at a mark where no
name runs on if there is one, lies the seam: left of it the left window is believed, right of it
the right one. A span across the seam is taken from a window that holds it whole, that is, where it
does not touch the window's inner edge. A span of at most ``overlap`` characters is always held
whole by one of the two, so none is lost; overlapping answers are settled, so none is doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pipeline.ner.backend import Span
from pipeline.ner.batches import batches

Read = Callable[[Sequence[str]], list[list[Span]]]
"""Spans of each of some texts that an engine reads at once."""

_BREAKS = frozenset("。！？!?；;，,：:、…—\n\r\t \u3000（）()「」『』“”《》")


class Window(NamedTuple):
    """Half-open offsets of a window, and of its part between the seams."""

    start: int
    end: int
    core_start: int
    core_end: int


def cut_windows(text: str, size: int, overlap: int) -> list[Window]:
    """Windows of at most ``size`` characters over the text; one where it is short enough.

    An ``overlap`` beyond half of ``size`` counts as half.
    """
    if len(text) <= size:
        return [Window(0, len(text), 0, len(text))]
    shared = min(overlap, size // 2)
    starts = range(0, len(text) - shared, size - shared)
    bounds = [(start, min(start + size, len(text))) for start in starts]
    seams = [_seam(text, bounds[i + 1][0], bounds[i][1]) for i in range(len(bounds) - 1)]
    edges = [0, *seams, len(text)]
    return [Window(*bound, *edges[i : i + 2]) for i, bound in enumerate(bounds)]


def _seam(text: str, start: int, end: int) -> int:
    """Where to hand over within the shared part: after the break nearest to its middle."""
    middle = (start + end) // 2
    places = [at + 1 for at in range(start, end - 1) if text[at] in _BREAKS]
    return min(places, key=lambda at: (abs(at - middle), at), default=middle)


def merge_windows(windows: Sequence[Window], answers: Sequence[Sequence[Span]]) -> list[Span]:
    """Spans of the whole text, sorted and disjoint, from those of its windows.

    ``answers`` hold offsets into each window. Where spans of two windows overlap, one that is
    whole goes before one at an inner edge, then the longer, the higher score, the earlier.
    """
    if len(windows) == 1:
        return list(answers[0])
    last = windows[-1].end
    pool: dict[tuple[int, int, str], tuple[bool, Span]] = {}
    for window, spans in zip(windows, answers, strict=True):
        for local in spans:
            span = local._replace(start=local.start + window.start, end=local.end + window.start)
            if span.start >= window.core_end or span.end <= window.core_start:
                continue
            cut = 0 < window.start == span.start or span.end == window.end < last
            key = (span.start, span.end, span.label)
            if key not in pool or (cut, -span.score) < (pool[key][0], -pool[key][1].score):
                pool[key] = (cut, span)
    ranked = sorted(
        pool.values(),
        key=lambda item: (
            item[0],
            item[1].start - item[1].end,
            -item[1].score,
            item[1].start,
            item[1].label,
        ),
    )
    return _disjoint([span for _, span in ranked])


def read_in_windows(
    texts: Sequence[str], read: Read, size: int, overlap: int, batch_size: int
) -> list[list[Span]]:
    """Spans of texts of any length, read in windows, those of like length in one batch."""
    windows = [cut_windows(text, size, min(overlap, size // 2)) for text in texts]
    parts = [t[w.start : w.end] for t, ws in zip(texts, windows, strict=True) for w in ws]
    answers: list[list[Span]] = [[] for _ in parts]
    lengths = [0 if part.isspace() else len(part) for part in parts]
    for batch in batches(lengths, batch_size):
        for i, spans in zip(batch, read([parts[i] for i in batch]), strict=True):
            answers[i] = spans
    rest = iter(answers)
    return [merge_windows(ws, [next(rest) for _ in ws]) for ws in windows]


def read_in_halves(text: str, read: Read) -> list[Span]:
    """Spans of a text that turned out too long for an engine: several sub-words a character."""
    halves = cut_windows(text, (len(text) + 1) // 2, len(text) // 8)
    return merge_windows(halves, read([text[w.start : w.end] for w in halves]))


def _disjoint(ranked: Sequence[Span]) -> list[Span]:
    """The spans of a ranking that overlap no higher one, in text order."""
    taken: set[int] = set()
    kept = []
    for span in ranked:
        cells = range(span.start, span.end)
        if taken.isdisjoint(cells):
            taken.update(cells)
            kept.append(span)
    return sorted(kept)
