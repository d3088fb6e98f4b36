"""From marked years to values: years, days, EDTF, and the anchor of relative ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.document import Document
from pipeline.values import Evidence, YearKind, YearValue
from pipeline.years.anchors import Anchor
from pipeline.years.calendar import (
    Period,
    add_years,
    interval_start,
    join_periods,
    read_tail,
    years_period,
)
from pipeline.years.spans import Base, Shift, YearSpan

_SINCE = re.compile(
    r" ?(?:年?度?)?(?:之?后)?(?:以来|来(?=[最首新第的])|至今|迄今|到现在|到如今|直到今天|到今天)"
)
_SINCE_FAR = re.compile(r"[^，。；！？\n]{0,24}?(?:以来|至今|迄今)|来(?=，)")
_FROM = re.compile(r"(?:(?<![独各亲])(自)|从|自从|打从) ?\Z")
_ONWARD = re.compile(r" ?(?:年?度?)?开?(?:始|起(?![义飞诉步跑诉来]))")
_RANGE = re.compile(r" ?年?(?:至|到|-|–|—|~|～|─){1,2} ?\Z")
_DAY_FIRST = re.compile(r"(?<![0-9])([0-9]{1,2})([-/.])([0-9]{1,2})\2\Z")
_EIGHT = re.compile(r"([01][0-9])([0-3][0-9])(?![0-9])")
_SENTENCE_END = re.compile(r"[。！？!?]+[」』”’）)]*\n*|\n+")
_PART_OF_YEAR = re.compile("[底初末度中]|[0-9]{1,2}月|[一二三四五六七八九十]{1,2}月")
_TOLD = frozenset(["", "、", "，", "（", "(", "即", "，即"])
_NEARBY = 80
_SCHOOL_BEGINS = 8


@dataclass(frozen=True, slots=True)
class Resolved:
    """A marked year with its value; ``reason`` says why it is not resolved, where it is not."""

    span: YearSpan
    value: YearValue
    reason: str | None = None


def resolve_years(
    document: Document, spans: Sequence[YearSpan], anchor: Anchor | None
) -> list[Resolved]:
    """Values of the spans of a document, which must be in text order."""
    resolver = _Resolver(document, anchor)
    following = [*spans[1:], None]
    periods = [resolver.read(span, after) for span, after in zip(spans, following, strict=False)]
    text = document.text
    for index in range(len(periods) - 1):
        (left, value, period), (right, next_value, next_period) = periods[index : index + 2]
        if period is None or next_period is None or right.start - period.end > 4:
            continue
        if right.start < period.end or not _RANGE.match(text[period.end : right.start]):
            continue
        if period.first and next_period.last and period.first <= next_period.last:
            joined = join_periods(period, next_period)
            periods[index] = left, _dated(value, joined), joined
            periods[index + 1] = right, _dated(next_value, joined), joined
    return [
        Resolved(span, value, None if value.resolved else resolver.reason(span))
        for span, value, _ in periods
    ]


_Read = tuple[YearSpan, YearValue, Period | None]


class _Resolver:
    """Reads the spans of one document from left to right, remembering the last year named."""

    def __init__(self, document: Document, anchor: Anchor | None) -> None:
        self._text = document.text
        self._anchor = anchor
        self._named: tuple[YearSpan, int] | None = None
        header = document.article.published
        self._header = range(0)
        if header is not None and header.start is not None and header.end is not None:
            self._header = range(header.start, header.end)

    def reason(self, span: YearSpan) -> str:
        """Why a relative year has no value."""
        needs = span.shift.base if span.shift else Base.PUBLISHED
        if needs in (Base.CONTEXT, Base.NEARBY):
            return "no_anchor: no year is named before it"
        return "no_anchor: the date of the article is not known"

    def read(self, span: YearSpan, following: YearSpan | None) -> _Read:
        """The span with its value, and the period of the whole expression."""
        value, period = self._value(span, following)
        year = value.start_year
        if year is not None and year == value.end_year and self._names(span):
            self._named = span, year
        return span, value, period

    def _names(self, span: YearSpan) -> bool:
        """Whether later words may lean on this year.

        Not on the date line; not on 上年, which a report says again and again of the same year, nor
        on 当年, which repeats another; and not on a year to come (后年), which only the plans lean
        on.
        """
        if span.start in self._header or span.kind is YearKind.GENERATION:
            return False
        if span.shift is None:
            return True
        base, ahead = span.shift.base, span.shift.high > 0
        return base not in (Base.REPORT, Base.NEARBY) and not (ahead and base is Base.PUBLISHED)

    def _value(self, span: YearSpan, following: YearSpan | None) -> tuple[YearValue, Period | None]:
        if span.shift is None:
            return self._explicit(span)
        if span.shift.running:
            return self._running(span, span.shift)
        told = self._told(span, span.shift, following)
        return told or self._shifted(span, span.shift)

    def _told(
        self, span: YearSpan, shift: Shift, following: YearSpan | None
    ) -> tuple[YearValue, Period] | None:
        """翌年2013年, 两年后、1991年: the year that stands right behind says which it is."""
        if following is None or shift.base is Base.PUBLISHED or following.shift is not None:
            return None
        low, high, between = following.low, following.high, self._text[span.end : following.start]
        if low is None or low != high or between not in _TOLD:
            return None
        at = slice(following.start, following.end)
        evidence = Evidence(at.start, at.stop, self._text[at])
        period = years_period(low, low, span.end)
        dates = period.first, period.last, period.edtf
        return YearValue(low, low, *dates, span.kind, "mention", evidence), period

    def _explicit(self, span: YearSpan) -> tuple[YearValue, Period]:
        low, high = span.low, span.high
        if low is None or high is None:
            raise ValueError(f"{span} has neither years nor a shift")
        period = self._period(span, low, high)
        opened = self._opened(span, period)
        kind = span.kind
        if opened is not period and kind is YearKind.EXPLICIT:
            kind = YearKind.OPEN
        value = YearValue(low, high, opened.first, opened.last, opened.edtf, kind)
        return value, opened

    def _shifted(self, span: YearSpan, shift: Shift) -> tuple[YearValue, Period | None]:
        school = "学年" in self._text[span.start : span.end]
        base, name, evidence = self._school_base() if school else self._base(span, shift)
        if base is None:
            return YearValue(None, None, None, None, None, span.kind), None
        low, high = base + shift.low, base + shift.high + school
        if shift.months and name != "mention" and self._anchor is not None:
            first = add_years(self._anchor.first, shift.low, shift.months)
            last = add_years(self._anchor.first, shift.high, shift.months)
            low, high = (first.year if first else low), (last.year if last else high)
        period = self._opened(span, self._period(span, low, high))
        value = YearValue(
            low, high, period.first, period.last, period.edtf, span.kind, name, evidence
        )
        return value, period

    def _school_base(self) -> tuple[int | None, str | None, Evidence | None]:
        """The year in which the school year of the article began, where its month is known.

        School years begin in August (Taiwan) or September.
        """
        anchor = self._anchor
        if anchor is None or anchor.first.month != anchor.last.month:
            return None, None, None
        before = anchor.first.month < _SCHOOL_BEGINS
        return anchor.first.year - before, anchor.name, anchor.evidence

    def _running(self, span: YearSpan, shift: Shift) -> tuple[YearValue, Period | None]:
        anchor = self._anchor
        first = add_years(anchor.first, shift.low, min(shift.months, 0)) if anchor else None
        last = add_years(anchor.last, shift.high, max(shift.months, 0)) if anchor else None
        if anchor is None or first is None or last is None:
            return YearValue(None, None, None, None, None, span.kind), None
        edtf = f"{anchor.edtf(first)}/{anchor.edtf(last)}"
        value = YearValue(
            first.year, last.year, first, last, edtf, span.kind, anchor.name, anchor.evidence
        )
        return value, Period(first, last, edtf, span.end)

    def _base(self, span: YearSpan, shift: Shift) -> tuple[int | None, str | None, Evidence | None]:
        """The year that a relative year counts from, and where it is written."""
        named, anchor = self._named, self._anchor
        near = named is not None and self._reaches(named[0].end, span, shift.base)
        by_article = anchor is not None and shift.base not in (Base.CONTEXT, Base.NEARBY)
        if not near and by_article and anchor is not None:
            return anchor.first.year, anchor.name, anchor.evidence
        if named is not None and (near or shift.base is Base.REPORT):
            at, year = named
            return year, "mention", Evidence(at.start, at.end, self._text[at.start : at.end])
        return None, None, None

    def _reaches(self, end: int, span: YearSpan, base: Base) -> bool:
        """Whether a year that ends at ``end`` may be the base of a relative one.

        当年 alone often means "in those days" and does not reach over a paragraph; 当年底 does.
        """
        start = span.start
        if base is Base.CONTEXT:
            return True
        between = self._text[end : min(start, end + _NEARBY)]
        ends = len(_SENTENCE_END.findall(between))
        if base is Base.EITHER:
            return ends == 0 and start - end <= _NEARBY
        most = 1
        if base is Base.NEARBY and span.rule == "word":
            part = _PART_OF_YEAR.match(self._text, span.end)
            most = 2 if part else 1 - ("\n" in between)
        return base is not Base.PUBLISHED and ends <= most and start - end <= _NEARBY

    def _period(self, span: YearSpan, low: int, high: int) -> Period:
        """Whole years, or the date, month, quarter ... that is written around the year."""
        whole = years_period(low, high, span.tail)
        if low != high or span.rule in ("ago", "later"):
            return whole
        if span.rule == "date":
            return self._date_before(span, low) or self._eight(span, low) or self._tail(span, whole)
        return self._tail(span, whole)

    def _tail(self, span: YearSpan, whole: Period) -> Period:
        year = span.low if span.low is not None else int(whole.edtf[:4])
        tail = span.tail
        if span.rule == "gloss" and self._text[tail + 1 : tail + 2] == "年":
            tail += 2  # 今（2017）年3月
        return read_tail(self._text, tail, year) or whole

    def _date_before(self, span: YearSpan, year: int) -> Period | None:
        """16/03/2021: the day stands first, unless only the month can."""
        match = _DAY_FIRST.search(self._text[max(0, span.start - 6) : span.start])
        if match is None:
            return None
        for month, day in ((match[3], match[1]), (match[1], match[3])):
            found = _day(year, month, day)
            if found:
                return Period(found, found, found.isoformat(), span.end)
        return None

    def _eight(self, span: YearSpan, year: int) -> Period | None:
        match = _EIGHT.match(self._text, span.end)
        found = _day(year, match[1], match[2]) if match else None
        return Period(found, found, found.isoformat(), span.end + 4) if found else None

    def _opened(self, span: YearSpan, period: Period) -> Period:
        """The period run on to the day of the article (至今, 以来) or without an end (起)."""
        if period.first is None or span.kind is YearKind.GENERATION:
            return period
        text = self._text
        since = _SINCE.match(text, period.end)
        begins = _FROM.search(text[max(0, span.start - 3) : span.start])
        if since is None and begins:
            since = _SINCE_FAR.match(text, period.end)
        start = interval_start(period)
        if since is not None:
            last = self._anchor.last if self._anchor else None
            if self._anchor is None or last is None or last < period.first:
                return Period(period.first, None, f"{start}/..", period.end)
            return Period(period.first, last, f"{start}/{self._anchor.edtf(last)}", period.end)
        if begins and begins[1] and text.startswith(("，", ","), period.end):
            return Period(period.first, None, f"{start}/..", period.end)
        if _ONWARD.match(text, period.end) and (begins or text.startswith("起", period.end)):
            return Period(period.first, None, f"{start}/..", period.end)
        return period


def _day(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def _dated(value: YearValue, period: Period) -> YearValue:
    return replace(value, first_day=period.first, last_day=period.last, edtf=period.edtf)
