"""Tenths: 三成, 七成五, 两三成, 三至四成, 3成13; not 成立, 八成是忘了."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from pipeline.errors import NumeralError
from pipeline.numerals import NUMERAL_START, SPACE, read_numeral
from pipeline.quantities.found import COUNT, FIRST, NOTHING, Found, read_count
from pipeline.quantities.interval import JOINER
from pipeline.quantities.vetoes import veto
from pipeline.values import Quantity, Unit

_NO_ORDINAL = r"(?<!第)"


_TENTH_DIGIT = (
    r"(?:半(?!年|天|数|个)|(?<=[0-9]成)[0-9]{2}(?![0-9.%年月日万个名人])|[一二三四五六七八九1-9](?![0-9.．%％]|,[0-9]{3}|[一二三四五六七八九十百千万亿"
    r"成年月日号个名位家人次天点届季周度度间条种项区省市])(?<!一(?=[方直样定般些并同起旦]))(?<!三(?=[方]))?)"
)


_TENTHS = re.compile(
    rf"{FIRST}{NUMERAL_START}{_NO_ORDINAL}(?P<a>{COUNT}){SPACE}?"
    rf"(?:成(?P<at>{_TENTH_DIGIT})?(?:{JOINER}(?P<b>{COUNT}){SPACE}?成(?P<bt>{_TENTH_DIGIT})?)?"
    rf"|{JOINER}(?P<b2>{COUNT}){SPACE}?成(?P<b2t>{_TENTH_DIGIT})?)"
)


_TENTH_FOR = re.compile(
    r"(?:[近约超逾占有达过足到于破仅只在剩减增降涨跌升高少多打抽约各共中的至率例比重逼]|其中|将近|超过|左右|比例|分别)$"
)


_MEMBERS = re.compile("员(?![工警])")  # 三成员, but 三成员工
_ADVERB = re.compile(r"[是会要得没不又也能可因在跟就]")


_ADVERB_BEFORE = re.compile(r"(?:^|[，。；：！？、\n「『“（他她你我它们这那就])$")


def tenths(text: str) -> Iterator[Found]:
    """Every number with 成; where 成 belongs to another word, with a reason."""
    for match in _TENTHS.finditer(text):
        start, end = match.start("a"), match.end()
        reason = _no_tenths(text, match)
        if reason:
            yield Found(start, end, NOTHING, None, "tenths", reason)
            continue
        try:
            quantity = _tenths_value(match)
        except NumeralError as error:
            yield Found(start, end, NOTHING, None, "tenths", f"numeral: {error}")
            continue
        yield Found(start, end, quantity, Unit.PERCENT, "tenths")


def _tenths_value(match: re.Match[str]) -> Quantity:
    first = _scaled(read_count(match["a"]), match["at"])
    if match["b"] or match["b2"]:
        second = _scaled(read_count(match["b"] or match["b2"]), match["bt"] or match["b2t"])
        low = first.value if first.value is not None else first.low
        high = second.value if second.value is not None else second.high
        if low is None or high is None:
            return NOTHING
        return Quantity(low=min(low, high), high=max(low, high))
    return first


def _scaled(quantity: Quantity, tenth: str | None) -> Quantity:
    extra = Decimal(0)
    if tenth:
        extra = Decimal(5) if tenth == "半" else (read_numeral(tenth).value or Decimal(0))
        extra = extra / 10 if len(tenth) == 2 else extra  # a batting average: 2成87 is 28.7

    def grow(number: Decimal | None) -> Decimal | None:
        return None if number is None else number * 10 + extra

    values = (grow(quantity.value), grow(quantity.low), grow(quantity.high))
    if any(v is not None and v > 100 for v in values):
        raise NumeralError("more than ten tenths")
    return Quantity(values[0], values[1], values[2], quantity.relation)


def _no_tenths(text: str, match: re.Match[str]) -> str:
    """Why a number with 成 is no share, or an empty string."""
    if (
        "、" in match["a"]
        or match["at"]
        or match["bt"]
        or match["b2t"]
        or (match["b"] or match["b2"])
    ):
        return ""
    before = text[max(0, match.start("a") - 8) : match.start("a")]
    end = match.end()
    if match["a"] in ("零", "〇") or veto("成").match(text, end):
        return "no-share"
    supported = bool(_TENTH_FOR.search(before))
    if not supported and _MEMBERS.match(text, end):
        return "no-share"
    if match["a"] == "一" and text.startswith(("员", "人"), end) and not supported:
        return "no-share"
    if veto("成?").match(text, end) and not supported:
        return "no-share"
    if (
        match["a"] in ("八", "九", "8", "9", "十")
        and _ADVERB.match(text, end)
        and _ADVERB_BEFORE.search(before)
    ):
        return "adverb"
    return ""
