"""Chinese and Arabic numerals to ``Decimal``: one pattern, one strict parser, one finder.

Covers what news writes: 1,234.5 · １２３ · 1.5万 · 二十七点八四亿 · 一百零三 · 百二 (120) · 两千三
(2300) · 廿三 · 壹佰万 · 二〇一七 · 六万三六九〇 (63690) · 3.5千万 · 3亿5千万 · 三四百 (300 to 400)
· 十多万 (> 100000) · 数十 (no value). The parser takes simplified, traditional and financial
characters; the finder is meant for simplified text. A character that is out of place raises; it
never becomes a zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.errors import NumeralError
from pipeline.values import Quantity, Relation

# The writing system itself (positional values), not a list of words: it stands in code.
_DIGITS = "〇一二三四五六七八九"
_SMALL = {"十": Decimal(10), "百": Decimal(100), "千": Decimal(1000)}
_BIG = (("兆", Decimal(10) ** 12), ("亿", Decimal(10) ** 8), ("万", Decimal(10) ** 4))
_SCALES = {"k": Decimal(1000), "M": Decimal(10) ** 6, "G": Decimal(10) ** 9}
"""Latin multipliers behind Arabic figures. ``NUMERAL`` leaves them out (4K is a screen)."""
_VARIANTS = str.maketrans(
    {
        **dict(zip("０１２３４５６７８９", "0123456789", strict=True)),
        **dict(zip("零○壹贰貳叁參参肆伍陆陸柒捌玖", "〇〇一二二三三三四五六六七八九", strict=True)),
        **dict(zip("两兩拾佰仟萬億", "二二十百千万亿", strict=True)),
        **dict(zip("．‧·・点點", "......", strict=True)),
        **dict(zip("ｋＫKＭｍmＧ", "kkkMMMG", strict=True)),
        **dict(zip("，−－–﹣＋／負餘來幾數", ",----+/负余来几数", strict=True)),
        "廿": "二十",
        "卅": "三十",
        "卌": "四十",
    }
)

_AR = "0-9０-９"
_CD = "零〇○一二三四五六七八九两兩壹贰貳叁柒捌玖"
_CU = "十百千廿卅卌"
# These financial characters are also plain words (大陆, 队伍, 收拾): they count before a unit only.
_FD = "參参肆伍陆陸"
_FU = "拾佰仟"
_BU = "万萬亿億兆"
_PT = ".．‧·・"

SPACE = "[ \u00a0\u2009\u202f\u3000]"
"""One blank that may stand inside an expression (1 億歐元, 20 %)."""

_ARABIC = rf"(?:[{_AR}]{{1,3}}(?:[,，][{_AR}]{{3}}(?![{_AR}]))++|[{_AR}]++)(?:[{_PT}][{_AR}]++)?+"
_PAIRED = "(?<![0-9０-９]、)(?:" + "|".join(f"{n}、{n + 1}" for n in range(1, 9)) + ")"
_CHINESE = (
    rf"(?:[{_CD}{_CU}]++(?:、[{_CD}](?=[{_CU}{_BU}成倍]))?+)(?:[{_PT}点點](?![两兩])[{_CD}]++)?+"
)
_FINANCIAL = (
    rf"(?:(?<![大登着内海水空队入退行赴中抵返来台港放])[{_FD}](?=[{_FU}{_BU}])"
    rf"|(?<!大)[{_FD}](?=[点點][{_CD}]+折)|(?<![收捡])拾(?=[{_CD}]?[{_BU}])|[{_CD}](?=[{_FU}]))"
    rf"[{_FD}{_FU}{_CD}{_CU}]*+(?:[点點](?![两兩])[{_CD}]++)?+"
)
_MORE = (
    rf"(?:(?<=[{_CU}{_BU}{_AR}])[多余餘]"
    rf"|(?:(?<=[十拾百佰千仟万萬])[几幾来來]|(?<=[0-9]0)[几幾]|(?<=[百佰千仟][零〇○])[几幾])"
    rf"(?=[{_BU}%％个個成倍年岁元块蚊美港日欧英韩台镑天名人家位]))"
)
_VAGUE = (
    rf"(?:(?<![以线网路身世晚早])上(?=[百千{_BU}])(?!百分)"
    rf"|(?<![人指次分总总函整系倍基度个])[数數](?=[{_CU}{_BU}])|[几幾](?=[{_CU}{_BU}]))"
    rf"[{_CU}{_BU}]++"
)

NUMERAL = (
    rf"(?:{_PAIRED}(?=[百千]?[{_BU}])|{_ARABIC}|{_VAGUE}|{_FINANCIAL}|{_CHINESE}|[{_BU}]++)"
    rf"(?:{_MORE}?+(?:{SPACE}(?=[十百千]?[{_BU}]))?+[{_CU}{_BU}{_FU}]++"
    rf"(?:[零〇○]?+{_ARABIC}|{_FINANCIAL}|[{_FD}](?![{_FD}])|{_CHINESE})?+)*+"
    rf"(?:(?<=[{_BU}])[点點][{_CD}]++(?![{_CU}{_BU}分刻半点點]))?+{_MORE}?+"
)
"""Pattern of one unsigned numeral, to be embedded. Possessive throughout, so that it never
backtracks. Use ``NUMERAL_START`` before it where it may not begin inside a longer numeral."""

NUMERAL_START = (
    rf"(?:(?<![{_AR}{_CD}{_CU}])|(?<=[英公台市][两兩]))(?<![{_AR}][{_PT}])"
    rf"(?<![{_AR}][,，](?=[{_AR}]{{3}}(?![{_AR}])))"
)
"""Refuses a start in the middle of a number, a version number or a group of thousands."""

_FINDER = re.compile(
    rf"(?=[{_AR}{_CD}{_CU}{_BU}{_FD}{_FU}数數几幾上半]){NUMERAL_START}(?:{NUMERAL}|半)"
)
_LONGEST = 32
_RATES = frozenset("百千万佰仟")
_ARABIC_ONLY = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_SECTION_STEP = re.compile(r"(\d[\d,]*(?:\.\d+)?|[一二三四五六七八九])?([十百千])")
_PAIR = re.compile(
    rf"([{_DIGITS[1:]}])、?([{_DIGITS[1:]}])(?![{_DIGITS}])|^(?P<low>[1-8])、(?P<high>[2-9])"
)
_DIGIT_VALUE = {character: number for number, character in enumerate(_DIGITS)}
_TO_ARABIC = str.maketrans(dict(zip(_DIGITS, "0123456789", strict=True)))


@dataclass(frozen=True, slots=True)
class Numeral:
    """A numeral of a text: half-open offsets and what it says.

    ``digits`` is true where it is written digit by digit (2017, 二〇一七), as a year may be.
    """

    start: int
    end: int
    quantity: Quantity
    digits: bool = False


def find_numerals(text: str, start: int = 0, end: int | None = None) -> Iterator[Numeral]:
    """Numerals of ``text[start:end]`` from left to right, each the longest that can be read.

    Text of any length is read in linear time and nothing raises; a run of numeral characters
    with no reading (万十万) gives the longest part that has one.
    """
    stop = len(text) if end is None else end
    position = start
    while match := _FINDER.search(text, position, stop):
        position = match.end()
        surface = match.group()
        if surface in _RATES and text.startswith("分", position):
            continue  # 百分之 is one word
        found = read_longest(surface)
        if found is not None:
            length, quantity = found
            position = match.start() + length
            yield Numeral(match.start(), position, quantity, _is_digits(surface[:length]))


def read_numeral(surface: str) -> Quantity:
    """What one unsigned or signed numeral says, with 多, 余, 几 and adjacent digits understood.

    三四百 is 300 to 400, 7000多亿 is > 7000 亿, 十来 is ~ 10, 数十 and 上百亿 have no value.
    Raises ``NumeralError`` where ``parse_number`` would.
    """
    text = surface.translate(_VARIANTS)
    if "数" in text or text[:1] in ("几", "上"):
        parse_number(text.lstrip("好数几上"))
        return Quantity(relation=Relation.ABOUT)
    relation = Relation.EQ
    text = text.replace("〇几", "几")  # 一百零几万
    for word, meaning in (("多", Relation.GT), ("余", Relation.GT), ("几", Relation.GT)):
        if word in text:
            text, relation = text.replace(word, "", 1), meaning
    if "来" in text:
        text, relation = text.replace("来", "", 1), Relation.ABOUT
    pair = _PAIR.search(text)
    if pair is not None and _is_adjacent(pair) and _pair_is_range(text, pair):
        ends = filter(None, pair.groups())
        low, high = (text[: pair.start()] + d + text[pair.end() :] for d in ends)
        return Quantity(low=parse_number(low), high=parse_number(high), relation=relation)
    return Quantity(value=parse_number(text), relation=relation)


def parse_number(text: str) -> Decimal:
    """The value of one numeral, exactly as written.

    Takes Arabic (full width, thousands separators), Chinese and mixed numerals, traditional and
    financial characters, a sign (-, 负), 半 (0.5) and a/b. Raises ``NumeralError`` on anything
    else, on a character out of place, and on exponents.
    """
    body = text.translate(_VARIANTS)
    sign = Decimal(1)
    if body[:1] in ("-", "+", "负"):
        sign = Decimal(1) if body[0] == "+" else Decimal(-1)
        body = body[1:]
    if body == "半":
        return sign * Decimal("0.5")
    if body[-1:] in _SCALES and body[:-1].isascii():
        return sign * _parse(body[:-1], text) * _SCALES[body[-1]]
    numerator, slash, denominator = body.partition("/")
    if slash:
        below = _parse(denominator, text)
        if not below:
            raise NumeralError(f"{text!r}: division by zero")
        return sign * _parse(numerator, text) / below
    return sign * _parse(body, text)


def parse_digits(text: str) -> int:
    """A number written digit by digit: 2017, ２０１７, 二〇一七, 二零二二, 九八.

    Raises ``NumeralError`` where any character is no digit.
    """
    body = text.translate(_VARIANTS).translate(_TO_ARABIC)
    if not (body.isascii() and body.isdigit()):
        raise NumeralError(f"{text!r} is not written digit by digit")
    return _digits(body)


def _digits(body: str) -> int:
    # int() of thousands of digits is quadratic and refused by Python; no quantity is that long.
    if len(body) > _LONGEST:
        raise NumeralError(f"a numeral of {len(body)} digits is no quantity")
    return int(body)


def _is_digits(surface: str) -> bool:
    body = surface.translate(_VARIANTS).translate(_TO_ARABIC)
    return body.isascii() and body.isdigit()


def _is_adjacent(pair: re.Match[str]) -> bool:
    if pair["low"]:
        return int(pair["high"]) == int(pair["low"]) + 1
    low, high = _DIGIT_VALUE[pair[1]], _DIGIT_VALUE[pair[2]]
    return high == low + 1 or (low, high) == (3, 5)


def _pair_is_range(text: str, pair: re.Match[str]) -> bool:
    before, after = text[: pair.start()], text[pair.end() :]
    return before[-1:] in ("", *"十百千万亿兆-+负") and after[:1] in ("", *"十百千万亿兆")


def read_longest(surface: str) -> tuple[int, Quantity] | None:
    """Length of the longest readable prefix of a numeral and what it says; None without one.

    A surface of more than 32 characters is no quantity and gives None.
    """
    if len(surface) > _LONGEST:
        return None
    for length in range(len(surface), 0, -1):
        try:
            return length, read_numeral(surface[:length].rstrip())
        except NumeralError:
            continue
    return None


def _parse(body: str, whole: str) -> Decimal:
    body = re.sub(rf"(?<=[\d{_DIGITS}]){SPACE}(?=[十百千万亿兆])", "", body).replace("万万", "亿")
    if not body:
        raise NumeralError(f"{whole!r} is no numeral")
    if len(body) > _LONGEST:
        raise NumeralError(f"a numeral of {len(body)} characters is no quantity")
    return _with_big_units(body, whole)


def _with_big_units(body: str, whole: str) -> Decimal:
    for unit, size in _BIG:
        left, found, right = body.rpartition(unit)
        if not found:
            continue
        head = _with_big_units(left, whole) if left else Decimal(1)
        if unit in left or (not head and not left.isascii()):
            raise NumeralError(f"{whole!r}: {unit} is out of place")
        if not right:
            return head * size
        if right[0] == "." and len(right) > 1 and head == head.to_integral_value():
            return head * size + _section(f"〇{right}", whole)  # 两千万点五
        if head != head.to_integral_value():
            raise NumeralError(f"{whole!r}: {right!r} after a decimal amount")
        if right[0] in "万亿兆":
            raise NumeralError(f"{whole!r}: {right[0]} stands directly after {unit}")
        tail = _tail(right, size, whole)
        if tail >= size:
            raise NumeralError(f"{whole!r}: {right!r} is too large after {unit}")
        return head * size + tail
    return _section(body, whole)


def _tail(right: str, size: Decimal, whole: str) -> Decimal:
    """What follows a unit: 4万5 is 45000, 4万〇5 is 40005, 六万三六九〇 is 63690."""
    if len(right) == 1 and right in "123456789" + _DIGITS[1:]:
        return _plain(right, whole) * size / 10
    bare = right.lstrip("〇0")
    if not bare:
        raise NumeralError(f"{whole!r}: nothing but zeros after a unit")
    if all(c in _DIGITS for c in right) and not (right[0] == "〇" and len(bare) == 1):
        if Decimal(10) ** len(right) != size:
            raise NumeralError(f"{whole!r}: {len(right)} digits after a unit of {size}")
        return _plain(right, whole)
    return _with_big_units(right.lstrip("〇"), whole)


def _section(body: str, whole: str) -> Decimal:
    """A numeral without 万 and above: 三千零五十, 3千5, 百二, 27.84, 二十七.八四, 3.5千."""
    if "." in body and not body.isascii():
        left, _, right = body.partition(".")
        unit = _SMALL.get(right[-1:], Decimal(1))
        fraction = right[:-1] if right[-1:] in _SMALL else right
        if not left or not fraction or not set(fraction.translate(_TO_ARABIC)) <= set("0123456789"):
            raise NumeralError(f"{whole!r}: misplaced decimal point")
        digits = fraction.translate(_TO_ARABIC)
        return (_section(left, whole) + Decimal(f"0.{digits}")) * unit
    total, last, position = Decimal(0), Decimal(10000), 0
    while step := _SECTION_STEP.match(body, position):
        unit = _SMALL[step[2]]
        if unit >= last or (step[1] is None and position and unit != 10):
            raise NumeralError(f"{whole!r}: {step[2]} is out of place")
        count = _plain(step[1], whole) if step[1] else Decimal(1)
        if count >= 10:
            raise NumeralError(f"{whole!r}: {step[1]} before {step[2]}")
        total += count * unit
        last, position = unit, step.end()
        if body[position : position + 1] == "〇":
            position += 1
            rest = body[position:]
            if rest and not _SECTION_STEP.match(rest):
                return total + _after_zero(rest, last, whole)
            if not rest:
                raise NumeralError(f"{whole!r} ends in a zero after a unit")
    rest = body[position:]
    if not position:
        return _plain(rest, whole)
    return total + (_small_tail(rest, last, whole) if rest else Decimal(0))


def _after_zero(rest: str, unit: Decimal, whole: str) -> Decimal:
    value = _plain(rest, whole)
    if value >= unit / 10 or (len(rest) > 1 and not rest.isascii()):
        raise NumeralError(f"{whole!r}: {rest!r} is out of place")
    return value


def _small_tail(rest: str, unit: Decimal, whole: str) -> Decimal:
    if unit == 10 or len(rest) == 1:
        value = _plain(rest, whole)
        if value >= 10:
            raise NumeralError(f"{whole!r}: {rest!r} is out of place")
        return value * unit / 10
    value = _plain(rest, whole)
    if value >= unit or Decimal(10) ** len(rest.partition(".")[0]) != unit:
        raise NumeralError(f"{whole!r}: {rest!r} is out of place")
    return value


def _plain(body: str, whole: str) -> Decimal:
    """Digits alone, Arabic (with separators and a point) or Chinese."""
    if body and all(c in _DIGITS for c in body):
        return Decimal(_digits(body.translate(_TO_ARABIC)))
    if not body.isascii() or not _ARABIC_ONLY.fullmatch(body):
        raise NumeralError(f"{whole!r}: cannot read {body!r}")
    return Decimal(body.replace(",", ""))
