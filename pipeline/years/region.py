"""Whether a text is about Taiwan, for the ROC rule."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.years.words import alternation


@lru_cache(maxsize=2)
def _pattern(value: str) -> re.Pattern[str]:
    return re.compile(alternation("year_regions", value))


def is_taiwan(text: str, region: str | None) -> bool:
    """True for the region TW; where it is not known, by the place words of ``year_regions``.

    A text is Taiwan's where it has at least two such words and more than twice as many as of
    elsewhere, or where it names an ROC year with 民国.
    """
    if region is not None:
        return region == "TW"
    if re.search("民国[0-9一二三四五六七八九十百〇零]", text):
        return True
    here = sum(1 for _ in _pattern("TW").finditer(text))
    return here >= 2 and here > 2 * sum(1 for _ in _pattern("elsewhere").finditer(text))
