"""Samples to padded, length-sorted batches under a budget of characters."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from models.recipe.data import TAGS, Sample
from models.recipe.model import Batch
from pipeline.ner.features import FeatureTable


class Weighted(NamedTuple):
    """A sample and its weight in the loss."""

    sample: Sample
    weight: float


_BITS = np.arange(len(TAGS), dtype=np.int64)


def to_batch(items: Sequence[Weighted], table: FeatureTable) -> Batch:
    """One batch, longest text first."""
    items = sorted(items, key=lambda item: -len(item.sample.text))
    encoded = table.encode([item.sample.text for item in items])
    masks = np.ones(encoded.chars.shape, dtype=np.int64)
    for row, item in enumerate(items):
        masks[row, : len(item.sample.allowed)] = item.sample.allowed
    allowed = (masks[:, :, None] >> _BITS) & 1
    return Batch(
        torch.from_numpy(encoded.chars),
        torch.from_numpy(encoded.bigrams),
        torch.from_numpy(encoded.features),
        torch.from_numpy(encoded.lengths).long(),
        torch.from_numpy(allowed.astype(np.float64)),
        torch.tensor([item.weight for item in items]),
    )


def epoch_batches(
    items: list[Weighted], budget: int, rnd: random.Random
) -> Iterator[list[Weighted]]:
    """Shuffled batches of texts of similar length, about ``budget`` characters each."""
    keyed = sorted(items, key=lambda item: (len(item.sample.text) // 4, rnd.random()))
    groups: list[list[Weighted]] = [[]]
    filled = 0
    for item in keyed:
        longest = max(filled, len(item.sample.text))
        if groups[-1] and longest * (len(groups[-1]) + 1) > budget:
            groups.append([])
            longest = len(item.sample.text)
        groups[-1].append(item)
        filled = longest
    rnd.shuffle(groups)
    return iter(groups)
