"""Both sides of a GRU layer as one recursion with a gradient of its own, for training on a CPU.

torch walks a packed sequence step by step through autograd, one side after the other. Here both
sides go together, and of the backward pass only what depends on the step before stays in the loop:
the gradients of all weights are single products over all steps. Texts of a batch begin together and
each side reads a text from its own end, so padding is read last and changes nothing before it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

SIDES = ("", "_reverse")


def turned(values: Tensor, lengths: Tensor) -> Tensor:
    """``values`` [time, batch, width] with each text read from its end; padding stays in place."""
    steps = torch.arange(len(values))[:, None]
    order = torch.where(steps < lengths, lengths - 1 - steps, steps)
    return values.gather(0, order[:, :, None].expand_as(values))


class _Recursion(torch.autograd.Function):  # type: ignore[misc]
    """States [2, time, batch, units] of both sides, from input scores [2, time, batch, 3 * units].

    Gates are in torch's order r z n, and the reset gate acts after the recurrent product, as in
    ``nn.GRU``. ``weights`` is [2, units, 3 * units], ``bias`` [2, 1, 3 * units].
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
        _, steps, batch, width = inputs.shape
        units = width // 3
        gates = inputs.new_empty(2, steps, batch, 2 * units)
        news = inputs.new_empty(2, steps, batch, units)
        recurrent = inputs.new_empty(2, steps, batch, units)
        states = inputs.new_zeros(2, steps + 1, batch, units)
        for t in range(steps):
            moved = torch.baddbmm(bias, states[:, t], weights)
            torch.add(inputs[:, t, :, : 2 * units], moved[:, :, : 2 * units], out=gates[:, t])
            gates[:, t].sigmoid_()
            recurrent[:, t] = moved[:, :, 2 * units :]
            new = inputs[:, t, :, 2 * units :].addcmul(recurrent[:, t], gates[:, t, :, :units])
            torch.tanh(new, out=news[:, t])
            torch.lerp(news[:, t], states[:, t], gates[:, t, :, units:], out=states[:, t + 1])
        ctx.save_for_backward(gates, news, recurrent, states, weights)
        return states[:, 1:]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        gates, news, recurrent, states, weights = ctx.saved_tensors
        (grad,) = grads
        _, steps, batch, units = news.shape
        reset, update = gates.chunk(2, 3)
        to_new = (1 - update).mul_(1 - news * news)
        slopes = news.new_empty(2, steps, batch, 3, units)
        torch.mul(to_new, reset, out=slopes[..., 2, :])
        torch.mul(slopes[..., 2, :], (1 - reset).mul_(recurrent), out=slopes[..., 0, :])
        torch.mul(states[:, :-1] - news, (1 - update).mul_(update), out=slopes[..., 1, :])
        back = weights.transpose(1, 2).contiguous()
        moved = torch.empty_like(slopes)
        totals = torch.empty_like(news)
        total = grad[:, -1]
        for t in range(steps - 1, -1, -1):
            totals[:, t] = total
            torch.mul(slopes[:, t], total[:, :, None], out=moved[:, t])
            if t:
                kept = torch.addcmul(grad[:, t - 1], total, update[:, t])
                total = torch.baddbmm(kept, moved[:, t].flatten(2), back)
        flat = moved.view(2, steps * batch, 3 * units)
        before = states[:, :-1].reshape(2, steps * batch, units)
        to_weights = before.transpose(1, 2) @ flat
        to_bias = flat.sum(1, keepdim=True)
        torch.mul(totals, to_new, out=moved[..., 2, :])  # the new state's input passes no gate
        return moved.flatten(3), to_weights, to_bias


def both_sides(layer: nn.GRU, values: Tensor, lengths: Tensor) -> Tensor:
    """What ``layer`` answers: [time, batch, 2 * units] for ``values`` [time, batch, width].

    ``layer`` is a bidirectional ``nn.GRU`` of one layer; what stands in padding means nothing.
    """

    def both(name: str) -> Tensor:
        return torch.stack([getattr(layer, f"{name}_l0{side}") for side in SIDES])

    steps, batch, width = values.shape
    sides = torch.stack([values, turned(values, lengths)]).view(2, steps * batch, width)
    inputs = torch.baddbmm(both("bias_ih")[:, None], sides, both("weight_ih").transpose(1, 2))
    inputs = inputs.view(2, steps, batch, -1)
    weights, bias = both("weight_hh").transpose(1, 2), both("bias_hh")[:, None]
    states = _Recursion.apply(inputs, weights, bias)
    return torch.cat([states[0], turned(states[1], lengths)], 2)
