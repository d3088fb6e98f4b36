"""What one article gives: the document with its mentions, entities and affiliations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.document import Document

if TYPE_CHECKING:
    from pipeline.affiliations import Affiliation
    from pipeline.entities import Entity


@dataclass(frozen=True, slots=True)
class Extraction:
    """The outcome for one article; ``Entity.mentions`` index ``document.mentions``."""

    document: Document
    entities: tuple[Entity, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()

    def _repr_html_(self) -> str:
        """What a notebook shows: the marked text and its rows."""
        from pipeline.report.notebook import extraction_fragment

        return extraction_fragment(self)
