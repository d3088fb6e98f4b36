"""Self-training: a teacher marks unlabelled articles, the article itself settles doubtful names.

What the teacher is sure of is taught; a name that it found with confidence once is taught at its
other occurrences in the article; what stays in doubt allows every tag and so teaches nothing.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from models.recipe.batches import Weighted, to_batch
from models.recipe.crf import Potentials, expectations, forward_backward
from models.recipe.data import (
    ANY,
    OUTSIDE,
    TAGS,
    Rule,
    Sample,
    allow,
    as_file,
    bulk_articles,
    windows,
)
from models.recipe.decode import Triple, spans_of, viterbi
from models.recipe.ensemble import Teacher
from pipeline.ner.features import FeatureTable
from pipeline.normalize import to_simplified

SHINGLE = 24
LONGEST = 30
"""Longer spans of the teacher are never taught."""


class Limits(NamedTuple):
    """Probabilities that decide what is taught."""

    sure: float = 0.75
    spread: float = 0.95
    """A surface found with this much is carried to its other occurrences."""
    outside: float = 0.85
    """Positions less surely O than this, outside taught spans, allow everything."""


class Marked(NamedTuple):
    """A window's decoded spans with probabilities, and how surely each position is O."""

    spans: list[tuple[Triple, float]]
    outside: list[float]


def shingles(text: str) -> set[str]:
    """Simplified stretches that tell whether two articles share text."""
    return {text[i : i + SHINGLE] for i in range(0, max(1, len(text) - SHINGLE))}


def fresh_texts(name: str, excluded: set[str]) -> Iterator[str]:
    """Simplified texts of ``bulk/<name>``, without any that shares a stretch with ``excluded``."""
    for _, title, raw in bulk_articles(name):
        text = to_simplified(as_file(title, raw))
        probes = (text[i : i + SHINGLE] for i in range(0, len(text) - SHINGLE, 8))
        if len(text) >= 60 and not any(probe in excluded for probe in probes):
            yield text[:3000]


