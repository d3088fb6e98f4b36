"""Amounts with a currency word or sign: 1.5万元, US$5000万, 1至2亿港元, $1.5bn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from pipeline.errors import NumeralError
from pipeline.numerals import NUMERAL_START, SPACE
from pipeline.quantities.amount import (
    BIG,
    BY_PLACE,
    COUNT,
    ENDS_HERE,
    FIRST,
    NOTHING,
    Amount,
    read_count,
)
from pipeline.quantities.interval import JOINER, read_interval
from pipeline.quantities.relation import relation_words
from pipeline.quantities.vetoes import veto
from pipeline.resources import read_lexicon
from pipeline.values import Quantity


class _Currencies(NamedTuple):
    pattern: re.Pattern[str]
    meaning: dict[str, tuple[str, Decimal]]
    settled_before: re.Pattern[str]


_SCALES = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "mil": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9, "t": 10**12, "tn": 10**12, "trillion": 10**12,
}  # fmt: skip


_SCALE = r"(?P<scale>(?i:thousand|million|billion|trillion|mil|mn|bn|tn|[kmbt])(?![a-zA-Z0-9]))"


_SCALE = rf"{SPACE}?{_SCALE}"


# 以亿美元计 says how large sums are counted, not a hundred million.
_COUNTED_BY = re.compile(r"以[十百千万亿兆]+[^\W\d_]{1,4}?计(?![划算谋较])")
_UNIT_HEADER = re.compile(r"(?:单位|计价单位)[:：为是]?$|[（(]$")


@lru_cache(maxsize=1)
def _currencies() -> _Currencies:
    meaning: dict[str, tuple[str, Decimal]] = {}
    for row in read_lexicon("currencies"):
        code, size = row.value.split()
        meaning[row.term] = (code, Decimal(size))
    words = sorted(meaning, key=len, reverse=True)
    either = "|".join(re.escape(w) for w in words)
    prefixes = [
        w
        for w in words
        if (w.isascii() or len(w) > 1 or w in "£€¥₩₹")
        and meaning[w][0] != BY_PLACE
        and w[0] != "元"
    ]
    prefix = "|".join(re.escape(w) for w in prefixes)
    # A Latin code is one only where its letters end.
    word = rf"(?:{either})(?<![A-Za-z](?=[A-Za-z]))"
    pattern = re.compile(
        rf"(?:(?<![A-Za-z])(?P<pre>{prefix}){SPACE}{{0,2}})?"
        rf"(?P<sign>(?<=[$¥€£元币])-|(?<![0-9０-９%元])[-−](?=[0-9]))?"
        rf"{FIRST}{NUMERAL_START}(?P<a>{COUNT})"
        rf"(?:(?P<ka>(?<=[0-9])[kK])?{SPACE}?(?P<ua>{word})|{_SCALE.replace('scale', 'sa')})?"
        rf"(?:{JOINER}(?P<near>将?近|约|逾)?(?P<pre2>(?:{prefix}){SPACE}?)?(?P<sb2>-(?=[0-9]))?(?P<b>{COUNT})"
        rf"(?:{_SCALE.replace('scale', 'sb')}|(?:{SPACE}?(?P<ub>{word})))?)?"
    )
    settled = re.compile(rf"(?P<word>{prefix})(?:{relation_words()}|[ ：:])+$")
    return _Currencies(pattern, meaning, settled)


def explicit_amounts(text: str) -> Iterator[Amount]:
    """Every amount with a word of the lexicon ``currencies``; a look-alike has a reason."""
    currencies = _currencies()
    for match in currencies.pattern.finditer(text):
        if match["pre"] or match["ua"] or match["ub"]:
            yield from _explicit_one(text, match, currencies)


def _explicit_one(text: str, match: re.Match[str], currencies: _Currencies) -> Iterator[Amount]:
    second = match["b"] is not None and bool(
        match["ub"]
        or match["pre2"]
        or (match["pre"] and not match["ua"])
        or (BIG.search(match["b"]) and ENDS_HERE.match(text, match.end("b")))
    )
    word = (match["ub"] if second else None) or match["ua"]
    first = "pre" if match["pre"] else "sign" if match["sign"] else "a"
    start = match.start(first)
    if second:
        end = match.end()
    else:
        end = match.end("ua") if match["ua"] else max(match.end("a"), match.end("sa"))
    if word is None and match["pre"] is None:
        return
    unit_at = end - len(word) if word else end
    reason = _no_amount(text, match, word, unit_at)
    if reason:
        if reason != "silent":
            yield Amount(start, end, NOTHING, "", "amount", reason)
        return
    code, size = currencies.meaning[word or match["pre"].strip()]
    if match["pre"] and code in (BY_PLACE, "$", "¥", "-"):
        code = currencies.meaning[match["pre"].strip()][0]
        if code == "$" and word and currencies.meaning[word][0] != BY_PLACE:
            code = currencies.meaning[word][0]
    try:
        counted_by = not match["b"] and _COUNTED_BY.match(text, max(0, start - 1))
        quantity = NOTHING if counted_by else _amount(match, second, size)
    except NumeralError as error:
        yield Amount(start, end, NOTHING, "", "amount", f"numeral: {error}")
        return
    if code == BY_PLACE and match["pre"] is None:
        settled = currencies.settled_before.search(text, max(0, start - 12), start)
        if settled is not None:
            code = currencies.meaning[settled["word"]][0]
    yield Amount(start, end, quantity, code, "amount")


def _amount(match: re.Match[str], second: bool, size: Decimal) -> Quantity:
    scale_a, scale_b = _scale(match["sa"] or match["ka"]), _scale(match["sb"])
    if not second:
        quantity = _times(read_count(match["a"]), size * scale_a)
        if match["sign"] and quantity.value is not None:
            return replace(quantity, value=-quantity.value)
        return quantity
    if match["sb2"]:
        return _below_zero(match, size)
    if scale_a != scale_b and scale_a == 1:
        scale_a = scale_b
    if scale_a != 1 or scale_b != 1:
        low, high = read_count(match["a"]).value, read_count(match["b"]).value
        if low is None or high is None:
            return NOTHING
        ends = sorted((low * scale_a * size, high * scale_b * size))
        return Quantity(low=ends[0], high=ends[1])
    return _times(read_interval(match["a"], match["b"], about=bool(match["near"])), size)


def _below_zero(match: re.Match[str], size: Decimal) -> Quantity:
    """-19.4亿元至-14.3亿元."""
    low, high = read_count(match["a"]).value, read_count(match["b"]).value
    if low is None or high is None:
        return NOTHING
    ends = sorted(((-low if match["sign"] else low) * size, -high * size))
    if ends[0] == ends[1]:
        return Quantity(value=ends[0])
    return Quantity(low=ends[0], high=ends[1])


def _no_amount(text: str, match: re.Match[str], word: str | None, unit_at: int) -> str:
    """Why a number with a currency word is no amount; ``silent`` where it plainly is none."""
    number = match["a"] if match["b"] is None or not match["ub"] else match["b"]
    before = text[max(0, match.start("a") - 6) : match.start("a")]
    if word in ("元", "圆") or (word or "").startswith("元"):
        if word == "元" and veto("元").match(text, unit_at + 1):
            return "silent"
        if number in "一二两三四五六七八九十多" and veto("一元").match(text, unit_at + 1):
            return "silent"
        if number in ("万", "亿", "百万", "千万", "百", "千") and _UNIT_HEADER.search(before):
            return "unit of a table"
        if before.endswith("第") or (word == "圆" and before.endswith("月")):  # 人月两圆
            return "silent"
    if word and word[-1] in "元圆" and text.startswith(("旦", "宵", "满"), unit_at + len(word)):
        return "silent"
    if word == "块":
        return _no_pieces(text, number, unit_at, before)
    if word in ("铢", "令吉", "镑", "NT", "RM", "盾", "蚊") and number in ("一", "半", "两"):
        return "silent"
    if word == "蚊" and not re.match(r"蚊(?![子香帐虫])", text[unit_at : unit_at + 2]):
        return "silent"
    if (
        match["pre"]
        and not word
        and match["pre"].strip() in ("RM", "NT", "S$", "新币", "星元", "新元")
        and not number[:1].isdigit()
    ):
        return "silent"
    if match["pre"] and not word and match["pre"].strip()[-1] in "币元金镑圆盾铢比布吉圜纸":
        # 美元100 is rare; 用人民币三年 is no amount: a bare small number needs a unit.
        if text[match.start("pre") - 1 : match.start("pre")] in ("兑", "对", "/"):
            return "silent"
        if not re.search("[0-9万亿千百]", number) or re.match(
            r"[年月日号个种次家倍%成期周天人位]", text[match.end("a") : match.end("a") + 1]
        ):
            return "silent"
    return ""


def _no_pieces(text: str, number: str, unit_at: int, before: str) -> str:
    if number in ("一", "几", "数", "半", "上") or veto("块").match(text, unit_at + 1):
        return "silent"
    priced = re.search(
        r"(?:花|费[我你他她]?|卖|价|涨|要|每|给|付|收|赚|才|差|省|加|降|跌|只|费|钱|剩|了|约|近|是|到|罚|赔|领|薪)$",
        before,
    )
    if priced or re.match(
        r"块(?:[，。；！？、)」”]|起|左右|以上|就|而已|吃|买|一|的(?!时候|石|砖)|$)",
        text[unit_at : unit_at + 4],
    ):
        return "" if priced or number[:1].isdigit() or len(number) > 1 else "pieces"
    return "silent"


def _scale(word: str | None) -> Decimal:
    return Decimal(_SCALES[word.lower()]) if word else Decimal(1)


def _times(quantity: Quantity, size: Decimal) -> Quantity:
    def grow(number: Decimal | None) -> Decimal | None:
        return None if number is None else number * size

    return Quantity(
        grow(quantity.value), grow(quantity.low), grow(quantity.high), quantity.relation
    )
