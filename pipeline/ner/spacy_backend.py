"""Backend ``spacy``: any installed spaCy pipeline, or one at a path, by its own tokenizer.

spaCy's entity recognisers give no probabilities: spans have ``SCORE``.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.backend import Backend, Span
from pipeline.ner.labels import label_map

if TYPE_CHECKING:
    from spacy.language import Language

SCORE = 0.9


class SpacyBackend:
    """Entities of a spaCy pipeline."""

    name = "spacy"

    def __init__(self, language: Language, fingerprint: str, config: NerConfig) -> None:
        self._language = language
        self._labels = label_map("spacy", _entity_labels(language), config.label_map)
        self._batch_size = config.batch_size
        self.labels = frozenset(self._labels.values())
        self.fingerprint = fingerprint

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Spans of each text; see ``Backend.predict``."""
        filled = [i for i, text in enumerate(texts) if text and not text.isspace()]
        results: list[list[Span]] = [[] for _ in texts]
        # Lone surrogates have no UTF-8 form, in which spaCy keeps its strings.
        readable = [texts[i].encode("utf-8", "replace").decode() for i in filled]
        docs = self._language.pipe(readable, batch_size=self._batch_size)
        for i, doc in zip(filled, docs, strict=True):
            # A tokenizer that normalises blanks would shift every offset behind one.
            if len(doc.text) != len(texts[i]):
                raise BackendError(
                    f"the tokenizer of the spaCy pipeline {self._language.meta['name']!r} changes "
                    "the text it reads, so its offsets cannot be used"
                )
            results[i] = [
                Span(entity.start_char, entity.end_char, self._labels[entity.label_], SCORE)
                for entity in doc.ents
                if entity.label_ in self._labels
            ]
        return results


def build(config: NerConfig) -> Backend:
    """Load the pipeline ``config.model`` (name or path). Raises ``BackendError``."""
    if config.model is None:
        raise BackendError(
            "the spacy backend needs a model: --model (ner.model), an installed pipeline "
            "(zh_core_web_sm) or a path"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import spacy
    except ImportError as error:
        raise BackendError(
            "the spacy backend needs the package spacy: pip install spacy"
        ) from error
    try:
        language = spacy.load(config.model)
    except (OSError, ImportError, ValueError) as error:
        raise BackendError(
            f"no spaCy pipeline {config.model!r}: give a path, or install one "
            f"(python -m spacy download {config.model}): {error}"
        ) from error
    return SpacyBackend(language, _fingerprint(language, config), config)


def _entity_labels(language: Language) -> set[str]:
    """Labels of every step that sets entities."""
    found: set[str] = set()
    for name in language.pipe_names:
        if "doc.ents" in language.get_pipe_meta(name).assigns:
            found.update(language.pipe_labels.get(name, ()))
    return found


def _fingerprint(language: Language, config: NerConfig) -> str:
    digest = hashlib.sha256(json.dumps(language.meta, sort_keys=True, default=str).encode())
    digest.update(str(sorted(config.label_map.items())).encode())
    folder = Path(getattr(language, "path", None) or "")
    if language.path is not None:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
