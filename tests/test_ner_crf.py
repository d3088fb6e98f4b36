"""The batched decoder against plain references, on soft and on constrained chains."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline.ner.crf import Crf, Emissions, FloatArray, IntArray, TagSpan, span_probabilities


def _score(crf: Crf, emissions: FloatArray, path: IntArray) -> float:
    wide = emissions.astype(np.float64)
    total = float(crf.start[path[0]] + crf.end[path[-1]])
    total += float(wide[np.arange(len(path)), path].sum())
    return total + float(crf.transitions.astype(np.float64)[path[:-1], path[1:]].sum())


def _reference(crf: Crf, emissions: FloatArray) -> IntArray:
    """One text, one step at a time, in float64."""
    moves = crf.transitions.astype(np.float64)
    dp = emissions[0].astype(np.float64) + crf.start
    back = []
    for row in emissions[1:]:
        grid = dp[:, None] + moves
        back.append(grid.argmax(axis=0))
        dp = grid.max(axis=0) + row
    path = [int((dp + crf.end).argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return np.array(path[::-1])


def _bioes(n_labels: int, rng: np.random.Generator) -> Crf:
    """O, then B I E S of each label, with the impossible moves forbidden."""
    k = 1 + 4 * n_labels
    kind = np.array([0, *([1, 2, 3, 4] * n_labels)])
    label = np.array([-1, *np.repeat(np.arange(n_labels), 4)])
    inside = np.isin(kind[:, None], (1, 2))
    stays = np.isin(kind[None, :], (2, 3)) & (label[:, None] == label[None, :])
    fresh = np.isin(kind[None, :], (0, 1, 4))
    legal = np.where(inside, stays, fresh)
    moves = np.where(legal, rng.normal(size=(k, k)), -np.inf).astype(np.float32)
    start = np.where(np.isin(kind, (0, 1, 4)), 0, -np.inf).astype(np.float32)
    end = np.where(np.isin(kind, (0, 3, 4)), 0, -np.inf).astype(np.float32)
    return Crf(moves, start, end)


def _chain(kind: str, rng: np.random.Generator) -> Crf:
    if kind == "bioes":
        return _bioes(4, rng)
    scale = {"soft": 0.2, "wide": 3.0}[kind]
    k = 59
    return Crf(
        rng.uniform(-scale, scale, (k, k)).astype(np.float32),
        rng.uniform(-scale, scale, k).astype(np.float32),
        rng.uniform(-scale, scale, k).astype(np.float32),
    )


@pytest.mark.parametrize("kind", ["soft", "wide", "bioes"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("spread", [0.3, 3.0])
def test_viterbi_equals_the_plain_recursion(kind: str, seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    crf = _chain(kind, rng)
    lengths = np.array([1, 7, 0, 40, 2, 40, 13])
    emissions = rng.normal(scale=spread, size=(7, 43, len(crf.transitions))).astype(np.float32)
    together = crf.viterbi(Emissions.of([(emissions, lengths)]))
    for row, (size, path) in enumerate(zip(lengths, together, strict=True)):
        assert len(path) == size
        if size:
            assert path.tolist() == _reference(crf, emissions[row, :size]).tolist()


@pytest.mark.parametrize("kind", ["soft", "bioes"])
def test_padding_and_company_do_not_matter(kind: str) -> None:
    rng = np.random.default_rng(7)
    crf = _chain(kind, rng)
    lengths = np.array([5, 9, 3])
    emissions = rng.normal(size=(3, 9, len(crf.transitions))).astype(np.float32)
    dirty = emissions.copy()
    dirty[0, 5:] = np.nan
    dirty[2, 3:] = 1e9
    together = crf.viterbi(Emissions.of([(dirty, lengths)]))
    for row, size in enumerate(lengths):
        one = Emissions.of([(emissions[row : row + 1, :size], lengths[row : row + 1])])
        alone = crf.viterbi(one)[0]
        assert together[row].tolist() == alone.tolist()


def test_a_long_text_keeps_its_precision() -> None:
    rng = np.random.default_rng(3)
    crf = _bioes(2, rng)
    emissions = (rng.normal(size=(1, 3000, 9)) + 50).astype(np.float32)
    path = crf.viterbi(Emissions(emissions[0], np.array([3000])))[0]
    best = _score(crf, emissions[0], _reference(crf, emissions[0]))
    assert _score(crf, emissions[0], path) == pytest.approx(best, abs=1e-2)


def test_no_texts_and_only_empty_texts() -> None:
    crf = Crf(np.zeros((3, 3), np.float32))
    nothing = np.zeros((0, 3), np.float32)
    assert crf.viterbi(Emissions(nothing, np.array([], np.int64))) == []
    paths = crf.viterbi(Emissions(nothing, np.array([0, 0])))
    assert [len(path) for path in paths] == [0, 0]


def test_emissions_are_left_as_they_were() -> None:
    emissions = np.ones((3, 2), np.float32)
    crf = Crf(np.zeros((2, 2), np.float32), np.ones(2, np.float32))
    crf.viterbi(Emissions(emissions, np.array([3])))
    assert (emissions == 1).all()


@pytest.mark.parametrize("kind", ["any", "closing"])
def test_span_probability_equals_the_sum_over_all_paths(kind: str) -> None:
    rng = np.random.default_rng(11)
    k, size = 3, 5
    crf = Crf(*(rng.normal(size=s).astype(np.float32) for s in ((k, k), (k,), (k,))))
    emissions = rng.normal(size=(2, size + 2, k)).astype(np.float32)
    lengths = np.array([3, size])
    emitted = Emissions.of([(emissions, lengths)])
    paths = crf.viterbi(emitted)
    closing = np.array([True, False, True]) if kind == "closing" else None
    spans = [TagSpan(1, 1, 3), TagSpan(1, 4, 5), TagSpan(0, 0, 2), TagSpan(1, 0, 5)]
    got = span_probabilities(crf, emitted, paths, spans, closing)
    for span, probability in zip(spans, got, strict=True):
        total = wanted = 0.0
        for tags in itertools.product(range(k), repeat=int(lengths[span.row])):
            path = np.array(tags)
            weight = float(np.exp(_score(crf, emissions[span.row, : len(path)], path)))
            total += weight
            same = (path == paths[span.row])[span.start : span.end].all()
            open_end = closing is None or span.end >= len(path) or closing[path[span.end]]
            wanted += weight * float(same and open_end)
        assert probability == pytest.approx(wanted / total, rel=1e-6)


def test_no_spans_need_no_lattice() -> None:
    crf = Crf(np.zeros((2, 2), np.float32))
    assert (
        len(span_probabilities(crf, Emissions(np.zeros((0, 2), np.float32), np.array([])), [], []))
        == 0
    )
