"""Amounts in coins: 3块5, 5元2角, 三块五毛钱, 5毛, 八角五分."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from pipeline.errors import NumeralError
from pipeline.numerals import NUMERAL, NUMERAL_START, read_numeral
from pipeline.quantities.amount import BIG, BY_PLACE, FIRST, NOTHING, Amount
from pipeline.values import Quantity

_DIGIT = "[零〇一二两三四五六七八九半壹贰叁肆伍陆柒捌玖0-9]"


# 3块5, 5元2角, 三块五毛钱, 5毛, 八角五分: amounts in coins.
_COINS = re.compile(
    rf"(?<!九牛){FIRST}{NUMERAL_START}(?:(?P<main>{NUMERAL})(?P<unit>元|圆|块)(?:"
    rf"(?P<dime>{_DIGIT})(?:毛钱|毛(?!利|病|衣|线|巾)|角(?![度色落逐]))"
    rf"(?:(?P<cent>{_DIGIT})(?:分钱?)?(?![{_DIGIT[1:-1]}万亿年月日个]))?"
    rf"|(?:零(?P<odd>[一二三四五六七八九1-9])分?|(?<=块)(?P<odd2>[一二三四五六七八九1-9])分)(?![{_DIGIT[1:-1]}十钟之])"
    rf"|(?P<tail>(?<=块){_DIGIT})(?:钱)?(?![{_DIGIT[1:-1]}十百千万亿年月日个位人块.%A-Za-z])"
    rf"|(?P<cents>(?<=[元圆块])[0-9一二三四五六七八九十]{{1,2}})(?:分钱?|仙)(?!钟))"
    rf"|(?P<small>{_DIGIT}|[一二三四五六七八九]至[一二三四五六七八九])(?P<coin>毛钱|角钱|分钱|毛(?=[。，！？；]|$)|角(?=[。，；]|$)|[毛角](?=[一二三四五六七八九1-9](?:分|[。，！？；]|$)))"
    rf"(?:(?<=[毛角])(?P<fen>{_DIGIT})分?)?)"
)


# Results of companies: 每股基本亏损12.85分, 末期息每股5仙.
_PER_SHARE = re.compile(
    r"每股[^，。；：,\n0-9]{0,12}(?P<n>[0-9]{1,3}(?:\.[0-9]{1,4})?)(?P<coin>分|仙)(?![之钟别数析红为成享拆股])"
)
# Hong Kong: 三個一毫四, 五蚊六毫, 三蚊零四, 兩毫子, 71仙.
_HONG_KONG = re.compile(
    rf"(?:(?:港币|HK\$)?(?<![第两]){FIRST}{NUMERAL_START}(?P<main>{NUMERAL})"
    rf"(?:[蚊个](?P<dime>{_DIGIT})毫子?(?P<cent>[一二三四五六七八九1-9])?|蚊零(?P<odd>[一二三四五六七八九1-9]))"
    rf"|{NUMERAL_START}(?:(?P<small>{_DIGIT})毫子"
    r"|(?P<cents>[0-9]{1,3}(?:\.[0-9]{1,3})?)[ ]?仙))"
    r"(?<!毫(?=[米升克安伏瓦秒巴西]))(?<!仙(?=[女境草人洞乐丹鹤]))"
)
_COIN_SIZE = {"毛": Decimal("0.1"), "角": Decimal("0.1"), "分": Decimal("0.01")}


_PRICED = re.compile("[涨跌降加仅才只花卖约给省差要每钱价到]$")


def coins(text: str) -> Iterator[Amount]:
    """Amounts in coins; 毛 and 角 alone only where a price word stands before them."""
    if not any(unit in text for unit in "块毛角分仙毫蚊"):
        return
    for match in _PER_SHARE.finditer(text) if "每股" in text else ():
        cents = Quantity(value=Decimal(match["n"]) / 100)
        currency = "HKD" if match["coin"] == "仙" else BY_PLACE
        yield Amount(match.start("n"), match.end(), cents, currency, "coins")
    if any(unit in text for unit in "毫蚊仙"):
        yield from _hong_kong(text)
    for match in _COINS.finditer(text):
        if match["coin"] in ("毛", "角") and not _PRICED.search(
            text, max(0, match.start() - 3), match.start()
        ):
            continue
        if match["main"] and BIG.search(match["main"]):
            continue
        try:
            value = _coin_value(match)
        except NumeralError as error:
            yield Amount(*match.span(), NOTHING, "", "coins", f"numeral: {error}")
            continue
        if isinstance(value, Quantity):
            yield Amount(*match.span(), value, BY_PLACE, "coins")
        else:
            yield Amount(*match.span(), Quantity(value=value), BY_PLACE, "coins")


def _hong_kong(text: str) -> Iterator[Amount]:
    for match in _HONG_KONG.finditer(text):
        parts = (
            (match["main"], Decimal(1)),
            (match["dime"] or match["small"], Decimal("0.1")),
            (match["cent"] or match["odd"] or match["cents"], Decimal("0.01")),
        )
        try:
            value = sum(
                ((read_numeral(n).value or Decimal(0)) * size for n, size in parts if n), Decimal(0)
            )
        except NumeralError:
            continue
        yield Amount(*match.span(), Quantity(value=value), "HKD", "coins")


def _coin_value(match: re.Match[str]) -> Decimal | Quantity:
    def digit(text: str | None) -> Decimal:
        if not text:
            return Decimal(0)
        return Decimal(5) if text == "半" else (read_numeral(text).value or Decimal(0))

    if match["main"]:
        main = read_numeral(match["main"]).value
        if main is None:
            raise NumeralError(f"{match['main']!r} with coins")
        cents = sum((digit(match[g]) for g in ("cent", "cents", "odd", "odd2")), Decimal(0))
        return main + digit(match["dime"] or match["tail"]) / 10 + cents / 100
    size = _COIN_SIZE[match["coin"][0]]
    low, joined, high = match["small"].partition("至")
    if joined:
        return Quantity(low=digit(low) * size, high=digit(high) * size)
    small = Decimal("0.5") if low == "半" else digit(low)
    return small * size + digit(match["fen"]) / 100
