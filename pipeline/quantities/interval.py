"""Two numbers as one interval (10%-15%, 5至6%, 1至2亿元), and the pattern that joins them."""

from __future__ import annotations

from decimal import Decimal

from pipeline.numerals import SPACE, read_numeral
from pipeline.values import Quantity, Relation

JOINER = rf"(?:{SPACE}?(?:[-~～〜∼—–−﹣]{{1,2}}|至|到|乃至){SPACE}?)(?:最多|最高)?"
"""What stands between the two ends of an interval."""

_STEPS = (Decimal(10) ** 12, Decimal(10) ** 8, Decimal(10) ** 4, Decimal(1000), Decimal(100))


def read_interval(low_text: str, high_text: str, *, about: bool = False) -> Quantity:
    """The interval that two numerals span (no numbers where either is vague).

    The ends are put in order. A bare first number takes the big unit of the second where that
    makes an interval (1至2亿 is 100 to 200 million). Raises ``NumeralError`` as the parser does.
    """
    low, high = read_numeral(low_text), read_numeral(high_text)
    relation = Relation.EQ
    if about or Relation.EQ not in (low.relation, high.relation) or low.relation != high.relation:
        relation = Relation.ABOUT
    first = low.value if low.value is not None else low.low
    last = high.value if high.value is not None else high.high
    if first is None or last is None:
        return Quantity(relation=Relation.ABOUT)
    unit = next((step for step in _STEPS if last >= step), None)
    if unit is not None and first < 10_000 and not set(low_text) & set("万亿兆"):
        bare = first < 1000 and not set(low_text) & set("十百千拾佰仟")
        scales = [_scale_of(high_text)] if bare else []
        scales.append(_scale_of("".join(c for c in high_text if c in "万亿兆")))
        first *= next((scale for scale in scales if scale > 1 and first * scale <= last), 1)
    if first == last:
        return Quantity(value=first, relation=relation)
    return Quantity(low=min(first, last), high=max(first, last), relation=relation)


def _scale_of(text: str) -> Decimal:
    """The unit characters that end a numeral, multiplied (2千万 -> 10,000,000)."""
    scale = Decimal(1)
    for character in reversed(text.rstrip("多余几来")):
        size = {"百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "亿": 8, "兆": 12}.get(character)
        if size is None:
            break
        scale *= Decimal(10) ** size
    return scale
