"""Dates as headers write them, to ISO 8601 at the precision that is written.

Understood: 2025-09-26 08:24, 2017/06/09, 2017.6.9, 20230416, 2017年11月3日 下午3時05分,
民國106年6月9日, 106/06/09, 二〇一九年十一月十四日, Sep 26, 2025, 2018-09, 2018年9月, with weekday,
seconds and time zone. Nothing is ever taken from the clock; a day that does not exist is no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_FIRST_YEAR, _LAST_YEAR = 1850, 2150
_ROC_OFFSET = 1911
_FULLWIDTH = str.maketrans("０１２３４５６７８９／－：．（）　，", "0123456789/-:.() ,")
_CHINESE_DIGITS = {
    char: value
    for value, chars in enumerate(("〇○零Ｏ", "一", "二", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_WEEKDAY = r"(?P<week>\s*[(\[]?\s*(?:星期|禮拜|礼拜|週|周)[一二三四五六日天]\s*[)\]]?)?"
_TIME = (
    r"(?:(?P<gap>\s*[T,\-–]?\s*)(?P<half>凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚間|晚间|夜間|AM|PM|am|pm)?"
    r"\s*(?P<hour>\d{1,2})(?:\s*[::]\s*|\s*[時时點点]\s*)(?P<minute>\d{1,2})分?"
    r"(?:\s*:?\s*(?P<second>\d{2})(?:\.\d{1,9})?秒?)?\s*(?P<half2>AM|PM|am|pm|a\.m\.|p\.m\.)?"
    r"\s*(?P<zone>Z\b|(?:UTC|GMT)?[+-]\d{2}:?\d{2}\b|(?:UTC|GMT)(?:[+-]\d{1,2})?\b|\(?(?:北京|台北|香港)時間\)?"
    r"|\(?(?:北京|台北|香港)时间\)?|CST\b|HKT\b)?)?"
)
_CN = "[〇○零Ｏ一二三四五六七八九]"
_CN_SMALL = "(?:(?:[一二三]?十|廿|卅)[一二三四五六七八九]?|[一二三四五六七八九])"
_DATES = tuple(
    re.compile(pattern + _WEEKDAY + _TIME, re.IGNORECASE)
    for pattern in (
        r"(?<![\d./-])(?P<year>(?:1[89]|20|21)\d\d)\s*(?P<sep>[-/.])\s*(?P<month>\d{1,2})\s*(?P=sep)\s*(?P<day>\d{1,2})(?![\d])",
        r"(?<!\d)(?P<year>(?:1[89]|20|21)\d\d)\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日號号]",
        r"(?:中華民國|中华民国|民國|民国)\s*(?P<roc>\d{1,3})\s*(?:年|(?=[-/.]))\s*[-/.]?\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日號号]?",
        r"(?<![\d./-])(?P<roc>1[0-4]\d|9\d)\s*(?P<sep>[-/.])\s*(?P<month>\d{2})\s*(?P=sep)\s*(?P<day>\d{2})(?![\d./-])",
        r"(?<!\d)(?P<roc>1[0-4]\d)\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日",
        rf"(?P<cyear>{_CN}{{4}})年(?P<cmonth>{_CN_SMALL})月(?P<cday>{_CN_SMALL})日",
        rf"(?:中華民國|中华民国|民國|民国)(?P<croc>[{_CN[1:-1]}十百]{{1,5}})年(?P<cmonth>{_CN_SMALL})月"
        rf"(?P<cday>{_CN_SMALL})日",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)(?!\d)",
        r"\b(?P<name>[A-Z][a-z]{2,8})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?\s*,\s*(?P<year>(?:19|20)\d\d)\b",
        r"(?<!\d)(?P<day>\d{1,2})\s+(?P<name>[A-Z][a-z]{2,8})\.?,?\s+(?P<year>(?:19|20)\d\d)\b",
        r"(?<![\d./-])(?P<dfirst>\d{1,2})\s*(?P<sep>[-/.])\s*(?P<dsecond>\d{1,2})\s*(?P=sep)\s*(?P<year>(?:19|20)\d\d)(?!\d)",
    )
)
_MONTH_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d./-])(?P<year>(?:1[89]|20|21)\d\d)\s*[-/.]\s*(?P<month>0[1-9]|1[0-2])(?![\d]|\s*[-/.]\s*\d)",
        r"(?<!\d)(?P<year>(?:1[89]|20|21)\d\d)\s*年\s*(?P<month>\d{1,2})\s*月(?!\s*\d)(?:份|號|号)?",
        r"(?:中華民國|中华民国|民國|民国)\s*(?P<roc>\d{1,3})\s*年\s*(?P<month>\d{1,2})\s*月(?!\s*\d)",
        r"(?<!\d)(?P<year>(?:1[89]|20|21)\d\d)\s*年(?!\s*\d)",
    )
)
_PM = re.compile(r"下午|傍晚|晚|夜|pm|p\.m", re.IGNORECASE)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date and where it stands; ``ambiguous`` where day and month cannot be told apart."""

    iso: str
    precision: str
    start: int
    end: int
    ambiguous: bool = False
    finish: int = 0
    """Where the expression ends, a weekday after the date included."""


