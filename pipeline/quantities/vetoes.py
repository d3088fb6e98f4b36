"""What may not follow a unit character (成立, 元旦: ``quantity_vetoes``), and word patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from pipeline.resources import alternation, read_lexicon


@lru_cache(maxsize=32)
def veto_words(unit: str) -> str:
    """Alternation of the words that refuse ``unit`` when they stand right after it.

    ``unit`` is a value of the lexicon. To be put into a lookahead.
    """
    words = [row.term for row in read_lexicon("quantity_vetoes") if row.value == unit]
    return alternation(words)


def starting_with(words: Iterable[str]) -> str:
    """Lookahead for the first characters of ``words``.

    Put before their alternation it refuses most places at once, which is what makes a search
    for many words cheap.
    """
    return "(?=[" + re.escape("".join(sorted({word[0] for word in words}))) + "])"


@lru_cache(maxsize=32)
def veto(unit: str) -> re.Pattern[str]:
    """Pattern of those words, to be matched right after the unit."""
    return re.compile(veto_words(unit))
