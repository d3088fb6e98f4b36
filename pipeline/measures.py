"""Whether a number counts something, by the word behind it (lexicon ``year_negatives``)."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.resources import alternation, read_lexicon


def words_for(lexicon: str, value: str) -> str:
    """Regex alternation of all terms of a lexicon with this value, longest first."""
    return alternation({row.term for row in read_lexicon(lexicon) if row.value == value})


@lru_cache(maxsize=1)
def measure_after() -> re.Pattern[str]:
    """Matches where a number is followed by what it counts (2000万, 1955名, 2017 次)."""
    words = words_for("year_negatives", "not_measure")
    measure = words_for("year_negatives", "measure")
    hotline = '[」』”"]?(?:市民|便民)?(?:专线|热线)'
    return re.compile(rf" ?(?!{words})(?:{measure}|{hotline})")
