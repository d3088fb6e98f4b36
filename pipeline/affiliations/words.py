"""The words that affiliation rules look for, from the lexicons."""

from __future__ import annotations

from functools import lru_cache

from pipeline.resources import read_lexicon

SINGLE_HOLDER = ("chief", "place")


@lru_cache(maxsize=1)
def title_kinds() -> dict[str, str]:
    """Title -> chief, member, founder, owner or place."""
    return {row.term: row.value for row in read_lexicon("titles")}


@lru_cache(maxsize=1)
def longest_title() -> int:
    """Characters of the longest title of the lexicon."""
    return max(map(len, title_kinds()))


@lru_cache(maxsize=16)
def words(kind: str) -> frozenset[str]:
    """The words of one kind in the lexicon of constructions (former, verb, break ...)."""
    return frozenset(row.term for row in read_lexicon("affiliation_words") if row.value == kind)


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Words that cannot stand inside a title or its department."""
    return words("break") | words("verb") | words("leave") | words("appoint") | words("found")


@lru_cache(maxsize=1)
def statuses() -> dict[str, str]:
    """Status word -> former, current or future."""
    kinds = ("former", "current", "future")
    return {row.term: row.value for row in read_lexicon("affiliation_words") if row.value in kinds}


@lru_cache(maxsize=1)
def place_names() -> frozenset[str]:
    """Names of countries, regions and cities."""
    return frozenset(row.term for row in read_lexicon("places") if len(row.term) > 1)
