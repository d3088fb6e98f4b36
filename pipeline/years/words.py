"""Patterns built from the lexicons ``year_words``, ``year_negatives`` and ``era_words``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.measures import words_for
from pipeline.resources import read_lexicon

ZERO = "〇零○"
CHINESE_DIGIT = ZERO + "一二三四五六七八九"
NUMERAL = CHINESE_DIGIT + "十百千两廿卅"


class Era(NamedTuple):
    """An era: the year before its first year, and how many years it has."""

    offset: int
    years: int


@lru_cache(maxsize=1)
def eras() -> dict[str, Era]:
    """Eras of ``era_words`` (value ``offset:years``): 民国 counts from 1911."""
    found = {}
    for row in read_lexicon("era_words"):
        offset, years = row.value.split(":")
        found[row.term] = Era(int(offset), int(years))
    return found


@lru_cache(maxsize=1)
def quantity_before() -> re.Pattern[str]:
    """Matches a text that ends with a word that announces an amount or a code (逾, 编号：)."""
    amount = words_for("year_negatives", "amount_before")
    code = words_for("year_negatives", "code_before")
    return re.compile(rf"(?:(?:{amount}) ?|(?:{code})[^，。；\n\u4e00-\u9fff]{{0,8}})\Z")
