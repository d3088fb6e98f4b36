"""Who is who in one article: entities, their aliases, and links to known firms."""

from __future__ import annotations

from pipeline.entities.cluster import resolve_entities
from pipeline.entities.linking import Link, Linker
from pipeline.entities.model import Alias, Entity

__all__ = ["Alias", "Entity", "Link", "Linker", "resolve_entities"]
