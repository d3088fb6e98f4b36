"""Days and EDTF of a date expression: what follows the year is read here.

EDTF is the Extended Date/Time Format (ISO 8601-2:2019, Library of Congress). Used of it: year,
year-month and day; ``199X`` decades; ``a/b`` intervals and the open ``a/..``; ``~`` for bounds
that are a convention of this project; the level 2 groupings 21-24 (seasons), 33-36 (quarters),
40-41 (halves).

Conventions where the language names no day: 年初 is January and February, 年中 June and July,
年底 and 年末 November and December; 月初 runs to the 10th, 月中 from the 11th, 月底 from the 21st;
seasons are the northern ones of the weather services (spring begins on 1 March).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from pipeline.errors import NumeralError
from pipeline.numerals import parse_number


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, EDTF, and the offset where the expression ends in the text.

    Days are None for years that ``datetime.date`` cannot hold.
    """

    first: date | None
    last: date | None
    edtf: str
    end: int


_NOT_EARLY = "[选中步赛审次夏秋冬春试心一二三四五六七八九十]"
_N = r"[0-9一二三四五六七八九十廿卅]{1,3}"
_TAIL = re.compile(
    rf"""
    (?P<sep>[-/.])(?P<nm>[0-9]{{1,2}})(?P=sep)(?P<nd>[0-9]{{1,2}})(?![0-9])
  | [ ](?P<sm>[01][0-9])[ ](?P<sd>[0-3][0-9])(?![0-9])
  | [-/](?P<om>[0-9]{{2}})(?![0-9/.-]|年)
  | (?:年|[的度])?[ ]?(?:
        前(?P<fm>{_N})[个個]?月
      | (?P<m>{_N})[ ]?(?:
            月份?[ ]?(?:(?P<d>{_N})[ ]?[日号](?:[ ]?[至到~～–-][ ]?
                (?:(?P<m3>{_N})[ ]?月)?(?P<d2>{_N})[ ]?[日号])?
              | (?P<mp>[上中下]旬|初|中(?!国|央|美|旬|日|东|华|方|共)|底|末)
              | (?:[至到~～–-])[ ]?(?P<m4>{_N})[ ]?月)?
          | [至到~～–-][ ]?(?P<m2>{_N})[ ]?月
        )
      | (?P<half>[上下]半年|[Hh][12](?![0-9A-Za-z])|[12][Hh](?![0-9A-Za-z]))
      | 前(?P<fq>[二三两23])个?季度?
      | 第?(?P<q>[一二三四1-4])季度?
      | [Qq](?P<qn>[1-4])(?![0-9])
      | (?P<q1>首季度?)
      | (?P<part>年?(?:初(?!{_NOT_EARLY})|底(?![特部线层价])|末|尾(?![牙盘声]))|年中)
      | (?P<season>[春夏秋冬](?=[天季，。、]|$))
    )
    """,
    re.VERBOSE,
)
_GROUPED = re.compile(r"[0-9]{4}-(?:2[1-4]|3[3-6]|4[01])")
_SEASONS = {"春": (3, 5, 21), "夏": (6, 8, 22), "秋": (9, 11, 23), "冬": (12, 14, 24)}
_PARTS = {"初": (1, 2), "中": (6, 7), "底": (11, 12), "末": (11, 12), "尾": (11, 12)}
_MONTH_PARTS = {"上": (1, 10), "初": (1, 10), "中": (11, 20), "下": (21, 31), "底": (21, 31)}


def edtf_year(year: int) -> str:
    """A year in EDTF; years BC (negative, no year 0) are counted astronomically: -1 is 0000."""
    number = year + 1 if year < 0 else year
    if abs(number) > 9999:
        return f"Y{number}"
    return f"-{-number:04d}" if number < 0 else f"{number:04d}"


def years_period(low: int, high: int, end: int) -> Period:
    """Whole years, from 1 January of ``low`` to 31 December of ``high``."""
    if low == high:
        edtf = edtf_year(low)
    elif high == low + 9 and low % 10 == 0 and low > 0:
        edtf = f"{low // 10:03d}X"
    else:
        edtf = f"{edtf_year(low)}/{edtf_year(high)}"
    return Period(_day(low, 1, 1), _day(high, 12, 31), edtf, end)


def join_periods(left: Period, right: Period) -> Period:
    """From the first day of ``left`` to the last day of ``right`` (2021至2023年)."""
    stop = _bound(right.edtf.split("/")[-1].replace("X", "9"), right.last)
    return Period(left.first, right.last, f"{interval_start(left)}/{stop}", right.end)


