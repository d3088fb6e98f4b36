"""Years written as four figures without 年: dates, lists, 2021届, 2018大选, 邁拚2023通樂.

Evidence rule. A four-figure number is a year where one of these holds, and nothing below forbids:

- ``date``: it opens or closes a complete date (2017-06-29, 2018.1.26, 16/03/2021, 20221030 in
  brackets), or a year-month of a date line (2018-09);
- ``list``: it is joined to another year (2000、2004及2008年; 2016-2017; 2015年至2018);
- ``follower``: a word stands after it that only a year takes (届, 财年, 世界杯, 大选, Q3);
- ``preposition``: 在, 自, 到 ... before it and a boundary or 后, 前, 起, 底 after it;
- ``gloss``: in brackets inside or behind a year (今（2017）年, 民国106年（2017）);
- ``bracket``: alone in brackets after 》, 」, a quote or a Latin word; ``heading``: at the start of
  a line before a colon; ``english``: in 2016, September 2017;
- ``name``: it stands alone between Chinese characters or punctuation and is not 2000 or far from
  the year of the article (20 years back, 15 ahead; 2005 to 2035 where that is unknown).

Forbidden, except for complete dates: a measure word or 万 behind it, an amount word (逾, 共) or a
code word (编号, 热线) before it, a currency sign, a Latin letter or a figure joined to it, a URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

from pipeline.measures import measure_after, words_for
from pipeline.values import YearKind
from pipeline.years.spans import YearSpan
from pipeline.years.words import quantity_before

_FOUR = re.compile(r"[12][0-9]{3}(?![0-9])")
_FISCAL_YEAR = re.compile(r"(?<![A-Za-z])FY ?((?:20)?[0-9]{2})(?![0-9])")
_EIGHT = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])")
_URL = re.compile(r"(?:https?://|www\.)[!-~]+")
_DATE = re.compile(r"(?:([-/.])([0-9]{1,2})\1([0-9]{1,2})| ([01][0-9]) ([0-3][0-9]))(?![0-9])")
_YEAR_MONTH = re.compile(r"(?:-(0[1-9]|1[0-2])|/(0?[1-9]|1[0-2]))(?![0-9/.-]| ?年|学|赛|球)")
_DATE_BEFORE = re.compile(r"(?<![0-9])([0-9]{1,2})([-/.])([0-9]{1,2})\2\Z")
_SHORT_DATE_BEFORE = re.compile(r"(?<![0-9/])(0?[1-9]|1[0-2])/\Z")
_LINKS = r" ?(?:年?(?:、|及|和|与|或|至|到|-|–|—|~|～|─|以及) ?|、|, ?|，|\| ?)"
_NEXT = re.compile(rf"({_LINKS})((?:1[5-9]|20)[0-9]{{2}})(?![0-9])( ?年)?")
_YEAR_BEFORE = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})(年?) ?(?:[0-9]{1,2}月[0-9]{0,2}日?)?"
    r" ?(?:、|及|和|与|或|至|到|-|–|—|~|～|─|以及) ?\Z"
)
_RANGE = frozenset("至到-–—~～─")
_PREPOSITION = re.compile(r"(?:[在于自从由至到截迄](?:今年|去年)?|早在|直到|截至|截止) ?\Z")
_BOUNDARY_AFTER = re.compile(
    r" ?(?:[，。、；：！？）)」』》”\n]|$|之?[后前]|以[后前来]|起|初|底|末|间|的|[也都才就仍将会])"
)
_HEADING = re.compile(r" ?(?:：|:(?![0-9])|: ?[0-9]{1,2} ?月)")
_BRACKET = re.compile(r"[(（]\Z")
_BRACKET_OWNER = re.compile(r"[》」』”\"A-Za-z] ?[(（]\Z")
_GLOSS = re.compile(r"(?:[今去明前后本上同当翌次隔]年?|\d年|[一二三四五六七八九十]年) ?[(（]\Z")
_ENGLISH = re.compile(
    r"(?i)(?:\b(?:in|by|since|of|until|till|from|before|after|during|early|late|to)"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?(?: [0-9]{1,2},)?) \Z"
)
_ALONE_BEFORE = re.compile(
    r"(?:^|[\n\u3000-\u303f\uff00-\uff0f\uff1a-\uff1f\u4e00-\u9fff“‘”’—–\"'·| ]|[\u4e00-\u9fff]-)\Z"
)
_ALONE_AFTER = re.compile(r"[\n\u3000-\u303f\uff00-\uff0f\uff1a-\uff1f\u4e00-\u9fff“‘”’·\"'| ]|$")
_NUMBERS_AROUND = re.compile(r"[0-9%] ?[，,、| ]{1,3}\Z")
_LIST_LIMIT = 12


def bare_years(text: str, published: int | None) -> Iterator[YearSpan]:
    """Four-figure years without 年. ``published`` is the year of the article where known."""
    near = range(published - 20, published + 16) if published else range(2005, 2036)
    urls = (
        [match.span() for match in _URL.finditer(text)] if "http" in text or "www." in text else []
    )
    linked: set[int] = set()
    url = 0
    for match in _FOUR.finditer(text):
        start, end = match.span()
        if start and text[start - 1].isdigit():
            continue
        while url < len(urls) and urls[url][1] <= start:
            url += 1
        if url < len(urls) and urls[url][0] <= start:
            continue
        after = text[end : end + 3].lstrip(" ")
        if after.startswith("年"):
            continue
        rule = _rule(text, match, near, linked)
        if rule:
            yield _fiscal(text, _span(start, end, int(match.group()), rule))
    for match in _FISCAL_YEAR.finditer(text):
        start, end = match.span(1)
        year = int(match[1]) % 2000 + 2000
        yield YearSpan(start, end, YearKind.FISCAL, "fiscal", end, year, year)
    for match in _EIGHT.finditer(text):
        start, end = match.span()
        before, after = text[start - 1 : start] if start else "\n", text[end : end + 1] or "\n"
        if before in "\n(（【[ " and after in "\n)）】] " and _is_date(match.group(), "", ""):
            yield _span(start, start + 4, int(match.group()[:4]), "date")


def _rule(text: str, match: re.Match[str], near: range, linked: set[int]) -> str | None:
    """The evidence that makes this number a year, or None."""
    start, end = match.span()
    year = int(match.group())
    before = text[max(0, start - 16) : start]
    if _complete_date(text, before, match):
        return "date"
    if not 1800 <= year <= 2100:
        return None
    if before[-1:] in ("", "\n") and _HEADING.match(text, end):
        return "heading"
    if _joined(before, ""):
        return None
    if follower().match(text, end):
        return "follower"
    if _joined("", text[end : end + 2]):
        return None
    if measure_after().match(text, end):
        return None
    amount = bool(quantity_before().search(before))
    if start in linked or _listed(text, match, near if not amount else range(0), linked):
        return "list"
    if amount:
        return None
    return _placed(text, before, match, near)


def _placed(text: str, before: str, match: re.Match[str], near: range) -> str | None:
    end, year = match.end(), int(match.group())
    if _PREPOSITION.search(before) and _BOUNDARY_AFTER.match(text, end) and year >= 1900:
        return "preposition"
    if _GLOSS.search(before) and text[end : end + 1] in ")）":
        return "gloss"
    if before[-1:] in ("〔", "["):  # 财税〔2019〕14号 is the number of a document.
        return None
    if _BRACKET.search(before) and text[end : end + 1] in ")）":
        return "bracket" if _BRACKET_OWNER.search(before) else None
    if _ENGLISH.search(before) and year >= 1900:
        return "english"
    if year not in near or year == 2000 or _NUMBERS_AROUND.search(before):
        return None
    if _ALONE_BEFORE.search(before or "\n") and _ALONE_AFTER.match(text, end):
        return "name"
    return None


def _complete_date(text: str, before: str, match: re.Match[str]) -> bool:
    end = match.end()
    if before[-1:] not in ("", "/", "-", ".") or not before[-2:-1].isdigit():
        full = _DATE.match(text, end)
        if full:
            last = before[-1:]
            joined = (last != "" and last in "._=&?#%") or (last.isascii() and last.isalpha())
            return not joined and _is_date(match.group(), full[2] or full[4], full[3] or full[5])
        month = _YEAR_MONTH.match(text, end)
        if month and 1950 <= int(match.group()) <= 2100:
            # A year and a month alone: only where nothing makes it a code or a sum.
            quiet = before[-1:] in ("", "\n", " ", "(", "（") or before[-1:] >= "\u3000"
            return quiet and not quantity_before().search(before) and not _joined(before, "")
        return False
    earlier = _DATE_BEFORE.search(before)
    if earlier:
        first, second = earlier[1], earlier[3]
        return _is_date(match.group(), second, first) or _is_date(match.group(), first, second)
    # The second date of 2020/8/4-2021/1/29.
    full = _DATE.match(text, end)
    if full and before[-1:] == "-":
        return _is_date(match.group(), full[2] or full[4], full[3] or full[5])
    return False


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        if not month:
            year, month, day = year[:4], year[4:6], year[6:]
        return 1000 <= date(int(year), int(month), int(day)).year <= 2100
    except ValueError:
        return False


def _joined(before: str, after: str) -> bool:
    """True where the number is part of a longer token: NT$2000, CCDI-2019, 2019.5, 2024,000."""
    last, last_but_one = before[-1:], before[-2:-1]
    if last and (last in "$£€¥@#_=+&%\\.*" or (last.isascii() and last.isalnum())):
        return True
    if last in ("-", "/", ",", "–") and last_but_one and last_but_one.isascii():
        if last == "," or not last_but_one.isdigit():
            return last_but_one.isalnum()
        return not re.search(r"(?<![0-9])(?:19|20)[0-9]{2}[-–]\Z", before)
    if before[-2:] in ("$ ", "£ ", "€ ", "¥ "):
        return True
    first, second = after[:1], after[1:2]
    if first in (".", ",", ":", "/", "-") and second.isdigit():
        return first in ".,:/"
    return bool(first) and (first in "%‰°℃+_=@#$" or (first.isascii() and first.isalpha()))


def _listed(text: str, match: re.Match[str], near: range, linked: set[int]) -> bool:
    """True where the numbers after it make a list or a range of years; they are ``linked``.

    An empty ``near`` asks for a 年 at the end of the list.
    """
    first = int(match.group())
    found: list[tuple[int, int, str]] = []
    position, ended = match.end(), False
    for _ in range(_LIST_LIMIT):
        step = _NEXT.match(text, position)
        if step is None or (measure_after().match(text, step.end(2)) and not step[3]):
            break
        found.append((step.start(2), int(step[2]), step[1]))
        position, ended = step.end(2), bool(step[3])
        if ended:
            break
    if not found:
        earlier = _YEAR_BEFORE.search(text[max(0, match.start() - 16) : match.start()])
        return bool(near and earlier and earlier[2] and int(earlier[1]) < first)
    if not ended:
        is_range = len(found) == 1 and found[0][2].strip()[-1:] in _RANGE
        years = [first, *(year for _, year, _ in found)]
        rising = all(a < b for a, b in pairwise(years))
        if not rising or not near or not (is_range or all(year in near for year in years)):
            return False
        if found[0][2].strip() in ",，" or not 1900 <= first <= years[-1] <= 2100:
            return False
    linked.update(start for start, _, _ in found)
    return True


@lru_cache(maxsize=1)
def follower() -> re.Pattern[str]:
    """Words that only a year takes (届, 财年, 世界杯, Q3)."""
    words = words_for("year_words", "after_year")
    return re.compile(
        rf" ?(?:{words}|[Qq][1-4](?![0-9A-Za-z])|[Hh][12](?![0-9A-Za-z]))|E(?![A-Za-z])"
    )


def _span(start: int, end: int, year: int, rule: str) -> YearSpan:
    return YearSpan(start, end, YearKind.EXPLICIT, rule, end, year, year)


def _fiscal(text: str, span: YearSpan) -> YearSpan:
    """2023财年 is a fiscal year."""
    if text.startswith(("财年", "财政年", "会计年"), span.end):
        return replace(span, kind=YearKind.FISCAL)
    return span
