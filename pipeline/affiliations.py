from __future__ import annotations
from dataclasses import dataclass
from collections.abc import Sequence
from pipeline.document import Document
from pipeline.entities import Entity


@dataclass(frozen=True, slots=True)
class Affiliation:
    id: str
    person_id: str | None
    company_id: str | None
    title: str
    title_raw: str
    status: str
    start: int
    end: int
    rule: str
    description: str | None


def find_affiliations(document: Document, entities: Sequence[Entity]) -> tuple[Affiliation, ...]:
    return ()
