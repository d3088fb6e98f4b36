"""The manifest: what became of every article, in SQLite inside the output folder.

A source (file) is cut into items; an item is one article or one failure to read one. A row of
``items`` is live when it carries the hash that its source has now. ``shard`` and ``item`` say
where the item's rows are among the parts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pipeline.errors import InputError
from pipeline.faults import fault
from pipeline.shard import DONE, FAILED, UNCHANGED, Outcome

PENDING = "pending"
QUARANTINED = "quarantined"
REMOVED = "removed"
MANIFEST_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sources (
  source_id TEXT PRIMARY KEY, path TEXT NOT NULL, size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL, status TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
  source_id TEXT NOT NULL, ordinal INTEGER NOT NULL, source_sha256 TEXT NOT NULL,
  article_id TEXT NOT NULL, source_path TEXT NOT NULL, content_sha256 TEXT NOT NULL,
  config_hash TEXT NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL,
  reason TEXT NOT NULL, shard INTEGER NOT NULL, item INTEGER NOT NULL,
  PRIMARY KEY (source_id, source_sha256, ordinal)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS items_by_shard ON items (shard);
"""
TRANSIENT = frozenset({"unreadable"})
"""Reading failures that the same bytes may not repeat; every other is settled by the content."""
_LIVE = "items JOIN sources USING (source_id) WHERE items.source_sha256 = sources.sha256"


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as the manifest knows it."""

    source_id: str
    size: int
    mtime_ns: int
    sha256: str
    status: str


@dataclass(frozen=True, slots=True)
class ItemState:
    """A live row of the manifest."""

    article_id: str
    source_path: str
    content_sha256: str
    config_hash: str
    status: str
    attempts: int
    reason: str
    shard: int


class Manifest:
    """The manifest of one output folder; every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)
        version = self.get("manifest_version")
        if version not in {None, str(MANIFEST_VERSION)}:
            raise InputError(
                f"{path} was made by another version (manifest {version}, "
                f"this is {MANIFEST_VERSION}); run with --rebuild"
            )
        self.put(manifest_version=str(MANIFEST_VERSION))

    def __enter__(self) -> Manifest:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def get(self, key: str) -> str | None:
        """A value of ``meta``."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def put(self, **values: str) -> None:
        """Set values of ``meta``."""
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def clear(self) -> None:
        """Forget every source and item (the parts are the caller's)."""
        with self._transaction():
            self._db.execute("DELETE FROM sources")
            self._db.execute("DELETE FROM items")
            self._db.execute("DELETE FROM meta WHERE key != 'manifest_version'")

    def sources(self) -> dict[str, SourceState]:
        """All sources by id."""
        rows = self._db.execute("SELECT source_id, size, mtime_ns, sha256, status FROM sources")
        return {row[0]: SourceState(*row) for row in rows}

    def set_source(self, state: SourceState, path: str) -> None:
        """Insert or replace a source."""
        self.set_sources([(state, path)])

    def set_sources(self, states: Iterable[tuple[SourceState, str]]) -> None:
        """Insert or replace sources, together."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?)",
                [(s.source_id, p, s.size, s.mtime_ns, s.sha256, s.status) for s, p in states],
            )

    def ordinals(self, source_id: str, sha256: str) -> set[int]:
        """Numbers of the items of this state of a source that are recorded."""
        rows = self._db.execute(
            "SELECT ordinal FROM items WHERE source_id = ? AND source_sha256 = ?",
            (source_id, sha256),
        )
        return {row[0] for row in rows}

    def known(self, source_id: str) -> dict[str, str]:
        """Content hash of each article of a source that some run has done, in any state of it."""
        rows = self._db.execute(
            "SELECT article_id, content_sha256 FROM items WHERE source_id = ? AND status = ?",
            (source_id, DONE),
        )
        return dict(rows.fetchall())

    def record(
        self,
        shard: int,
        outcomes: Iterable[Outcome],
        source_shas: Mapping[str, str],
        config_hash: str,
        max_attempts: int,
    ) -> None:
        """Record what a shard came to; from here on its rows are live."""
        fault("before-commit")
        with self._transaction():
            for o in outcomes:
                self._record_one(shard, o, source_shas[o.source_id], config_hash, max_attempts)
            self._touch()
        fault("after-commit")

    def _record_one(
        self, shard: int, outcome: Outcome, source_sha: str, config_hash: str, max_attempts: int
    ) -> None:
        place = (shard, outcome.item)
        status, attempts = outcome.status, 1
        if status == UNCHANGED:
            old = self._db.execute(
                "SELECT shard, item FROM items WHERE source_id = ? AND article_id = ? "
                "AND content_sha256 = ? AND status = ? LIMIT 1",
                (outcome.source_id, outcome.article_id, outcome.content_sha256, DONE),
            ).fetchone()
            place, status = (old[0], old[1]), DONE
        elif status == FAILED:
            tried = self._db.execute(
                "SELECT max(attempts) FROM items WHERE source_id = ? AND article_id = ? "
                "AND source_sha256 = ? AND status != ?",
                (outcome.source_id, outcome.article_id, source_sha, DONE),
            ).fetchone()[0]
            attempts = (tried or 0) + 1
            settled = not outcome.content_sha256 and outcome.reason not in TRANSIENT
            if settled or attempts >= max_attempts:
                status = QUARANTINED
        self._db.execute(
            "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                outcome.source_id,
                outcome.ordinal,
                source_sha,
                outcome.article_id,
                outcome.source_path,
                outcome.content_sha256,
                config_hash,
                status,
                attempts,
                outcome.reason,
                *place,
            ),
        )

    def finish_source(self, source_id: str) -> None:
        """All items of a source are recorded: it is done, and what it was before is forgotten."""
        with self._transaction():
            self._db.execute("UPDATE sources SET status = ? WHERE source_id = ?", (DONE, source_id))
            self._db.execute(
                "DELETE FROM items WHERE source_id = ? AND source_sha256 != "
                "(SELECT sha256 FROM sources WHERE source_id = ?)",
                (source_id, source_id),
            )
            self._touch()

    def mark_removed(self, source_ids: Iterable[str]) -> None:
        """These sources are gone from the input; their rows stay until pruned."""
        with self._transaction():
            self._db.executemany(
                "UPDATE sources SET status = ? WHERE source_id = ?",
                [(REMOVED, name) for name in source_ids],
            )

    def prune(self) -> int:
        """Forget removed sources; their rows leave the tables. Returns how many articles go."""
        with self._transaction():
            gone = self._db.execute(
                "SELECT count(*) FROM items WHERE source_id IN "
                "(SELECT source_id FROM sources WHERE status = ?)",
                (REMOVED,),
            ).fetchone()[0]
            self._db.execute(
                "DELETE FROM items WHERE source_id IN "
                "(SELECT source_id FROM sources WHERE status = ?)",
                (REMOVED,),
            )
            self._db.execute("DELETE FROM sources WHERE status = ?", (REMOVED,))
            if gone:
                self._touch()
        return int(gone)

    def to_retry(self, quarantined: bool) -> set[str]:
        """Sources with articles that failed and may be tried again."""
        wanted = (FAILED, QUARANTINED) if quarantined else (FAILED, FAILED)
        rows = self._db.execute(
            f"SELECT DISTINCT source_id FROM {_LIVE} AND items.status IN (?, ?)", wanted
        )
        return {row[0] for row in rows}

    def forget_failures(self, source_id: str, quarantined: bool) -> None:
        """Drop the attempts of quarantined articles, so that they count from one again."""
        if not quarantined:
            return
        with self._transaction():
            self._db.execute(
                "UPDATE items SET attempts = 0 WHERE source_id = ? AND status = ?",
                (source_id, QUARANTINED),
            )

    def next_shard(self) -> int:
        """A shard number that no live row carries."""
        return int(self._db.execute("SELECT coalesce(max(shard), -1) + 1 FROM items").fetchone()[0])

    def live_shards(self) -> set[int]:
        """Shards that hold live rows."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT shard FROM items")}

    def places(self) -> Iterator[tuple[int, int]]:
        """(shard, item) of every live row, in the order of the final tables."""
        yield from self._db.execute(f"SELECT shard, item FROM {_LIVE} ORDER BY source_id, ordinal")

    def items(self) -> Iterator[ItemState]:
        """Live rows, in the order of the final tables."""
        rows = self._db.execute(
            "SELECT article_id, source_path, content_sha256, config_hash, "
            "CASE WHEN sources.status = 'removed' THEN 'removed' ELSE items.status END, attempts, "
            f"reason, shard FROM {_LIVE} ORDER BY source_id, ordinal"
        )
        for row in rows:
            yield ItemState(*row)

    def counts(self) -> dict[str, int]:
        """Live articles by status."""
        rows = self._db.execute(
            "SELECT CASE WHEN sources.status = 'removed' THEN 'removed' ELSE items.status END AS s,"
            f" count(*) FROM {_LIVE} GROUP BY s ORDER BY s"
        )
        return dict(rows.fetchall())

    @property
    def generation(self) -> str:
        """Changes whenever the final tables would."""
        return self.get("generation") or "0"

    def _touch(self) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO meta VALUES ('generation', "
            "coalesce((SELECT CAST(value AS INTEGER) + 1 FROM meta WHERE key = 'generation'), 1))"
        )

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.execute("COMMIT" if error is None else "ROLLBACK")
