"""Whether a short name is an abbreviation of a longer one (中科院, 卫福部, 北荣, 天津城投集团)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from pipeline.names.firms import split_place, strip_forms

_LONGEST = 7
_PLACE = 2


def word_pieces(name: str, borders: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Words of a name from token borders inside it; words over three characters are cut in twos."""
    edges = sorted({0, len(name), *(b for b in borders if 0 < b < len(name))})
    pieces: list[tuple[int, int]] = []
    for start, end in pairwise(edges):
        if end - start <= 3:
            pieces.append((start, end))
            continue
        cut = start
        while end - cut > 3:
            pieces.append((cut, cut + 2))
            cut += 2
        pieces.append((cut, end))
    return tuple(pieces)


@lru_cache(maxsize=16384)
def is_abbreviation(short: str, full: str, pieces: tuple[tuple[int, int], ...]) -> bool:
    """True where ``short`` picks heads of the words of ``full``, in order, down to its last word.

    ``pieces`` are the words of ``full``. Short names of two characters must pick from every word
    after the first that they touch, longer ones from most of them.
    """
    body, _ = strip_forms(full)
    wanted, _ = strip_forms(short)
    if not 2 <= len(wanted) <= _LONGEST or len(body) < len(wanted) + 2 or not wanted[-1:].strip():
        return False
    words = tuple((s, min(e, len(body))) for s, e in pieces if s < len(body))
    place, _ = split_place(body)
    for picked in _matches(wanted, body, words, len(place)):
        # One character alone is never left out in front: 律师会 is not 大律师公会.
        headless = picked[0] == 1 and len(place) < _PLACE
        if headless or not _shortened(picked, words):
            continue
        touched = {w for w, (s, e) in enumerate(words) for p in picked if s <= p < e}
        span = len(words) - min(touched)
        if span <= 1 and len(wanted) < 3 and len(words) > 1:
            continue
        share = len(touched) / span
        need = 1.0 if len(wanted) == 2 else 0.75 if len(wanted) == 3 else 0.5
        if share >= need and len(touched) >= min(2, len(words)):
            return True
    return False


def _shortened(picked: tuple[int, ...], words: tuple[tuple[int, int], ...]) -> bool:
    """True where some word is cut: whole words left out make another name (香港公开大学)."""
    chosen = set(picked)
    return any(
        chosen & set(range(s, e)) and not set(range(s, e)) <= chosen for s, e in words if e - s > 1
    )


def _matches(
    short: str, full: str, words: tuple[tuple[int, int], ...], place_end: int
) -> Iterator[tuple[int, ...]]:
    starts = {s for s, _ in words}
    last_start, last_end = words[-1]
    place_ends = {e - 1 for _, e in words if e <= place_end}

    def walk(k: int, at: int, picked: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if k == len(short):
            if picked[-1] >= last_start:
                yield picked
            return
        for position in range(at, len(full)):
            if full[position] != short[k]:
                continue
            run = bool(picked) and position == picked[-1] + 1
            edge = position in starts or position == last_end - 1
            if run or edge or (not picked and position in place_ends):
                yield from walk(k + 1, position + 1, (*picked, position))

    yield from walk(0, 0, ())
