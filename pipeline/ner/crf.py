"""Linear-chain CRF in numpy: exact batched Viterbi, and probabilities of decoded spans.

Shapes: emissions [positions, tags] float32 of texts one behind another, transitions [from, to],
start and end [tags]. Scores are log-potentials. Impossible transitions are large negative numbers
or -inf.

Two facts make the decoder quick. (1) Where transitions weigh little beside emissions, most tags
of most positions are excluded whatever their neighbours are, so only short undecided stretches
need the recursion (``_exclusion_margins``; exact, not a beam). (2) The recursion keeps sequences on
the last, contiguous axis and takes no argmax: predecessors are recomputed on the way back, for
the one tag of each sequence that is on its best path. Both pay the more, the more texts there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
_FORBIDDEN = np.float32(-1e6)
_HARD = np.float32(-1e3)
"""Transitions below this count as forbidden: models are exported with -1e4."""
_SLACK = np.float32(1e-3)
"""Margin for float32 rounding when a tag is excluded; costs a few more undecided positions."""


class Emissions(NamedTuple):
    """Scores of texts one behind another: ``scores`` [sum of ``lengths``, tags]."""

    scores: FloatArray
    lengths: IntArray

    @classmethod
    def of(cls, batches: Sequence[tuple[FloatArray, npt.NDArray[Any]]]) -> Emissions:
        """From padded batches: [batch, time, tags] with the lengths of their texts."""
        parts = [
            padded[np.arange(padded.shape[1]) < np.asarray(lengths)[:, None]]
            for padded, lengths in batches
        ]
        lengths = [np.asarray(lengths, np.int64) for _, lengths in batches]
        return cls(np.concatenate(parts).astype(np.float32, copy=False), np.concatenate(lengths))

    @property
    def begins(self) -> IntArray:
        """First position of each text."""
        first: IntArray = np.cumsum(self.lengths) - self.lengths
        return first


class Crf:
    """Scores of a chain; build it once per model, since its exclusion margins are computed here."""

    def __init__(
        self,
        transitions: npt.NDArray[Any],
        start: npt.NDArray[Any] | None = None,
        end: npt.NDArray[Any] | None = None,
    ) -> None:
        """``start`` and ``end`` default to zeros."""
        zeros = np.zeros(len(transitions), np.float32)
        self.transitions = _floored(transitions)
        self.start = zeros if start is None else _floored(start)
        self.end = zeros if end is None else _floored(end)
        self._margins = _exclusion_margins(self.transitions)

    def viterbi(self, emissions: Emissions) -> list[IntArray]:
        """Best tag path of each text; empty for a length of zero."""
        lengths = emissions.lengths
        if not len(lengths):
            return []
        flat = self._with_ends(emissions)
        if self._margins is None or not len(flat):
            path = _dense(flat, self.transitions, emissions.begins, lengths)
        else:
            path = _sparse(flat, self.transitions, self._margins, emissions.begins)
        return np.split(path, np.cumsum(lengths)[:-1])

    def _with_ends(self, emissions: Emissions) -> FloatArray:
        """A copy of the scores with those of starts and ends added in, its maxima at zero."""
        some = emissions.lengths > 0
        begins = emissions.begins[some]
        flat = emissions.scores.astype(np.float32)
        flat[begins] += self.start
        flat[begins + emissions.lengths[some] - 1] += self.end
        flat -= flat.max(axis=1, keepdims=True)
        return flat


def _floored(scores: npt.NDArray[Any]) -> FloatArray:
    """Finite float32 scores: -inf less -inf would be no number."""
    floored: FloatArray = np.maximum(np.asarray(scores, np.float32), _FORBIDDEN)
    return floored


def _exclusion_margins(transitions: FloatArray) -> FloatArray | None:
    """``[a, j]``: how far tag j must score below tag a at a position never to be on a best path.

    Putting a in place of j changes at most the two transitions at the position, by at most this
    much. None where a transition is forbidden: then no such bound exists.
    """
    if transitions.min(initial=0.0) <= _HARD:
        return None
    into = (transitions[:, None, :] - transitions[:, :, None]).max(axis=0)
    out_of = (transitions[None, :, :] - transitions[:, None, :]).max(axis=2)
    margins: FloatArray = np.maximum(into, 0) + np.maximum(out_of, 0) + _SLACK
    return margins


def _sparse(
    flat: FloatArray, transitions: FloatArray, margins: FloatArray, begins: IntArray
) -> IntArray:
    """Best paths where most positions are decided by their emissions alone."""
    path: IntArray = flat.argmax(axis=1)
    # A quick test with the widest margin first: few positions are left for the full one.
    near = np.flatnonzero((flat > -margins.max()).sum(axis=1) > 1)
    kept = flat[near] + margins[path[near]] >= 0
    loose = kept.sum(axis=1) > 1
    where, kept = near[loose], kept[loose]
    if not len(where):
        return path
    first = np.zeros(len(flat) + 1, np.bool_)
    first[begins] = True
    opens = np.ones(len(where), np.bool_)
    opens[1:] = (where[1:] != where[:-1] + 1) | first[where[1:]]
    heads = np.flatnonzero(opens)
    sizes = np.diff(np.append(heads, len(where)))
    scores = np.where(kept, flat[where], _FORBIDDEN)
    left, right = where[heads], where[heads + sizes - 1]
    has_left, has_right = ~first[left], ~first[right + 1] & (right + 1 < len(flat))
    scores[heads[has_left]] += transitions[path[left[has_left] - 1]]
    tails = heads + sizes - 1
    scores[tails[has_right]] += transitions[:, path[right[has_right] + 1]].T
    width = int(kept.sum(axis=1).max())
    tags = np.argpartition(-scores, width - 1, axis=1)[:, :width]
    narrow = np.take_along_axis(scores, tags, axis=1)
    best = _narrow(narrow, tags, transitions, heads, sizes)
    path[where] = best
    return path


def _narrow(
    scores: FloatArray, tags: IntArray, transitions: FloatArray, heads: IntArray, sizes: IntArray
) -> IntArray:
    """Best tags of stretches whose positions have few candidates: scores and tags [rows, few]."""
    order = np.argsort(-sizes, kind="stable")
    heads, sizes = heads[order], sizes[order]
    dp = scores.copy()
    active = [heads[: int(np.searchsorted(-sizes, -t))] for t in range(int(sizes[0]))]
    for t in range(1, int(sizes[0])):
        now = active[t] + t
        moves = transitions[tags[now - 1][:, :, None], tags[now][:, None, :]]
        dp[now] += (dp[now - 1][:, :, None] + moves).max(axis=1)
    chosen = np.zeros(len(scores), np.int64)
    ends = heads + sizes - 1
    chosen[ends] = dp[ends].argmax(axis=1)
    for t in range(int(sizes[0]) - 2, -1, -1):
        now = active[t + 1] + t
        after = tags[now + 1, chosen[now + 1]]
        chosen[now] = (dp[now] + transitions[tags[now], after[:, None]]).argmax(axis=1)
    picked: IntArray = np.take_along_axis(tags, chosen[:, None], axis=1)[:, 0]
    return picked


def _dense(
    flat: FloatArray, transitions: FloatArray, begins: IntArray, lengths: IntArray
) -> IntArray:
    """Best paths by the full recursion, all texts in step, longest first."""
    path = np.zeros(len(flat), np.int64)
    order = np.argsort(-lengths, kind="stable")
    begins, lengths = begins[order], lengths[order]
    longest = int(lengths.max(initial=0))
    counts = [int(np.searchsorted(-lengths, -t)) for t in range(longest)]
    moves = np.ascontiguousarray(transitions)[:, :, None]
    steps: list[FloatArray] = []
    for t, n in enumerate(counts):
        here = flat[begins[:n] + t].T
        if t:
            here = (steps[-1][:, None, :n] + moves).max(axis=0) + here
            here -= here.max(axis=0)
        steps.append(here)
    into = np.ascontiguousarray(transitions.T)
    current = np.zeros(len(begins), np.int64)
    for t in range(longest - 1, -1, -1):
        n, going = counts[t], counts[t + 1] if t + 1 < longest else 0
        scores = steps[t].copy()
        scores[:, :going] += into[current[:going]].T
        current[:n] = scores.argmax(axis=0)
        path[begins[:n] + t] = current[:n]
    return path


class TagSpan(NamedTuple):
    """A decoded stretch: number of the text, half-open positions."""

    row: int
    start: int
    end: int


def span_probabilities(
    crf: Crf,
    emissions: Emissions,
    paths: Sequence[IntArray],
    spans: Sequence[TagSpan],
    closing: BoolArray | None = None,
) -> npt.NDArray[np.float64]:
    """Probability of each span's tags under the chain, summed over all paths elsewhere.

    ``paths`` are the decoded paths of the texts; ``closing`` [tags] marks the tags that may follow
    a span (None: the span's own tags settle where it ends, as in BIOES). Forward and backward run
    in float64 over the rows that hold spans, padding excluded; a text's figures do not depend on
    its neighbours beyond the last bits of float64.
    """
    if not spans:
        return np.zeros(0)
    rows = sorted({span.row for span in spans}, key=lambda row: (-len(paths[row]), row))
    lattice = _lattice(crf, emissions, rows)
    place = {row: index for index, row in enumerate(rows)}
    probabilities = np.empty(len(spans))
    for i, span in enumerate(spans):
        tags = paths[span.row][span.start : span.end]
        probabilities[i] = _one_span(lattice, place[span.row], span, tags, closing)
    return np.clip(probabilities, 0.0, 1.0)


class _Lattice(NamedTuple):
    """Scaled potentials; [time, rows, tags], so that alpha * beta sums to 1 over the tags."""

    alpha: npt.NDArray[np.float64]
    beta: npt.NDArray[np.float64]
    emitted: npt.NDArray[np.float64]
    moves: npt.NDArray[np.float64]
    lengths: IntArray


def _lattice(crf: Crf, emissions: Emissions, rows: Sequence[int]) -> _Lattice:
    """Forward and backward values of these texts, which are sorted by falling length."""
    sizes = emissions.lengths[list(rows)]
    longest = int(sizes[0])
    real = np.arange(longest)[:, None] < sizes
    places = np.arange(longest)[:, None] + emissions.begins[list(rows)]
    scores = np.zeros((*real.shape, emissions.scores.shape[1]))
    scores[real] = emissions.scores[places[real]]
    scores[0] += crf.start
    scores[sizes - 1, np.arange(len(sizes))] += crf.end
    emitted = np.exp(scores - scores.max(axis=2, keepdims=True))
    moves = np.exp(crf.transitions.astype(np.float64))
    counts = [int(n) for n in real.sum(axis=1)]
    alpha = np.zeros_like(emitted)
    for t, n in enumerate(counts):
        here = emitted[t, :n] if not t else (alpha[t - 1, :n] @ moves) * emitted[t, :n]
        scale = here.sum(axis=1, keepdims=True)
        emitted[t, :n] /= scale
        alpha[t, :n] = here / scale
    beta = np.ones_like(emitted)
    for t in range(longest - 2, -1, -1):
        n = counts[t + 1]
        beta[t, :n] = (beta[t + 1, :n] * emitted[t + 1, :n]) @ moves.T
    return _Lattice(alpha, beta, emitted, moves, sizes)


def _one_span(
    lattice: _Lattice, row: int, span: TagSpan, tags: IntArray, closing: BoolArray | None
) -> float:
    inner = np.arange(span.start + 1, span.end)
    value = lattice.alpha[span.start, row, tags[0]]
    value *= np.prod(lattice.moves[tags[:-1], tags[1:]] * lattice.emitted[inner, row, tags[1:]])
    if closing is None or span.end >= lattice.lengths[row]:
        return float(value * lattice.beta[span.end - 1, row, tags[-1]])
    after = lattice.moves[tags[-1]] * lattice.emitted[span.end, row] * lattice.beta[span.end, row]
    return float(value * after[closing].sum())
