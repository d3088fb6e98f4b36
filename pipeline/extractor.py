"""The library's front door: raw text in, mentions, entities and tables out.

    Article -> normalize -> segment -> stages -> overlaps -> entities -> affiliations

An ``Extractor`` is built from a config in any process that needs one; it holds live engines and
is never sent between processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pipeline.affiliations import find_affiliations
from pipeline.config import Config
from pipeline.document import Article, Diagnostic, Document
from pipeline.entities import Linker, resolve_entities
from pipeline.extraction import Extraction
from pipeline.normalize import Normalizer
from pipeline.overlap import resolve_overlaps
from pipeline.segment import Segmenter
from pipeline.stage import load_stage

if TYPE_CHECKING:
    import pandas as pd

BATCH_ARTICLES = 64
BATCH_CHARS = 200_000

_T = TypeVar("_T")


class Extractor:
    """Extracts people, organisations and quantities from articles.

    Building one loads the NER model and the lexicons (a second or two); extraction itself keeps
    no state, so one extractor serves any number of articles. Raises ``ConfigError``,
    ``StageError`` or ``BackendError`` where the config cannot be honoured.
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = config if config is not None else Config()
        self.seconds: dict[str, float] = {}
        self._normalizer = Normalizer()
        self._segmenter = Segmenter(_lexicon_words(self.config))
        self._stages = [load_stage(name, self.config) for name in self.config.stages]
        self._stage_order = [stage.name for stage in self._stages]
        self._linker = Linker(self.config.lexicons)

    def extract(self, article: Article | str) -> Extraction:
        """Extract from one article, or from raw text (its header is read from the text)."""
        return self.extract_batch([_as_article(article)])[0]

    def extract_many(self, articles: Iterable[Article | str]) -> Iterator[Extraction]:
        """Extract from any number of articles, in order, holding one batch in memory."""
        for batch in batches(_as_article(article) for article in articles):
            yield from self.extract_batch(batch)

    def extract_batch(self, articles: Sequence[Article]) -> list[Extraction]:
        """Extract from a batch; engines see its sentences together, results do not depend on it.

        ``seconds`` grows by the time that each step took.
        """
        documents = self._timed("normalize", lambda: [self._document(a) for a in articles])
        documents = self._timed("segment", lambda: [self._segmented(d) for d in documents])
        for stage in self._stages:
            documents = self._timed(stage.name, lambda s=stage, d=documents: s(d))  # type: ignore[misc]
        return self._timed("entities", lambda: [self._resolved(d) for d in documents])

    def _document(self, article: Article) -> Document:
        normal = self._normalizer(article.text)
        spoilt = (
            Diagnostic("normalize", e.start, e.end, f"machine_conversion: {e.term} for {e.correct}")
            for e in self._normalizer.conversion_errors(article.text)
        )
        return Document(
            article,
            normal.text,
            script=normal.script,
            conversion=normal.conversion,
            diagnostics=(*article.diagnostics, *spoilt),
        )

    def _segmented(self, document: Document) -> Document:
        return replace(
            document,
            sentences=tuple(self._segmenter.sentences(document.text, document.article.sections)),
            tokens=tuple(self._segmenter.tokens(document.text)),
        )

    def _resolved(self, document: Document) -> Extraction:
        settled = resolve_overlaps(document, self._stage_order)
        entities, diagnostics = resolve_entities(settled, self._linker)
        settled = settled.adding((), diagnostics)
        return Extraction(settled, entities, find_affiliations(settled, entities))

    def _timed(self, step: str, work: Callable[[], _T]) -> _T:
        begin = time.perf_counter()
        try:
            return work()
        finally:
            self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - begin


def batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Cut a stream of articles into batches of bounded number and length."""
    batch: list[Article] = []
    chars = 0
    for article in articles:
        if batch and (len(batch) >= BATCH_ARTICLES or chars + len(article.text) > BATCH_CHARS):
            yield batch
            batch, chars = [], 0
        batch.append(article)
        chars += len(article.text)
    if batch:
        yield batch


def to_frames(extractions: Iterable[Extraction]) -> dict[str, pd.DataFrame]:
    """All tables as pandas frames, by table name, with the columns and types of the schema."""
    from pipeline.tables import TABLES, check_rows, rows_of
    from pipeline.writers.frames import to_frame

    rows = rows_of(extractions)
    check_rows(rows)
    return {table.name: to_frame(table, rows[table.name]) for table in TABLES}


def _as_article(article: Article | str) -> Article:
    if isinstance(article, Article):
        return article
    from pipeline.readers import article_from_text

    return article_from_text(article, "text")


def _lexicon_words(config: Config) -> list[str]:
    from pathlib import Path

    from pipeline.errors import ConfigError

    words: list[str] = []
    for name in config.lexicons.words:
        try:
            lines = Path(name).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read word list {name}: {error}") from error
        words.extend(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    return words
