"""A shard: some of the input, the unit of work that any engine can run anywhere.

``process_shard`` takes plain values, writes one Parquet part a table, and answers a summary; it
does not know who calls it (a worker of this machine, a cluster). Its memory is bounded by a batch
of articles, not by the shard.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.config import Config
from pipeline.document import Article
from pipeline.faults import poison
from pipeline.known import Known
from pipeline.readers import ReadFailure, Source
from pipeline.readers.read import read_window
from pipeline.readers.source import WHOLE, Window
from pipeline.tables import Rows, check_rows, no_rows, rows_of

if TYPE_CHECKING:
    from pipeline.extractor import Extractor

DONE = "done"
FAILED = "failed"
UNCHANGED = "unchanged"

Beat = Callable[[tuple[str, ...]], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slice:
    """Some records of a source (all of them unless it is a large record file)."""

    source: Source
    window: Window = WHOLE
    size: int = 0
    """Bytes of input, about."""

    @property
    def name(self) -> str:
        """What the slice is called while it is read; no article has such an id."""
        return f"\0{self.source.id}\0{self.window.first}"


@dataclass(frozen=True, slots=True)
class Shard:
    """Some slices in input order.

    ``limit`` caps the articles that are processed. ``known`` is a file with the hashes of articles
    that earlier runs have done: they are not processed again. ``careful`` takes one article at a
    time, so that the one which kills a worker is known; ``suspects`` have done so once;
    ``poisoned`` maps those that did it again (article ids, or names of slices whose reading kills)
    to what they did, and they are not touched any more.
    """

    number: int
    slices: tuple[Slice, ...]
    limit: int | None = None
    known: str | None = None
    careful: bool = False
    suspects: frozenset[str] = frozenset()
    poisoned: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of input, about."""
        return sum(part.size for part in self.slices)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: ``ordinal`` is its number in its source, ``item`` in the parts.

    ``content_hash`` is of all that was read of the article (empty where reading failed).
    """

    source_id: str
    ordinal: int
    article_id: str
    content_hash: str
    status: str
    reason: str
    item: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a shard came to: outcomes in order, counts, rows per table, and seconds per step.

    ``complete`` slices were read to their end; the others were cut off by ``Shard.limit``.
    """

    shard: int
    outcomes: tuple[Outcome, ...]
    complete: int
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


def process_shard(config: Config, shard: Shard, out_dir: str, beat: Beat | None = None) -> Summary:
    """Extract from every article of a shard and write its parts under ``out_dir``.

    A bad article becomes a row of ``errors``; the others are not touched by it. The parts appear
    under their final folder name only when all of them are complete and on disk. ``beat`` is told
    what is in hand: the ids of the articles of a batch, or the name of the slice that is read.
    """
    from pipeline.writers.parts import part_writer

    extractor = _extractor(config.model_dump_json())
    before = dict(extractor.seconds)
    begin = time.perf_counter()
    work = _Work(extractor, _Changes(beat), shard)
    reading = _Reading(config, shard, work.beat)
    with part_writer(out_dir, shard.number) as writer:
        for group in _groups(reading.items(), 1 if shard.careful else None):
            writer.write(work.process(group))
        work.beat(())
    spent = {k: v - before.get(k, 0.0) for k, v in extractor.seconds.items()}
    spent["read"] = reading.seconds
    spent["rows"] = work.seconds
    spent["write"] = max(time.perf_counter() - begin - sum(spent.values()), 0.0)
    return Summary(
        shard=shard.number,
        outcomes=tuple(work.outcomes),
        complete=reading.complete,
        chars=work.chars,
        rows=writer.counts,
        seconds=spent,
    )


def content_hash(article: Article) -> str:
    """Hash of all that was read of an article; where it lies does not matter."""
    content = repr(replace(article, source_path=""))
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class _Item:
    """An article or a failure on its way through a shard."""

    source_id: str
    ordinal: int
    content: Article | ReadFailure
    hash: str
    known: bool

    @property
    def id(self) -> str:
        return self.content.id if isinstance(self.content, Article) else self.content.article_id

    @property
    def chars(self) -> int:
        return len(self.content.text) if isinstance(self.content, Article) and not self.known else 0


class _Changes:
    """A beat that is silent while nothing changes."""

    def __init__(self, beat: Beat | None) -> None:
        self._beat = beat
        self._last: tuple[str, ...] = ()

    def __call__(self, in_hand: tuple[str, ...]) -> None:
        if self._beat is not None and in_hand != self._last:
            self._last = in_hand
            self._beat(in_hand)


