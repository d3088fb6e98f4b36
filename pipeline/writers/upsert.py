"""A DuckDB or SQLite file of the user's, kept up to date with the tables by upsert.

The table ``zhnews_articles`` remembers which articles of which output the file holds, and in which
version. Rows of articles that are new, changed or gone are exchanged, all in one transaction: a
reader sees the state before the run or the state after it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError, OutputError
from pipeline.faults import fault
from pipeline.tables import SCHEMA_VERSION, TABLES, Table
from pipeline.writers.database import columns_sql, insert_sqlite

if TYPE_CHECKING:
    from pipeline.assemble import LiveRows

_SQLITE_SUFFIXES = frozenset({".sqlite", ".sqlite3", ".db"})
_DUCKDB_SUFFIXES = frozenset({".duckdb", ".ddb"})
_NOTES = (
    "CREATE TABLE IF NOT EXISTS zhnews_articles "
    "(output VARCHAR NOT NULL, article_id VARCHAR NOT NULL, version VARCHAR NOT NULL)"
)
_SCHEMA = "CREATE TABLE IF NOT EXISTS zhnews_schema (version INTEGER NOT NULL)"


def upsert(into: Path, rows: LiveRows, output: str) -> tuple[int, int]:
    """Bring the database file up to date with an output folder (``output`` names it).

    Returns how many articles were written anew and how many were removed. Raises ``InputError``
    where the suffix is unknown or the file was made by another schema version, and ``OutputError``
    where the file cannot be written.
    """
    import duckdb

    check_suffix(into)
    try:
        if into.suffix.lower() in _SQLITE_SUFFIXES:
            return _into_sqlite(into, rows, output)
        return _into_duckdb(into, rows, output)
    except (sqlite3.Error, duckdb.Error) as error:
        raise OutputError(
            f"{into} cannot be written: {error}; run again when that is mended"
        ) from error


def check_suffix(into: Path) -> None:
    """Raise ``InputError`` where the suffix does not tell what database it is."""
    if into.suffix.lower() not in _SQLITE_SUFFIXES | _DUCKDB_SUFFIXES:
        raise InputError(
            f"cannot tell what database {into} is: use .duckdb, .sqlite, .sqlite3 or .db"
        )


def _into_sqlite(into: Path, rows: LiveRows, output: str) -> tuple[int, int]:
    target = sqlite3.connect(into, isolation_level=None)
    try:
        target.execute("BEGIN IMMEDIATE")
        target.execute(_NOTES)
        target.execute(_SCHEMA)
        _check_version(into, target.execute("SELECT version FROM zhnews_schema").fetchall())
        for table in TABLES:
            columns = columns_sql(table, "sqlite")
            target.execute(f'CREATE TABLE IF NOT EXISTS "{table.name}" ({columns})')
            target.execute(
                f'CREATE INDEX IF NOT EXISTS "{table.name}_by_article" '
                f'ON "{table.name}" (article_id)'
            )
        held = target.execute(
            "SELECT article_id, version FROM zhnews_articles WHERE output = ?", (output,)
        ).fetchall()
        fresh, gone = _difference(rows, held)
        outdated = [(name,) for name in (*fresh, *gone)]
        for table in TABLES:
            target.executemany(f'DELETE FROM "{table.name}" WHERE article_id = ?', outdated)
            insert_sqlite(target, table, _fresh_rows(rows, table))
        target.executemany(
            "DELETE FROM zhnews_articles WHERE output = ? AND article_id = ?",
            [(output, name) for (name,) in outdated],
        )
        target.executemany(
            "INSERT INTO zhnews_articles VALUES (?, ?, ?)",
            [(output, name, version) for name, version in fresh.items()],
        )
        _note_version(target)
        fault("before-upsert")
        target.execute("COMMIT")
    finally:
        target.close()
    return len(fresh), len(gone)


def _into_duckdb(into: Path, rows: LiveRows, output: str) -> tuple[int, int]:
    import duckdb

    with duckdb.connect(str(into)) as target:
        target.execute("BEGIN")
        target.execute(_NOTES)
        target.execute(_SCHEMA)
        _check_version(into, target.execute("SELECT version FROM zhnews_schema").fetchall())
        for table in TABLES:
            # No keys: within one transaction DuckDB takes a key that is deleted for still held.
            columns = columns_sql(table, "duckdb", keys=False)
            target.execute(f'CREATE TABLE IF NOT EXISTS "{table.name}" ({columns})')
        held = target.execute(
            "SELECT article_id, version FROM zhnews_articles WHERE output = ?", [output]
        ).fetchall()
        fresh, gone = _difference(rows, held)
        import pyarrow as pa

        outdated = pa.table({"article_id": pa.array([*fresh, *gone], pa.string())})
        target.register("outdated", outdated)
        those = "article_id IN (SELECT article_id FROM outdated)"
        for table in TABLES:
            target.execute(f'DELETE FROM "{table.name}" WHERE {those}')
            for batch in _fresh_rows(rows, table):
                target.register("batch", batch)
                target.execute(f'INSERT INTO "{table.name}" SELECT * FROM batch')
                target.unregister("batch")
        target.execute(f"DELETE FROM zhnews_articles WHERE output = ? AND {those}", [output])
        target.unregister("outdated")
        notes = pa.table(
            {
                "output": pa.array([output] * len(fresh), pa.string()),
                "article_id": pa.array(list(fresh), pa.string()),
                "version": pa.array(list(fresh.values()), pa.string()),
            }
        )
        target.register("notes", notes)
        target.execute("INSERT INTO zhnews_articles SELECT * FROM notes")
        target.unregister("notes")
        _note_version(target)
        fault("before-upsert")
        target.execute("COMMIT")
    return len(fresh), len(gone)


def _difference(rows: LiveRows, held: Sequence[Any]) -> tuple[dict[str, str], list[str]]:
    """Articles to write (with their versions), and articles to remove."""
    before = dict(held)
    now: dict[str, str] = {}
    found = rows.db.execute(
        "SELECT article_id, string_agg(version, ' + ' ORDER BY position) FROM live "
        "GROUP BY article_id ORDER BY min(position)"
    )
    while chunk := found.fetchmany(10_000):
        now.update(chunk)
    fresh = {name: version for name, version in now.items() if before.get(name) != version}
    gone = [name for name in before if name not in now]
    rows.db.execute("CREATE OR REPLACE TABLE fresh (article_id VARCHAR)")
    import pyarrow as pa

    rows.db.register("names", pa.table({"article_id": pa.array(list(fresh), pa.string())}))
    rows.db.execute("INSERT INTO fresh SELECT article_id FROM names")
    rows.db.unregister("names")
    return fresh, gone


def _fresh_rows(rows: LiveRows, table: Table) -> Iterator[Any]:
    yield from rows.batches(table, "WHERE article_id IN (SELECT article_id FROM fresh)")


def _check_version(into: Path, found: Sequence[Any]) -> None:
    if found and found[0][0] != SCHEMA_VERSION:
        raise InputError(
            f"{into} holds tables of schema version {found[0][0]}, this zhnews writes "
            f"{SCHEMA_VERSION}: give another file, or remove it and run with --rebuild"
        )


def _note_version(target: Any) -> None:
    target.execute("DELETE FROM zhnews_schema")
    target.execute(f"INSERT INTO zhnews_schema VALUES ({SCHEMA_VERSION})")
