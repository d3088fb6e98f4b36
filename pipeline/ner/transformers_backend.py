"""Backend ``transformers``: any token-classification model, by local path or hub id.

Sub-words are laid back onto characters through the fast tokenizer's offset mapping: a character
takes the tag and the probabilities of the sub-word that covers it. BIO, BIOES and IO tag sets are
read alike. A score is the mean probability of the span's tags.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.backend import Backend, Span
from pipeline.ner.labels import label_map
from pipeline.ner.windows import read_in_halves, read_in_windows

_PREFIXES = frozenset("BIOESLUM")
_FRESH, _LAST = frozenset("BSU"), frozenset("ESLU")
_UNBOUNDED = 100_000
"""Tokenizers without a limit name an absurdly large one."""
_DEFAULT_LIMIT = 512


class Piece(NamedTuple):
    """A sub-word: half-open characters, its tag, and the tag's probability."""

    start: int
    end: int
    tag: str
    score: float


def split_tag(tag: str) -> tuple[str, str]:
    """``B-PER`` as prefix and label; a tag without prefix is of an IO set."""
    prefix, mark, label = tag.partition("-")
    if mark and prefix in _PREFIXES:
        return prefix, label
    return ("O", "") if tag == "O" else ("I", tag)


def join_pieces(pieces: Sequence[Piece], labels: dict[str, str]) -> list[Span]:
    """Spans of the labels that are mapped, from tagged sub-words in text order."""
    spans: list[Span] = []
    run: list[Piece] = []
    current = ""

    def close() -> None:
        if run and current in labels:
            score = round(sum(piece.score for piece in run) / len(run), 4)
            spans.append(Span(run[0].start, run[-1].end, labels[current], score))
        run.clear()

    for piece in pieces:
        prefix, label = split_tag(piece.tag)
        if prefix in _FRESH or label != current:
            close()
        current = label
        if label:
            run.append(piece)
        if prefix in _LAST:
            close()
            current = ""
    close()
    return spans


class TransformersBackend:
    """A token-classification model and its tokenizer."""

    name = "transformers"

    def __init__(self, model: Any, tokenizer: Any, fingerprint: str, config: NerConfig) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._tags = {int(key): str(tag) for key, tag in model.config.id2label.items()}
        raw = {split_tag(tag)[1] for tag in self._tags.values()} - {""}
        self._labels = label_map("transformers", raw, config.label_map)
        limit = int(tokenizer.model_max_length)
        positions = getattr(model.config, "max_position_embeddings", None) or _DEFAULT_LIMIT
        self._limit = min(limit if limit < _UNBOUNDED else _DEFAULT_LIMIT, int(positions))
        self._config = config
        self.labels = frozenset(self._labels.values())
        self.fingerprint = fingerprint

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Spans of each text; see ``Backend.predict``."""
        # Two positions are the tokenizer's own; a byte-level model may spend several a character.
        size = max(self._limit - 2, 1)
        return read_in_windows(
            texts, self._read, size, self._config.overlap, self._config.batch_size
        )

    def _read(self, texts: Sequence[str]) -> list[list[Span]]:
        import torch

        readable = [text.encode("utf-8", "replace").decode() for text in texts]
        encoded = self._tokenizer(
            readable,
            return_tensors="pt",
            return_offsets_mapping=True,
            padding=True,
            truncation=True,
            max_length=self._limit,
        )
        offsets = encoded.pop("offset_mapping").tolist()
        with torch.inference_mode():
            scores, tags = self._model(**encoded).logits.float().softmax(dim=-1).max(dim=-1)
        found: list[list[Span]] = []
        for row, places in enumerate(offsets):
            if encoded.encodings[row].overflowing and len(texts[row]) > 1:
                # Several sub-words a character (byte-level vocabularies): read it in halves.
                found.append(read_in_halves(texts[row], self._read))
                continue
            pieces = [
                Piece(start, end, self._tags[int(tag)], float(score))
                for (start, end), tag, score in zip(places, tags[row], scores[row], strict=True)
                if end > start
            ]
            found.append(join_pieces(pieces, self._labels))
        return found


def build(config: NerConfig) -> Backend:
    """Load the model ``config.model``. Raises ``BackendError``."""
    if config.model is None:
        raise BackendError(
            "the transformers backend needs a model: --model (ner.model), a local path or a hub id"
        )
    try:
        import torch  # noqa: F401
        from transformers import AutoModelForTokenClassification, AutoTokenizer
    except ImportError as error:
        raise BackendError(
            "the transformers backend needs torch: pip install 'zhnews[torch]'"
        ) from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(config.model, use_fast=True)
        model = AutoModelForTokenClassification.from_pretrained(config.model)
    except (OSError, ValueError) as error:
        raise BackendError(
            f"no token-classification model {config.model!r}: give the folder of a saved model "
            f"(save_pretrained), or a hub id and a connection or a filled cache: {error}"
        ) from error
    if not tokenizer.is_fast:
        raise BackendError(f"{config.model!r} has no fast tokenizer, so no character offsets")
    return TransformersBackend(model, tokenizer, _fingerprint(model, config), config)


def _fingerprint(model: Any, config: NerConfig) -> str:
    """Hash of the weights, the model's settings and, of a local model, its tokenizer files."""
    digest = hashlib.sha256(model.config.to_json_string().encode())
    digest.update(json.dumps(sorted(config.label_map.items())).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    folder = Path(config.model or "")
    if folder.is_dir():
        for path in sorted(folder.glob("*token*")) + sorted(folder.glob("vocab*")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