class _Reading:
    """The items of a shard, up to its limit; ``complete`` counts the slices read to their end."""

    def __init__(self, config: Config, shard: Shard, beat: Beat) -> None:
        self._config = config
        self._shard = shard
        self._beat = beat
        self._known = Known(shard.known)
        self.complete = 0
        self.seconds = 0.0

    def items(self) -> Iterator[_Item]:
        """Items in order."""
        fresh = 0
        limit = self._shard.limit
        for part in self._shard.slices:
            for item in self._slice(part):
                if not item.known:
                    if limit is not None and fresh >= limit:
                        return
                    fresh += 1
                yield item
            self.complete += 1

    def _slice(self, part: Slice) -> Iterator[_Item]:
        source, window = part.source, part.window
        if part.name in self._shard.poisoned:
            name = source.id if window == WHOLE else f"{source.id}#{window.first}.."
            reason = self._shard.poisoned[part.name]
            message = f"reading it ended its worker: {reason}"
            failure = ReadFailure(source.path, name, reason, message)
            yield _Item(source.id, window.first, failure, "", False)
            return
        found = read_window(source, self._config.input, window)
        while True:
            self._beat((part.name,))
            begin = time.perf_counter()
            number, content = next(found, (0, None))
            if content is None:
                return
            hashed = content_hash(content) if isinstance(content, Article) else ""
            self.seconds += time.perf_counter() - begin
            yield _Item(source.id, number, content, hashed, bool(hashed) and hashed in self._known)


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

    def __init__(self, extractor: Extractor, beat: Beat, shard: Shard) -> None:
        self._extractor = extractor
        self._shard = shard
        self.beat = beat
        self.outcomes: list[Outcome] = []
        self.chars = 0
        self.seconds = 0.0

    def process(self, group: list[_Item]) -> list[tuple[int, Rows]]:
        """Rows of each item of the group, with the item's number."""
        poisoned = self._shard.poisoned
        fresh = [
            item.content
            for item in group
            if isinstance(item.content, Article) and not item.known and item.id not in poisoned
        ]
        self.beat(tuple(article.id for article in fresh))
        for article in fresh:
            poison(article.id)
        found = iter(self._rows_of_each(fresh))
        return [self._settle(item, found) for item in group]

    def _settle(self, item: _Item, found: Iterator[Rows]) -> tuple[int, Rows]:
        content = item.content
        number = len(self.outcomes)
        status = ""
        if isinstance(content, ReadFailure):
            rows = _one_error(content.article_id, "read", content.reason, content.message)
        elif item.known:
            rows, status = no_rows(), UNCHANGED
        elif content.id in self._shard.poisoned:
            reason = self._shard.poisoned[content.id]
            rows = _one_error(content.id, "extract", reason, f"it ended its worker: {reason}")
        else:
            rows = next(found)
            self.chars += len(content.text)
        reason = str(rows["errors"][0][3]) if rows["errors"] else ""
        status = status or (FAILED if reason else DONE)
        self.outcomes.append(
            Outcome(item.source_id, item.ordinal, item.id, item.hash, status, reason, number)
        )
        return number, rows

    def _rows_of_each(self, articles: list[Article]) -> list[Rows]:
        """Rows of each article; where a batch fails, one by one: an error costs one article."""
        if not articles:
            return []
        try:
            extractions = self._extractor.extract_batch(articles)
            begin = time.perf_counter()
            found = [rows_of([extraction]) for extraction in extractions]
            for rows in found:
                check_rows(rows)
            self.seconds += time.perf_counter() - begin
        except Exception as error:
            if len(articles) > 1:
                return [self._rows_of_each([article])[0] for article in articles]
            article = articles[0]
            _log.error("article %s failed", article.id, exc_info=error)
            return [_one_error(article.id, "extract", type(error).__name__, str(error))]
        return found


def _one_error(article_id: str, stage: str, reason: str, message: str) -> Rows:
    # The path is put in when tables are assembled: it may change without any article changing.
    rows = no_rows()
    rows["errors"].append(("", article_id, stage, reason, message))
    return rows


@lru_cache(maxsize=1)
def _extractor(config_json: str) -> Extractor:
    """This process's extractor: engines are loaded once, never sent between processes."""
    from pipeline.extractor import Extractor

    return Extractor(Config.model_validate_json(config_json))
