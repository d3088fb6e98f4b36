"""Partial CRF: marginal likelihood of all tag paths that an annotation allows.

Loss = log Z(all legal paths) - log Z(allowed paths). Both come from one forward-backward pass in
probability space (float64, rescaled at each step); the gradient is the difference of the two
expectations, so autograd never walks the recursion.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from models.recipe.data import TAGS


def legal_transitions() -> tuple[Tensor, Tensor, Tensor]:
    """BIOES constraints: (from, to), start and end, as boolean tensors."""
    n = len(TAGS)
    pairs = torch.zeros(n, n, dtype=torch.bool)
    for i, left in enumerate(TAGS):
        for j, right in enumerate(TAGS):
            if left[0] in "BI":
                pairs[i, j] = right[0] in "IE" and right[2:] == left[2:]
            else:
                pairs[i, j] = right[0] in "OBS"
    start = torch.tensor([tag[0] in "OBS" for tag in TAGS])
    end = torch.tensor([tag[0] in "OES" for tag in TAGS])
    return pairs, start, end


class Potentials(NamedTuple):
    """Non-negative CRF potentials: emissions [T, N, K], transitions [K, K], start and end [K]."""

    emissions: Tensor
    transitions: Tensor
    start: Tensor
    end: Tensor
    mask: Tensor
    """[T, N]: real positions."""


class Lattice(NamedTuple):
    """Scaled forward and backward values [T, N, K], scales [T, N, 1], log partition [N]."""

    alpha: Tensor
    beta: Tensor
    scale: Tensor
    log_z: Tensor


def forward_backward(p: Potentials) -> Lattice:
    """Both recursions; at padding the state is carried on unchanged."""
    alphas, scales = [], []
    alpha = p.emissions[0] * p.start
    for t in range(len(p.emissions)):
        if t:
            moved = (alpha @ p.transitions) * p.emissions[t]
            alpha = torch.where(p.mask[t, :, None], moved, alpha)
        scale = alpha.sum(1, keepdim=True)
        alpha = alpha / scale
        alphas.append(alpha)
        scales.append(scale)
    scale_all = torch.stack(scales)
    final = (alpha * p.end).sum(1)
    beta = p.end / final[:, None]
    betas = [beta]
    for t in range(len(p.emissions) - 1, 0, -1):
        moved = (beta * p.emissions[t] / scale_all[t]) @ p.transitions.T
        beta = torch.where(p.mask[t, :, None], moved, beta)
        betas.append(beta)
    log_z = scale_all.log().sum((0, 2)) + final.log()
    return Lattice(torch.stack(alphas), torch.stack(betas[::-1]), scale_all, log_z)


def expectations(p: Potentials, lattice: Lattice, sign: Tensor) -> tuple[Tensor, ...]:
    """Signed expected counts: emissions [T, N, K], transitions, start, end; ``sign`` is [N]."""
    unary = lattice.alpha * lattice.beta * p.mask[:, :, None]
    right = lattice.beta[1:] * p.emissions[1:] / lattice.scale[1:]
    right = right * (p.mask[1:] * sign)[:, :, None]
    k = p.transitions.shape[0]
    pairs = lattice.alpha[:-1].reshape(-1, k).T @ right.reshape(-1, k) * p.transitions
    last = p.mask.sum(0).long() - 1
    ends = unary[last, torch.arange(unary.shape[1])]
    return unary, pairs, (unary[0] * sign[:, None]).sum(0), (ends * sign[:, None]).sum(0)


class PartialLoss(torch.autograd.Function):  # type: ignore[misc]
    """Weighted sum over a batch of log Z(legal) - log Z(allowed)."""

    @staticmethod
    def forward(ctx: Any, *inputs: Tensor) -> Tensor:
        """Inputs: scores [T, N, K], transitions, start, end, allowed [T, N, K], mask, weight."""
        scores, transitions, start, end, allowed, mask, weight = inputs
        n = scores.shape[1]
        wide = scores.double()
        potential = (wide - wide.max(2, keepdim=True).values).clamp(min=-80).exp()
        p = Potentials(
            torch.cat([potential, potential * allowed], 1),
            transitions.double().exp(),
            start.double().exp(),
            end.double().exp(),
            torch.cat([mask, mask], 1),
        )
        lattice = forward_backward(p)
        sign = torch.cat([weight, -weight]).double()
        unary, *others = expectations(p, lattice, sign)
        grad = (unary[:, :n] - unary[:, n:]) * weight.double()[:, None]
        ctx.gradients = [value.to(scores.dtype) for value in (grad, *others)]
        return (lattice.log_z * sign).sum().to(scores.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        """Scale the expected counts by the incoming gradient."""
        return (*(grads[0] * value for value in ctx.gradients), None, None, None)
