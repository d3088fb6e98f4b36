"""Which texts go through a network together, and which results are decoded together."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

DECODED = 16_384
"""Characters decoded in one go, about: the steps of a decoder cost much less for many texts."""


def batches(lengths: Sequence[int], size: int, cells: int = sys.maxsize) -> Iterator[list[int]]:
    """Indices of at most ``size`` texts of like length each, shortest first, no empty text.

    ``cells`` bounds the characters of a padded batch (a single longer text stands alone).
    """
    order = sorted((i for i, length in enumerate(lengths) if length), key=lambda i: lengths[i])
    at = 0
    while at < len(order):
        count = min(size, len(order) - at)
        while count > 1 and count * lengths[order[at + count - 1]] > cells:
            count -= 1
        yield order[at : at + count]
        at += count


def groups(
    found: Iterator[list[int]], lengths: Sequence[int], characters: int = DECODED
) -> Iterator[list[list[int]]]:
    """Neighbouring batches of together about so many characters."""
    group: list[list[int]] = []
    filled = 0
    for batch in found:
        group.append(batch)
        filled += sum(lengths[i] for i in batch)
        if filled >= characters:
            yield group
            group, filled = [], 0
    if group:
        yield group
