"""A shard: some of the input, the unit of work that any engine can run anywhere.

``process_shard`` takes plain values, writes one Parquet part a table, and answers a summary; it
does not know who calls it (a worker of this machine, a cluster). Its memory is bounded by a batch
of articles, not by the shard.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Config
from pipeline.document import Article
from pipeline.faults import fault, poison
from pipeline.readers import ReadFailure, Source, read_source
from pipeline.tables import Rows, check_rows, no_rows, rows_of

if TYPE_CHECKING:
    from pipeline.extractor import Extractor

DONE = "done"
FAILED = "failed"
UNCHANGED = "unchanged"

Beat = Callable[[tuple[str, ...]], None]


@dataclass(frozen=True, slots=True)
class Slice:
    """Items ``first`` (inclusive) to ``stop`` (exclusive, None: to the end) of a source.

    ``known`` maps the ids of articles that earlier runs have done to their content hashes: an
    article that is still the same is not processed again.
    """

    source: Source
    first: int = 0
    stop: int | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    size: int = 0
    """Bytes of input, about."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Some slices in input order.

    ``limit`` caps the articles taken. ``careful`` takes one article at a time, so that the one
    which kills a worker is known; ``poisoned`` maps such ids to what they did, and they are not
    touched again.
    """

    number: int
    slices: tuple[Slice, ...]
    limit: int | None = None
    careful: bool = False
    poisoned: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of input, about."""
        return sum(part.size for part in self.slices)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: ``item`` is its number in the shard's parts."""

    source_id: str
    ordinal: int
    article_id: str
    content_sha256: str
    status: str
    reason: str
    item: int
    source_path: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a shard came to: outcomes in order, counts, rows per table, and seconds per step."""

    shard: int
    outcomes: tuple[Outcome, ...]
    chars: int
    rows: dict[str, int]
    seconds: dict[str, float]

    @property
    def articles(self) -> int:
        """Articles processed, failed ones included."""
        return sum(outcome.status != UNCHANGED for outcome in self.outcomes)

    @property
    def failed(self) -> int:
        """Articles that became rows of ``errors``."""
        return sum(outcome.status == FAILED for outcome in self.outcomes)


def part_folder(out_dir: str, shard: int) -> Path:
    """Folder of the parts of a shard."""
    return Path(out_dir) / f"shard-{shard:08d}"


def process_shard(config: Config, shard: Shard, out_dir: str, beat: Beat | None = None) -> Summary:
    """Extract from every article of a shard and write its parts under ``out_dir``.

    A bad article becomes a row of ``errors``; the others are not touched by it. The parts appear
    under their final folder name only when all of them are complete and on disk. ``beat`` is told
    the ids of the articles in hand before each batch.
    """
    from pipeline.writers.parts import PartWriter

    extractor = _extractor(config.model_dump_json())
    before = dict(extractor.seconds)
    final = part_folder(out_dir, shard.number)
    staging = final.with_name(f"{final.name}.tmp-{os.getpid()}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    work = _Work(extractor, beat or (lambda ids: None))
    with PartWriter(staging, shard.number) as writer:
        for group in _groups(_items(config, shard), 1 if shard.careful else None):
            writer.write(work.process(group, shard.poisoned))
    fault("before-rename")
    if final.exists():  # left by a run that died before it could record the shard
        shutil.rmtree(final)
    staging.rename(final)
    _sync_folder(final.parent)
    fault("after-rename")
    return Summary(
        shard=shard.number,
        outcomes=tuple(work.outcomes),
        chars=work.chars,
        rows=writer.counts,
        seconds={k: v - before.get(k, 0.0) for k, v in extractor.seconds.items()},
    )


@dataclass(frozen=True, slots=True)
class _Item:
    """An article or a failure on its way through a shard."""

    source_id: str
    ordinal: int
    content: Article | ReadFailure
    known_sha: str | None

    @property
    def chars(self) -> int:
        return len(self.content.text) if isinstance(self.content, Article) else 0


def _items(config: Config, shard: Shard) -> Iterator[_Item]:
    def all_items() -> Iterator[_Item]:
        for part in shard.slices:
            if part.source.id in shard.poisoned:
                failure = ReadFailure(part.source.path, part.source.id, "poison", "")
                yield _Item(part.source.id, part.first, failure, None)
                continue
            found = islice(read_source(part.source, config.input), part.first, part.stop)
            for ordinal, content in enumerate(found, part.first):
                name = content.id if isinstance(content, Article) else content.article_id
                yield _Item(part.source.id, ordinal, content, part.known.get(name))

    return islice(all_items(), shard.limit)


def _groups(items: Iterator[_Item], most: int | None) -> Iterator[list[_Item]]:
    from pipeline.extractor import BATCH_ARTICLES, BATCH_CHARS

    group: list[_Item] = []
    chars = 0
    for item in items:
        full = len(group) >= (most or BATCH_ARTICLES) or chars + item.chars > BATCH_CHARS
        if group and full:
            yield group
            group, chars = [], 0
        group.append(item)
        chars += item.chars
    if group:
        yield group


class _Work:
    """Turns groups of items into rows and outcomes; rows carry the item's number in the shard."""

    def __init__(self, extractor: Extractor, beat: Beat) -> None:
        self._extractor = extractor
        self._beat = beat
        self._next = 0
        self.outcomes: list[Outcome] = []
        self.chars = 0

    def process(self, group: list[_Item], poisoned: Mapping[str, str]) -> list[tuple[int, Rows]]:
        """Rows of each item of the group, with the item's number."""
        fresh = [
            item.content
            for item in group
            if isinstance(item.content, Article)
            and item.content.id not in poisoned
            and item.content.content_sha256 != item.known_sha
        ]
        self._beat(tuple(article.id for article in fresh))
        for article in fresh:
            poison(article.id)
        rows = _rows_by_article(self._extractor, fresh)
        return [self._settle(item, poisoned, rows) for item in group]

    def _settle(
        self, item: _Item, poisoned: Mapping[str, str], rows: dict[str, Rows]
    ) -> tuple[int, Rows]:
        content = item.content
        number = self._next
        self._next += 1
        if isinstance(content, ReadFailure):
            reason = poisoned.get(content.article_id, content.reason)
            message = content.message or f"reading it ended its worker: {reason}"
            found = no_rows()
            found["errors"].append(
                (content.source_path, content.article_id, "read", reason, message)
            )
            self._note(item, content.article_id, "", FAILED, reason, number, content.source_path)
            return number, found
        sha = content.content_sha256
        self.chars += len(content.text)
        if content.id in poisoned:
            reason = poisoned[content.id]
            found = no_rows()
            found["errors"].append(
                (
                    content.source_path,
                    content.id,
                    "extract",
                    reason,
                    f"it ended its worker: {reason}",
                )
            )
        elif sha == item.known_sha:
            self._note(item, content.id, sha, UNCHANGED, "", number, content.source_path)
            return number, no_rows()
        else:
            found = rows[content.id]
        reason = str(found["errors"][0][3]) if found["errors"] else ""
        status = FAILED if found["errors"] else DONE
        self._note(item, content.id, sha, status, reason, number, content.source_path)
        return number, found

    def _note(
        self,
        item: _Item,
        article_id: str,
        sha: str,
        status: str,
        reason: str,
        number: int,
        path: str,
    ) -> None:
        self.outcomes.append(
            Outcome(item.source_id, item.ordinal, article_id, sha, status, reason, number, path)
        )


def _rows_by_article(extractor: Extractor, articles: list[Article]) -> dict[str, Rows]:
    """Rows of each article; where a batch fails, one by one, so that one costs only itself."""
    try:
        found = {
            extraction.document.article.id: rows_of([extraction])
            for extraction in extractor.extract_batch(articles)
        }
        for rows in found.values():
            check_rows(rows)
    except Exception as error:
        if len(articles) == 1:
            return {articles[0].id: _failed(articles[0], error)}
        found = {}
        for article in articles:
            found.update(_rows_by_article(extractor, [article]))
    return found


def _failed(article: Article, error: Exception) -> Rows:
    import logging

    logging.getLogger(__name__).error("article %s failed", article.id, exc_info=error)
    rows = no_rows()
    rows["errors"].append(
        (article.source_path, article.id, "extract", type(error).__name__, str(error))
    )
    return rows


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@lru_cache(maxsize=1)
def _extractor(config_json: str) -> Extractor:
    """This process's extractor: engines are loaded once, never sent between processes."""
    from pipeline.extractor import Extractor

    return Extractor(Config.model_validate_json(config_json))
