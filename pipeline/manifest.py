"""The manifest: what became of every article, in SQLite inside the output folder.

A source (file) holds items; an item is one article or one failure to read one. A row of ``items``
is live when it carries the hash that its source has now. ``shard`` and ``item`` say where the
item's rows are among the parts. Everything that a shard came to is recorded in one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pipeline.errors import StaleError
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
  mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL, status TEXT NOT NULL,
  present INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS windows (
  source_id TEXT NOT NULL, source_sha256 TEXT NOT NULL, first INTEGER NOT NULL, stop INTEGER,
  PRIMARY KEY (source_id, source_sha256, first)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
  source_id TEXT NOT NULL, ordinal INTEGER NOT NULL, source_sha256 TEXT NOT NULL,
  article_id TEXT NOT NULL, content_hash TEXT NOT NULL, config_hash TEXT NOT NULL,
  status TEXT NOT NULL, attempts INTEGER NOT NULL, reason TEXT NOT NULL,
  shard INTEGER NOT NULL, item INTEGER NOT NULL,
  PRIMARY KEY (source_id, source_sha256, ordinal)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS items_by_shard ON items (shard);
CREATE INDEX IF NOT EXISTS items_by_article ON items (article_id);
CREATE TABLE IF NOT EXISTS repeats (
  source_id TEXT NOT NULL, ordinal INTEGER NOT NULL, first_source TEXT NOT NULL,
  first_ordinal INTEGER NOT NULL, PRIMARY KEY (source_id, ordinal)) WITHOUT ROWID;
"""
TRANSIENT = ("unreadable", "killed_", "exit_", "timeout")
"""Beginnings of reasons that the same bytes may not repeat; other reading failures are settled."""
_LIVE = (
    "items JOIN sources ON items.source_id = sources.source_id "
    "AND items.source_sha256 = sources.sha256"
)
_STATUS = (
    "CASE WHEN NOT sources.present THEN 'removed' "
    "WHEN repeats.ordinal IS NOT NULL THEN 'quarantined' ELSE items.status END"
)
_REPEATS = (
    "LEFT JOIN repeats ON repeats.source_id = items.source_id AND repeats.ordinal = items.ordinal"
)
_ORDER = "ORDER BY items.source_id, items.ordinal"


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as the manifest knows it; ``path`` is as tables show it."""

    source_id: str
    path: str
    size: int
    mtime_ns: int
    sha256: str
    status: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where a live item's rows are, and what tables need to know of it.

    ``repeats`` names the source and number of an earlier article with the same id: then the item's
    rows are left out and an error stands in their place.
    """

    shard: int
    item: int
    path: str
    article_id: str
    ordinal: int
    version: str
    repeats: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class ItemState:
    """A live row of the manifest, as ``zhnews status`` shows it."""

    article_id: str
    source_path: str
    content_hash: str
    config_hash: str
    status: str
    attempts: int
    reason: str
    shard: int


@dataclass(frozen=True, slots=True)
class ShardRecord:
    """What a shard came to: outcomes, windows read to their end, and sources now done."""

    shard: int
    outcomes: Sequence[Outcome]
    windows: Sequence[tuple[str, int, int | None]]
    finished: Sequence[str]


