"""Every way to write an amount of money, as spans with a number and a currency word.

Amounts with a currency sign or word (人民币3亿元, US$5000万, 3块5, 五毛钱, £1100 万, $1.5bn), and
bare numbers of 10,000s that only a money word beside them explains (2000万天使轮融资).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from pipeline.errors import NumeralError
from pipeline.numerals import NUMERAL, NUMERAL_START, SPACE, read_numeral
from pipeline.quantities.interval import JOINER, read_interval
from pipeline.quantities.relation import relation_words
from pipeline.quantities.vetoes import veto
from pipeline.resources import read_lexicon
from pipeline.values import Quantity, Relation

BY_PLACE = "*"
"""Currency of 元, 块 and 毛: that of the article's place."""


class Amount(NamedTuple):
    """An amount: half-open offsets, number in the main unit, currency and form (``rule``).

    ``currency`` is an ISO 4217 code, ``*``, ``$`` or ``¥`` (to be settled by place), ``-`` (the
    word does not settle it), or empty where only context makes it money. ``reason`` is set, and
    the rest without meaning, where it is no amount after all.
    """

    start: int
    end: int
    quantity: Quantity
    currency: str
    rule: str
    reason: str = ""


class _Currencies(NamedTuple):
    pattern: re.Pattern[str]
    meaning: dict[str, tuple[str, Decimal]]
    settled_before: re.Pattern[str]


_NOTHING = Quantity(relation=Relation.ABOUT)
_COUNT = rf"(?:{NUMERAL}|好几|几|数|半)"
_FIRST = (
    r"(?=[0-9０-９零〇○一二三四五六七八九两壹贰叁肆伍陆柒捌玖十百千拾佰仟廿卅卌万亿兆数几上好半])"
)
_SCALES = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "mil": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9, "t": 10**12, "tn": 10**12, "trillion": 10**12,
}  # fmt: skip
_SCALE = r"(?P<scale>(?i:thousand|million|billion|trillion|mil|mn|bn|tn|[kmbt])(?![a-zA-Z0-9]))"
_SCALE = rf"{SPACE}?{_SCALE}"
_DIGIT = "[零〇一二两三四五六七八九半壹贰叁肆伍陆柒捌玖0-9]"

# 3块5, 5元2角, 三块五毛钱, 5毛, 八角五分: amounts in coins.
_COINS = re.compile(
    rf"(?<!九牛){_FIRST}{NUMERAL_START}(?:(?P<main>{NUMERAL})(?P<unit>元|圆|块)(?:"
    rf"(?P<dime>{_DIGIT})(?:毛钱|毛(?!利|病|衣|线|巾)|角(?![度色落逐]))"
    rf"(?:(?P<cent>{_DIGIT})(?:分钱?)?(?![{_DIGIT[1:-1]}万亿年月日个]))?"
    rf"|(?P<tail>(?<=块){_DIGIT})(?:钱)?(?![{_DIGIT[1:-1]}十百千万亿年月日个位人块.%A-Za-z])"
    rf"|(?P<cents>(?<=[元圆块])[0-9一二三四五六七八九十]{{1,2}})(?:分钱?|仙)(?!钟))"
    rf"|(?P<small>{_DIGIT}|[一二三四五六七八九]至[一二三四五六七八九])(?P<coin>毛钱|角钱|分钱|毛(?=[。，！？；]|$)|角(?=[。，；]|$))"
    rf"(?:(?<=毛)(?P<fen>{_DIGIT})分?)?)"
)
_COIN_SIZE = {"毛": Decimal("0.1"), "角": Decimal("0.1"), "分": Decimal("0.01")}

_JOINER = re.compile(JOINER)
_ITEM = re.compile(rf"{NUMERAL_START}(?P<n>[0-9][0-9.,]{{0,9}}[千百]?[万亿])[、和与及或]$")
_ITEM_REACH = 16
_UNIT_HEADER = re.compile(r"(?:单位|计价单位)[:：为是]?$|[（(]$")


_PRICED = re.compile("[涨跌降加仅才只花卖约给省差要每钱价到]$")


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
        rf"(?:(?<![A-Za-z])(?P<pre>{prefix}){SPACE}?)?"
        rf"(?P<sign>(?<=[$¥€£元币])-|(?<![0-9０-９%元])[-−](?=[0-9]))?"
        rf"{_FIRST}{NUMERAL_START}(?P<a>{_COUNT})"
        rf"(?:{_SCALE.replace('scale', 'sa')}|(?:{SPACE}?(?P<ua>{word})))?"
        rf"(?:{JOINER}(?P<near>将?近|约|逾)?(?P<pre2>(?:{prefix}){SPACE}?)?(?P<b>{_COUNT})"
        rf"(?:{_SCALE.replace('scale', 'sb')}|(?:{SPACE}?(?P<ub>{word})))?)?"
    )
    settled = re.compile(rf"(?P<word>{prefix})(?:{relation_words()}|[ ：:])+$")
    return _Currencies(pattern, meaning, settled)


