"""Taggers trained apart that answer as one: the mean of their scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from models.recipe.model import Batch, Tagger


class Teacher(Protocol):
    """What marks texts and sets targets: a tagger, or several."""

    def emissions(self, batch: Batch) -> Tensor:
        """Scores [time, batch, tags]."""

    def constrained(self) -> tuple[Tensor, Tensor, Tensor]:
        """Transition, start and end scores with illegal moves at a large negative value."""


class Ensemble:
    """Members differ by seed: in the order of their texts and in the names swapped into them."""

    def __init__(self, members: Sequence[Tagger]) -> None:
        self.members = [member.eval() for member in members]

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def emissions(self, batch: Batch) -> Tensor:
        """Mean of the members' scores [time, batch, tags]."""
        return torch.stack([member.emissions(batch) for member in self.members]).mean(0)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def constrained(self) -> tuple[Tensor, Tensor, Tensor]:
        """Mean of the members' transition, start and end scores."""
        parts = zip(*(member.constrained() for member in self.members), strict=True)
        transitions, start, end = (torch.stack(part).mean(0) for part in parts)
        return transitions, start, end
