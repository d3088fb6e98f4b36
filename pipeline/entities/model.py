"""What a document's mentions share: entities and their further names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alias:
    """A further name of an entity, and where the article shows it.

    ``evidence`` is "definition" (the article says so), "short form" (derived from the fuller
    form) or "lexicon". ``start``/``end`` are the raw offsets of the alias itself.
    """

    text: str
    text_raw: str
    evidence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, company or other organisation of one article.

    ``name`` is the fullest form that the article gives, simplified; ``mentions`` index
    ``Document.mentions``; ``kind`` is full, surname, nickname or foreign for a person, else
    company or org; ``rules`` say why mentions of different form stand together.
    """

    id: str
    kind: str
    name: str
    name_raw: str
    mentions: tuple[int, ...]
    aliases: tuple[Alias, ...] = ()
    link_id: str | None = None
    link_name: str | None = None
    rules: tuple[str, ...] = ()

    @property
    def is_person(self) -> bool:
        """True for people, False for companies and other organisations."""
        return self.kind not in ("company", "org")