def find_amounts(text: str) -> list[Amount]:
    """All amounts of money of a simplified text, in text order, without overlaps.

    Raises nothing on any text; linear time.
    """
    explicit = [*_explicit(text)]
    found = [*_coins(text), *explicit, *_listed(text, explicit), *_implied(text)]
    found.sort(key=lambda a: (a.start, -a.end, bool(a.reason)))
    kept: list[Amount] = []
    for item in found:
        if kept and item.start < kept[-1].end:
            if kept[-1].reason and not item.reason and item.end > kept[-1].end:
                kept[-1] = item
            continue
        if kept and (joined := _joined(text, kept[-1], item)) is not None:
            kept[-1] = joined
        else:
            kept.append(item)
    return kept


def _listed(text: str, amounts: list[Amount]) -> Iterator[Amount]:
    """Numbers of 10,000s in a list whose last item has the currency: 5万、10万和20万元."""
    for amount in amounts:
        end = amount.start
        while not amount.reason and (match := _ITEM.search(text, max(0, end - _ITEM_REACH), end)):
            try:
                quantity = read_numeral(match["n"])
            except NumeralError:
                break
            end = match.start()
            yield Amount(*match.span("n"), quantity, amount.currency, "listed")


def _joined(text: str, first: Amount, second: Amount) -> Amount | None:
    """Two amounts with coins and a joiner between them as one interval (五元六角至七元)."""
    low, high = first.quantity.value, second.quantity.value
    if (
        "coins" not in (first.rule, second.rule)
        or first.reason
        or second.reason
        or (first.currency, low is None, high is None) != (second.currency, False, False)
        or not _JOINER.fullmatch(text, first.end, second.start)
    ):
        return None
    assert low is not None
    assert high is not None
    quantity = Quantity(low=min(low, high), high=max(low, high))
    return Amount(first.start, second.end, quantity, first.currency, "coins")


def _explicit(text: str) -> Iterator[Amount]:
    currencies = _currencies()
    for match in currencies.pattern.finditer(text):
        if match["pre"] or match["ua"] or match["ub"]:
            yield from _explicit_one(text, match, currencies)


def _explicit_one(text: str, match: re.Match[str], currencies: _Currencies) -> Iterator[Amount]:
    second = match["b"] is not None and bool(
        match["ub"]
        or match["pre2"]
        or (match["pre"] and not match["ua"])
        or (_BIG.search(match["b"]) and _ENDS_HERE.match(text, match.end("b")))
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
            yield Amount(start, end, _NOTHING, "", "amount", reason)
        return
    code, size = currencies.meaning[word or match["pre"].strip()]
    if match["pre"] and code in (BY_PLACE, "$", "¥", "-"):
        code = currencies.meaning[match["pre"].strip()][0]
        if code == "$" and word and currencies.meaning[word][0] != BY_PLACE:
            code = currencies.meaning[word][0]
    try:
        quantity = _amount(match, second, size)
    except NumeralError as error:
        yield Amount(start, end, _NOTHING, "", "amount", f"numeral: {error}")
        return
    if code == BY_PLACE and match["pre"] is None:
        settled = currencies.settled_before.search(text, max(0, start - 12), start)
        if settled is not None:
            code = currencies.meaning[settled["word"]][0]
    yield Amount(start, end, quantity, code, "amount")


def _amount(match: re.Match[str], second: bool, size: Decimal) -> Quantity:
    scale_a, scale_b = _scale(match["sa"]), _scale(match["sb"])
    if not second:
        quantity = _times(_read(match["a"]), size * scale_a)
        if match["sign"] and quantity.value is not None:
            return replace(quantity, value=-quantity.value)
        return quantity
    if scale_a != scale_b and scale_a == 1:
        scale_a = scale_b
    if scale_a != 1 or scale_b != 1:
        low, high = _read(match["a"]).value, _read(match["b"]).value
        if low is None or high is None:
            return _NOTHING
        ends = sorted((low * scale_a * size, high * scale_b * size))
        return Quantity(low=ends[0], high=ends[1])
    return _times(read_interval(match["a"], match["b"], about=bool(match["near"])), size)


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
        if before.endswith("第"):
            return "silent"
    if word and word[-1] == "元" and text.startswith("旦", unit_at + len(word)):
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
        r"(?:花|卖|价|涨|要|每|给|付|收|赚|才|差|省|加|降|跌|只|费|钱|剩|了|约|近|是|到|罚|赔|领|薪)$",
        before,
    )
    if priced or re.match(
        r"块(?:[，。；！？、)」”]|起|左右|以上|就|而已|吃|买|一|的(?!时候|石|砖)|$)",
        text[unit_at : unit_at + 4],
    ):
        return "" if priced or number[:1].isdigit() or len(number) > 1 else "pieces"
    return "silent"


