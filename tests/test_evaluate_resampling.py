"""Bootstrap intervals and paired tests, held against scipy and against cases known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.evaluate.resampling import Resampling, intervals, paired_p_values
from pipeline.evaluate.tallies import Array, score

NO_GROUPS = np.zeros((0, 1))


def counts(articles: int, seed: int, quality: float = 0.8) -> Array:
    """One key: gold mentions per article, of which ``quality`` are found; some spurious."""
    rng = np.random.default_rng(seed)
    gold = rng.integers(1, 15, size=articles)
    right = rng.binomial(gold, quality)
    given = right + rng.binomial(5, 0.2, size=articles)
    return np.stack([right, given, right, gold], axis=-1)[:, None, :].astype(float)


def test_intervals_agree_with_scipy() -> None:
    from scipy.stats import bootstrap

    data = counts(40, 1)
    ours = intervals(data, NO_GROUPS, Resampling(resamples=20_000, seed=3))[0, 2]

    def f1(right: Array, given: Array, gold: Array, axis: int = -1) -> Array:
        result: Array = 2 * right.sum(axis) / (given.sum(axis) + gold.sum(axis))
        return result

    theirs = bootstrap(
        (data[:, 0, 0], data[:, 0, 1], data[:, 0, 3]),
        f1,
        paired=True,
        vectorized=True,
        n_resamples=20_000,
        method="BCa",
        rng=np.random.default_rng(4),
    ).confidence_interval
    width = theirs.high - theirs.low
    assert abs(ours[0] - theirs.low) < 0.05 * width
    assert abs(ours[1] - theirs.high) < 0.05 * width


def test_intervals_are_seeded_hold_the_point_and_cover_macro() -> None:
    data = np.concatenate([counts(30, 5), counts(30, 6, 0.5)], axis=1)
    how = Resampling(resamples=500)
    both = intervals(data, np.array([[1.0, 1.0]]), how)
    assert both.shape == (3, 3, 2)
    assert np.array_equal(both, intervals(data, np.array([[1.0, 1.0]]), how))
    point = score(data.sum(0))
    macro = point.mean(0)
    assert (both[:2, :, 0] <= point).all()
    assert (point <= both[:2, :, 1]).all()
    assert both[2, 2, 0] < macro[2] < both[2, 2, 1]


def test_degenerate_counts_have_degenerate_intervals() -> None:
    perfect = np.ones((10, 1, 4))
    assert np.allclose(intervals(perfect, NO_GROUPS, Resampling(200)), 1.0)
    assert np.isnan(intervals(perfect[:1], NO_GROUPS, Resampling(200))).all()


def test_equal_systems_do_not_differ_and_unlike_ones_do() -> None:
    good, bad = counts(60, 7, 0.95), counts(60, 7, 0.6)
    how = Resampling(resamples=999)
    assert paired_p_values(good, good, NO_GROUPS, how)[0, 2] == 1.0
    assert paired_p_values(good, bad, NO_GROUPS, how)[0, 2] == pytest.approx(0.001)
    near = good.copy()
    near[0, 0, [0, 2]] -= 1
    assert paired_p_values(good, near, NO_GROUPS, how)[0, 2] > 0.5


def test_p_equals_that_of_all_shuffles() -> None:
    ours, theirs = counts(8, 11, 0.9), counts(8, 12, 0.7)
    observed = abs((score(ours.sum(0)) - score(theirs.sum(0)))[0, 2])
    hits = 0
    for coins in range(2**8):
        swap = np.array([coins >> n & 1 for n in range(8)], dtype=bool)[:, None, None]
        one, two = np.where(swap, theirs, ours), np.where(swap, ours, theirs)
        hits += abs((score(one.sum(0)) - score(two.sum(0)))[0, 2]) >= observed - 1e-12
    exact = hits / 2**8
    sampled = paired_p_values(ours, theirs, NO_GROUPS, Resampling(resamples=20_000))[0, 2]
    assert sampled == pytest.approx(exact, abs=0.02)
