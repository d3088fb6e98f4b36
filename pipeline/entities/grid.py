"""Where tokens begin and end, and which stretches names already take."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from pipeline.document import Document, Mention


class Grid:
    """Token edges of a document and disjoint mentions, asked by offsets."""

    def __init__(self, document: Document, taken: Sequence[Mention]) -> None:
        self.starts = {t.start for t in document.tokens}
        self.ends = {t.end for t in document.tokens}
        self._taken = sorted(taken, key=lambda m: (m.start, m.end))
        self._begin = [m.start for m in self._taken]

    def touched(self, start: int, end: int) -> list[Mention]:
        """Mentions that overlap a stretch."""
        first = max(bisect_right(self._begin, start) - 1, 0)
        last = bisect_left(self._begin, end)
        return [m for m in self._taken[first:last] if m.end > start]

    def fits(self, start: int, end: int, *, often: bool = False) -> bool:
        """True where the tokens do not speak against a name at these borders.

        A short name needs both edges, one that the article has ``often`` a single one.
        """
        if not self.ends:
            return True
        left, right = start in self.starts, end in self.ends
        if end - start <= 2:
            return (left or right) if often else (left and right)
        return left or right or end - start >= 4
