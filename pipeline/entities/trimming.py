"""Mentions that took too much: 报罗纳度, 工业电脑桦汉, 有线新闻部, 郑生.

Where an article's other mentions show a name inside, the mention is cut down to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from pipeline.document import Document, Label, Mention
from pipeline.names.firms import only_trades, split_place
from pipeline.names.people import parse_person
from pipeline.resources import read_lexicon

_DOUBTFUL, _LONE = 0.6, 0.9
_OFTEN = 2
_GOVERNMENT = re.compile(r"(?:市|县)?(?:政府|府)")
_UNIT = re.compile(r"[\u4e00-\u9fffA-Za-z]{1,8}(?:事业部|事业群|新闻部|部门|部)\Z")


@lru_cache(maxsize=1)
def _honorifics() -> tuple[str, ...]:
    kinds = ("mr", "ms", "mrs")
    return tuple(r.term for r in read_lexicon("honorifics") if r.value in kinds)


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    return frozenset(r.term for r in read_lexicon("affiliation_words") if r.value == "break")


def trimmed(
    document: Document,
    mention: Mention,
    firm: Mapping[str, str],
    surnames: frozenset[str],
    counts: Mapping[str, int],
) -> tuple[int, int, str] | None:
    """(start, end, label) of the name inside a mention, or None where it stays as it is.

    ``firm`` are the names (form -> label) that the article has more than once for sure;
    ``surnames`` are those of its full Chinese names; ``counts`` says how often each form is marked.
    """
    text = document.text[mention.start : mention.end]
    if mention.label == Label.PERSON:
        for word in _honorifics():
            if text.endswith(word) and text[: -len(word)] in surnames:
                return mention.start, mention.end - len(word), Label.PERSON
    elif text[:1] in surnames and _GOVERNMENT.fullmatch(text, 1):
        return mention.start, mention.start + 1, Label.PERSON
    if text in firm:
        return None
    for size in range(len(text) - 1, 1, -1):
        for start in (0, len(text) - size):
            form = text[start : start + size]
            rest = text[size:] if start == 0 else text[:start]
            if form not in firm:
                continue
            often = counts[form] >= _OFTEN and counts[text] == 1 and len(rest) == 1
            limit = _LONE if often else _DOUBTFUL
            if _too_much(mention, rest, firm[form], leading=start > 0, limit=limit):
                at = mention.start + start
                return at, at + size, firm[form]
    return None


def _too_much(mention: Mention, rest: str, label: str, *, leading: bool, limit: float) -> bool:
    """True where the rest of a mention that scores below ``limit`` is no part of a name."""
    if not leading and label == Label.COMPANY and _UNIT.fullmatch(rest):
        return True
    if rest in _stop_words():
        return True
    if label == Label.PERSON:
        return mention.score < limit and "·" not in rest and " " not in rest
    place, other = split_place(rest + "占位")
    is_place = place != "" and other == "占位"
    return mention.score < limit and leading and not is_place and not only_trades(rest)


def surnames_of(names: Mapping[str, str]) -> frozenset[str]:
    """Surnames and last characters of the full Chinese names among labelled forms."""
    people = (parse_person(form) for form, label in names.items() if label == Label.PERSON)
    full = [p for p in people if p.kind == "full"]
    return frozenset(p.surname for p in full) | frozenset(p.given[-1] for p in full if p.given[1:])


def cut(document: Document, mention: Mention, start: int, end: int, label: str) -> Mention:
    """The mention cut to other offsets."""
    rule = "trimmed to a name of the article"
    return replace(document.recut(mention, start, end), label=label, stage="second_pass", rule=rule)
