"""Offsets of other tools, brought to half-open code points and checked by their surfaces.

Tools count differently: browsers count UTF-16 units (an emoji is two), and some count a CRLF as
one character. What a file means is settled per article by the surfaces that stand beside the
offsets: the first way of counting under which every surface agrees is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.evaluate.gold import GoldMention, Norm


class Mark(NamedTuple):
    """A stretch as a file has it; ``surface`` is None where the form does not write it."""

    start: int
    end: int
    label: str
    surface: str | None = None
    norm: Norm = None
    score: float | None = None


def _code_points(text: str) -> list[int]:
    return list(range(len(text) + 1))


def _utf16(text: str) -> list[int]:
    places: list[int] = []
    for n, character in enumerate(text):
        places += [n] * (2 if ord(character) > 0xFFFF else 1)
    return [*places, len(text)]


def _without_carriage_returns(counted: Callable[[str], list[int]]) -> Callable[[str], list[int]]:
    """Counting that sees each CRLF as one character."""

    def places(text: str) -> list[int]:
        kept = [n for n, c in enumerate(text) if not (c == "\r" and text[n + 1 : n + 2] == "\n")]
        shorter = "".join(text[n] for n in kept)
        kept.append(len(text))
        return [kept[place] for place in counted(shorter)]

    return places


COUNTINGS: dict[str, Callable[[str], list[int]]] = {
    "code points": _code_points,
    "UTF-16 units": _utf16,
    "code points, CRLF as one": _without_carriage_returns(_code_points),
    "UTF-16 units, CRLF as one": _without_carriage_returns(_utf16),
}


def settled(article_id: str, text: str, marks: Sequence[Mark]) -> tuple[GoldMention, ...]:
    """Mentions of a text from the marks of a file, in text order.

    Raises ``InputError`` where under no way of counting every surface agrees; it shows the first
    mark that does not agree when code points are counted.
    """
    for counting in COUNTINGS.values():
        places = counting(text)
        if all(_agrees(text, places, mark) for mark in marks):
            mentions = [
                GoldMention(
                    places[m.start],
                    places[m.end],
                    m.label,
                    text[places[m.start] : places[m.end]],
                    m.norm,
                    m.score,
                )
                for m in marks
            ]
            return tuple(sorted(mentions, key=lambda m: (m.start, m.end, m.label)))
    plain = _code_points(text)
    wrong = next(mark for mark in marks if not _agrees(text, plain, mark))
    raise InputError(
        f"{article_id}: {wrong.label} {wrong.start}-{wrong.end} is said to be {wrong.surface!r}, "
        f"where the text of {len(text)} characters has {text[wrong.start : wrong.end]!r}"
    )


def _agrees(text: str, places: Sequence[int], mark: Mark) -> bool:
    if not 0 <= mark.start < mark.end < len(places):
        return False
    found = text[places[mark.start] : places[mark.end]]
    return bool(found) and (mark.surface is None or _folded(found) == _folded(mark.surface))


def _folded(surface: str) -> str:
    """Surfaces are compared without line breaks: tools write them as LF, as a space or not."""
    return "".join(surface.split())
