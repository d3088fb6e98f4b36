"""Every way to write an amount of money, as spans with a number and a currency word.

Amounts with a currency sign or word (人民币3亿元, US$5000万, 3块5, 五毛钱, £1100 万, $1.5bn), and
bare numbers of 10,000s that only a money word beside them explains (2000万天使轮融资).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from pipeline.errors import NumeralError
from pipeline.numerals import NUMERAL_START, read_numeral
from pipeline.quantities.amount import BIG, BY_PLACE, Amount
from pipeline.quantities.coins import coins
from pipeline.quantities.explicit_amounts import explicit_amounts
from pipeline.quantities.implied import implied_amounts
from pipeline.quantities.interval import JOINER
from pipeline.values import Quantity

__all__ = ["BY_PLACE", "Amount", "find_amounts"]


_JOINER = re.compile(JOINER)


_ITEM = re.compile(rf"{NUMERAL_START}(?P<n>[0-9][0-9.,]{{0,9}}[千百]?[万亿])[、和与及或]$")


# 500或1000元: of two bare numbers the smaller one takes the unit of the other.
_EITHER = re.compile(rf"{NUMERAL_START}(?P<n>[0-9]{{1,3}}(?:,?[0-9]{{3}})?(?:\.[0-9]+)?)或$")
_ITEM_REACH = 16


def find_amounts(text: str) -> list[Amount]:
    """All amounts of money of a simplified text, in text order, without overlaps.

    Raises nothing on any text; linear time.
    """
    explicit = [*explicit_amounts(text)]
    found = [*coins(text), *explicit, *_listed(text, explicit), *implied_amounts(text)]
    found.sort(key=lambda a: (a.start, -a.end, bool(a.reason)))
    kept: list[Amount] = []
    for item in found:
        if kept and item.start < kept[-1].end:
            if kept[-1].reason and not item.reason and item.end > kept[-1].end:
                kept[-1] = item
            continue
        if kept and (joined := _joined(text, kept[-1], item) or _summed(text, kept[-1], item)):
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
        either = _EITHER.search(text, max(0, end - _ITEM_REACH), end)
        value = amount.quantity.value
        if either is None or value is None or BIG.search(text, amount.start, amount.end):
            continue
        first = read_numeral(either["n"])
        if text[amount.start].isdigit() and first.value is not None and first.value < value:
            yield Amount(*either.span("n"), first, amount.currency, "listed")


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


def _summed(text: str, first: Amount, second: Amount) -> Amount | None:
    """A sum in two units of one currency as one amount (两美元又三美分, 3亿又5千万元)."""
    whole, rest = first.quantity.value, second.quantity.value
    if (
        second.start - first.end > 1
        or text[first.end : second.start] not in ("又", "零")
        or first.reason
        or second.reason
        or first.currency != second.currency
        or whole is None
        or rest is None
        or not Decimal(0) < rest < 1 <= whole
    ):
        return None
    return Amount(first.start, second.end, Quantity(value=whole + rest), first.currency, "summed")
