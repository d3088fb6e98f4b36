"""Years of an era (民国106年, 令和4年) and years of two or three figures (106年度, 97年7月, ’22年).

The ROC rule. In a text of Taiwan (``pipeline.quantities.region``, or one that names an ROC year
with 民国), N年 without 民国 (N from 60 to the ROC year of the article
plus ten) is an ROC year where

- a month, 度, 学年, 底, 初, 末, 起 or 上半年 follows (105年9月, 106年度, 108学年度), or
- a word of time stands before it (于, 在, 自, 从, 至, 到, 迄, 民国 with another year), or
- it is joined to an ROC year by 及, 、, 至 or a dash, or
- N is above 100 (and no round 110, 120) and nothing says that time is counted (历史, 来, 前, 后,
  近, 逾, 徒刑 ...).

Outside Taiwan, two figures are a year of the 20th century from 60 to 99 and of the 21st from 00 to
35, where an apostrophe or a leading zero is written, or a month or another part of a year follows
(12年11月, 18年底, 17年Q3); 80 to 99 also where a word of time stands before or 起 after, or at the
beginning of a clause (89年屠城) or before an event (97年买入), where nothing says that time is
counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from pipeline.errors import NumeralError
from pipeline.measures import words_for
from pipeline.numerals import parse_digits, parse_number
from pipeline.values import YearKind
from pipeline.years.spans import YearSpan
from pipeline.years.words import NUMERAL, eras

_FIGURES = re.compile(r"([0-9]{2,3}) {0,2}年(?!代)")
_CHINESE = re.compile(r"[六七八九〇零○][〇零○一二三四五六七八九]年(?!代)")
_MONTH = r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3}) ?月"
_QUARTER = r"第[一二三四1-4]季|[Qq][1-4]"
_PART_AFTER = re.compile(
    rf"的?(?:{_MONTH}(?!薪)|度(?!假)|学年|底|初(?!步)|末|年[初底末]"
    rf"|起(?!义)|上半年|下半年|{_QUARTER}|[春夏秋冬]天?)"
)
_MONTH_AFTER = re.compile(
    rf"{_MONTH}(?:份|[0-9]{{1,2}}日|[底初中至起，,。、的间]|[^薪]|$)"
    rf"|底|末|初(?![步中级])|年[底末]|{_QUARTER}"
)
_TIME_BEFORE = re.compile(r"(?:[在于自从至到迄]|早在|截至|民国) ?\Z")
_ALONE_BEFORE = re.compile(r"(?:^|[\n，。；：「（( ])\Z")
_EVENT = re.compile(
    "(?:就|已|才|先|再)?(?:买入|购入|入行|入职|入学|毕业|出生|回归|移民|移居|加入|成立|创立|创办|开业|结婚|来港|来台"
    "|当选|上市|金融风暴|大选|退休|出道|开播|创刊|落成|动工|迁入|搬到|搬来|去世|过世|离世|爆发|首播|首映)"
)
_HAN = re.compile("[\u4e00-\u9fff]")
_JOINED = re.compile(r"(?<![0-9])([0-9]{2,3}) ?(年(?:度)?)? ?(?:、|及|和|与|或|至|到|-|–|~|～) ?\Z")
_FRAGMENT = re.compile(r"(?:[0-9.,/:$-]|第|[0-9]{4} ?年? ?[、及和与至到/~～–-] ?)\Z")


def era_years(text: str) -> Iterator[YearSpan]:
    """Years of an era: 民国106年 is ROC (kind ``roc``), 令和4年 and 光绪二十六年 are explicit."""
    for match in _era().finditer(text):
        name, before_it, numeral = match[1], match[2], match[3]
        era = eras()[name]
        try:
            number = 1 if numeral == "元" else int(parse_number(numeral.strip()))
        except NumeralError:
            continue
        if not 1 <= number <= era.years:
            continue
        year = era.offset + 1 - number if before_it else era.offset + number
        kind = YearKind.ROC if era.offset == 1911 and name == "民国" else YearKind.EXPLICIT
        low = match.start()
        yield YearSpan(low, match.end(), kind, "era", match.end(), year, year)
        if name == "民国":
            yield from _earlier(text, match.start(3), number, in_era=low)


def short_years(
    text: str, in_taiwan: Callable[[], bool], published: int | None
) -> Iterator[YearSpan]:
    """Years of two or three figures; ``in_taiwan`` says whether the ROC rule holds.

    It is asked only where a text has such figures.
    """
    taiwan: bool | None = None
    current = (published or 2030) - 1911
    for match in _FIGURES.finditer(text):
        start, end = match.span()
        before = text[max(0, start - 12) : start]
        figures, number = match[1], int(match[1])
        if before[-1:] in ("'", "’", "‘") and len(figures) == 2:
            yield _short(start - 1, end, figures, "apostrophe")
            continue
        if _FRAGMENT.search(before):
            continue
        born = text.startswith("次", end) and 1 <= number <= current
        roc = born or (60 <= number <= current + 10 and _is_roc(text, match, before))
        short = len(figures) == 2 and _is_short(text, match, before, figures)
        if not roc and not short:
            continue
        taiwan = in_taiwan() if taiwan is None else taiwan
        if roc and taiwan:
            yield _roc(start, end, number)
            yield from _earlier(text, start, number)
        elif short and not taiwan:
            yield _short(start, end, figures, "two_digits")
    for match in _CHINESE.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        if _is_chinese_short(text, match, before) and not in_taiwan():
            two = f"{parse_digits(match.group()[:2]):02d}"
            yield _short(match.start(), match.end(), two, "two_digits")


def _is_roc(text: str, match: re.Match[str], before: str) -> bool:
    end, number = match.end(), int(match[1])
    if _PART_AFTER.match(text, end) and not counted_before().search(before):
        return True
    joined = _JOINED.search(before)
    if joined and 60 <= int(joined[1]) < number and (joined[2] or number > 100):
        return True
    if counted_after().match(text, end) or counted_before().search(before):
        return False
    return bool(_TIME_BEFORE.search(before)) or (number > 100 and number % 10 > 0)


def _is_short(text: str, match: re.Match[str], before: str, figures: str) -> bool:
    end, number = match.end(), int(figures)
    if counted_before().search(before) or 35 < number < 60:
        return False
    if _MONTH_AFTER.match(text, end) and not text.startswith("个", end + 1):
        return True
    if figures[0] == "0":
        return True
    if counted_after().match(text, end):
        return False
    if number < 80:
        return False
    if _EVENT.match(text, end):
        return True
    alone = _ALONE_BEFORE.search(before) and _HAN.match(text, end)
    return bool(_TIME_BEFORE.search(before) or text.startswith("起", end) or alone)


def _is_chinese_short(text: str, match: re.Match[str], before: str) -> bool:
    """九七年 and 〇八年; 七八年 and 八九年 may be spans of seven or eight years."""
    first, second = (int(parse_number(c)) for c in match.group()[:2])
    if before and before[-1] in NUMERAL + "第0123456789点":
        return False
    if counted_before().search(before) or counted_after().match(text, match.end()):
        return False
    rising = second == first + 1 and match.group()[0] not in "〇零○"
    return not rising or bool(_MONTH_AFTER.match(text, match.end()))


def _earlier(text: str, start: int, number: int, in_era: int | None = None) -> Iterator[YearSpan]:
    """The ROC years joined in front: ‹104年›及105年, ‹101›至105年."""
    position, limit = start, number
    while in_era is None:
        window = max(0, position - 12)
        match = _JOINED.search(text[window:position])
        if match is None or not 60 <= int(match[1]) < limit:
            return
        position, limit = window + match.start(), int(match[1])
        end = window + (match.end(2) if match[2] == "年" else match.end(1))
        yield _roc(position, end, limit)


def _roc(start: int, end: int, number: int) -> YearSpan:
    return YearSpan(start, end, YearKind.ROC, "roc", end, number + 1911, number + 1911)


def _short(start: int, end: int, figures: str, rule: str) -> YearSpan:
    number = int(figures)
    year = number + (1900 if number >= 60 else 2000)
    return YearSpan(start, end, YearKind.EXPLICIT, rule, end, year, year)


@lru_cache(maxsize=1)
def _era() -> re.Pattern[str]:
    names = "|".join(sorted(eras(), key=lambda name: (-len(name), name)))
    return re.compile(rf"({names})(前)? ?([0-9]{{1,3}}|[{NUMERAL}]{{1,6}}|元) ?年(?!代)")


@lru_cache(maxsize=1)
def counted_after() -> re.Pattern[str]:
    """What follows a number of years that is a span of time (历史, 来, 前, 间)."""
    return re.compile(rf" ?(?:{words_for('year_negatives', 'span_after')})")


@lru_cache(maxsize=1)
def counted_before() -> re.Pattern[str]:
    """What stands before a span of years (近, 逾, 徒刑, 任期)."""
    return re.compile(rf"(?:{words_for('year_negatives', 'span_before')}) ?\Z")
