"""What engines share: how a shard is given again after it cost a worker its life."""

from __future__ import annotations

from dataclasses import replace

from pipeline.shard import Shard


def after_death(shard: Shard, in_hand: tuple[str, ...], cause: str) -> Shard:
    """The shard that a dead worker had, changed so that the same death is not repeated.

    One article (or slice) in hand is the culprit and is not touched again; of several it is not
    known, so they are taken one by one; none is no article's fault.
    """
    if len(in_hand) == 1:
        return replace(shard, poisoned={**shard.poisoned, in_hand[0]: cause})
    return replace(shard, careful=True) if in_hand else shard