def _coins(text: str) -> Iterator[Amount]:
    if not any(unit in text for unit in "块毛角分仙"):
        return
    for match in _COINS.finditer(text):
        if match["coin"] in ("毛", "角") and not _PRICED.search(
            text, max(0, match.start() - 3), match.start()
        ):
            continue
        if match["main"] and _BIG.search(match["main"]):
            continue
        try:
            value = _coin_value(match)
        except NumeralError as error:
            yield Amount(*match.span(), _NOTHING, "", "coins", f"numeral: {error}")
            continue
        if isinstance(value, Quantity):
            yield Amount(*match.span(), value, BY_PLACE, "coins")
        else:
            yield Amount(*match.span(), Quantity(value=value), BY_PLACE, "coins")


def _coin_value(match: re.Match[str]) -> Decimal | Quantity:
    def digit(text: str | None) -> Decimal:
        if not text:
            return Decimal(0)
        return Decimal(5) if text == "半" else (read_numeral(text).value or Decimal(0))

    if match["main"]:
        main = read_numeral(match["main"]).value
        if main is None:
            raise NumeralError(f"{match['main']!r} with coins")
        cents = digit(match["cent"]) + digit(match["cents"])
        return main + digit(match["dime"] or match["tail"]) / 10 + cents / 100
    size = _COIN_SIZE[match["coin"][0]]
    low, joined, high = match["small"].partition("至")
    if joined:
        return Quantity(low=digit(low) * size, high=digit(high) * size)
    small = Decimal("0.5") if low == "半" else digit(low)
    return small * size + digit(match["fen"]) / 100


def _read(text: str) -> Quantity:
    return _NOTHING if text in ("几", "数", "好几") else read_numeral(text)


def _scale(word: str | None) -> Decimal:
    return Decimal(_SCALES[word.lower()]) if word else Decimal(1)


def _times(quantity: Quantity, size: Decimal) -> Quantity:
    def grow(number: Decimal | None) -> Decimal | None:
        return None if number is None else number * size

    return Quantity(
        grow(quantity.value), grow(quantity.low), grow(quantity.high), quantity.relation
    )


@lru_cache(maxsize=1)
def _context() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    rows = read_lexicon("money_contexts")
    before = [row.term for row in rows if row.value in ("before", "both")]
    after = [row.term for row in rows if row.value in ("after", "both")]
    heads = "|".join(re.escape(w) for w in sorted(before, key=len, reverse=True))
    tails = "|".join(re.escape(w) for w in sorted(after, key=len, reverse=True))
    filler = (
        f"(?:{relation_words()}|了|需|要|共|合计|总计|累计|平均|各|就|可|能|为|是|在|有|到|出|高|上|下|掉|已"
        "|还|再|又|仅|只|额|总额|金额|款|规模|好|介于|从|由|：|:| )"
    )
    return (
        re.compile(
            rf"{_FIRST}{NUMERAL_START}(?P<a>{NUMERAL})"
            rf"(?:{JOINER}(?P<near>将?近|约|逾)?(?P<b>{NUMERAL}))?"
        ),
        re.compile(rf"(?:{heads}){filler}{{0,4}}$"),
        re.compile(
            rf"(?:以上|左右|多|余)?(?:的)?(?:巨额|高额|第一笔|首笔|稳定|全部)?(?:{tails})(?![人员者户额度])"
        ),
    )


_ENDS_HERE = re.compile(
    r"[，。；、！？,;:：）)」』”’〔【「『（(《\s\n／/]|$|左右|以上|以下|上下|以内|不等"
    r"|的(?![人用户粉]|电脑|车)|来|去|后|时|给|才|就|却|买|用|帮|和|与|及|或|还|仍|被|不|，"
)
_BIG = re.compile(r"[万亿兆]")


def _implied(text: str) -> Iterator[Amount]:
    if not any(unit in text for unit in "万亿兆"):
        return
    pattern, heads, tails = _context()
    for match in pattern.finditer(text):
        if not _BIG.search(match.group()):
            continue
        start, end = match.span()
        in_context = tails.match(text, end) or (
            _ENDS_HERE.match(text, end) and heads.search(text, max(0, start - 24), start)
        )
        if not in_context:
            continue
        try:
            if match["b"] is None:
                quantity = read_numeral(match["a"])
            else:
                quantity = read_interval(match["a"], match["b"], about=bool(match["near"]))
        except NumeralError as error:
            yield Amount(start, end, _NOTHING, "", "implied", f"numeral: {error}")
            continue
        yield Amount(start, end, quantity, "", "implied")
