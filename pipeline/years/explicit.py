"""Explicit years whose 年 is written: 2023年, 二〇二三年, 公元前221年, 2019/20年度, 2017、18年."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pipeline.errors import NumeralError
from pipeline.measures import measure_after
from pipeline.numerals import parse_digits, parse_number
from pipeline.values import YearKind
from pipeline.years.spans import YEAR_MAX, Unsettled, YearSpan
from pipeline.years.words import CHINESE_DIGIT, NUMERAL, ZERO

_ARABIC = re.compile(r"[12][0-9]{3}(?P<gap>[ ]{0,2})年")
_CHINESE = re.compile(rf"[一二][{CHINESE_DIGIT}]{{3}}年")
_THOUSAND = re.compile(
    r"[一二两]千(?:[〇零○]?(?:[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])年"
    r"|年(?=[一二三四五六七八九十0-9]{1,3}月))"
)
_COMMON_ERA = re.compile(
    rf"(?:公元|西元|西历|公历)(前)? ?(?:([0-9]{{1,4}})|([{NUMERAL}]{{1,8}})) ?年(?!代)"
)
_FISCAL = re.compile(
    r"((?:19|20)[0-9]{2}) ?(/|-|–|至|~) ?((?:19|20)?[0-9]{2})(?![0-9])"
    r"(?= ?(?:年度|年报|学年|财年|财政年|会计年|赛季|球季|季赛|年赛季))"
)
_FISCAL_BARE = re.compile(r"((?:19|20)[0-9]{2}) ?/ ?([0-9]{2})(?![0-9/.]| ?[月日])")
_LINK = r" ?(?:、|及|和|与|或|至|到|-|–|—|~|～|/) ?"
_CHAIN = re.compile(
    rf"(?P<first>(?:19|20)[0-9]{{2}}) ?(?:年底?)?(?:{_LINK}[0-9]{{2}}(?![0-9]) ?年?){{1,8}}(?<=年)"
    r"(?![代期来内度前以报]|之[前内]|后的|历史)"
)
_CHAIN_STEP = re.compile(r"([0-9]{2}(?![0-9]) ?年?)")
_ROUND_AFTER = re.compile(r"(?:之|以)?前(?![后夕])|(?:以)?来|(?<![2]000年)(?:之|以)?后")
_TIME_BEFORE = frozenset("在于自从至到")
_CHINESE_BARE = re.compile(
    rf"(?:二[{ZERO}][{CHINESE_DIGIT}]{{2}}|一[八九][{CHINESE_DIGIT}]{{2}})(?![{NUMERAL}年点万亿个])"
)
_EARLY_DATE = re.compile(
    rf"([一二三四五六七八九][{CHINESE_DIGIT}]{{2}})年"
    r"(?=[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号])"
)
_COUNTED_AFTER = re.compile(
    r"(?:多)?(?:的?(?:悠久)?(?:历史|岁月|文明)|以上|以?来(?!自)|之久|间(?!谍))"
)


def explicit_years(text: str) -> Iterator[YearSpan | Unsettled]:
    """Gregorian years written with 年, and fiscal years of two (2019/20). Overlaps are possible."""
    yield from _fiscal(text)
    yield from _chains(text)
    for match in _ARABIC.finditer(text):
        if not text[match.start() - 1 : match.start()].isdigit() or match.start() == 0:
            yield from _four_digits(text, match)
    for match in _CHINESE.finditer(text):
        before = text[match.start() - 1 : match.start()] if match.start() else ""
        if before in NUMERAL + "第点万亿" and before:
            continue
        year = parse_digits(match.group()[:4])
        if year > YEAR_MAX or text.startswith("代", match.end()):
            continue
        yield _whole(match.start(), match.end(), year, "chinese_digits")
    for match in _EARLY_DATE.finditer(text):
        if not match.start() or text[match.start() - 1] not in NUMERAL + "第点万亿":
            yield _whole(match.start(), match.end(), parse_digits(match[1]), "chinese_digits")
    for match in _CHINESE_BARE.finditer(text):
        before = text[match.start() - 1 : match.start()] if match.start() else ""
        counted = measure_after().match(text, match.end())
        if before == "《" and text.startswith("》", match.end()):
            continue  # 《一九八四》 is the title of a book.
        if not counted and (not before or before not in NUMERAL + "第点万亿"):
            year, end = parse_digits(match.group()), match.end()
            yield YearSpan(match.start(), end, YearKind.EXPLICIT, "chinese_bare", end, year, year)
    for match in _THOUSAND.finditer(text):
        yield from _thousand(text, match)
    for match in _COMMON_ERA.finditer(text):
        yield from _common_era(match)


def _four_digits(text: str, match: re.Match[str]) -> Iterator[YearSpan | Unsettled]:
    start, end = match.span()
    year = int(match.group()[:4])
    if text.startswith("代", end) and year % 10 == 0:
        return
    before, two = text[max(0, start - 1) : start], text[max(0, start - 2) : start]
    in_number = bool(before) and before in ".," and two[:1].isdigit()
    # 3.2019年 numbers a paragraph, and no group of thousands has four figures.
    if (in_number and not 1900 <= year <= 2100) or before in ("第", "$", "£", "€"):
        return
    if year > YEAR_MAX:
        yield Unsettled(start, end, "not_a_year: larger than any calendar year in news")
    elif year % 500 == 0 and _ROUND_AFTER.match(text, end):
        if text[max(0, start - 1) : start] in _TIME_BEFORE:
            yield _whole(start, end, year, "digits")
        else:
            yield Unsettled(start, end, "ambiguous: a date or a span of years")
    elif not _COUNTED_AFTER.match(text, end) or (year >= 1900 and year % 100):
        yield _whole(start, end, year, "digits")


def _fiscal(text: str) -> Iterator[YearSpan]:
    """2019/20年度 and 2018-19賽季: one span where the second year is the next one."""
    for match in _FISCAL.finditer(text):
        low, high = int(match[1]), int(match[3])
        if high == (low + 1 if high > 99 else (low + 1) % 100) and not _digit_before(text, match):
            kind = YearKind.FISCAL
            yield YearSpan(match.start(), match.end(), kind, "fiscal", match.end(), low, low + 1)
    for match in _FISCAL_BARE.finditer(text):
        low = int(match[1])
        after_date = text[match.start() - 1 : match.start()] in ("/", "-", ".")
        if int(match[2]) == (low + 1) % 100 and not after_date and not _digit_before(text, match):
            kind = YearKind.FISCAL
            end = match.end() + text.startswith("年", match.end())
            yield YearSpan(match.start(), end, kind, "fiscal", end, low, low + 1)


def _chains(text: str) -> Iterator[YearSpan]:
    """2017、18、19年 and 1950-53年: the century of the first year, numbers rising."""
    for match in _CHAIN.finditer(text):
        if _digit_before(text, match):
            continue
        first = int(match["first"])
        steps = list(_CHAIN_STEP.finditer(text, match.start() + 4, match.end()))
        numbers = [first % 100, *(int(step[1][:2]) for step in steps)]
        if any(b <= a for a, b in pairwise(numbers)):
            continue
        if "年" not in text[match.start() + 4 : steps[0].start()]:
            end = match.start() + 4
            yield YearSpan(match.start(), end, YearKind.EXPLICIT, "chain", end, first, first)
        for step, number in zip(steps, numbers[1:], strict=True):
            yield _whole(step.start(), step.end(), first // 100 * 100 + number, "chain")


def _thousand(text: str, match: re.Match[str]) -> Iterator[YearSpan]:
    """二千零八年; 两千年 and 二千五百年 are spans of time."""
    before = text[match.start() - 1 : match.start()] if match.start() else ""
    if (before and before in NUMERAL + "第数几近约") or _COUNTED_AFTER.match(text, match.end()):
        return
    year = int(parse_number(match.group()[:-1]))
    if 1900 <= year <= 2100:
        yield _whole(match.start(), match.end(), year, "chinese_number")


def _common_era(match: re.Match[str]) -> Iterator[YearSpan]:
    try:
        numeral = match[2] or match[3]
        year = int(parse_number(numeral))
    except NumeralError:
        return
    if 1 <= year <= YEAR_MAX:
        yield _whole(match.start(), match.end(), -year if match[1] else year, "common_era")


def _digit_before(text: str, match: re.Match[str]) -> bool:
    return match.start() > 0 and text[match.start() - 1].isdigit()


def _whole(start: int, end: int, year: int, rule: str) -> YearSpan:
    """A span that ends with 年; a following 度 leaves the 年 outside (‹2020›年度)."""
    return YearSpan(start, end, YearKind.EXPLICIT, rule, end, year, year)
