"""Doublings (翻一番, 双倍), and what is no percentage: ratios, discounts, steps of a rate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from pipeline.errors import NumeralError
from pipeline.numerals import NUMERAL, parse_digits, read_numeral
from pipeline.quantities.found import NOTHING, Found
from pipeline.values import Direction, Quantity, Unit

_TIMES_OVER = re.compile(
    r"(?<=[翻了])(?P<n>[一二两三四五六1-9])番|(?<=翻)(?P<one>[倍番])|(?P<double>双倍)"
)


def times_over(text: str) -> Iterator[Found]:
    """翻一番, 翻两番, 翻倍 (up by the multiple), and 双倍."""
    for match in _TIMES_OVER.finditer(text):
        if match["double"]:
            yield Found(*match.span(), Quantity(value=Decimal(2)), Unit.MULTIPLE, "multiple")
            continue
        if match["n"] and not re.search(
            "翻[了过]?$", text[max(0, match.start() - 2) : match.start()]
        ):
            continue
        doublings = read_numeral(match["n"]).value if match["n"] else Decimal(1)
        assert doublings is not None
        value = Decimal(2) ** int(doublings) - 1
        yield Found(
            *match.span(), Quantity(value=value), Unit.MULTIPLE, "doubling", direction=Direction.UP
        )


_RATIO = re.compile(
    r"(?=[一二三四五六七八九十两\d.]{1,6}比)(?<![\d.])(?P<a>[一二三四五六七八九十两\d.]{1,6})比(?P<b>[一二三四五六七八九十\d.]{1,6})(?![较重赛例如])"
)


# 对折 alone is a fold (纸对折); as a price it stands behind a word of prices.
_DISCOUNT = re.compile(
    rf"(?<![第0-9转曲骨波挫周])(?P<n>(?<![0-9] )[1-9] [1-9]|{NUMERAL}|半|(?<=[打价减降砍下以享])对)"
    r"[ ]?折(?![磨断叠腾回返合旧算射现损])"
)


_RATE_STEP = re.compile(r"(?<=[息升降率])[0-9.一二两三四半]{1,4}码")


def unsettled(text: str) -> Iterator[Found]:
    """Ratios, steps of an interest rate and discounts: no percentages, each with its reason."""
    for pattern, rule, needle in ((_RATIO, "ratio", "比"), (_RATE_STEP, "rate step", "码")):
        for match in pattern.finditer(text) if needle in text else ():
            yield Found(*match.span(), NOTHING, None, rule, rule)
    for match in _DISCOUNT.finditer(text) if "折" in text else ():
        reason = "full price" if match["n"] in ("十", "10") else "discount"
        yield Found(*match.span(), discount(match["n"]), None, "discount", reason)


def discount(number: str) -> Quantity:
    """What remains to be paid, in percent: 八折 is 80, 75折 and 七五折 75, 对折 50.

    A discount is no percentage of the table; its reading stands here for the diagnostics.
    """
    number = number.replace(" ", "")
    if number in ("半", "对"):
        return Quantity(value=Decimal(50))
    try:
        value = Decimal(parse_digits(number)) if len(number) > 1 else read_numeral(number).value
    except NumeralError:
        try:
            value = read_numeral(number).value
        except NumeralError:
            return NOTHING
    if value is None:
        return NOTHING
    return Quantity(value=value * 10 if value < 10 or "." in number else value)
