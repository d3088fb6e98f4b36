"""What the mentions of an article say of each other: labels settled, marks cut or taken back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.document import NAME_LABELS, Document, Label, Mention
from pipeline.entities.derived import stems_of_firms
from pipeline.entities.established import FOUND, SHORT_LATIN, SURE, vouched
from pipeline.entities.surnames_in_use import cut_to_surnames
from pipeline.entities.trimming import cut, surnames_of, trimmed
from pipeline.names.firms import is_place
from pipeline.names.people import has_han, is_latin

STAGE = "second_pass"
_MAJORITY = 3
_LEAST_SHOP = 2
_RARE = 2
_LEAST_SHARE, _LEAST_SHARE_WORD = 0.5, 0.25
_GLOSS = re.compile(r"[」』”》]?\s?[(（]\s?(?:英文名?[：:]?\s?)?\Z")


def settled(document: Document) -> Document:
    """The document with its name mentions settled; nothing is added."""
    for step in (
        _of_firms,
        _of_shops,
        _relabelled,
        _glossed,
        _trimmed,
        cut_to_surnames,
        _without_stray_latin,
    ):
        document = document.with_mentions(step(document))
    return document


def _relabelled(document: Document) -> list[Mention]:
    """Mentions, a lone label giving way to the label that the same form has everywhere else."""
    votes: dict[str, dict[str, float]] = {}
    counts: dict[str, Counter[str]] = {}
    for form, m in _named(document):
        weights = votes.setdefault(form, {})
        weights[m.label] = weights.get(m.label, 0.0) + m.score
        counts.setdefault(form, Counter())[m.label] += 1
    kept: list[Mention] = []
    for m in document.mentions:
        form = document.text[m.start : m.end]
        weights = votes.get(form, {})
        if m.label in NAME_LABELS and len(weights) > 1 and len(form) > 1:
            best = min(weights, key=lambda label, w=weights: (-w[label], label))  # type: ignore[misc]
            clear = counts[form][best] >= _MAJORITY * counts[form][m.label]
            if m.label != best and clear:
                kept.append(replace(m, label=best, stage=STAGE, rule="label of the article"))
                continue
        kept.append(m)
    return kept


def _of_firms(document: Document) -> list[Mention]:
    """Mentions, names of listed firms and their stems being companies and no people."""
    stems = stems_of_firms(document, [m for _, m in _named(document)])
    return [
        replace(m, label=Label.COMPANY, stage=STAGE, rule="short form of a firm")
        if m.label in (Label.PERSON, Label.ORG) and document.text[m.start : m.end] in stems
        else m
        for m in document.mentions
    ]


def _of_shops(document: Document) -> list[Mention]:
    """Mentions, a place that begins with a firm of the article cut to the firm (永兴百货|大明)."""
    firms = {
        form: m
        for form, m in _named(document)
        if m.label == Label.COMPANY and m.score >= SURE and len(form) > _LEAST_SHOP
    }
    kept = []
    for m in document.mentions:
        if m.label == Label.LOC:
            form = document.text[m.start : m.end]
            firm = next((name for name in firms if form.startswith(name) and form != name), None)
            if firm is not None and is_place(form[len(firm) :]):
                shop = document.recut(m, m.start, m.start + len(firm))
                rule = "firm before a place"
                kept.append(replace(shop, label=Label.COMPANY, stage=STAGE, rule=rule))
                continue
        kept.append(m)
    return kept


def _glossed(document: Document) -> list[Mention]:
    """Mentions, a Latin gloss with the label of the name before its bracket (实验室（Lab）)."""
    ends = {m.end: m for m in document.mentions if m.label in FOUND}
    kept = []
    for m in document.mentions:
        if m.label in FOUND and is_latin(document.text[m.start : m.end]):
            bracket = _GLOSS.search(document.text, max(0, m.start - 8), m.start)
            glossed = ends.get(bracket.start()) if bracket is not None else None
            if glossed is not None and glossed.label != m.label and glossed.score >= m.score:
                rule = "label of what it glosses"
                kept.append(replace(m, label=glossed.label, stage=STAGE, rule=rule))
                continue
        kept.append(m)
    return kept


def _trimmed(document: Document) -> list[Mention]:
    """Mentions, those that took too much cut to the name inside that the article establishes."""
    counts = Counter(form for form, m in _named(document) if m.label in FOUND)
    firm: dict[str, str] = {}
    people: dict[str, str] = {}
    for form, m in _named(document):
        if m.label == Label.PERSON:
            people[form] = m.label
        short = not has_han(form) and len(form) <= SHORT_LATIN
        if (
            m.label in FOUND
            and counts[form] > 1
            and m.score >= SURE
            and len(form) > 1
            and not short
        ):
            firm.setdefault(form, m.label)
    family = surnames_of(people)
    kept: list[Mention] = []
    for m in document.mentions:
        inner = None
        if m.label in FOUND and counts[document.text[m.start : m.end]] <= _RARE:
            inner = trimmed(document, m, firm, family, counts)
        kept.append(m if inner is None else cut(document, m, *inner))
    return list(dict.fromkeys(kept))


def _without_stray_latin(document: Document) -> Sequence[Mention]:
    """Mentions without Latin firms and bodies that stand unmarked more often, or in lower case."""
    forms = Counter(
        form
        for form, m in _named(document)
        if m.label in (Label.COMPANY, Label.ORG) and is_latin(form) and not vouched(m)
    )
    stray = {
        form
        for form, count in forms.items()
        if form[0].islower()
        or count
        < (_LEAST_SHARE if form.isupper() else _LEAST_SHARE_WORD) * _standing(document.text, form)
    }
    if not stray:
        return document.mentions
    return [
        m
        for m in document.mentions
        if m.label not in (Label.COMPANY, Label.ORG)
        or vouched(m)
        or document.text[m.start : m.end] not in stray
    ]


def _standing(text: str, form: str) -> int:
    """How often a Latin form stands in a text as a word of its own."""
    return len(re.findall(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])", text))


def _named(document: Document) -> Iterator[tuple[str, Mention]]:
    for m in document.mentions:
        if m.label in NAME_LABELS:
            yield document.text[m.start : m.end], m
