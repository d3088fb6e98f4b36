"""Who was what where: people, organisations and titles, from the constructions of news Chinese."""

from __future__ import annotations

from pipeline.affiliations.find import find_affiliations
from pipeline.affiliations.model import Affiliation

__all__ = ["Affiliation", "find_affiliations"]
