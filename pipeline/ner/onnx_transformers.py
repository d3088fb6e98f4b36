"""Models of kind ``transformers`` for the ``onnx`` backend: what ``zhnews train`` exports.

A folder holds ``model.toml`` (``kind = "transformers"``, tags, hashes), ``model.onnx`` (input_ids,
attention_mask -> logits) and ``tokenizer.json``. It runs without torch. Sub-words are laid back
onto characters as the ``transformers`` backend does.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.backend import Span
from pipeline.ner.onnx import check_files, open_session
from pipeline.ner.transformers_backend import Piece, join_pieces
from pipeline.ner.windows import read_in_halves, read_in_windows

KIND = "transformers"
FORMAT = 1
FILES = ("model.onnx", "tokenizer.json")


class OnnxTransformersBackend:
    """An exported token classifier. Raises ``BackendError`` where its folder is damaged."""

    name = "onnx"

    def __init__(self, folder: Path, config: NerConfig) -> None:
        from tokenizers import Tokenizer

        content = (folder / "model.toml").read_bytes()
        told = tomllib.loads(content.decode("utf-8"))
        if told.get("format") != FORMAT:
            raise BackendError(f"{folder}: format {told.get('format')!r}; known is {FORMAT}")
        check_files(folder, FILES, told["files"])
        self._tags = [str(tag) for tag in told["tags"]]
        self._limit = int(told["max_tokens"])
        self._labels = {
            label: config.label_map.get(label, label)
            for label in sorted({tag[2:] for tag in self._tags if tag != "O"})
        }
        self._labels = {label: mapped for label, mapped in self._labels.items() if mapped}
        self._config = config
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(self._limit)
        self._tokenizer.enable_padding(pad_id=int(told["pad_id"]), pad_token=str(told["pad_token"]))
        self._session = open_session(folder / "model.onnx")
        self.labels = frozenset(self._labels.values())
        digest_all = hashlib.sha256(content)
        digest_all.update(repr(sorted(config.label_map.items())).encode())
        self.fingerprint = digest_all.hexdigest()

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Spans of each text; see ``Backend.predict``."""
        size = max(self._limit - 2, 1)  # two tokens are the tokenizer's own
        return read_in_windows(
            texts, self._read, size, self._config.overlap, self._config.batch_size
        )

    def logits(self, texts: Sequence[str]) -> Any:
        """Scores [text, token, tag] of short texts (padded places hold no meaning)."""
        return self._run(self._encode(texts))

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        readable = [text.encode("utf-8", "replace").decode() for text in texts]
        encoded: list[Any] = self._tokenizer.encode_batch(readable)
        return encoded

    def _run(self, encoded: Sequence[Any]) -> Any:
        ids = np.array([e.ids for e in encoded], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
        return self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]

    def _read(self, texts: Sequence[str]) -> list[list[Span]]:
        encoded = self._encode(texts)
        logits = self._run(encoded)
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        chances = odds / odds.sum(axis=-1, keepdims=True)
        tags, scores = chances.argmax(axis=-1), chances.max(axis=-1)
        found: list[list[Span]] = []
        for row, (text, encoding) in enumerate(zip(texts, encoded, strict=True)):
            if encoding.overflowing and len(text) > 1:
                found.append(read_in_halves(text, self._read))
                continue
            pieces = [
                Piece(start, end, self._tags[int(tag)], float(score))
                for (start, end), tag, score in zip(
                    encoding.offsets, tags[row], scores[row], strict=True
                )
                if end > start
            ]
            found.append(join_pieces(pieces, self._labels))
        return found
