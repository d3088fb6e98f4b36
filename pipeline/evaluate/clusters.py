"""Scores of who-is-who: B-cubed of entities, precision and recall of affiliations.

B-cubed after Bagga and Baldwin (1998); where systems find mentions of their own, a mention that
the other side lacks counts as wrong (precision) or missed (recall), as in Cai and Strube's
B-cubed-sys without twinless mentions removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.affiliations import Affiliation
from pipeline.document import Document
from pipeline.entities import Entity


class Score(NamedTuple):
    """Precision, recall and F1, each in 0..1."""

    precision: float
    recall: float
    f1: float


class Fact(NamedTuple):
    """An affiliation as the gold corpus writes it; ``title`` is empty where unknown."""

    person: str
    organisation: str
    title: str
    status: str


def b_cubed(gold: Mapping[Hashable, Hashable], system: Mapping[Hashable, Hashable]) -> Score:
    """B-cubed of two clusterings, each a mapping of mention -> cluster.

    Mentions that only one side has count against that side's score.
    """
    right, given, found, wanted = b_cubed_sums(gold, system)
    return Score(*_harmonic(right / given if given else 1.0, found / wanted if wanted else 1.0))


def b_cubed_sums(
    gold: Mapping[Any, Hashable], system: Mapping[Any, Hashable]
) -> tuple[float, float, float, float]:
    """The sums that B-cubed divides: precision's numerator and denominator, then recall's."""
    return _side(system, gold), len(system), _side(gold, system), len(gold)


def _side(ours: Mapping[Any, Hashable], theirs: Mapping[Any, Hashable]) -> float:
    sizes = Counter(ours.values())
    shared = Counter((ours[m], theirs[m]) for m in ours if m in theirs)
    return sum(shared[(ours[m], theirs[m])] / sizes[ours[m]] for m in ours if m in theirs)


def _harmonic(precision: float, recall: float) -> tuple[float, float, float]:
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def fact_score(gold: Iterable[Sequence[Hashable]], system: Iterable[Sequence[Hashable]]) -> Score:
    """Precision, recall and F1 of two sets of tuples."""
    wanted = {tuple(row) for row in gold}
    given = {tuple(row) for row in system}
    right = len(wanted & given)
    return Score(
        *_harmonic(right / len(given) if given else 1.0, right / len(wanted) if wanted else 1.0)
    )


def facts(entities: Sequence[Entity], affiliations: Sequence[Affiliation]) -> list[Fact]:
    """The affiliations that name a person and an organisation, by the entities' names."""
    names = {entity.id: entity.name for entity in entities}
    return sorted(
        {
            Fact(names[a.person_id], names[a.company_id], a.title, a.status)
            for a in affiliations
            if a.person_id is not None and a.company_id is not None
        }
    )


def mention_clusters(
    document: Document, entities: Sequence[Entity]
) -> dict[tuple[str, int, int], str]:
    """(article, start, end) -> entity, for every mention that an entity holds."""
    found: dict[tuple[str, int, int], str] = {}
    for entity in entities:
        for index in entity.mentions:
            m = document.mentions[index]
            found[(document.article.id, m.start, m.end)] = entity.id
    return found
