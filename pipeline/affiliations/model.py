"""Who was what where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A statement of the article that a person holds or held a post.

    ``person_id`` and ``company_id`` are entity ids; an organisation that is described but not
    named (某外卖巨头) leaves ``company_id`` None and stands in ``description``. ``title`` is
    simplified, without the organisation's name, empty where the article gives none. ``status`` is
    current, former, founder or future. ``start``/``end`` bound the evidence in the raw article;
    ``rule`` names the construction.
    """

    id: str
    person_id: str | None
    company_id: str | None
    title: str
    title_raw: str
    status: str
    start: int
    end: int
    rule: str
    description: str | None = None
