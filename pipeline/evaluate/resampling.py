"""Intervals by bootstrap, and paired tests by approximate randomisation, both over articles.

Articles, not mentions, are drawn: the names of one article are alike, so mentions are no
independent observations. Resampled sums are one matrix product, which makes 2,000 resamples of
10,000 articles a matter of seconds; the tests hold the intervals against ``scipy.stats.bootstrap``.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from pipeline.evaluate.tallies import Array, score

_CHUNK = 4_000_000
"""Weights held at a time (cells of a matrix of resamples by articles)."""


class Resampling(NamedTuple):
    """How intervals and tests are made. ``level`` is the coverage of an interval."""

    resamples: int = 2000
    level: float = 0.95
    seed: int = 20250926


def intervals(counts: Array, groups: Array, how: Resampling) -> Array:
    """Bias-corrected and accelerated (BCa) intervals of precision, recall and F1.

    ``counts`` is [article, key, 4]; ``groups`` [group, key] of 0/1 adds a row for each macro
    average over its keys. Answers [key + group, 3, 2] (low, high), NaN for fewer than two articles.
    After Efron (1987); where no article's leaving changes a score, the percentile interval. A
    resample without any case of a score leaves that score out instead of calling it 0.
    """
    normal = NormalDist()
    ndtr = np.vectorize(normal.cdf, otypes=[float])
    ndtri = np.vectorize(normal.inv_cdf, otypes=[float])
    articles = len(counts)
    point = _with_groups(score(counts.sum(0)), groups)
    if articles < 2:
        return np.full((*point.shape, 2), np.nan)
    drawn = np.concatenate([_with_groups(_defined(s), groups) for s in _resampled(counts, how)])
    left_out = _with_groups(_defined(counts.sum(0) - counts), groups)
    centred = np.nan_to_num(_mean(left_out) - left_out)
    spread = (centred**2).sum(0) ** 1.5
    acceleration = np.divide(
        (centred**3).sum(0), 6 * spread, out=np.zeros_like(spread), where=spread > 0
    )
    defined = np.maximum((~np.isnan(drawn)).sum(0), 1)
    below = ((drawn < point).sum(0) + 0.5 * (drawn == point).sum(0)) / defined
    edge = 0.5 / defined
    bias = ndtri(np.clip(below, edge, 1 - edge))
    tail = (1 - how.level) / 2
    bounds = []
    for z in (ndtri(tail), ndtri(1 - tail)):
        quantile = ndtr(bias + (bias + z) / (1 - acceleration * (bias + z)))
        bounds.append(_quantiles(drawn, quantile))
    return np.stack(bounds, axis=-1)


def paired_p_values(ours: Array, theirs: Array, groups: Array, how: Resampling) -> Array:
    """Two-sided p of the difference of each score (answers [key + group, 3]).

    Approximate randomisation (Noreen 1989): the answers of the two systems are swapped article by
    article at random; p is the share of shuffles (the real one included) that differ as much.
    """
    swap = theirs - ours
    total_ours, total_theirs = ours.sum(0), theirs.sum(0)
    observed = np.abs(_difference(total_ours, total_theirs, groups))
    generator = np.random.default_rng(how.seed)
    hits = np.ones_like(observed)
    flat = swap.reshape(len(swap), -1)
    for size in _chunks(len(ours), how.resamples):
        coins = generator.integers(0, 2, size=(size, len(ours))).astype(np.float64)
        moved = (coins @ flat).reshape(size, *total_ours.shape)
        differences = np.abs(_difference(total_ours + moved, total_theirs - moved, groups))
        hits += (differences >= observed - 1e-12).sum(0)
    answer: Array = hits / (how.resamples + 1)
    return answer


def _difference(ours: Array, theirs: Array, groups: Array) -> Array:
    difference: Array = _with_groups(score(ours), groups) - _with_groups(score(theirs), groups)
    return difference


def _defined(sums: Array) -> Array:
    """Scores, NaN where there is nothing to score."""
    nothing = np.stack(
        [sums[..., 1] == 0, sums[..., 3] == 0, (sums[..., 1] == 0) & (sums[..., 3] == 0)], -1
    )
    answer: Array = np.where(nothing, np.nan, score(sums))
    return answer


def _mean(values: Array) -> Array:
    defined = ~np.isnan(values)
    answer: Array = np.nan_to_num(values).sum(0) / np.maximum(defined.sum(0), 1)
    return answer


def _with_groups(scores: Array, groups: Array) -> Array:
    """Scores [..., key, 3] with the macro average of each group's defined scores appended."""
    if not len(groups):
        return scores
    total = np.einsum("gk,...ks->...gs", groups, np.nan_to_num(scores))
    number = np.einsum("gk,...ks->...gs", groups, (~np.isnan(scores)).astype(np.float64))
    return np.concatenate([scores, total / np.maximum(number, 1)], axis=-2)


def _resampled(counts: Array, how: Resampling) -> Any:
    generator = np.random.default_rng(how.seed)
    articles = len(counts)
    flat = counts.reshape(articles, -1)
    for size in _chunks(articles, how.resamples):
        drawn = generator.integers(0, articles, size=(size, articles))
        drawn += np.arange(size)[:, None] * articles
        weights = np.bincount(drawn.ravel(), minlength=size * articles).reshape(size, articles)
        yield (weights.astype(np.float64) @ flat).reshape(size, *counts.shape[1:])


def _chunks(articles: int, resamples: int) -> list[int]:
    size = max(1, _CHUNK // max(articles, 1))
    return [min(size, resamples - begin) for begin in range(0, resamples, size)]


def _quantiles(drawn: Array, at: Array) -> Array:
    """Quantile of each column of ``drawn`` [resample, key, 3], each at its own place ``at``."""
    ordered = np.sort(drawn, axis=0)  # NaN comes last
    last = np.maximum((~np.isnan(ordered)).sum(0) - 1, 0)
    place = at * last
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, last)
    first = np.take_along_axis(ordered, low[None], 0)[0]
    second = np.take_along_axis(ordered, high[None], 0)[0]
    answer: Array = first + (place - low) * (second - first)
    return answer
