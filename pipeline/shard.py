"""A shard: some of the input, the unit of work that any engine can run anywhere.

``process_shard`` takes plain values, writes one Parquet part a table, and answers a summary; it
does not know who calls it (this process, a pool, a cluster).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Config
from pipeline.document import Article
from pipeline.readers import ReadFailure, Source, read_source
from pipeline.tables import TABLES, Row, Rows, check_rows, rows_of
from pipeline.writers.parquet import write_parquet

if TYPE_CHECKING:
    from pipeline.extractor import Extractor


@dataclass(frozen=True, slots=True)
class Shard:
    """Some sources in input order; ``limit`` caps the articles taken from them."""

    number: int
    sources: tuple[Source, ...]
    limit: int | None = None

    @property
    def size(self) -> int:
        """Bytes of input."""
        return sum(source.size for source in self.sources)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a shard came to: counts, rows per table, and seconds per step."""

    shard: int
    articles: int
    failed: int
    chars: int
    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def cut_shards(sources: Sequence[Source], shard_bytes: int) -> list[Shard]:
    """Group sources, in order, into shards of about ``shard_bytes`` of input."""
    shards: list[Shard] = []
    held: list[Source] = []
    size = 0
    for source in sources:
        if held and size + source.size > shard_bytes:
            shards.append(Shard(len(shards), tuple(held)))
            held, size = [], 0
        held.append(source)
        size += source.size
    if held:
        shards.append(Shard(len(shards), tuple(held)))
    return shards


def part_folder(out_dir: str, shard: int) -> Path:
    """Folder of the parts of a shard."""
    return Path(out_dir) / f"shard-{shard:06d}"


def process_shard(config: Config, shard: Shard, out_dir: str) -> Summary:
    """Extract from every article of a shard and write its parts under ``out_dir``.

    A bad article becomes a row of ``errors``; the others are not touched by it. The parts appear
    under their final folder name only when all of them are complete.
    """
    from pipeline.extractor import batches

    extractor = _extractor(config.model_dump_json())
    before = dict(extractor.seconds)
    reading = _Reading(config, shard)
    rows: Rows = {table.name: [] for table in TABLES}
    articles = chars = 0
    for batch in batches(iter(reading)):
        articles += len(batch)
        chars += sum(len(article.text) for article in batch)
        for name, new in _batch_rows(extractor, batch).items():
            rows[name].extend(new)
    rows["errors"] = sorted([*reading.failures, *rows["errors"]], key=lambda row: (row[1], row[4]))
    final = part_folder(out_dir, shard.number)
    staging = final.with_name(final.name + f".tmp-{os.getpid()}")
    staging.mkdir(parents=True, exist_ok=True)
    from pipeline.writers.frames import to_arrow

    for table in TABLES:
        path = staging / f"{table.name}.parquet"
        write_parquet(path, table, [to_arrow(table, rows[table.name])])
    staging.rename(final)
    return Summary(
        shard=shard.number,
        articles=articles,
        failed=len(rows["errors"]),
        chars=chars,
        rows={name: len(found) for name, found in rows.items()},
        seconds={k: v - before.get(k, 0.0) for k, v in extractor.seconds.items()},
    )


class _Reading:
    """The articles of a shard as a stream; failures gather on the side."""

    def __init__(self, config: Config, shard: Shard) -> None:
        self._config = config
        self._shard = shard
        self.failures: list[Row] = []

    def __iter__(self) -> Iterator[Article]:
        return islice(self._articles(), self._shard.limit)

    def _articles(self) -> Iterator[Article]:
        for source in self._shard.sources:
            for item in read_source(source, self._config.input):
                if isinstance(item, ReadFailure):
                    self.failures.append(
                        (item.source_path, item.article_id, "read", item.reason, item.message)
                    )
                else:
                    yield item


def _batch_rows(extractor: Extractor, batch: list[Article]) -> Rows:
    """Rows of a batch; where it fails, article by article, so that one costs only itself."""
    try:
        rows = rows_of(extractor.extract_batch(batch))
        check_rows(rows)
    except Exception as error:
        if len(batch) == 1:
            return _failed(batch[0], error)
        rows = {table.name: [] for table in TABLES}
        for article in batch:
            for name, new in _batch_rows(extractor, [article]).items():
                rows[name].extend(new)
    return rows


def _failed(article: Article, error: Exception) -> Rows:
    rows: Rows = {table.name: [] for table in TABLES}
    rows["errors"].append(
        (article.source_path, article.id, "extract", type(error).__name__, str(error))
    )
    return rows


@lru_cache(maxsize=1)
def _extractor(config_json: str) -> Extractor:
    """This process's extractor: engines are loaded once, never sent between processes."""
    from pipeline.extractor import Extractor

    return Extractor(Config.model_validate_json(config_json))