def interval_start(period: Period) -> str:
    """EDTF of the beginning of a period, fit to open an interval.

    Seasons, quarters and halves may not stand in intervals: their first month does.
    """
    return _bound(period.edtf.split("/")[0].replace("X", "0"), period.first)


def read_tail(text: str, position: int, year: int) -> Period | None:
    """What ``text`` says after the year at ``position``: a date, month, quarter, half, season.

    None where nothing of the kind follows, or where it is no date (2月30日).
    """
    match = _TAIL.match(text, position)
    if match is None or not 1 <= year <= 9998:
        return None
    try:
        return _period(match, year)
    except (NumeralError, ValueError):
        return None


def add_years(day: date, years: int, months: int = 0) -> date | None:
    """The same day so many years (and months) later; 29 February becomes 28."""
    total = day.year * 12 + day.month - 1 + years * 12 + months
    year, month = total // 12, total % 12 + 1
    if not 1 <= year <= 9999:
        return None
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _period(match: re.Match[str], year: int) -> Period:
    group, end = match.groupdict(), match.end()
    if group["nm"]:
        return _days(year, (int(group["nm"]), int(group["nd"])), None, end)
    if group["sm"]:
        return _days(year, (int(group["sm"]), int(group["sd"])), None, end)
    if group["om"]:
        return _months(year, int(group["om"]), int(group["om"]), end)
    if group["m"]:
        return _from_month(group, year, end)
    if group["fm"]:
        return _months(year, 1, _int(group["fm"]), end)
    if group["half"]:
        second = group["half"][0] in "下2" or group["half"][-1] == "2"
        first = 7 if second else 1
        return _grouped(year, first, first + 5, 41 if second else 40, end)
    if group["fq"]:
        return _months(year, 1, 3 * _int(group["fq"].replace("两", "二")), end)
    quarter = group["q"] or group["qn"] or (group["q1"] and "1")
    if quarter:
        number = _int(quarter)
        return _grouped(year, 3 * number - 2, 3 * number, 32 + number, end)
    if group["season"]:
        first, last, code = _SEASONS[group["season"]]
        return _grouped(year, first, last, code, end)
    first, last = _PARTS[group["part"][-1]]
    period = _months(year, first, last, end)
    return Period(period.first, period.last, f"{year:04d}-{first:02d}~/{year:04d}-{last:02d}~", end)


def _from_month(group: dict[str, str | None], year: int, end: int) -> Period:
    month = _int(group["m"] or "")
    if group["d"]:
        last = (_int(group["m3"]) if group["m3"] else month, _int(group["d2"] or group["d"]))
        return _days(year, (month, _int(group["d"])), last, end)
    if group["mp"]:
        first_day, last_day = _MONTH_PARTS[group["mp"][0].replace("末", "底")]
        last_day = min(last_day, monthrange(year, month)[1])
        period = _days(year, (month, first_day), (month, last_day), end)
        if group["mp"][-1] == "旬":
            return period
        start, stop = period.edtf.split("/")
        return Period(period.first, period.last, f"{start}~/{stop}~", end)
    later = group["m4"] or group["m2"]
    return _months(year, month, _int(later) if later else month, end)


def _days(year: int, first: tuple[int, int], last: tuple[int, int] | None, end: int) -> Period:
    start = date(year, *first)
    stop = date(year, *last) if last else start
    if stop < start:
        raise ValueError("the second date comes first")
    edtf = start.isoformat() if start == stop else f"{start.isoformat()}/{stop.isoformat()}"
    return Period(start, stop, edtf, end)


def _months(year: int, first: int, last: int, end: int) -> Period:
    if not 1 <= first <= last <= 12:
        raise ValueError("no such months")
    edtf = f"{year:04d}-{first:02d}" + (f"/{year:04d}-{last:02d}" if last != first else "")
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]), edtf, end)


def _grouped(year: int, first: int, last: int, code: int, end: int) -> Period:
    stop_year, stop_month = year + (last - 1) // 12, (last - 1) % 12 + 1
    stop = date(stop_year, stop_month, monthrange(stop_year, stop_month)[1])
    return Period(date(year, first, 1), stop, f"{year:04d}-{code}", end)


def _bound(edtf: str, day: date | None) -> str:
    grouped = _GROUPED.fullmatch(edtf)
    return day.isoformat()[:7] if grouped and day else edtf


def _day(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if 1 <= year <= 9999 else None


def _int(numeral: str) -> int:
    return int(parse_number(numeral))
