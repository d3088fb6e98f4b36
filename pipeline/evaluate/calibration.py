"""Whether scores mean what they say: reliability by bin, and scores by threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.evaluate.gold import GoldArticle
from pipeline.evaluate.system import System
from pipeline.evaluate.tallies import MICRO

if TYPE_CHECKING:
    import pandas as pd

BINS = 10


def _scored(
    gold: Sequence[GoldArticle], system: System, labels: Sequence[str]
) -> dict[str, tuple[Any, Any, int]]:
    """Scores and rightness of the answers, and the number of gold mentions, by label."""
    scores: dict[str, list[float]] = {label: [] for label in (*labels, MICRO)}
    right: dict[str, list[bool]] = {label: [] for label in (*labels, MICRO)}
    wanted = dict.fromkeys((*labels, MICRO), 0)
    for article, answer in zip(gold, system.predictions, strict=True):
        known = {(m.start, m.end, m.label) for m in article.mentions if m.label in labels}
        for _, _, label in known:
            wanted[label] += 1
            wanted[MICRO] += 1
        for m in answer.mentions:
            if m.label in labels and m.score is not None:
                for name in (m.label, MICRO):
                    scores[name].append(m.score)
                    right[name].append((m.start, m.end, m.label) in known)
    return {
        name: (np.array(scores[name]), np.array(right[name], dtype=bool), wanted[name])
        for name in scores
    }


def calibration(gold: Sequence[GoldArticle], system: System, labels: Sequence[str]) -> pd.DataFrame:
    """Reliability: ten bins of equal width per label, and the expected calibration error (ECE).

    Columns: label, low, high, mentions, mean_score, precision, ece (of the label, on each row).
    Strict correctness. Empty where the system gives no scores.
    """
    import pandas as pd

    rows = []
    for label, (scores, right, _) in _scored(gold, system, labels).items():
        if not len(scores):
            continue
        at = np.minimum((scores * BINS).astype(int), BINS - 1)
        bins = [at == n for n in range(BINS)]
        error = sum(
            inside.sum() * abs(scores[inside].mean() - right[inside].mean())
            for inside in bins
            if inside.any()
        ) / len(scores)
        rows += [
            (
                label,
                n / BINS,
                (n + 1) / BINS,
                int(inside.sum()),
                scores[inside].mean(),
                right[inside].mean(),
                error,
            )
            for n, inside in enumerate(bins)
            if inside.any()
        ]
    columns = ["label", "low", "high", "mentions", "mean_score", "precision", "ece"]
    return pd.DataFrame(rows, columns=columns)


def thresholds(gold: Sequence[GoldArticle], system: System, labels: Sequence[str]) -> pd.DataFrame:
    """Strict precision, recall and F1 of the answers that score at least each threshold.

    Columns: label, threshold, predicted, precision, recall, f1. At most 50 thresholds a label.
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for label, (scores, right, wanted) in _scored(gold, system, labels).items():
        if not len(scores):
            continue
        order = np.argsort(-scores, kind="stable")
        ordered, hits = scores[order], np.cumsum(right[order])
        last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        if len(last) > 50:
            last = last[np.unique(np.linspace(0, len(last) - 1, 50).astype(int))]
        for n in last:
            given, correct = int(n) + 1, int(hits[n])
            rows.append(
                (
                    label,
                    float(ordered[n]),
                    given,
                    correct / given,
                    correct / wanted if wanted else 0.0,
                    2 * correct / (given + wanted),
                )
            )
    columns = ["label", "threshold", "predicted", "precision", "recall", "f1"]
    return pd.DataFrame(rows, columns=columns)
