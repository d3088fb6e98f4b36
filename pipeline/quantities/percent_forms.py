"""Every way to write a share or a rate, as spans with a number and a unit; no context yet.

Each form is one compiled pattern around ``NUMERAL``; a boundary rule says what is no percentage
(成立, 四分之一决赛, 五倍券, 趴在地上), and what is seen and not settled comes out with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from pipeline.errors import NumeralError
from pipeline.numerals import (
    NUMERAL,
    NUMERAL_START,
    SPACE,
    parse_digits,
    read_numeral,
)
from pipeline.quantities.interval import JOINER, read_interval
from pipeline.quantities.vetoes import veto, veto_words
from pipeline.resources import read_lexicon
from pipeline.values import Direction, Quantity, Relation, Unit


class Found(NamedTuple):
    """A share or rate: half-open offsets, number, unit, and the form (``rule``).

    ``unit`` is None where it is no percentage after all; ``reason`` then says why. ``signed`` is
    true for a written sign, ``direction`` is set where the form itself has one (翻一番).
    """

    start: int
    end: int
    quantity: Quantity
    unit: Unit | None
    rule: str
    reason: str = ""
    signed: bool = False
    direction: Direction | None = None


_NOTHING = Quantity(relation=Relation.ABOUT)
_PAIR = "(?:" + "|".join(f"{n}、{n + 1}" for n in range(1, 9)) + ")(?=(?:成|倍|趴|%|个百))"
_COUNT = rf"(?:{_PAIR}|{NUMERAL}|好几|几|(?<![多少人半总系次])数|半)"
_FIRST = (
    r"(?=[0-9０-９零〇○一二三四五六七八九两壹贰叁肆伍陆柒捌玖十百千拾佰仟廿卅卌万亿兆数几上好半])"
)
_SIGN = r"(?:(?<![0-9０-９a-zA-Z%％)\]\-−–—+])[-−–+±]|(?<![自承担抱胜正])负)?"
_NO_ORDINAL = r"(?<!第)"

_TENTH_DIGIT = (
    r"(?:半(?!年|天|数|个)|(?<=[0-9]成)[0-9]{2}(?![0-9.%年月日万个名人])|[一二三四五六七八九1-9](?![0-9.．,%％一二三四五六七八九十百千万亿"
    r"成年月日号个名位家人次天点届季周度度间条种项区省市])(?<!一(?=[方直样定般些并同起旦]))(?<!三(?=[方]))?)"
)
_TENTHS = re.compile(
    rf"{_FIRST}{NUMERAL_START}{_NO_ORDINAL}(?P<a>{_COUNT}){SPACE}?"
    rf"(?:成(?P<at>{_TENTH_DIGIT})?(?:{JOINER}(?P<b>{_COUNT}){SPACE}?成(?P<bt>{_TENTH_DIGIT})?)?"
    rf"|{JOINER}(?P<b2>{_COUNT}){SPACE}?成(?P<b2t>{_TENTH_DIGIT})?)"
)
_TENTH_FOR = re.compile(
    r"(?:[近约超逾占有达过足到于破仅只在剩减增降涨跌升高少多打抽约各共中的至率例比重逼]|其中|将近|超过|左右|比例|分别)$"
)
_ADVERB = re.compile(r"[是会要得没不又也能可因在跟就]")
_ADVERB_BEFORE = re.compile(r"(?:^|[，。；：！？、\n「『“（他她你我它们这那就])$")

_WRITTEN_OUT = re.compile(
    rf"(?P<sign>(?<![自承担抱胜正])负)?(?:[百佰]分之{SPACE}?(?P<sign2>负)?(?P<a>{NUMERAL}|几)"
    rf"(?:{JOINER}(?:百分之)?(?P<b>{NUMERAL})(?![年月日个岁人万亿]))?"
    rf"|[千仟]分之(?P<mille>{NUMERAL}|几)|万分之(?P<myriad>{NUMERAL}|几|[肆伍陆])|(?P<all>百分百|百份百|百分之一百))"
)
_FRACTION = re.compile(
    rf"{_FIRST}{NUMERAL_START}(?P<ad>{NUMERAL}){SPACE}?分之{SPACE}?(?P<an>{NUMERAL}|几)"
    rf"(?:{JOINER}(?P<bd>{NUMERAL})分之(?P<bn>{NUMERAL}))?"
)
_SLASHED = re.compile(
    r"(?<![0-9/.年月])(?<![0-9] )(?P<n>[1-9])/(?P<d>[2-9]|10)(?![0-9/.月日號号季])"
    r"(?=以上|以下|左右|强|的(?!比)|多数|股|席|人口|时间|来自|为|是|[，。、；])"
)
_TIMES_OVER = re.compile(
    r"(?<=[翻了])(?P<n>[一二两三四五六1-9])番|(?<=翻)(?P<one>[倍番])|(?P<double>双倍)"
)
_AND_A_HALF = re.compile(r"半(?!年|天|数|个|月|价)")
_RATIO = re.compile(
    r"(?<![\d.])(?P<a>[一二三四五六七八九十两\d.]{1,6})比(?P<b>[一二三四五六七八九十\d.]{1,6})(?![较重赛例如])"
)
_DISCOUNT = re.compile(
    rf"(?<![第0-9转曲骨波挫周])(?P<n>{NUMERAL}|[半对])折(?![磨断叠腾回返合旧算射现损])"
)
_POINTS = re.compile(rf"{_FIRST}{NUMERAL_START}(?P<n>{_COUNT})个多?点(?![钟赞位数心击子儿火名])")
# 个点 is market talk for percentage points, where something rose or fell by them; of an index
# (恒指跌120个点) it is points.
_MOVED = re.compile(
    r"[涨跌升降增减高低落滑缩][了约近逾超过达]{0,3}$|(?:提高|下降|减少|增加)[了约近]?$"
)
_RATE_STEP = re.compile(r"(?<=[息升降率])[0-9.一二两三四半]{1,4}码")
_URL = re.compile(r"(?:https?://|www\.)[!-~]+|(?<=[A-Za-z/?=&])(?:[!-$&-~]*%[0-9A-Fa-f]{2})+[!-~]*")


def find_shares(text: str) -> list[Found]:
    """All shares and rates of a simplified text, in text order, without overlaps.

    Candidates that are none, although they hold a unit, come with ``unit`` None and a reason.
    Raises nothing on any text; linear time.
    """
    links = [match.span() for match in _URL.finditer(text)] if "%" in text or "/" in text else []
    found: list[Found] = []
    for needles, finder in _FORMS:
        if any(needle in text for needle in needles):
            found.extend(finder(text))
    found.sort(key=lambda f: (f.start, -f.end))
    kept: list[Found] = []
    for item in found:
        if kept and item.start < kept[-1].end:
            continue
        if any(start <= item.start < end for start, end in links):
            kept.append(item._replace(unit=None, reason="url"))
        else:
            kept.append(item)
    return kept


@lru_cache(maxsize=1)
def _half() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<whole>一大半|大半(?!{veto_words('大半')})|一半(?!{veto_words('一半')})|半数)"
        rf"|(?<=[过逾超近减占达约各破])半(?!{veto_words('半')})"
    )


@lru_cache(maxsize=1)
def _units() -> tuple[re.Pattern[str], dict[str, Unit]]:
    units = {row.term: Unit(row.value) for row in read_lexicon("percent_units")}
    word = "|".join(re.escape(w) for w in sorted(units, key=len, reverse=True))
    # A Latin unit ends where the letters end; 倍 and 趴 are refused before certain words.
    word = rf"(?:{word})(?<![a-zA-Z](?=[a-zA-Z]))(?<!倍(?={veto_words('倍')}))"
    word = rf"{word}(?<!趴(?={veto_words('趴')}))"
    pattern = re.compile(
        rf"(?P<sign>{_SIGN}){_FIRST}{NUMERAL_START}(?P<a>{_COUNT})"
        rf"(?:{SPACE}?(?P<ua>{word})"
        rf"(?:{JOINER}(?P<near>[近约逾])?(?P<sb>[-−])?"
        rf"(?P<b>{_COUNT}){SPACE}?(?P<ub>{word}))?"
        rf"|{JOINER}(?P<sc>[-−])?(?P<c>{_COUNT}){SPACE}?(?P<uc>{word}))"
    )
    return pattern, units


def _plain_units(text: str) -> Iterator[Found]:
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
            yield Found(match.start("a"), match.end(), _NOTHING, None, "multiple", refused)
            continue
        if match["ua"] == "趴" and (
            re.search("[零〇○]", match["a"])
            or text[match.start("a") - 1 : match.start("a")] == "第"
        ):
            yield Found(match.start("a"), match.end(), _NOTHING, None, "percent", "no-share")
            continue
        yield from _interval_or_one(text, match, unit)


def _interval_or_one(text: str, match: re.Match[str], unit: Unit) -> Iterator[Found]:
    second = match["b"] or match["c"]
    try:
        sign = match["sign"]
        if second is None:
            quantity = _signed(_read(match["a"]), sign)
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
                match.start("a"), match.end(), _NOTHING, None, unit.value, f"numeral: {error}"
            )
        return
    start, end = match.start("a") if sign in ("", "±") else match.start(), match.end()
    if unit is Unit.MULTIPLE and quantity.value is not None and _AND_A_HALF.match(text, end):
        quantity, end = replace(quantity, value=quantity.value + Decimal("0.5")), end + 1
    yield Found(start, end, quantity, unit, unit.value, signed=sign in _MINUS or sign == "+")


_MINUS = ("-", "−", "–", "负")


def _falls(first: str, second: str) -> bool:
    a, b = _read(first), _read(second)
    return a.value is not None and b.value is not None and a.value > b.value


def _bounds(match: re.Match[str], second: str) -> Quantity:
    negative = bool(match["sb"] or match["sc"])
    if match["sign"] in _MINUS or negative:
        low, high = _read(match["a"]).value, _read(second).value
        if low is None or high is None:
            raise NumeralError("a signed interval without numbers")
        low = -low if match["sign"] in _MINUS else low
        high = -high if negative or (match["c"] and match["sign"] in _MINUS) else high
        return Quantity(low=min(low, high), high=max(low, high))
    return read_interval(match["a"], second, about=bool(match["near"]))


def _one_unit(match: re.Match[str], group: str, units: dict[str, Unit]) -> Iterator[Found]:
    unit = units[match["u" + group]]
    start, end = match.start(group), match.end("u" + group)
    sign = match["sign"] if group == "a" else (match["sb"] or "")
    try:
        quantity = _signed(_read(match[group]), sign)
    except NumeralError as error:
        yield Found(start, end, _NOTHING, None, unit.value, f"numeral: {error}")
        return
    begin = start if sign in ("", "±") else start - len(sign)
    yield Found(begin, end, quantity, unit, unit.value, signed=sign in _MINUS or sign == "+")


def _read(text: str) -> Quantity:
    if len(text) == 3 and text[1] == "、" and text[0].isdigit():
        return read_interval(text[0], text[2])
    return _NOTHING if text in ("几", "数", "好几") else read_numeral(text)


def _signed(quantity: Quantity, sign: str) -> Quantity:
    if sign not in _MINUS:
        return quantity
    if quantity.value is not None:
        return Quantity(value=-quantity.value, relation=quantity.relation)
    if quantity.low is not None and quantity.high is not None:
        return Quantity(low=-quantity.high, high=-quantity.low, relation=quantity.relation)
    return quantity


def _no_multiple(text: str, match: re.Match[str]) -> str:
    before = text[max(0, match.start("a") - 2) : match.start("a")]
    if before.endswith("第"):
        return "ordinal"
    if match["a"] in ("百", "千", "万") and re.search("[心气神力趣福耗尝]$", before):
        return "idiom"
    return ""


def _points(text: str) -> Iterator[Found]:
    for match in _POINTS.finditer(text):
        before = text[max(0, match.start() - 16) : match.start()]
        if not _MOVED.search(before):
            continue
        try:
            quantity = _read(match["n"])
        except NumeralError as error:
            yield Found(*match.span(), _NOTHING, None, "points", f"numeral: {error}")
            continue
        index = "指" in before or (quantity.value is not None and quantity.value > 100)
        unit, reason = (None, "index points") if index else (Unit.PERCENTAGE_POINT, "")
        yield Found(*match.span(), quantity, unit, "points", reason)


def _tenths(text: str) -> Iterator[Found]:
    for match in _TENTHS.finditer(text):
        start, end = match.start("a"), match.end()
        reason = _no_tenths(text, match)
        if reason:
            yield Found(start, end, _NOTHING, None, "tenths", reason)
            continue
        try:
            quantity = _tenths_value(match)
        except NumeralError as error:
            yield Found(start, end, _NOTHING, None, "tenths", f"numeral: {error}")
            continue
        yield Found(start, end, quantity, Unit.PERCENT, "tenths")


def _tenths_value(match: re.Match[str]) -> Quantity:
    first = _scaled(_read(match["a"]), match["at"])
    if match["b"] or match["b2"]:
        second = _scaled(_read(match["b"] or match["b2"]), match["bt"] or match["b2t"])
        low = first.value if first.value is not None else first.low
        high = second.value if second.value is not None else second.high
        if low is None or high is None:
            return _NOTHING
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


def _written_out(text: str) -> Iterator[Found]:
    for match in _WRITTEN_OUT.finditer(text):
        try:
            yield _written_out_one(match)
        except NumeralError as error:
            yield Found(*match.span(), _NOTHING, None, "written-out", f"numeral: {error}")


def _written_out_one(match: re.Match[str]) -> Found:
    sign = match["sign"] or match["sign2"] or ""
    start, end = match.span()
    if match["all"]:
        return Found(start, end, Quantity(value=Decimal(100)), Unit.PERCENT, "written-out")
    if match["mille"]:
        quantity = _signed(_read(match["mille"]), sign)
        return Found(start, end, quantity, Unit.PERMILLE, "written-out", signed=bool(sign))
    if match["myriad"]:
        quantity = _signed(_read(match["myriad"]), sign)
        return Found(start, end, quantity, Unit.BASIS_POINT, "written-out", signed=bool(sign))
    if match["b"]:
        quantity = read_interval(match["a"], match["b"])
    elif match["a"][1:].endswith("百") and match.string.startswith("分位", end):
        quantity, end = _signed(_read(match["a"][:-1]), sign), end - 1
    else:
        quantity = _signed(_read(match["a"]), sign)
    return Found(start, end, quantity, Unit.PERCENT, "written-out", signed=bool(sign))


def _fractions(text: str) -> Iterator[Found]:
    for match in _FRACTION.finditer(text):
        start, end = match.span()
        if match["ad"] in ("百", "千", "万", "佰", "仟"):
            continue
        if re.match(r"决|[强赛]", text[end : end + 1]) and text[end : end + 1] != "强":
            yield Found(start, end, _NOTHING, None, "fraction", "a round of a tournament")
            continue
        try:
            low = _fraction(match["ad"], match["an"])
            high = _fraction(match["bd"], match["bn"]) if match["bd"] else None
        except NumeralError as error:
            yield Found(start, end, _NOTHING, None, "fraction", f"numeral: {error}")
            continue
        if low is None:
            quantity = _NOTHING
        elif high is None:
            quantity = Quantity(value=low)
        else:
            quantity = Quantity(low=min(low, high), high=max(low, high))
        yield Found(start, end, quantity, Unit.FRACTION, "fraction")


def _fraction(below: str, above: str) -> Decimal | None:
    numerator, denominator = _read(above).value, _read(below).value
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


def _slashed(text: str) -> Iterator[Found]:
    for match in _SLASHED.finditer(text):
        value = _fraction(match["d"], match["n"])
        if value is not None and value < 1:
            yield Found(*match.span(), Quantity(value=value), Unit.FRACTION, "fraction")


def _halves(text: str) -> Iterator[Found]:
    for match in _half().finditer(text):
        relation = Relation.GT if match["whole"] in ("一大半", "大半") else Relation.EQ
        reason = _no_half(text, match) if match["whole"] == "一半" else ""
        if reason:
            yield Found(*match.span(), _NOTHING, None, "half", reason)
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


def _no_half(text: str, match: re.Match[str]) -> str:
    """Why 一半 is no share: a spouse (另一半), or the middle of an event (演到一半时)."""
    before = text[max(0, match.start() - 60) : match.start()]
    if re.search("另外?$", before) and "一半" not in before:
        return "another half"
    halfway = re.search("[到完]了?$", before) and re.match("时|的时候|就", text[match.end() :])
    return "halfway" if halfway else ""


def _times_over(text: str) -> Iterator[Found]:
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


def _unsettled(text: str) -> Iterator[Found]:
    for pattern, rule in ((_RATIO, "ratio"), (_RATE_STEP, "rate step")):
        for match in pattern.finditer(text):
            yield Found(*match.span(), _NOTHING, None, rule, rule)
    for match in _DISCOUNT.finditer(text):
        yield Found(*match.span(), discount(match["n"]), None, "discount", "discount")


def discount(number: str) -> Quantity:
    """What remains to be paid, in percent: 八折 is 80, 75折 and 七五折 75, 对折 50.

    A discount is no percentage of the table; its reading stands here for the diagnostics.
    """
    if number in ("半", "对"):
        return Quantity(value=Decimal(50))
    try:
        value = Decimal(parse_digits(number)) if len(number) > 1 else read_numeral(number).value
    except NumeralError:
        try:
            value = read_numeral(number).value
        except NumeralError:
            return _NOTHING
    if value is None:
        return _NOTHING
    return Quantity(value=value * 10 if value < 10 or "." in number else value)


_FORMS: tuple[tuple[tuple[str, ...], Callable[[str], Iterator[Found]]], ...] = (
    (("%", "％", "﹪", "‰", "点", "倍", "趴", "p", "P"), _plain_units),
    (("个点", "个多点"), _points),
    (("成",), _tenths),
    (("分之", "百分百"), _written_out),
    (("分之",), _fractions),
    (("/",), _slashed),
    (("半",), _halves),
    (("番", "倍"), _times_over),
    (("比", "折", "码"), _unsettled),
)
