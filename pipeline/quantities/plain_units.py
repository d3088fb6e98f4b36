"""Numbers with a unit behind them: 17%, 10%-15%, 3个百分点, 25个基点, 3趴, 1.6倍, 涨了两个点."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from pipeline.errors import NumeralError
from pipeline.numerals import NUMERAL_START, SPACE, parse_digits
from pipeline.quantities.found import COUNT, FIRST, MINUS, NOTHING, Found, read_count, signed
from pipeline.quantities.interval import JOINER, read_interval
from pipeline.quantities.vetoes import veto_words
from pipeline.resources import read_lexicon
from pipeline.values import Quantity, Unit

_SIGN = r"(?:(?<![0-9０-９a-zA-Z%％)\]\-−–—+])[-−–+±]|(?<![自承担抱胜正])负)?"


_SIGNS = frozenset("%％﹪‰")
_TWO_FIGURES = re.compile("[一二三四五六七八九]{2}")


_AND_A_HALF = re.compile(r"半(?!年|天|数|个|月|价)")


@lru_cache(maxsize=1)
def _units() -> tuple[re.Pattern[str], dict[str, Unit]]:
    units = {row.term: Unit(row.value) for row in read_lexicon("percent_units")}
    word = "|".join(re.escape(w) for w in sorted(units, key=len, reverse=True))
    # A Latin unit ends where the letters end; 倍 and 趴 are refused before certain words.
    word = rf"(?:{word})(?<![a-zA-Z](?=[a-zA-Z]))(?<!倍(?={veto_words('倍')}))"
    word = rf"{word}(?<!趴(?={veto_words('趴')}))"
    pattern = re.compile(
        rf"(?P<sign>{_SIGN}){FIRST}{NUMERAL_START}(?P<a>{COUNT})"
        rf"(?:{SPACE}?(?P<ua>{word})"
        rf"(?:{JOINER}(?P<near>[近约逾])?(?P<sb>[-−])?"
        rf"(?P<b>{COUNT}){SPACE}?(?P<ub>{word}))?"
        rf"|{JOINER}(?P<sc>[-−])?(?P<c>{COUNT}){SPACE}?(?P<uc>{word}))"
    )
    return pattern, units


def plain_units(text: str) -> Iterator[Found]:
    """Every number with a unit of the lexicon ``percent_units`` behind it."""
    pattern, units = _units()
    position = 0
    while match := pattern.search(text, position):
        position = match.end()
        unit = units[match["uc"] or match["ub"] or match["ua"]]
        if match["ub"] and units[match["ua"]] is not unit:
            position = match.end("ua")  # 降25个基点到3.75%至4%: the second number begins anew
            yield from _one_unit(match, "a", units)
            continue
        if unit is Unit.MULTIPLE and (refused := _no_multiple(text, match)):
            yield Found(match.start("a"), match.end(), NOTHING, None, "multiple", refused)
            continue
        if match["ua"] == "趴" and (
            re.search("[零〇○]", match["a"])
            or text[match.start("a") - 1 : match.start("a")] == "第"
        ):
            yield Found(match.start("a"), match.end(), NOTHING, None, "percent", "no-share")
            continue
        yield from _interval_or_one(text, match, unit)


def _interval_or_one(text: str, match: re.Match[str], unit: Unit) -> Iterator[Found]:
    second = match["b"] or match["c"]
    try:
        sign = match["sign"]
        if second is None:
            quantity = signed(_count(match["a"], match["ua"]), sign)
        else:
            if (
                match["b"]
                and text[match.start("a") - 1 : match.start("a")] in ("由", "从", "自")
                and _falls(match["a"], match["b"])
            ):
                raise NumeralError("a change, not an interval")
            quantity = _bounds(match, second)
    except NumeralError as error:
        if second is not None and match["ua"]:
            units = _units()[1]
            yield from _one_unit(match, "a", units)
            yield from _one_unit(match, "b", units)
        else:
            yield Found(
                match.start("a"), match.end(), NOTHING, None, unit.value, f"numeral: {error}"
            )
        return
    start, end = match.start("a") if sign in ("", "±") else match.start(), match.end()
    if unit is Unit.MULTIPLE and quantity.value is not None and _AND_A_HALF.match(text, end):
        quantity, end = replace(quantity, value=quantity.value + Decimal("0.5")), end + 1
    yield Found(start, end, quantity, unit, unit.value, signed=sign in MINUS or sign == "+")


def _count(number: str, unit: str) -> Quantity:
    """What the number before a unit says; before a sign, figures stand one by one (四五% is 45)."""
    if unit in _SIGNS and _TWO_FIGURES.fullmatch(number):
        return Quantity(value=Decimal(parse_digits(number)))
    return read_count(number)


def _falls(first: str, second: str) -> bool:
    a, b = read_count(first), read_count(second)
    return a.value is not None and b.value is not None and a.value > b.value


def _bounds(match: re.Match[str], second: str) -> Quantity:
    negative = bool(match["sb"] or match["sc"])
    if match["sign"] in MINUS or negative:
        low, high = read_count(match["a"]).value, read_count(second).value
        if low is None or high is None:
            raise NumeralError("a signed interval without numbers")
        low = -low if match["sign"] in MINUS else low
        high = -high if negative or (match["c"] and match["sign"] in MINUS) else high
        return Quantity(low=min(low, high), high=max(low, high))
    return read_interval(match["a"], second, about=bool(match["near"]))


def _one_unit(match: re.Match[str], group: str, units: dict[str, Unit]) -> Iterator[Found]:
    unit = units[match["u" + group]]
    start, end = match.start(group), match.end("u" + group)
    sign = match["sign"] if group == "a" else (match["sb"] or "")
    try:
        quantity = signed(read_count(match[group]), sign)
    except NumeralError as error:
        yield Found(start, end, NOTHING, None, unit.value, f"numeral: {error}")
        return
    begin = start if sign in ("", "±") else start - len(sign)
    yield Found(begin, end, quantity, unit, unit.value, signed=sign in MINUS or sign == "+")


def _no_multiple(text: str, match: re.Match[str]) -> str:
    before = text[max(0, match.start("a") - 2) : match.start("a")]
    if before.endswith("第"):
        return "ordinal"
    if match["a"] in ("百", "千", "万") and re.search("[心气神力趣福耗尝]$", before):
        return "idiom"
    return ""


_POINTS = re.compile(rf"{FIRST}{NUMERAL_START}(?P<n>{COUNT})个多?点(?![钟赞位数心击子儿火名])")


# 个点 is market talk for percentage points, where something rose or fell by them; of an index
# (恒指跌120个点) it is points.
_MOVED = re.compile(
    r"[涨跌升降增减高低落滑缩][了约近逾超过达]{0,3}$|(?:提高|下降|减少|增加)[了约近]?$"
)


def points(text: str) -> Iterator[Found]:
    """个点 as percentage points where something rose or fell by them, except of an index."""
    for match in _POINTS.finditer(text):
        before = text[max(0, match.start() - 16) : match.start()]
        if not _MOVED.search(before):
            continue
        try:
            quantity = read_count(match["n"])
        except NumeralError as error:
            yield Found(*match.span(), NOTHING, None, "points", f"numeral: {error}")
            continue
        index = "指" in before or (quantity.value is not None and quantity.value > 100)
        unit, reason = (None, "index points") if index else (Unit.PERCENTAGE_POINT, "")
        yield Found(*match.span(), quantity, unit, "points", reason)
