"""A smaller tagger that answers as a larger one does: pruned from it, then taught its scores.

The teacher's emissions are the target on text of every kind, labelled or not; its CRF is taken over
as it is, the mean where several teach. What the pruned network lacks at first it learns back from
millions of characters.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.ensemble import Ensemble
from models.recipe.gru import SIDES
from models.recipe.model import Batch, Tagger
from models.recipe.train import Loss

TEMPERATURE = 2.0
"""Softens both distributions over tags, so that unlikely tags are learnt in their order too."""


@torch.no_grad()  # type: ignore[untyped-decorator]
def pruned(teachers: Ensemble, widths: tuple[int, int]) -> Tagger:
    """A tagger of fewer units, those of the first teacher that the layer above weighs most."""
    teacher = teachers.members[0]
    student = Tagger(teacher.sizes, widths)
    for name in ("embedding", "bigrams"):
        getattr(student, name).weight.copy_(getattr(teacher, name).weight)
    above = [getattr(teacher.upper, f"weight_ih_l0{side}") for side in SIDES]
    lower = _strongest(torch.cat(above), widths[0])
    upper = _strongest(teacher.output.weight, widths[1])
    every = torch.arange(teacher.lower.input_size)
    _copy(teacher.lower, student.lower, every, lower)
    _copy(teacher.upper, student.upper, torch.cat([lower[0], lower[1] + _units(teacher)]), upper)
    columns = torch.cat([upper[0], upper[1] + teacher.upper.hidden_size])
    student.output.weight.copy_(teacher.output.weight[:, columns])
    student.output.bias.copy_(teacher.output.bias)
    for name in ("transitions", "start", "end"):
        values = [getattr(member, name) for member in teachers.members]
        getattr(student, name).copy_(torch.stack(values).mean(0))
    return student


def _units(tagger: Tagger) -> int:
    return int(tagger.lower.hidden_size)


def _strongest(weights: Tensor, count: int) -> list[Tensor]:
    """Units of each side with the largest outgoing weights [out, 2 * units], in order."""
    sides = weights.norm(dim=0).chunk(2)
    return [side.topk(count).indices.sort().values for side in sides]


def _copy(source: nn.GRU, target: nn.GRU, columns: Tensor, units: list[Tensor]) -> None:
    """Weights of the kept units, for the kept inputs."""
    for side, kept in zip(SIDES, units, strict=True):
        rows = torch.cat([kept + gate * source.hidden_size for gate in range(3)])
        for name, picked in (("weight_ih", columns), ("weight_hh", kept)):
            full = getattr(source, f"{name}_l0{side}")
            getattr(target, f"{name}_l0{side}").copy_(full[rows][:, picked])
        for name in ("bias_ih", "bias_hh"):
            getattr(target, f"{name}_l0{side}").copy_(getattr(source, f"{name}_l0{side}")[rows])


def distillation_loss(teachers: Ensemble) -> Loss:
    """Divergence of the student's tag distributions from the teachers', summed over characters."""

    def loss(student: Tagger, batch: Batch) -> Tensor:
        target = (teachers.emissions(batch) / TEMPERATURE).log_softmax(2)
        given = (student.emissions(batch) / TEMPERATURE).log_softmax(2)
        divergence = functional.kl_div(given, target, reduction="none", log_target=True).sum(2)
        real = torch.arange(len(divergence))[:, None] < batch.lengths[None]
        return TEMPERATURE**2 * divergence[real].sum()

    return loss
