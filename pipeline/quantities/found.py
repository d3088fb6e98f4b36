"""A share or rate as found in a text, and what all its forms have in common."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.numerals import NUMERAL, read_numeral
from pipeline.quantities.interval import read_interval
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


NOTHING = Quantity(relation=Relation.ABOUT)


_PAIR = "(?:" + "|".join(f"{n}、{n + 1}" for n in range(1, 9)) + ")(?=(?:成|倍|趴|%|个百))"


COUNT = (
    rf"(?:{_PAIR}|[0-9０-９.]{{1,12}}+[kKｋＫ](?![a-zA-Z0-9])"
    rf"|{NUMERAL}|好几|几|(?<![多少人半总系次])数|半)"
)


FIRST = (
    r"(?=[0-9０-９零〇○一二三四五六七八九两壹贰叁肆伍陆柒捌玖十百千拾佰仟廿卅卌万亿兆数几上好半])"
)


MINUS = ("-", "−", "–", "负")


def read_count(text: str) -> Quantity:
    """What one count says: a numeral, 几, 数 and 好几 (no number), or 3、4 (an interval)."""
    if len(text) == 3 and text[1] == "、" and text[0].isdigit():
        return read_interval(text[0], text[2])
    return NOTHING if text in ("几", "数", "好几") else read_numeral(text)


def signed(quantity: Quantity, sign: str) -> Quantity:
    """``quantity`` with the sign that stands before it."""
    if sign not in MINUS:
        return quantity
    if quantity.value is not None:
        return Quantity(value=-quantity.value, relation=quantity.relation)
    if quantity.low is not None and quantity.high is not None:
        return Quantity(low=-quantity.high, high=-quantity.low, relation=quantity.relation)
    return quantity
