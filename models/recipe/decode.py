"""Spans from a torch model, for tuning while it trains (the shipped path is the backend)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from models.recipe.data import TAGS
from models.recipe.ensemble import Teacher
from models.recipe.model import Batch
from pipeline.ner.features import FeatureTable

Triple = tuple[int, int, str]
Floats = npt.NDArray[np.float32]


def viterbi(scores: Floats, transitions: Floats, start: Floats, end: Floats) -> list[list[int]]:
    """Best tags of equally long texts: scores [time, batch, tags]."""
    steps, n, _ = scores.shape
    best = scores[0] + start
    back = np.zeros((steps, n, scores.shape[2]), dtype=np.int64)
    for t in range(1, steps):
        moved = best[:, :, None] + transitions
        back[t] = moved.argmax(1)
        best = moved.max(1) + scores[t]
    last = (best + end).argmax(1)
    path = [last]
    for t in range(steps - 1, 0, -1):
        last = back[t, np.arange(n), last]
        path.append(last)
    rows: list[list[int]] = np.stack(path[::-1], 1).tolist()
    return rows


def spans_of(tags: Sequence[int]) -> list[Triple]:
    """(start, end, label) of a legal BIOES path."""
    found = []
    start = 0
    for at, number in enumerate(tags):
        tag = TAGS[number]
        if tag[0] in "BS":
            start = at
        if tag[0] in "ES":
            found.append((start, at + 1, tag[2:]))
    return found


def predict_scores(
    model: Teacher, table: FeatureTable, texts: Sequence[str], size: int = 64
) -> list[Floats]:
    """Emissions [length, tags] of each text."""
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    out: list[Floats] = [np.zeros((0, len(TAGS)), dtype=np.float32)] * len(texts)
    with torch.no_grad():
        for at in range(0, len(order), size):
            chosen = [i for i in order[at : at + size] if texts[i]]
            if not chosen:
                continue
            encoded = table.encode([texts[i] for i in chosen])
            tensors = [torch.from_numpy(array) for array in encoded]
            empty = torch.zeros(0)
            scores = model.emissions(
                Batch(tensors[0], tensors[1], tensors[2], tensors[3].long(), empty, empty)
            ).numpy()
            for column, i in enumerate(chosen):
                out[i] = scores[: len(texts[i]), column]
    return out


def decode_all(scores: Sequence[Floats], model: Teacher) -> list[list[Triple]]:
    """Viterbi spans of each text's emissions; texts of one length go together."""
    parts = [value.detach().numpy() for value in model.constrained()]
    by_length: dict[int, list[int]] = {}
    for i, row in enumerate(scores):
        by_length.setdefault(len(row), []).append(i)
    found: list[list[Triple]] = [[] for _ in scores]
    for length, numbers in by_length.items():
        if length:
            stacked = np.stack([scores[i] for i in numbers], 1)
            for i, tags in zip(numbers, viterbi(stacked, *parts), strict=True):
                found[i] = spans_of(tags)
    return found


def predict(model: Teacher, table: FeatureTable, texts: Sequence[str]) -> list[list[Triple]]:
    """Spans of each text."""
    return decode_all(predict_scores(model, table, texts), model)