@torch.no_grad()  # type: ignore[untyped-decorator]
def mark(teacher: Teacher, table: FeatureTable, texts: Sequence[str]) -> list[Marked]:
    """The teacher's spans of each text, with probabilities from the CRF."""
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    found: list[Marked] = [Marked([], [])] * len(texts)
    parts = [part.detach().double() for part in teacher.constrained()]
    plain = [part.numpy().astype("float32") for part in parts]
    at = 0
    while at < len(order):
        size = max(1, 4096 // len(texts[order[at]]))
        chosen = order[at : at + size]
        at += size
        items = [Weighted(Sample(texts[i], (ANY,) * len(texts[i])), 1.0) for i in chosen]
        batch = to_batch(items, table)
        scores = teacher.emissions(batch)
        mask = torch.arange(scores.shape[0])[:, None] < batch.lengths[None]
        wide = scores.double()
        potentials = Potentials(
            (wide - wide.max(2, keepdim=True).values).exp(),
            parts[0].exp(), parts[1].exp(), parts[2].exp(), mask,
        )  # fmt: skip
        lattice = forward_backward(potentials)
        unary, *_ = expectations(potentials, lattice, torch.ones(len(chosen)).double())
        outside = unary[:, :, 0].numpy()
        for column, i in enumerate(chosen):
            length = len(texts[i])
            path = viterbi(scores[:length, column : column + 1].numpy(), *plain)[0]
            spans = []
            for start, end, label in spans_of(path):
                # The least sure position bounds the span: close enough to choose by.
                sure = min(float(unary[t, column, path[t]]) for t in range(start, end))
                spans.append(((start, end, label), sure))
            found[i] = Marked(spans, outside[:length, column].tolist())
    return found


def article_sample(text: str, marked: Sequence[Marked], limits: Limits) -> Sample:
    """Allowed tags of a whole article; ``marked`` are its windows in order, without gaps."""
    spans: list[tuple[int, int, str, float]] = []
    outside: list[float] = []
    for window in marked:
        base = len(outside)
        spans += [(s + base, e + base, label, p) for (s, e, label), p in window.spans]
        outside += window.outside
    allowed = [OUTSIDE if value >= limits.outside else ANY for value in outside]
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    best: dict[str, float] = defaultdict(float)
    for start, end, label, p in spans:
        surface = text[start:end]
        votes[surface][label] += p
        best[surface] = max(best[surface], p)
    taken = [0.0] * len(text)
    for start, end, _, p in spans:
        allowed[start:end] = [ANY] * (end - start)
        taken[start:end] = [p] * (end - start)
    for start, end, label, p in spans:
        surface = text[start:end]
        share = votes[surface][label] / sum(votes[surface].values())
        if (
            len(surface) <= LONGEST
            and share >= 0.75
            and (p >= limits.sure or (best[surface] >= limits.spread and p > 0.5))
        ):
            allow(allowed, start, end, Rule(True, (label,)))
            taken[start:end] = [2.0] * (end - start)
    for surface, labels in votes.items():
        label = max(labels, key=lambda key: labels[key])
        firm = best[surface] >= limits.spread and labels[label] >= 0.9 * sum(labels.values())
        if firm and len(surface) >= 2 and label != "LOC":
            _spread(text, surface, label, allowed, taken)
    return Sample(text, tuple(allowed))


def _spread(text: str, surface: str, label: str, allowed: list[int], taken: list[float]) -> None:
    """Teach a surface where nothing, or something doubtful, was found; mask short ones."""
    at = text.find(surface)
    while at >= 0:
        end = at + len(surface)
        if max(taken[at:end]) < 0.7 and not _in_word(text, at, end):
            if len(surface) >= 3:
                allow(allowed, at, end, Rule(True, (label,)))
                taken[at:end] = [2.0] * len(surface)
            else:
                allowed[at:end] = [ANY] * len(surface)
        at = text.find(surface, end)


def _in_word(text: str, start: int, end: int) -> bool:
    """Whether a Latin word runs on over the border."""
    before = start > 0 and text[start - 1].isascii() and text[start - 1].isalnum()
    after = end < len(text) and text[end].isascii() and text[end].isalnum()
    first = text[start].isascii() and text[start].isalnum()
    last = text[end - 1].isascii() and text[end - 1].isalnum()
    return (before and first) or (after and last)


def _pieces(text: str) -> list[str]:
    """Windows that cover the text without gaps (blank ones joined to their neighbours)."""
    pieces: list[str] = []
    at = 0
    for window in windows(Sample(text, (ANY,) * len(text))):
        start = text.index(window.text, at)
        if start > at and pieces:
            pieces[-1] += text[at:start]
        elif start > at:
            pieces.append(text[at:start])
        pieces.append(window.text)
        at = start + len(window.text)
    if at < len(text):
        pieces.append(text[at:])
    return pieces


def pseudo_articles(
    teacher: Teacher, table: FeatureTable, texts: Sequence[str], limits: Limits
) -> list[Sample]:
    """Taught tags for unlabelled articles."""
    samples = []
    for at in range(0, len(texts), 200):
        chunk = [(text, _pieces(text)) for text in texts[at : at + 200]]
        flat = [piece for _, pieces in chunk for piece in pieces]
        marked = iter(mark(teacher, table, flat))
        for text, pieces in chunk:
            samples.append(article_sample(text, [next(marked) for _ in pieces], limits))
    return samples


def taught_share(samples: Sequence[Sample]) -> float:
    """Share of positions that teach exactly one tag."""
    total = sum(len(sample.text) for sample in samples)
    taught = sum(sum(mask.bit_count() == 1 for mask in sample.allowed) for sample in samples)
    return taught / max(1, total)


def choose(samples: Sequence[Sample], budget: int, rnd: random.Random) -> list[Sample]:
    """Random articles up to about ``budget`` characters."""
    order = list(samples)
    rnd.shuffle(order)
    picked, filled = [], 0
    for sample in order:
        if filled >= budget:
            break
        picked.append(sample)
        filled += len(sample.text)
    return picked


assert len(TAGS) == ANY.bit_length()
