"""What the finders of this package hand on: a marked year that is not yet resolved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.values import YearKind

YEAR_MAX = 2199
"""No news text writes a later calendar year in figures; larger numbers are quantities."""


class Base(StrEnum):
    """What a relative year counts from."""

    PUBLISHED = "published"
    """The day of the article (今年, 近三年)."""
    CONTEXT = "context"
    """The last year named before it, however far (同年, 翌年)."""
    NEARBY = "nearby"
    """The last year named in the same sentence or the one before (当年, which often only means
    "in those days")."""
    EITHER = "either"
    """The last year named before it in the same sentence, else the day of the article (十年后)."""
    REPORT = "report"
    """The year named last in the same or the sentence before (上年 of a yearly report), else the
    day of the article, else the last year named at all."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Distance of a relative year from its base, in whole years (inclusive).

    ``running`` is true for stretches that begin or end on the very day (近三年, 未来十年).
    ``months`` is added to both ends (三年半前: -3 years, -6 months).
    """

    base: Base
    low: int
    high: int
    running: bool = False
    months: int = 0


@dataclass(frozen=True, slots=True)
class YearSpan:
    """A marked year: half-open offsets of the year part, and what it says.

    ``low``/``high`` are Gregorian years (BC as negative numbers, no year 0), or None where
    ``shift`` says how to get them. ``tail`` is the offset where the rest of the expression (a
    month, a season, 年底) may follow.
    """

    start: int
    end: int
    kind: YearKind
    rule: str
    tail: int
    low: int | None = None
    high: int | None = None
    shift: Shift | None = None


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Something that looks like a year and is not marked; it becomes a diagnostic."""

    start: int
    end: int
    reason: str


def leftmost_longest(spans: Iterable[YearSpan]) -> list[YearSpan]:
    """The spans in text order without overlaps: the one that starts first, then the longest.

    Of two spans over the same characters the one given first stays.
    """
    kept: list[YearSpan] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


_NOT_FISCAL = "假过夏日蜜小数"


def trim_year_character(text: str, span: YearSpan) -> YearSpan:
    """The span without its 年 where 年度 follows the number (‹2020›年度, ‹民国105›年度)."""
    end = span.end
    if span.shift is not None or text[end - 1] != "年" or text[end : end + 1] != "度":
        return span
    if text[end + 1 : end + 2] in _NOT_FISCAL and end + 1 < len(text):
        return span
    start = span.start
    return replace(span, end=start + len(text[start : end - 1].rstrip()))