def find_date(text: str, partial: bool = True) -> FoundDate | None:
    """The first full date in ``text`` (else, if ``partial``, the first month or year), or None.

    Offsets are those of ``text``, the time of day included.
    """
    flat = text.translate(_FULLWIDTH)
    for patterns in (_DATES, _MONTH_DATES) if partial else (_DATES,):
        found = [
            made
            for pattern in patterns
            for match in pattern.finditer(flat)
            if (made := _made(match)) is not None
        ]
        if found:
            return min(found, key=lambda one: (one.start, -one.end))
    return None


def parse_date(value: str) -> FoundDate | None:
    """A whole value (a column, a metadata field) as a date: a written one, or an epoch in UTC."""
    value = value.strip()
    if _EPOCH.fullmatch(value):
        seconds = float(value) / (1000 if len(value.split(".")[0]) == 13 else 1)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(seconds))
        return FoundDate(moment.isoformat(), "second", 0, len(value), finish=len(value))
    found = find_date(value)
    if found is None or found.ambiguous:
        return None
    rest = value[: found.start] + value[found.finish :]
    return None if re.search(r"[0-9０-９]", rest) else found


def _made(match: re.Match[str]) -> FoundDate | None:
    part = match.groupdict()
    year = _year(part)
    ambiguous = False
    month: int | None
    if part.get("dfirst"):
        first, second = int(part["dfirst"]), int(part["dsecond"])
        ambiguous = first <= 12 and second <= 12 and first != second
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        month = _month(part)
        day = _small(part.get("cday") or part.get("day") or "0")
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR or month is None:
        return None
    start, end = match.start(), match.end()
    while match.string[end - 1].isspace():
        end -= 1
    if not day:
        if not month:
            return FoundDate(f"{year:04d}", "year", start, end, finish=end)
        ok = 1 <= month <= 12
        return FoundDate(f"{year:04d}-{month:02d}", "month", start, end, finish=end) if ok else None
    try:
        written = date(year, month, day).isoformat()
    except ValueError:
        return None
    clock = _clock(part)
    if clock is None:
        # The weekday and what is no time of day stand beside the date.
        end = min(
            at for name in ("week", "gap") if (at := match.start(name)) >= 0 or name == "week"
        )
        end = end if end > start else match.end()
    return FoundDate(
        written + (clock or ""),
        "day" if clock is None else "second" if part.get("second") else "minute",
        start,
        end,
        ambiguous,
        match.end(),
    )


def _year(part: dict[str, str | None]) -> int | None:
    if roc := part.get("roc"):
        return int(roc) + _ROC_OFFSET
    if written := part.get("croc"):
        return _roc_year(written)
    if written := part.get("cyear"):
        return int("".join(str(_CHINESE_DIGITS[char]) for char in written))
    return int(part.get("year") or 0)


def _roc_year(written: str) -> int:
    """一一○, 一百一十三, 九十八 as Gregorian years."""
    if not re.search("[十百]", written):
        return int("".join(str(_CHINESE_DIGITS[char]) for char in written)) + _ROC_OFFSET
    hundreds, hundred, rest = written.rpartition("百")
    value = 100 * _small(hundreds or "一") if hundred else 0
    rest = rest.lstrip("〇○零")
    return value + (_small(rest) if rest else 0) + _ROC_OFFSET


def _month(part: dict[str, str | None]) -> int | None:
    if name := part.get("name"):
        short = name[:3].lower()
        return _MONTHS.index(short) + 1 if short in _MONTHS else None
    return _small(part.get("cmonth") or part.get("month") or "0")


def _small(written: str) -> int:
    """A number up to 39 in digits or Chinese numerals."""
    if written.isdecimal():
        return int(written)
    written = written.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = written.rpartition("十")
    value = _CHINESE_DIGITS[ones] if ones else 0
    return value + (10 * (_CHINESE_DIGITS[tens] if tens else 1) if ten else 0)


def _clock(part: dict[str, str | None]) -> str | None:
    """``Thh:mm[:ss][+hh:mm]`` or None where no valid time of day is written."""
    if not part.get("hour"):
        return None
    hour, minute = int(part.get("hour") or 0), int(part.get("minute") or 0)
    half = (part.get("half") or "") + (part.get("half2") or "")
    if _PM.search(half) and hour < 12:
        hour += 12
    elif half.lower().startswith(("am", "a.m", "凌晨")) and hour == 12:
        hour = 0
    written_second = part.get("second")
    second = int(written_second) if written_second else None
    if hour > 23 or minute > 59 or (second or 0) > 59:
        return None
    written = f"T{hour:02d}:{minute:02d}" + (f":{second:02d}" if second is not None else "")
    zone = re.sub(r"^(?:UTC|GMT)", "", part.get("zone") or "", flags=re.IGNORECASE)
    if (part.get("zone") or "").upper() in ("Z", "UTC", "GMT"):
        return f"{written}+00:00"
    if offset := re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", zone):
        return f"{written}{offset[1]}{int(offset[2]):02d}:{offset[3] or '00'}"
    return written
