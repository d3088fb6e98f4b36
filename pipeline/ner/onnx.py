"""Backend ``onnx``: the model that ships in ``models/default``, or one exported the same way.

A model folder holds ``model.toml`` (name, labels, tags, settings, hashes), ``model.onnx``
(emissions), ``features.npz`` (vocabulary, folding, lexicon) and ``crf.npz`` (transitions, start,
end). Texts go through in batches of like length; the GRU nodes know the lengths, so that padding
changes nothing. A span's score is its probability under the CRF, calibrated per label.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.backend import Backend, Span
from pipeline.ner.batches import batches, groups
from pipeline.ner.crf import Crf, Emissions, IntArray, TagSpan, span_probabilities
from pipeline.ner.features import Encoded, load_features
from pipeline.resources import model_folder

SETTINGS = "model.toml"
FILES = ("model.onnx", "features.npz", "crf.npz")
FORMAT = 1
"""Layout of a model folder that this file reads."""
_SMALL = 1e-4
"""Probabilities are held off 0 and 1 by this much before calibration."""
_CELLS = 3072
"""Characters of a padded batch, at most: more are slower, the layers' outputs leave the cache."""


@dataclass(frozen=True)
class ModelSettings:
    """What ``model.toml`` says that a prediction needs."""

    name: str
    version: str
    tags: tuple[str, ...]
    calibration: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Label -> slope and offset on the log-odds of a span's probability."""
    least_score: float = 0.0
    """Spans with a lower score are not answered."""
    files: Mapping[str, str] = field(default_factory=dict)
    """File name -> SHA-256."""

    @property
    def labels(self) -> frozenset[str]:
        """Labels that the tags name."""
        return frozenset(tag[2:] for tag in self.tags if tag != "O")


def read_settings(folder: Path) -> ModelSettings:
    """Read ``model.toml``. Raises ``BackendError`` where it is missing or not of this format."""
    path = folder / SETTINGS
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BackendError(
            f"no NER model in {folder}: {SETTINGS} is missing; leave ner.model out to use the one "
            "that ships, or build one with 'make model'"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise BackendError(f"{path} is no TOML: {error}") from error
    if table.get("format") != FORMAT:
        raise BackendError(f"{path}: format {table.get('format')!r}; this version reads {FORMAT}")
    try:
        return ModelSettings(
            name=str(table["name"]),
            version=str(table["version"]),
            tags=tuple(table["tags"]),
            calibration={k: (float(a), float(b)) for k, (a, b) in table["calibration"].items()},
            least_score=float(table["least_score"]),
            files=dict(table["files"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BackendError(f"{path} lacks or misstates {error}") from error


class OnnxBackend:
    """The shipped tagger. Build it with ``build``."""

    name = "onnx"

    def __init__(self, folder: Path, config: NerConfig) -> None:
        """Load the model of ``folder``, checked against the hashes of its ``model.toml``."""
        settings = read_settings(folder)
        check_files(folder, FILES, settings.files)
        self._features = load_features(folder / "features.npz")
        with np.load(folder / "crf.npz") as arrays:
            self._crf = Crf(arrays["transitions"], arrays["start"], arrays["end"])
        self._session = open_session(folder / "model.onnx")
        self._batch_size = config.batch_size
        self._least_score = settings.least_score
        self._labels = [
            config.label_map.get(tag[2:], tag[2:]) if tag != "O" else "" for tag in settings.tags
        ]
        self._marks = np.array([tag[0] for tag in settings.tags])
        self._calibration = {
            config.label_map.get(label, label): pair for label, pair in settings.calibration.items()
        }
        self.labels = frozenset(label for label in self._labels if label)
        digest = hashlib.sha256((folder / SETTINGS).read_bytes())
        digest.update(repr(sorted(config.label_map.items())).encode())
        self.fingerprint = digest.hexdigest()

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

    def emissions(self, encoded: Encoded) -> npt.NDArray[np.float32]:
        """Scores [batch, time, tags] of encoded texts."""
        inputs = {
            "chars": encoded.chars,
            "bigrams": encoded.bigrams,
            "features": encoded.features,
            "lengths": encoded.lengths,
        }
        scores: npt.NDArray[np.float32] = self._session.run(None, inputs)[0]
        return scores

    def _emitted(
        self, texts: Sequence[str]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        encoded = self._features.encode(texts)
        return self.emissions(encoded), encoded.lengths

    def _decoded(self, emitted: Emissions) -> list[list[Span]]:
        paths = self._crf.viterbi(emitted)
        spans = self._spans(paths)
        probabilities = span_probabilities(self._crf, emitted, paths, spans)
        found: list[list[Span]] = [[] for _ in paths]
        for span, probability in zip(spans, probabilities, strict=True):
            label = self._labels[int(paths[span.row][span.start])]
            if label:
                score = self._calibrated(label, float(probability))
                if score >= self._least_score:
                    found[span.row].append(Span(span.start, span.end, label, score))
        return found

    def _spans(self, paths: Sequence[IntArray]) -> list[TagSpan]:
        """Stretches from B to E, and S, of legal BIOES paths."""
        flat = np.concatenate(paths)
        lengths = np.array([len(path) for path in paths])
        begins = np.cumsum(lengths) - lengths
        rows = np.repeat(np.arange(len(paths)), lengths)
        marks = self._marks[flat]
        opens = np.flatnonzero((marks == "B") | (marks == "S"))
        closes = np.flatnonzero((marks == "E") | (marks == "S"))
        return [
            TagSpan(int(row), int(first - begins[row]), int(last + 1 - begins[row]))
            for row, first, last in zip(rows[opens], opens, closes, strict=True)
        ]

    def _calibrated(self, label: str, probability: float) -> float:
        slope, offset = self._calibration.get(label, (1.0, 0.0))
        p = min(max(probability, _SMALL), 1 - _SMALL)
        odds = slope * math.log(p / (1 - p)) + offset
        return round(1 / (1 + math.exp(-odds)), 4)


def check_files(folder: Path, names: Sequence[str], hashes: Mapping[str, str]) -> None:
    """Raise ``BackendError`` where a file of the model is missing or not the one that was made."""
    for name in names:
        try:
            digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise BackendError(f"the NER model in {folder} lacks {name}") from error
        if digest != hashes.get(name):
            raise BackendError(
                f"{folder / name} differs from the hash in {SETTINGS}; restore the folder, or "
                "export the model again"
            )


def build(config: NerConfig) -> Backend:
    """Load the model folder ``config.model``, or the one that ships.

    Raises ``BackendError`` where it is missing or damaged.
    """
    folder = Path(config.model) if config.model is not None else model_folder()
    if _kind(folder) == "transformers":  # as `zhnews train` exports them
        from pipeline.ner.onnx_transformers import OnnxTransformersBackend

        return OnnxTransformersBackend(folder, config)
    return OnnxBackend(folder, config)


def _kind(folder: Path) -> str | None:
    try:
        kind = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8")).get("kind")
    except (OSError, tomllib.TOMLDecodeError):
        return None
    return str(kind)


def open_session(path: Path) -> Any:
    """A session on one thread, as workers want it. Raises ``BackendError``."""
    try:
        import onnxruntime
    except ImportError as error:
        raise BackendError("the onnx backend needs onnxruntime: pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors have no common public class
        raise BackendError(f"{path} is no ONNX model that can be loaded: {error}") from error
