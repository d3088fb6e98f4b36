"""What day an article is from: its header, or what its own text settles. Never the clock.

The header date wins. Without one, the text settles its date only by (in this order)

- a dateline: a full date before 讯, 电 or 报道 (本报2023年1月4日讯), alone on one of the first
  lines, alone in brackets (（2017-11-30）), or after 今天 or 昨日 in brackets;
- a gloss of the year: 今年（2022年）, 今（2022）年, 去年（2021年）, and the issue of a periodical
  called the latest (最新一期…（2022年第1期）);
- a comparison of 今年 with the same time of a list of years in a row
  (与2019年、2020年、2021年同期相比): the year after the last of them.

The last two give a year and no day. Any other date in a text (a due date, a plan) is no evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from pipeline.document import Document
from pipeline.values import Evidence
from pipeline.years.calendar import years_period

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_FULL = (
    r"(?P<y>(?:19|20)[0-9]{2})(?: ?年 ?(?P<m>[0-9]{1,2}) ?月 ?(?P<d>[0-9]{1,2}) ?日"
    r"|(?P<s>[-/.])(?P<m2>[0-9]{1,2})(?P=s)(?P<d2>[0-9]{1,2})(?![0-9]))"
)
_DATELINES = (
    re.compile(rf"{_FULL}[^，。；\n0-9]{{0,8}}(?:讯|电(?![影视脑话子信力商器池动网台])|报[道导])"),
    re.compile(rf"(?:^|\n)[ ]*{_FULL}(?: [0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)?[ ]*(?=\n|$)"),
    re.compile(rf"[（(【]{_FULL}(?: [0-9]{{1,2}}:[0-9]{{2}})?[）)】]"),
)
_TODAY = re.compile(rf"(?P<day>[今昨])(?:天|日|早|晚)?[（(]{_FULL}[）)]")
_GLOSS = re.compile(
    r"(?P<word>[今去明])年? ?[（(](?P<y>(?:19|20)[0-9]{2}) ?年?[）)]"
    r"|(?P<y2>(?:19|20)[0-9]{2}) ?年?[（(](?P<word2>[今去明])年[）)]"
)
_ISSUE = re.compile(
    r"(?:最新|新)一期[^。\n]{0,24}?(?P<y>(?:19|20)[0-9]{2})年第[0-9一二三四五六七八九十]{1,3}期"
)
_SERIES = re.compile(
    r"(?P<list>(?:(?:19|20)[0-9]{2}年?[、和及与,，]){1,5}(?:19|20)[0-9]{2}年)[^，。\n]{0,8}?(?:同期|同比)"
)
_WORDS = {"今": 0, "去": 1, "明": -1}
_HEAD, _HEAD_LINES = 2000, 400


@dataclass(frozen=True, slots=True)
class Anchor:
    """The time an article is from, as closely as it is known: ``first`` to ``last`` day.

    ``name`` is "published" or "dateline"; ``evidence`` says where it is written (None for the
    column of a record file).
    """

    name: str
    first: date
    last: date
    evidence: Evidence | None

    def edtf(self, day: date) -> str:
        """``day`` in EDTF, no more exact than the anchor itself."""
        if self.first == self.last:
            return day.isoformat()
        return day.isoformat()[: 7 if self.first.month == self.last.month else 4]


def article_anchor(document: Document) -> Anchor | None:
    """The anchor of an article by the rules above, or None where nothing settles it."""
    return _from_header(document) or _from_text(document.text)


def _from_header(document: Document) -> Anchor | None:
    header = document.article.published
    match = _ISO.match(header.value) if header else None
    if header is None or match is None:
        return None
    days = _bounds(match[1], match[2], match[3])
    if days is None:
        return None
    evidence = None
    if header.start is not None and header.end is not None:
        at = slice(header.start, header.end)
        evidence = Evidence(header.start, header.end, document.text[at])
    return Anchor("published", *days, evidence)


def _from_text(text: str) -> Anchor | None:
    head = text[:_HEAD]
    today = _TODAY.search(head)
    if today is not None:
        days = _days(today)
        if days is not None:
            day = days[0] + timedelta(days=1 if today["day"] == "昨" else 0)
            return Anchor("dateline", day, day, _evidence(text, today))
    for number, pattern in enumerate(_DATELINES):
        match = pattern.search(head[:_HEAD_LINES] if number == 1 else head)
        days = _days(match) if match else None
        if match is not None and days is not None:
            return Anchor("dateline", *days, _evidence(text, match))
    return _year_from_text(text)


def _year_from_text(text: str) -> Anchor | None:
    match = _GLOSS.search(text)
    if match is not None:
        year = int(match["y"] or match["y2"]) + _WORDS[match["word"] or match["word2"]]
        return _year_anchor(text, match, year)
    match = _ISSUE.search(text[:_HEAD])
    if match is not None:
        return _year_anchor(text, match, int(match["y"]))
    if "今年" not in text:
        return None
    for match in _SERIES.finditer(text):
        years = [int(year) for year in re.findall(r"[0-9]{4}", match["list"])]
        if all(b == a + 1 for a, b in pairwise(years)):
            return _year_anchor(text, match, years[-1] + 1)
    return None


def _year_anchor(text: str, match: re.Match[str], year: int) -> Anchor | None:
    period = years_period(year, year, match.end())
    if period.first is None or period.last is None:
        return None
    return Anchor("dateline", period.first, period.last, _evidence(text, match))


def _evidence(text: str, match: re.Match[str]) -> Evidence:
    surface = match.group()
    start = match.start() + len(surface) - len(surface.lstrip())
    end = match.start() + len(surface.rstrip())
    return Evidence(start, end, text[start:end])


def _days(match: re.Match[str]) -> tuple[date, date] | None:
    return _bounds(match["y"], match["m"] or match["m2"], match["d"] or match["d2"])


def _bounds(year: str, month: str | None, day: str | None) -> tuple[date, date] | None:
    try:
        if day is not None and month is not None:
            only = date(int(year), int(month), int(day))
            return only, only
        first = date(int(year), int(month or 1), 1)
        following = date(int(year) + (month in (None, "12")), int(month or 12) % 12 + 1, 1)
        return first, following - timedelta(days=1)
    except (ValueError, OverflowError):
        return None
