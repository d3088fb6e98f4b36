"""Scores of who-is-who: B-cubed of entities, precision and recall of affiliations.

B-cubed after Bagga and Baldwin (1998); where systems find mentions of their own, a mention that
the other side lacks counts as wrong (precision) or missed (recall), as in Cai and Strube's
B-cubed-sys without twinless mentions removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

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
    return Score(*_harmonic(_side(system, gold), _side(gold, system)))


def _side(ours: Mapping[Hashable, Hashable], theirs: Mapping[Hashable, Hashable]) -> float:
    sizes = Counter(ours.values())
    shared = Counter((ours[m], theirs[m]) for m in ours if m in theirs)
    total = sum(shared[(ours[m], theirs[m])] / sizes[ours[m]] for m in ours if m in theirs)
    return total / len(ours) if ours else 1.0


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
