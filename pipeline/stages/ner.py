"""Stage ``ner``: names by the configured backend, over windows of all sentences of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.config import Config, NerConfig
from pipeline.document import Document
from pipeline.ner.backend import Backend, Span, load_backend
from pipeline.ner.cleaning import clean_spans
from pipeline.ner.windows import Window, cut_windows, merge_windows


class _Piece(NamedTuple):
    """A sentence of one document and its windows."""

    document: int
    start: int
    text: str
    windows: list[Window]


class NerStage:
    """Marks PERSON, COMPANY, ORG and LOC mentions; the rule of each is the backend's name."""

    name = "ner"

    def __init__(self, backend: Backend, config: NerConfig) -> None:
        self._backend = backend
        self._config = config

    @property
    def backend(self) -> Backend:
        """The engine, for the run's record (name, fingerprint)."""
        return self._backend

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        """Return the documents with the backend's mentions added."""
        pieces = self._pieces(documents)
        texts = [p.text[w.start : w.end] for p in pieces for w in p.windows]
        answers = iter(self._backend.predict(texts) if texts else [])
        found: list[list[tuple[int, Span]]] = [[] for _ in documents]
        for piece in pieces:
            spans = merge_windows(piece.windows, [next(answers) for _ in piece.windows])
            for span in clean_spans(piece.text, spans):
                found[piece.document].append((piece.start, span))
        return [
            self._marked(document, spans) for document, spans in zip(documents, found, strict=True)
        ]

    def _pieces(self, documents: Sequence[Document]) -> list[_Piece]:
        window, overlap = self._config.window, self._config.overlap
        pieces = []
        for number, document in enumerate(documents):
            for sentence in document.sentences:
                text = document.text[sentence.start : sentence.end]
                if text and not text.isspace():
                    windows = cut_windows(text, window, overlap)
                    pieces.append(_Piece(number, sentence.start, text, windows))
        return pieces

    def _marked(self, document: Document, spans: Sequence[tuple[int, Span]]) -> Document:
        if not spans:
            return document
        return document.adding(
            document.mention(
                start + span.start,
                start + span.end,
                span.label,
                score=span.score,
                stage=self.name,
                rule=self._backend.name,
            )
            for start, span in spans
        )


def build(config: Config) -> NerStage:
    """Load the backend of ``config.ner``. Raises ``BackendError``."""
    return NerStage(load_backend(config.ner), config.ner)
