"""Scores that mean something: a slope and an offset per label on the log-odds of a span."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.recipe.data import LABELS
from models.recipe.evaluate import Labelled, predict_documents
from pipeline.ner.backend import Backend

Floats = npt.NDArray[np.float64]
SMALL = 1e-4


def scored_spans(backend: Backend, documents: Sequence[Labelled]) -> list[tuple[str, float, bool]]:
    """(label, score, right) of each span that a backend finds in labelled documents."""
    scores: dict[tuple[int, int, str], float] = {}
    rows = []
    for document in documents:
        scores.clear()

        def predict(texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
            found = backend.predict(texts)
            return [[(s.start, s.end, f"{s.label} {s.score}") for s in spans] for spans in found]

        for start, end, joined in predict_documents(predict, [document.text])[0]:
            label, value = joined.split(" ")
            rows.append((label, float(value), (start, end, label) in document.spans))
    return rows


def log_odds(p: Floats) -> Floats:
    """Log-odds, away from the ends as in the backend."""
    clipped = np.clip(p, SMALL, 1 - SMALL)
    odds: Floats = np.log(clipped / (1 - clipped))
    return odds


def fit(rows: Sequence[tuple[str, float, bool]]) -> dict[str, tuple[float, float]]:
    """Logistic fit of each label by Newton's method with a weak pull towards (1, 0)."""
    fitted = {}
    for label in LABELS:
        mine = [(p, right) for name, p, right in rows if name == label]
        if len(mine) < 50 or not any(right for _, right in mine):
            continue
        x = np.stack([log_odds(np.array([p for p, _ in mine])), np.ones(len(mine))], 1)
        y = np.array([right for _, right in mine], dtype=float)
        weights = np.array([1.0, 0.0])
        for _ in range(200):
            p = 1 / (1 + np.exp(-x @ weights))
            gradient = x.T @ (p - y) + (weights - [1.0, 0.0])
            hessian = (x * (p * (1 - p))[:, None]).T @ x + np.eye(2)
            step = np.linalg.solve(hessian, gradient)
            weights = weights - step / max(1.0, float(np.abs(step).max()) / 0.3)
        fitted[label] = (float(weights[0]), float(weights[1]))
    return fitted


def reliability(rows: Sequence[tuple[str, float, bool]], names: frozenset[str]) -> list[str]:
    """Markdown table: score band, spans, mean score, share that is right."""
    edges = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0001)
    lines = ["| score | spans | mean score | right |", "|---|---|---|---|"]
    for low, high in pairwise(edges):
        band = [(p, right) for label, p, right in rows if label in names and low <= p < high]
        if band:
            mean = sum(p for p, _ in band) / len(band)
            share = sum(right for _, right in band) / len(band)
            lines.append(f"| {low}–{min(high, 1.0)} | {len(band)} | {mean:.2f} | {share:.2f} |")
    return lines
