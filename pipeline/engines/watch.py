"""What engines share: how a shard is given again after it cost a worker its life."""

from __future__ import annotations

from dataclasses import replace

from pipeline.shard import Shard

TIMEOUT = "timeout"


def after_death(shard: Shard, in_hand: tuple[str, ...], cause: str) -> Shard:
    """The shard that a dead worker had, changed so that the same death is not repeated.

    Of several articles in hand the culprit is not known, so they are taken one by one. A single
    one (or a slice that was read) gets a second chance, as the kernel may have killed at random;
    not so a timeout, which would cost its time again. Nothing in hand is no article's fault.
    """
    if not in_hand:
        return shard
    if len(in_hand) > 1:
        return replace(shard, careful=True)
    (name,) = in_hand
    if cause == TIMEOUT or name in shard.suspects:
        return replace(shard, careful=True, poisoned={**shard.poisoned, name: cause})
    return replace(shard, careful=True, suspects=shard.suspects | {name})
