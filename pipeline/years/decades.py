"""Decades (90年代, 上世纪九十年代, 民国六十年代) and generations (80后, 九五后)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.numerals import parse_digits, parse_number
from pipeline.values import YearKind
from pipeline.years.spans import YearSpan
from pipeline.years.words import CHINESE_DIGIT, ZERO

_WORD = re.compile("年代")
_TEN = r"(?:[0-9]0|[二三四五六七八九]?十)"
_BEFORE = re.compile(
    rf"""
    (?P<century>(?:上个?|[本这])世纪|(?P<ordinal>[12][0-9]|[一二]?十[一二三四五六七八九]?)世纪)?
    (?P<republic>民国[ ]?)?
    (?P<decades>
        (?:1[0-9]|20)[0-9]0[ ]?
      | [一二][{CHINESE_DIGIT}]{{2}}[{ZERO}]
      | [一二三四五六七八九]、?[二三四五六七八九]十
      | [{ZERO}]{{2}} | 一[{ZERO}] | {_TEN}[ ]?
    )\Z
    """,
    re.VERBOSE,
)
_PARTNER = re.compile(
    rf"(?P<decade>(?:1[0-9]|20)[0-9]0|{_TEN})(?P<link> ?(?:至|到|、|-|–|~|～|及|和|与) ?)\Z"
)
_GENERATION = re.compile(rf"(?:[0-9][05]|[{ZERO}一五六七八九][{ZERO}五]) ?后(?!来)")
_CENTURY_BEFORE = re.compile(r"(?<![0-9])(?:19|20)\Z")
_NOT_BEFORE_GENERATION = "一二三四五六七八九十百千万0123456789.:：/-于在到至分逾过达超约第"
_ENGLISH = re.compile(r"((?:1[89]|20)[0-9]0)[’']?s(?![A-Za-z0-9])")
_PAIR = re.compile(r"([一二三四五六七八九])、?([二三四五六七八九])十")
_REACH = 16


def decades(text: str) -> Iterator[YearSpan]:
    """Decades: two figures mean the 20th century from 20 to 90, the 21st for 00 and 10."""
    for word in _WORD.finditer(text):
        window_start = max(0, word.start() - _REACH)
        match = _BEFORE.search(text[window_start : word.start()])
        if match is None:
            continue
        start = window_start + match.start()
        surface = match["decades"].strip()
        if start and text[start - 1].isdigit() and surface[0].isdigit() and not match["century"]:
            continue
        bounds = _bounds(surface, _century(match))
        if bounds is None:
            continue
        low, high = bounds
        if match["republic"]:
            low, high = low % 100 + 1911, high % 100 + 1911
        kind = YearKind.DECADE
        yield YearSpan(start, word.end(), kind, "decade", word.end(), low, high)
        yield from _partner(text, start, low)


def english_decades(text: str) -> Iterator[YearSpan]:
    """1990s, as in names and quotations."""
    for match in _ENGLISH.finditer(text):
        before = text[max(0, match.start() - 1) : match.start()]
        if before.isalnum() and before.isascii():
            continue
        low = int(match[1])
        kind = YearKind.DECADE
        yield YearSpan(match.start(), match.end(), kind, "decade", match.end(), low, low + 9)


def generations(text: str) -> Iterator[YearSpan]:
    """80后 (born 1980 to 1989) and 95后 (born 1995 to 1999)."""
    for match in _GENERATION.finditer(text):
        start = match.start()
        century = _CENTURY_BEFORE.search(text, max(0, start - 3), start)
        start -= 2 * bool(century)
        if start and text[start - 1] in _NOT_BEFORE_GENERATION:
            continue
        number = parse_digits(text[start : match.end() - 1].rstrip())
        low = number if number > 99 else number + (1900 if number >= 50 else 2000)
        if 1950 <= low <= 2020:
            high = low // 10 * 10 + 9
            kind = YearKind.GENERATION
            yield YearSpan(start, match.end(), kind, "generation", match.end(), low, high)


def _partner(text: str, start: int, low: int) -> Iterator[YearSpan]:
    """‹50›至‹60年代›: the decade before the one that has the word."""
    window_start = max(0, start - 12)
    match = _PARTNER.search(text[window_start:start])
    if match is None:
        return
    at = window_start + match.start()
    if at and text[at - 1].isdigit():
        return
    number = int(parse_number(match["decade"]))
    first = number if number > 99 else low // 100 * 100 + number
    if first < low:
        end = at + len(match["decade"])
        yield YearSpan(at, end, YearKind.DECADE, "decade_list", end, first, first + 9)


def _century(match: re.Match[str]) -> int | None:
    """First year of the century named before the decade; 上世纪 is the 20th."""
    word = match["century"]
    if not word:
        return None
    if match["ordinal"]:
        return int(parse_number(match["ordinal"])) * 100 - 100
    return 1900 if word.startswith("上") else 2000


def _bounds(surface: str, century: int | None) -> tuple[int, int] | None:
    pair = _PAIR.fullmatch(surface)
    if pair is not None:
        first, last = (int(parse_number(digit)) * 10 for digit in pair.groups())
        if last <= first:
            return None
        base = 1900 if century is None else century
        return base + first, base + last + 9
    digits = not any(unit in surface for unit in "十")
    number = parse_digits(surface) if digits else int(parse_number(surface))
    if number > 99:
        return (number, number + 9) if number <= 2100 else None
    if century is None:
        century = 2000 if number <= 10 else 1900
    return century + number, century + number + 9
