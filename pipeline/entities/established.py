"""Names that an article establishes, so that they are looked for wherever it has them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.document import Document, Label, Mention
from pipeline.entities.definitions import find_definitions
from pipeline.entities.derived import bodies_of_legal_names, contractions
from pipeline.names.firms import is_place, split_name
from pipeline.names.people import (
    has_han,
    is_latin,
    parse_person,
    surnames,
    transliteration_before,
)
from pipeline.resources import read_lexicon

SURE = 0.8
FOUND = (Label.PERSON, Label.COMPANY, Label.ORG)
SHORT_LATIN = 4

_SURE_PERSON = 0.65
_LONG_PERSON = 3
_REPEATED, _REPEATED_PERSON = 3, 0.5
_OPENED = re.compile(r"\s?[(（]\Z")
_USUAL = 20.0
_TWICE, _TWICE_PERSON = 0.55, 0.4
_SHARE, _PERSON, _ACRONYM = 0.3, 0.1, 0.5
_ONCE_VOUCHED, _SHARE_VOUCHED = 0.6, 0.15
_ONCE_STEM = 0.5
"""A mark of 永兴 is enough where 永兴科技 is sure."""
_VOUCHED = ("lexicon", "name", "suffix", "special")
_BY_RULE = ("medium in title marks", "quoted by kind")
_OFTEN = 2


class Known(NamedTuple):
    """An established name: its label, the score of its source, and what established it."""

    label: str
    score: float
    rule: str
    often: bool = False
    """Marked more than once, and surely."""


def established(document: Document, chosen: Sequence[Mention]) -> dict[str, Known]:
    """Form -> what it is, for the names that the article establishes; ``chosen`` are disjoint."""
    count = Counter(document.text[m.start : m.end] for m in chosen)
    sound = {document.text[m.start : m.end] for m in chosen if vouched(m)} - _platforms()
    stems = {
        split_name(document.text[m.start : m.end]).brand
        for m in chosen
        if m.label == Label.COMPANY and m.score >= SURE
    }
    known: dict[str, Known] = {}
    for form, (label, score) in best_marks(document, chosen).items():
        if label not in FOUND or not _usable(form) or is_place(form):
            continue
        stem = label == Label.COMPANY and form in stems and score >= _ONCE_STEM
        if (
            stem
            or _sure(document, form, label, score, count[form])
            or (form in sound and _vouched_for(document, form, score, count[form]))
        ):
            often = count[form] >= _OFTEN and score >= SURE
            known[form] = Known(label, score, "name of the article", often)
    _define(document, known)
    sure = [m for m in chosen if m.score >= SURE or document.text[m.start : m.end] in known]
    for short, m in contractions(document, sure):
        known.setdefault(short, Known(m.label, m.score, "contraction"))
    for form, m in bodies_of_legal_names(document, sure):
        known.setdefault(form, Known(Label.COMPANY, m.score, "legal name without form"))
    for form, score in _glossed(document, chosen):
        known.setdefault(form, Known(Label.PERSON, score, "name before its gloss"))
    for form, what in list(known.items()):
        last = form.rsplit(" ", 1)[-1]
        if what.label == Label.PERSON and is_latin(form) and last != form and len(last) > 2:
            known.setdefault(last, Known(what.label, what.score, "last name"))
    return known


def best_marks(document: Document, mentions: Iterable[Mention]) -> dict[str, tuple[str, float]]:
    """Form -> the label with the most weight among its mentions, and the best score with it."""
    weight: dict[str, dict[str, float]] = {}
    best: dict[tuple[str, str], float] = {}
    for m in mentions:
        form = document.text[m.start : m.end]
        weights = weight.setdefault(form, {})
        weights[m.label] = weights.get(m.label, 0.0) + m.score
        best[form, m.label] = max(best.get((form, m.label), 0.0), m.score)
    found = {}
    for form, weights in weight.items():
        label = min(weights, key=lambda name, w=weights: (-w[name], name))  # type: ignore[misc]
        found[form] = (label, best[form, label])
    return found


def _sure(document: Document, form: str, label: str, score: float, count: int) -> bool:
    """True where the marks of a form are many and sure enough."""
    # A form that stands unmarked nearly everywhere (BCA, a test) was marked by mistake.
    share = count / max(document.text.count(form), 1)
    person = label == Label.PERSON and (_chinese_name(form) or _nickname(form))
    acronym = not has_han(form) and len(form) <= SHORT_LATIN
    needed = _ACRONYM if acronym else _PERSON if person else _SHARE
    twice = _TWICE_PERSON if person else SURE if acronym else _TWICE
    once = _SURE_PERSON if person and len(form) >= _LONG_PERSON else SURE
    if once == _SURE_PERSON and document.text.count(form) >= _REPEATED:
        once = _REPEATED_PERSON
    return share >= needed and (score >= once or (count > 1 and score >= twice))


def vouched(mention: Mention) -> bool:
    """True where a lexicon or the form of the name speaks for a mention beside the engine."""
    return mention.rule in _BY_RULE or any(f"+{word}" in f"+{mention.rule}" for word in _VOUCHED)


def _vouched_for(document: Document, form: str, score: float, count: int) -> bool:
    share = count / max(document.text.count(form), 1)
    return has_han(form) and score >= _ONCE_VOUCHED and share >= _SHARE_VOUCHED


def _define(document: Document, known: dict[str, Known]) -> None:
    """Add the further names that the article states in brackets and by apposition."""
    indices = [i for i, m in enumerate(document.mentions) if m.label in FOUND]
    for d in find_definitions(document, indices):
        source = document.mentions[d.mention]
        if source.label == Label.PERSON and d.text.isupper() and " " not in d.text:
            continue
        if d.kind in ("name", "latin") and _usable(d.text) and d.text not in known:
            known[d.text] = Known(source.label, source.score, "definition")


def _glossed(document: Document, chosen: Sequence[Mention]) -> Iterator[tuple[str, float]]:
    """Unmarked transliterations before a person's Latin name in brackets: 佛度 (Nick Faldo)."""
    text = document.text
    marked = {m.end for m in chosen}
    for m in chosen:
        bracket = _OPENED.search(text, max(0, m.start - 3), m.start)
        if m.label != Label.PERSON or bracket is None or not is_latin(text[m.start : m.end]):
            continue
        end = bracket.start()
        start = transliteration_before(text, end)
        if start < end and end not in marked and text[m.end : m.end + 1] in ("）", ")"):
            yield text[start:end], m.score


def _chinese_name(form: str) -> bool:
    """True for a surname that is usual as one, with a given name."""
    name = parse_person(form)
    return name.kind == "full" and surnames().get(name.surname, 0.0) >= _USUAL


@lru_cache(maxsize=1)
def _platforms() -> frozenset[str]:
    """Places to post on: what is said of one occurrence says nothing of the others."""
    return frozenset(row.term for row in read_lexicon("platforms"))


def _nickname(form: str) -> bool:
    """True for 阿权, 小张 and their like."""
    return len(form) >= 2 and form[0] in "阿小" and parse_person(form).kind == "nickname"


def _usable(form: str) -> bool:
    """True for a form long enough to be looked for by itself."""
    if not has_han(form):
        return len(form) >= 3 and is_latin(form)
    return len(form) >= 2 and not form.startswith(("（", "(", "《")) and "\n" not in form
