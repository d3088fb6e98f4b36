"""Character ids, bigram ids and lexicon features of texts, in numpy only.

Training and the ``onnx`` backend share this file, so that a model sees the same numbers in both.
A lexicon table maps a 32-bit hash of a word to a bit mask of word classes; every character gets,
for each class, three bits: a word of the class begins, runs through, or ends here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
ByteArray = npt.NDArray[np.uint8]
CodeArray = npt.NDArray[np.uint32]
CODE_LIMIT = 0x30000
MAX_WORD = 10
_FILTER_BITS = 22
_MULTIPLIER = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Encoded(NamedTuple):
    """One padded batch: ``chars`` and ``bigrams`` [batch, time], ``features`` [batch, time, F]."""

    chars: IntArray
    bigrams: IntArray
    features: ByteArray
    lengths: npt.NDArray[np.int32]


def code_points(text: str) -> CodeArray:
    """Code points of a text, one a character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _window_hashes(codes: CodeArray, longest: int) -> Iterable[tuple[int, npt.NDArray[np.uint32]]]:
    """Hashes of all windows of 1 .. ``longest`` characters, by window length."""
    wide = codes.astype(np.uint64)
    state = np.full(len(wide), 1469598103934665603, dtype=np.uint64)
    for length in range(1, longest + 1):
        if len(wide) < length:
            return
        tail = wide[length - 1 :]
        state = (state[: len(tail)] ^ tail) * _MULTIPLIER
        mixed = (state ^ (state >> np.uint64(31))) * _MIX
        yield length, (mixed >> np.uint64(32)).astype(np.uint32)


def word_hash(word: str) -> int:
    """Hash of one word of 1 .. ``MAX_WORD`` characters, as the table holds it."""
    for length, hashes in _window_hashes(code_points(word), MAX_WORD):
        if length == len(word):
            return int(hashes[0])
    raise ValueError(f"a lexicon word has 1 to {MAX_WORD} characters, not {word!r}")


class FeatureTable:
    """Vocabulary, character folding and lexicon of one model."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take ``vocab`` and ``fold`` (by code point), ``keys``, ``masks``, ``settings``."""
        self.vocab = arrays["vocab"].astype(np.int64)
        self.fold = arrays["fold"].astype(np.uint32)
        self.keys = arrays["keys"].astype(np.uint32)
        self.masks = arrays["masks"].astype(np.uint32)
        self.n_classes, self.n_bigrams, self.max_word = (int(v) for v in arrays["settings"])
        self._filter = np.zeros(1 << _FILTER_BITS, dtype=np.bool_)
        self._filter[self.keys >> np.uint32(32 - _FILTER_BITS)] = True

    @property
    def width(self) -> int:
        """Features of a character."""
        return 3 * self.n_classes

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Padded arrays of a batch; a text's rows do not depend on the other texts."""
        lengths = np.array([len(text) for text in texts], dtype=np.int32)
        codes = code_points("".join(texts))
        folded = self.fold[np.minimum(codes, CODE_LIMIT - 1)]
        ends = np.repeat(np.cumsum(lengths, dtype=np.int64), lengths)
        longest = int(lengths.max(initial=0))
        starts = np.cumsum(lengths) - lengths
        cells = np.arange(len(codes)) - np.repeat(starts, lengths)
        cells += np.repeat(np.arange(len(texts)) * longest, lengths)
        size = len(texts) * longest
        chars = np.zeros(size, dtype=np.int64)
        chars[cells] = self.vocab[folded]
        bigrams = np.zeros(size, dtype=np.int64)
        bigrams[cells] = self._bigrams(folded, ends)
        features = np.zeros((size, self.width), dtype=np.uint8)
        features[cells] = self._lexicon_bits(folded, ends)
        shape = (len(texts), longest)
        return Encoded(
            chars.reshape(shape),
            bigrams.reshape(shape),
            features.reshape(*shape, self.width),
            lengths,
        )

    def _bigrams(self, codes: CodeArray, ends: IntArray) -> IntArray:
        """Bucket of each character with the next one; the last of a text with nothing."""
        following = np.zeros_like(codes)
        following[:-1] = codes[1:]
        following[np.arange(len(codes)) + 1 >= ends] = 0
        mixed = (codes.astype(np.uint64) * _MULTIPLIER + following) * _MIX
        return ((mixed >> np.uint64(40)) % np.uint64(self.n_bigrams)).astype(np.int64)

    def _lexicon_bits(self, codes: CodeArray, ends: IntArray) -> ByteArray:
        begin = np.zeros(len(codes), dtype=np.uint32)
        inside, end = np.zeros_like(begin), np.zeros_like(begin)
        for length, hashes in _window_hashes(codes, self.max_word):
            at = np.flatnonzero(self._filter[hashes >> np.uint32(32 - _FILTER_BITS)])
            at = at[at + length <= ends[at]]
            slot = np.minimum(np.searchsorted(self.keys, hashes[at]), len(self.keys) - 1)
            hit = self.keys[slot] == hashes[at]
            at, mask = at[hit], self.masks[slot[hit]]
            begin[at] |= mask
            end[at + length - 1] |= mask
            for step in range(1, length - 1):
                inside[at + step] |= mask
        shifts = np.arange(self.n_classes, dtype=np.uint32)
        parts = [((bits[:, None] >> shifts) & np.uint32(1)) for bits in (begin, inside, end)]
        return np.concatenate(parts, axis=1).astype(np.uint8)


def load_features(path: Path) -> FeatureTable:
    """Read a table that ``FeatureTable`` arrays were saved to. Raises ``OSError``."""
    with np.load(path) as arrays:
        return FeatureTable({name: arrays[name] for name in arrays.files})
