"""Every way to write a share or a rate, as spans with a number and a unit; no context yet.

Each form is one compiled pattern around ``NUMERAL``, one module a family; a boundary rule says
what is no percentage (成立, 四分之一决赛, 五倍券, 趴在地上), and what is seen and not settled comes
out with a reason.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from pipeline.quantities.found import Found
from pipeline.quantities.fractions import (
    fractions,
    halves,
    short_fractions,
    slashed,
    written_out,
)
from pipeline.quantities.multiples import discount, times_over, unsettled
from pipeline.quantities.plain_units import plain_units, points
from pipeline.quantities.tenths import tenths

__all__ = ["Found", "discount", "find_shares"]


# The stretch before an escape is bounded, so that a long run without one costs no square of it.
_URL = re.compile(
    r"(?:https?://|www\.)[!-~]+"
    r"|(?<=[A-Za-z/?=&])(?:[!-$&-~]{0,80}+%[0-9A-Fa-f]{2})+[!-~]*"
)


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
        link = bisect_right(links, (item.start, len(text))) - 1
        if link >= 0 and item.start < links[link][1]:
            kept.append(item._replace(unit=None, reason="url"))
        else:
            kept.append(item)
    return kept


_FORMS: tuple[tuple[tuple[str, ...], Callable[[str], Iterator[Found]]], ...] = (
    (("%", "％", "﹪", "‰", "点", "倍", "趴", "p", "P"), plain_units),
    (("个点", "个多点"), points),
    (("成",), tenths),
    (("分之", "百分百"), written_out),
    (("分之",), fractions),
    (("分", "份"), short_fractions),
    (("/",), slashed),
    (("半",), halves),
    (("番", "倍"), times_over),
    (("比", "折", "码"), unsettled),
)
