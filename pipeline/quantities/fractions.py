"""Fractions and halves: 百分之十七, 千分之三, 三分之一, 3/4, 一半, 过半; not 另一半."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from pipeline.errors import NumeralError
from pipeline.numerals import NUMERAL, NUMERAL_START, SPACE
from pipeline.quantities.found import FIRST, NOTHING, Found, read_count, signed
from pipeline.quantities.interval import JOINER, read_interval
from pipeline.quantities.vetoes import veto_words
from pipeline.values import Direction, Quantity, Relation, Unit

_WRITTEN_OUT = re.compile(
    rf"(?P<sign>(?<![自承担抱胜正])负)?(?:[百佰]分之{SPACE}?(?P<sign2>负)?(?P<a>[0-9０-９.．]{{1,12}}+[kKｋＫ](?![a-zA-Z0-9])|{NUMERAL}|几)"
    rf"(?:{JOINER}(?:百分之)?(?P<b>{NUMERAL})(?![年月日个岁人万亿]))?"
    rf"|[千仟]分之(?P<mille>{NUMERAL}|几)|万分之(?P<myriad>{NUMERAL}|几|[肆伍陆])|(?P<all>百分百|百份百|百分之一百))"
)


# 三分一, 四分三, 三份一, 3分1 of Hong Kong; 十分一致, 三分一秒 and 9分5助攻 are none.
_PART = (
    "(?P<{d}>十[二三五六八]|[一二三四五六七八九]十|[二三四五六七八九十]|[2-9])"
    "[分份](?P<{n}>[一二三四五六七八九1-9])"
)
_SHORT = re.compile(
    rf"(?=.{{1,2}}[分份][一二三四五六七八九1-9]){NUMERAL_START}(?<![第点點:：])"
    + _PART.format(d="d", n="n")
    + rf"(?:(?:{JOINER})"
    + _PART.format(d="d2", n="n2")
    + r")?(?![0-9.一二三四五六七八九十百千万点比助攻籃篮板球抄盖秒钟失分]|个?球)"
    r"(?!(?<=一)(?:[样致般贯直起定心同体旦时些再味路向视次下场声句边面半刻度口手脚齐线并流概]))"
)
_TEN_FOR = re.compile(
    "(?:[约近逾超过足到佔占有达只仅率少多的减为]|[一二三四五六七八九]|之前|现在|连)$"
)
_DUTY = re.compile("的?(?:全?责任?|赔偿|领导)")  # 负百分之百的责任


_FRACTION = re.compile(
    rf"{FIRST}{NUMERAL_START}(?:(?P<whole>{NUMERAL})又(?={NUMERAL}分之))?(?P<ad>{NUMERAL}){SPACE}?"
    rf"分之{SPACE}?(?P<an>{NUMERAL}|几)"
    rf"(?:{JOINER}(?P<bd>{NUMERAL})分之(?P<bn>{NUMERAL}))?"
)


_SLASHED = re.compile(
    r"(?<![0-9/.年月])(?<![0-9] )(?P<n>[1-9])/(?P<d>[2-9]|10)(?![0-9/.月日號号季])"
    r"(?=以上|以下|左右|强|的(?!比)|多数|股|席|人口|时间|来自|为|是|[，。、；])"
)


@lru_cache(maxsize=1)
def _half() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<whole>一大半|大半(?!{veto_words('大半')})|一半(?!{veto_words('一半')})|半数)"
        rf"|(?<=[过逾超近减占达约各破])半(?!{veto_words('半')})"
    )


def written_out(text: str) -> Iterator[Found]:
    """百分之…, 千分之…, 万分之… and 百分百, with a sign and as an interval."""
    for match in _WRITTEN_OUT.finditer(text):
        try:
            yield _written_out_one(match)
        except NumeralError as error:
            yield Found(*match.span(), NOTHING, None, "written-out", f"numeral: {error}")


def _written_out_one(match: re.Match[str]) -> Found:
    sign = match["sign"] or match["sign2"] or ""
    start, end = match.span()
    if match["sign"] and _DUTY.match(match.string, end):
        sign, start = "", start + 1
    if match["all"]:
        return Found(start, end, Quantity(value=Decimal(100)), Unit.PERCENT, "written-out")
    if match["mille"]:
        quantity = signed(read_count(match["mille"]), sign)
        return Found(start, end, quantity, Unit.PERMILLE, "written-out", signed=bool(sign))
    if match["myriad"]:
        quantity = signed(read_count(match["myriad"]), sign)
        return Found(start, end, quantity, Unit.BASIS_POINT, "written-out", signed=bool(sign))
    if match["b"]:
        quantity = read_interval(match["a"], match["b"])
    elif match["a"][1:].endswith("百") and match.string.startswith("分位", end):
        quantity, end = signed(read_count(match["a"][:-1]), sign), end - 1
    else:
        quantity = signed(read_count(match["a"]), sign)
    return Found(start, end, quantity, Unit.PERCENT, "written-out", signed=bool(sign))


def fractions(text: str) -> Iterator[Found]:
    """三分之一, 三分之一至二分之一; a round of a tournament (四分之一决赛) comes with a reason."""
    for match in _FRACTION.finditer(text):
        start, end = match.span()
        if match["ad"] in ("百", "千", "万", "佰", "仟"):
            continue
        if match["whole"]:
            yield _mixed(match)
            continue
        if re.match(r"决|[强赛]", text[end : end + 1]) and text[end : end + 1] != "强":
            yield Found(start, end, NOTHING, None, "fraction", "a round of a tournament")
            continue
        try:
            low = _fraction(match["ad"], match["an"])
            high = _fraction(match["bd"], match["bn"]) if match["bd"] else None
        except NumeralError as error:
            yield Found(start, end, NOTHING, None, "fraction", f"numeral: {error}")
            continue
        if low is None:
            quantity = NOTHING
        elif high is None:
            quantity = Quantity(value=low)
        else:
            quantity = Quantity(low=min(low, high), high=max(low, high))
        yield Found(start, end, quantity, Unit.FRACTION, "fraction")


def short_fractions(text: str) -> Iterator[Found]:
    """三分一 and 四分三, as Hong Kong writes them, and intervals of them."""
    for match in _SHORT.finditer(text):
        start, end = match.span()
        figures = match["d"].isdigit()
        if figures != match["n"].isdigit() or (figures and "份" in match.group()):
            continue
        before = text[max(0, start - 4) : start]
        if (figures or match["d"] == "十") and not _TEN_FOR.search(before):
            continue
        if re.match("决|[强赛]", text[end : end + 1]):
            yield Found(start, end, NOTHING, None, "fraction", "a round of a tournament")
            continue
        low = _fraction(match["d"], match["n"])
        high = _fraction(match["d2"], match["n2"]) if match["d2"] else None
        if low is None or low >= 1 or (high is not None and high >= 1):
            continue
        quantity = Quantity(value=low)
        if high is not None and high != low:
            quantity = Quantity(low=min(low, high), high=max(low, high))
        yield Found(start, end, quantity, Unit.FRACTION, "fraction")


def _mixed(match: re.Match[str]) -> Found:
    """一又三分之二: a whole and a part, as one number."""
    try:
        whole, part = read_count(match["whole"]).value, _fraction(match["ad"], match["an"])
    except NumeralError as error:
        return Found(*match.span(), NOTHING, None, "fraction", f"numeral: {error}")
    end = match.end("an")
    if whole is None or part is None:
        return Found(match.start(), end, NOTHING, Unit.FRACTION, "fraction")
    return Found(match.start(), end, Quantity(value=whole + part), Unit.FRACTION, "fraction")


def _fraction(below: str, above: str) -> Decimal | None:
    numerator, denominator = read_count(above).value, read_count(below).value
    if numerator is not None and numerator != numerator.to_integral_value():
        raise NumeralError(f"{above!r} over a whole number")
    if numerator is None:
        return None
    if not denominator:
        raise NumeralError("a fraction of nothing")
    value = numerator / denominator
    # Four places by the guidelines; a smaller fraction keeps four significant digits.
    places = (
        Decimal("0.0001") if value >= Decimal("0.001") else Decimal(1).scaleb(value.adjusted() - 3)
    )
    return value.quantize(places).normalize() if value else Decimal(0)


def slashed(text: str) -> Iterator[Found]:
    """2/3 where the words after it show that it is a share."""
    for match in _SLASHED.finditer(text):
        value = _fraction(match["d"], match["n"])
        if value is not None and value < 1:
            yield Found(*match.span(), Quantity(value=value), Unit.FRACTION, "fraction")


def halves(text: str) -> Iterator[Found]:
    """一半, 半数, 大半, and 半 after a verb that takes a share (过半, 减半)."""
    for match in _half().finditer(text):
        relation = Relation.GT if match["whole"] in ("一大半", "大半") else Relation.EQ
        reason = _no_half(text, match) if match["whole"] == "一半" else ""
        if reason:
            yield Found(*match.span(), NOTHING, None, "half", reason)
            continue
        quantity = Quantity(value=Decimal("0.5"), relation=relation)
        down = text[match.start() - 1 : match.start()] == "减" and not match["whole"]
        yield Found(
            *match.span(),
            quantity,
            Unit.FRACTION,
            "half",
            direction=Direction.DOWN if down else None,
        )


_DOING = re.compile(
    "(?:[睡演做吃写说讲看走拍打开跑飞读听画唱练爬骑洗煮播跳游拆搬聊修念盖建谈唸]|进行|工作)到了?$"
)


def _no_half(text: str, match: re.Match[str]) -> str:
    """Why 一半 is no share: a spouse (另一半), or the middle of an event (演到一半时)."""
    before = text[max(0, match.start() - 60) : match.start()]
    if re.search("另外?$", before) and "一半" not in before:
        return "another half"
    halfway = re.search("[到完]了?$", before) and re.match("时|的时候|就", text[match.end() :])
    return "halfway" if halfway or _DOING.search(before) else ""
