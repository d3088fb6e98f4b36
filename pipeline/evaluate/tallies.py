"""Counts per article, from which every score, interval and test of this package is made.

Every score here is a ratio of sums over articles, so one small table of counts per article
(numerator and denominator of precision, then of recall) serves point scores, bootstrap,
randomisation and slices alike.

Definitions. ``strict``: same span, same label (CoNLL). ``exact``, ``partial``, ``type``: SemEval
2013 task 9.1, computed by nervaluate; within one label nervaluate sees that label alone, so a type
error counts there as one miss and one spurious mention, while ``micro`` sees all labels.
nervaluate's own ``strict`` differs from ours only where predictions overlap each other: there it
may spend a gold mention on an overlapping answer that stands before the exact one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.errors import InputError
from pipeline.evaluate.clusters import b_cubed_sums
from pipeline.evaluate.gold import GoldArticle, GoldMention, Norm, comparable
from pipeline.evaluate.system import NAME_LABELS, QUANTITY_LABELS, Prediction, System, gold_clusters
from pipeline.normalize import to_simplified

SCHEMES = ("strict", "exact", "partial", "type")
MICRO = "micro"
MACRO = "macro"
ENTITY_GROUPS = {"PERSON": ("PERSON",), "organisations": ("COMPANY", "ORG"), "all": NAME_LABELS}
FACT_FIELDS = {"person, organisation": 2, "all four": 4}

Array = np.ndarray[Any, np.dtype[np.float64]]
Sums = tuple[float, float, float, float]


class Key(NamedTuple):
    """Which score: what is measured, on which label, and for normal forms on which field."""

    measure: str
    label: str
    field: str = ""


class Tallies(NamedTuple):
    """``counts[article, key]`` is (precision numerator, denominator, recall numerator, denom.)."""

    keys: tuple[Key, ...]
    counts: Array

    def only(self, wanted: Callable[[Key], bool]) -> Tallies:
        """The tallies of some keys."""
        at = [n for n, key in enumerate(self.keys) if wanted(key)]
        return Tallies(tuple(self.keys[n] for n in at), self.counts[:, at])

    def rows(self, articles: Sequence[int]) -> Tallies:
        """The tallies of some articles."""
        return Tallies(self.keys, self.counts[list(articles)])


def tally(
    gold: Sequence[GoldArticle],
    system: System,
    labels: Sequence[str],
    schemes: Sequence[str] = SCHEMES,
) -> Tallies:
    """Count a system's answers: spans in each scheme, normal forms, entities, affiliations.

    Raises ``InputError`` where there is no article.
    """
    if not gold:
        raise InputError("the gold corpus holds no article")
    columns: dict[Key, Array] = {}
    pairs = list(zip(gold, system.predictions, strict=True))
    for scheme in schemes:
        _span_columns(columns, pairs, labels, scheme)
    _value_columns(columns, pairs, labels)
    if any(label in NAME_LABELS for label in labels):
        _entity_columns(columns, pairs, labels)
        _fact_columns(columns, pairs)
    keys = tuple(columns)
    if not keys:
        return Tallies((), np.zeros((len(gold), 0, 4)))
    return Tallies(keys, np.stack([columns[key] for key in keys], axis=1))


def score(sums: Array) -> Array:
    """Precision, recall and F1 (last axis) from sums (last axis of 4); 0/0 is 0."""
    precision = _ratio(sums[..., 0], sums[..., 1])
    recall = _ratio(sums[..., 2], sums[..., 3])
    return np.stack([precision, recall, _ratio(2 * precision * recall, precision + recall)], -1)


def _ratio(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.zeros_like(below), where=below > 0)


_Pair = tuple[GoldArticle, Prediction]


def _span_columns(
    columns: dict[Key, Array], pairs: Sequence[_Pair], labels: Sequence[str], scheme: str
) -> None:
    count = _strict if scheme == "strict" else _semeval(scheme)
    names = (*labels, MICRO)
    found = {name: np.zeros((len(pairs), 4)) for name in names}
    for n, (article, answer) in enumerate(pairs):
        gold = _by_label(article.mentions, labels)
        ours = _by_label(answer.mentions, labels)
        for label in gold.keys() | ours.keys():
            found[label][n] = count(gold.get(label, []), ours.get(label, []))
        if gold or ours:
            found[MICRO][n] = count(_in_text_order(gold), _in_text_order(ours))
    for name in names:
        columns[Key(scheme, name)] = found[name]


def _by_label(
    mentions: Iterable[GoldMention], labels: Sequence[str]
) -> dict[str, list[GoldMention]]:
    found: dict[str, list[GoldMention]] = {}
    for mention in sorted(mentions, key=lambda m: (m.start, m.end)):
        if mention.label in labels:
            found.setdefault(mention.label, []).append(mention)
    return found


def _in_text_order(by_label: Mapping[str, Sequence[GoldMention]]) -> list[GoldMention]:
    """All mentions: nervaluate pairs overlaps in the order of its lists."""
    mentions = [m for group in by_label.values() for m in group]
    return sorted(mentions, key=lambda m: (m.start, m.end))


def _strict(gold: Sequence[GoldMention], ours: Sequence[GoldMention]) -> Sums:
    wanted = {(m.start, m.end, m.label) for m in gold}
    given = {(m.start, m.end, m.label) for m in ours}
    right = len(wanted & given)
    return right, len(given), right, len(wanted)


def _semeval(scheme: str) -> Callable[[Sequence[GoldMention], Sequence[GoldMention]], Sums]:
    from nervaluate import strategies
    from nervaluate.entities import Entity

    strategy = {
        "exact": strategies.ExactEvaluation,
        "partial": strategies.PartialEvaluation,
        "type": strategies.EntityTypeEvaluation,
    }[scheme]()

    def count(gold: Sequence[GoldMention], ours: Sequence[GoldMention]) -> Sums:
        # nervaluate's ends are inclusive
        wanted = [Entity(m.label, m.start, m.end - 1) for m in gold]
        given = [Entity(m.label, m.start, m.end - 1) for m in ours]
        result, _ = strategy.evaluate(wanted, given, [])
        right = result.correct + 0.5 * result.partial
        return right, result.actual, right, result.possible

    return count


def _value_columns(
    columns: dict[Key, Array], pairs: Sequence[_Pair], labels: Sequence[str]
) -> None:
    """``value``: span, label and normal form right; ``field``: of the right spans, right fields."""
    for label in (label for label in QUANTITY_LABELS if label in labels):
        whole = np.zeros((len(pairs), 4))
        fields: dict[str, Array] = {}
        for n, (article, answer) in enumerate(pairs):
            gold = {
                (m.start, m.end): comparable(m.norm) for m in article.mentions if m.label == label
            }
            ours = {
                (m.start, m.end): comparable(m.norm) for m in answer.mentions if m.label == label
            }
            shared = [(gold[place], ours[place]) for place in gold.keys() & ours.keys()]
            right = sum(g == o for g, o in shared)
            whole[n] = right, len(ours), right, len(gold)
            for g, o in shared:
                wanted, given = dict(g or ()), dict(o or ())
                _add(fields, "all", n, len(pairs), g == o)
                for name in wanted.keys() | given.keys():
                    _add(fields, name, n, len(pairs), wanted.get(name) == given.get(name))
        columns[Key("value", label)] = whole
        for name in sorted(fields, key=lambda name: (name != "all", name)):
            columns[Key("field", label, name)] = fields[name]


def _norms(mentions: Iterable[GoldMention], label: str) -> dict[tuple[int, int], Norm]:
    return {(m.start, m.end): comparable(m.norm) for m in mentions if m.label == label}


def _add(fields: dict[str, Array], name: str, article: int, articles: int, right: bool) -> None:
    column = fields.setdefault(name, np.zeros((articles, 4)))
    column[article] += (right, 1, right, 1)


def _entity_columns(
    columns: dict[Key, Array], pairs: Sequence[_Pair], labels: Sequence[str]
) -> None:
    if any(answer.clusters is None for _, answer in pairs):
        return
    for group, members in ENTITY_GROUPS.items():
        wanted = {label for label in members if label in labels}
        if not wanted:
            continue
        column = np.zeros((len(pairs), 4))
        for n, (article, answer) in enumerate(pairs):
            gold = _clusters(gold_clusters(article), article.mentions, wanted)
            ours = _clusters(dict(answer.clusters or ()), answer.mentions, wanted)
            column[n] = b_cubed_sums(gold, ours)
        columns[Key("entities", group)] = column


def _clusters(
    entity_of: Mapping[tuple[int, int], str], mentions: Iterable[GoldMention], labels: set[str]
) -> dict[tuple[int, int], str]:
    """Clusters of the names of some labels; a name without an entity stands alone."""
    return {
        (m.start, m.end): entity_of.get((m.start, m.end), f"{m.start}-{m.end}")
        for m in mentions
        if m.label in labels
    }


def _fact_columns(columns: dict[Key, Array], pairs: Sequence[_Pair]) -> None:
    if any(answer.facts is None for _, answer in pairs):
        return
    if not any(article.affiliations for article, _ in pairs):
        return
    for name, width in FACT_FIELDS.items():
        column = np.zeros((len(pairs), 4))
        for n, (article, answer) in enumerate(pairs):
            wanted = {
                (person, organisation, to_simplified(title), status)[:width]
                for person, organisation, title, status in article.affiliations
                if person and organisation
            }
            given = {tuple(fact)[:width] for fact in answer.facts or ()}
            right = len(wanted & given)
            column[n] = right, len(given), right, len(wanted)
        columns[Key("affiliations", name)] = column
