"""An amount of money as found in a text, and what all its forms have in common."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.numerals import NUMERAL, read_numeral
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


NOTHING = Quantity(relation=Relation.ABOUT)


COUNT = rf"(?:{NUMERAL}|好几|几|数|半)"


FIRST = (
    r"(?=[0-9０-９零〇○一二三四五六七八九两壹贰叁肆伍陆柒捌玖十百千拾佰仟廿卅卌万亿兆数几上好半])"
)


BIG = re.compile(r"[万亿兆]")


ENDS_HERE = re.compile(
    r"[，。；、！？,;:：）)」』”’〔【「『“‘（(《\s\n／/]|$|左右|以上|以下|上下|以内|不等"
    r"|的(?![人用户粉]|电脑|车)|来|去|后|时|给|才|就|却|买|用|帮|和|与|及|或|还|仍|被|不|，"
)


def read_count(text: str) -> Quantity:
    """What one count says; 几, 数 and 好几 have no number."""
    return NOTHING if text in ("几", "数", "好几") else read_numeral(text)