class Manifest:
    """The manifest of one output folder; every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        version = self._version()
        if version not in {None, str(MANIFEST_VERSION)}:
            self._db.close()
            raise StaleError(
                f"{path.parent.parent} was made by another version of zhnews (manifest {version}, "
                f"this one writes {MANIFEST_VERSION}): run with --rebuild, or give another folder"
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        if version is None:
            self._db.executescript(_SCHEMA)
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

    def _version(self) -> str | None:
        tables = self._db.execute("SELECT name FROM sqlite_master WHERE name = 'meta'").fetchall()
        return self.get("manifest_version") if tables else None

    def get(self, key: str) -> str | None:
        """A value of ``meta``."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def put(self, **values: str) -> None:
        """Set values of ``meta``."""
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def copy_to(self, path: Path) -> None:
        """Write a copy of the manifest, in one file."""
        path.unlink(missing_ok=True)
        self._db.execute("VACUUM INTO ?", (str(path),))

    def clear(self) -> None:
        """Forget everything but the numbers that shards have used (the parts are the caller's)."""
        with self._transaction():
            for table in ("sources", "windows", "items", "repeats"):
                self._db.execute(f"DELETE FROM {table}")
            self._db.execute(
                "DELETE FROM meta WHERE key NOT IN ('manifest_version', 'next_shard', 'generation')"
            )
            self._touch()

    def sources(self) -> dict[str, SourceState]:
        """All sources by id."""
        rows = self._db.execute(
            "SELECT source_id, path, size, mtime_ns, sha256, status, present FROM sources"
        )
        return {
            name: SourceState(name, path, size, mtime_ns, sha256, status, bool(present))
            for name, path, size, mtime_ns, sha256, status, present in rows
        }

    def begin(self, states: Iterable[SourceState], vanished: Iterable[str], shards: int) -> int:
        """Note what a run has found and reserve numbers for its shards; the first is returned.

        No number is ever given twice, so that what a dead run's workers still write is no part of
        a later run.
        """
        with self._transaction():
            changed = self._db.executemany(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (s.source_id, s.path, s.size, s.mtime_ns, s.sha256, s.status, s.present)
                    for s in states
                ],
            ).rowcount
            self._db.executemany(
                "UPDATE sources SET present = 0 WHERE source_id = ?", [(s,) for s in vanished]
            )
            first = int(self.get("next_shard") or 0)
            if shards:
                self._db.execute(
                    "INSERT OR REPLACE INTO meta VALUES ('next_shard', ?)", (str(first + shards),)
                )
            if changed > 0:
                self._touch()
        return first

    def windows(self, source_id: str, sha256: str) -> dict[int, int | None]:
        """Windows of this state of a source that are recorded: first number to stop."""
        rows = self._db.execute(
            "SELECT first, stop FROM windows WHERE source_id = ? AND source_sha256 = ?",
            (source_id, sha256),
        )
        return dict(rows.fetchall())

    def to_retry(self, quarantined: bool) -> dict[str, list[int]]:
        """Numbers of the articles that failed and may be tried again, by source."""
        wanted = (FAILED, QUARANTINED) if quarantined else (FAILED, FAILED)
        rows = self._db.execute(
            f"SELECT items.source_id, ordinal FROM {_LIVE} "
            "AND sources.present AND items.status IN (?, ?)",
            wanted,
        )
        found: dict[str, list[int]] = {}
        for source_id, ordinal in rows:
            found.setdefault(source_id, []).append(ordinal)
        return found

    def known(self, source_ids: Iterable[str], *, quarantined: bool) -> Iterator[str]:
        """Sorted hashes of the articles of these sources that need not be done again."""
        statuses = (DONE, QUARANTINED) if quarantined else (DONE, DONE)
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (source_id TEXT PRIMARY KEY)")
        self._db.execute("DELETE FROM wanted")
        self._db.executemany("INSERT INTO wanted VALUES (?)", ((name,) for name in source_ids))
        rows = self._db.execute(
            "SELECT DISTINCT content_hash FROM wanted JOIN items USING (source_id) "
            "WHERE status IN (?, ?) AND content_hash != '' ORDER BY content_hash",
            statuses,
        )
        for row in rows:
            yield row[0]

    def forget_attempts(self) -> None:
        """Quarantined articles count their attempts from one again."""
        with self._transaction():
            self._db.execute("UPDATE items SET attempts = 0 WHERE status = ?", (QUARANTINED,))

    def record(
        self,
        done: ShardRecord,
        source_shas: Mapping[str, str],
        config_hash: str,
        max_attempts: int,
    ) -> None:
        """Record what a shard came to; from here on its rows are live."""
        fault("before-commit")
        with self._transaction():
            rows = [
                self._row(done.shard, o, source_shas[o.source_id], config_hash, max_attempts)
                for o in done.outcomes
            ]
            for source_id, first, stop in done.windows:
                sha = source_shas[source_id]
                self._forget_window(source_id, sha, first, stop)
                self._db.execute(
                    "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?)",
                    (source_id, sha, first, stop),
                )
            self._db.executemany(
                "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
            for source_id in done.finished:
                self._finish(source_id)
            self._touch()
        fault("after-commit")

    def _row(
        self, shard: int, o: Outcome, sha: str, config_hash: str, max_attempts: int
    ) -> tuple[str | int, ...]:
        place, status, reason = (shard, o.item), o.status, o.reason
        attempts = 1
        if status == UNCHANGED:
            old = self._db.execute(
                "SELECT shard, item, status, attempts, reason FROM items WHERE article_id = ? "
                "AND content_hash = ? AND status != ? LIMIT 1",
                (o.article_id, o.content_hash, FAILED),
            ).fetchone()
            place, status, attempts, reason = (old[0], old[1]), old[2], old[3], old[4]
        elif status == FAILED:
            tried = self._db.execute(
                "SELECT max(attempts) FROM items WHERE article_id = ? AND source_id = ? "
                "AND content_hash = ? AND (content_hash != '' OR source_sha256 = ?) "
                "AND status != ?",
                (o.article_id, o.source_id, o.content_hash, sha, DONE),
            ).fetchone()[0]
            attempts = (tried or 0) + 1
            settled = not o.content_hash and not o.reason.startswith(TRANSIENT)
            if settled or attempts >= max_attempts:
                status = QUARANTINED
        return (
            *(o.source_id, o.ordinal, sha, o.article_id, o.content_hash, config_hash),
            *(status, attempts, reason, *place),
        )

    def _forget_window(self, source_id: str, sha: str, first: int, stop: int | None) -> None:
        """A window that is recorded anew may no longer hold what an earlier try of it gave."""
        self._db.execute(
            "DELETE FROM items WHERE source_id = ? AND source_sha256 = ? AND ordinal >= ? "
            "AND (? IS NULL OR ordinal < ?)",
            (source_id, sha, first, stop, stop),
        )

    def _finish(self, source_id: str) -> None:
        """All windows of a source are recorded: what it was before is forgotten."""
        self._db.execute("UPDATE sources SET status = ? WHERE source_id = ?", (DONE, source_id))
        for table in ("items", "windows"):
            self._db.execute(
                f"DELETE FROM {table} WHERE source_id = ? AND source_sha256 != "
                "(SELECT sha256 FROM sources WHERE source_id = ?)",
                (source_id, source_id),
            )

    def prune(self) -> int:
        """Forget sources that are gone from the input; returns how many articles go."""
        gone = "(SELECT source_id FROM sources WHERE NOT present)"
        with self._transaction():
            removed = self._db.execute(f"DELETE FROM items WHERE source_id IN {gone}").rowcount
            self._db.execute(f"DELETE FROM windows WHERE source_id IN {gone}")
            self._db.execute("DELETE FROM sources WHERE NOT present")
            if removed:
                self._touch()
        return int(removed)

    def forget_shards(self, shards: Iterable[int]) -> None:
        """The parts of these shards are lost: their articles must be done again."""
        with self._transaction():
            for shard in shards:
                those = "WHERE source_id IN (SELECT source_id FROM items WHERE shard = ?)"
                self._db.execute(f"UPDATE sources SET status = 'pending' {those}", (shard,))
                self._db.execute(f"DELETE FROM windows {those}", (shard,))
                self._db.execute("DELETE FROM items WHERE shard = ?", (shard,))
            self._touch()

    def live_shards(self) -> set[int]:
        """Shards that hold rows which the manifest may need."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT shard FROM items")}

    def find_repeats(self) -> int:
        """Note which live articles repeat the id of an earlier one; how many do."""
        with self._transaction():
            self._db.execute("DELETE FROM repeats")
            self._db.execute(
                "INSERT INTO repeats SELECT source_id, ordinal, first_source, first_ordinal FROM ("
                "SELECT items.source_id, ordinal, row_number() OVER same AS n, "
                "first_value(items.source_id) OVER same AS first_source, "
                "first_value(ordinal) OVER same AS first_ordinal "
                f"FROM {_LIVE} WHERE content_hash != '' AND article_id IN ("
                f"SELECT article_id FROM {_LIVE} WHERE content_hash != '' "
                "GROUP BY article_id HAVING count(*) > 1) "
                "WINDOW same AS (PARTITION BY article_id ORDER BY items.source_id, ordinal)"
                ") WHERE n > 1"
            )
            found = self._db.execute("SELECT count(*) FROM repeats").fetchone()[0]
        return int(found)

    def places(self) -> Iterator[Place]:
        """Where the rows of every live article are, in the order of the final tables."""
        rows = self._db.execute(
            "SELECT shard, item, path, article_id, items.ordinal, "
            "substr(config_hash, 1, 16) || ' ' || content_hash || ' ' || reason, "
            f"first_source, first_ordinal FROM {_LIVE} {_REPEATS} {_ORDER}"
        )
        for shard, item, path, article, number, state, source, ordinal in rows:
            repeats = None if source is None else (source, ordinal)
            yield Place(shard, item, path, article, number, state, repeats)

    def items(self) -> Iterator[ItemState]:
        """Live rows, in the order of the final tables."""
        rows = self._db.execute(
            f"SELECT article_id, path, content_hash, config_hash, {_STATUS}, attempts, "
            "CASE WHEN repeats.ordinal IS NOT NULL THEN 'duplicate_id' ELSE reason END, shard "
            f"FROM {_LIVE} {_REPEATS} {_ORDER}"
        )
        for row in rows:
            yield ItemState(*row)

    def counts(self) -> dict[str, int]:
        """Live articles by status."""
        return self._counted(_STATUS, "")

    def reasons(self) -> dict[str, int]:
        """Live articles that failed, by reason."""
        reason = "CASE WHEN repeats.ordinal IS NOT NULL THEN 'duplicate_id' ELSE reason END"
        return self._counted(reason, f"WHERE {_STATUS} IN ('failed', 'quarantined')")

    def _counted(self, what: str, condition: str) -> dict[str, int]:
        rows = self._db.execute(
            f"SELECT {what} AS what, count(*) FROM {_LIVE} {_REPEATS} {condition} "
            "GROUP BY 1 ORDER BY 1"
        )
        return dict(rows.fetchall())

    def pending_sources(self) -> int:
        """Sources that are not done."""
        row = self._db.execute("SELECT count(*) FROM sources WHERE status = 'pending'").fetchone()
        return int(row[0])

    @property
    def generation(self) -> str:
        """Changes whenever the final tables may."""
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
        if error is None:
            self._db.execute("COMMIT")
            return
        with suppress(sqlite3.Error):  # a full disk has rolled back by itself
            self._db.execute("ROLLBACK")
