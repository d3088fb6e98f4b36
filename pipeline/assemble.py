"""Final tables from parts: the live rows, in the order of the input, whatever shards they lie in.

DuckDB joins the parts with the places that the manifest calls live and sorts them (spilling to
disk), some thousand articles at a time where neighbours lie in few shards, so memory does not grow
with their number; files are written under a temporary name and then put in place.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.faults import fault
from pipeline.manifest import Place
from pipeline.readers.read import repeated_id
from pipeline.tables import TABLES, Table
from pipeline.writers import database, text
from pipeline.writers.frames import arrow_schema
from pipeline.writers.parquet import read_parquet, write_parquet
from pipeline.writers.parts import part_folder

FORMATS = ("parquet", "csv", "jsonl", "duckdb", "sqlite")
PARTITIONS = ("published_month",)
NO_PARTITION = "unknown"
MEMORY_LIMIT = "256MB"
_PLACES = 50_000
_SPAN = 4_000
"""Articles whose rows are sorted at a time."""
_READS = 4
"""How often a part may be read for that; more often, and spans are made longer."""
_BATCH_ROWS = 8_192


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files are written: formats, and the partition of the Parquet files if any."""

    formats: tuple[str, ...]
    partition: str | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    """Positions ``first`` to ``last``, and the shards in which their rows lie."""

    first: int
    last: int
    shards: tuple[int, ...]


class LiveRows:
    """The rows that the manifest calls live, as Arrow tables in the order of the final tables."""

    def __init__(self, db: duckdb.DuckDBPyConnection, parts: Path, shards: Iterable[int]) -> None:
        self.db = db
        self._parts = str(parts)
        self._shards = sorted(shards)
        self._spans: list[_Span] | None = None

    def query(
        self, table: Table, first: str = "", span: _Span | None = None
    ) -> tuple[str, list[list[str]]]:
        """SQL for the rows of a table (``first`` stands before its columns), and its parameters.

        ``live`` is in scope: position, article_id, source_path, month, version. ``span`` restricts
        it to some articles.
        """
        columns = ", ".join(
            'live.source_path AS "source_path"' if name == "source_path" else f'p."{name}"'
            for name in table.column_names
        )
        shards = self._shards if span is None else span.shards
        folders = [part_folder(self._parts, number) for number in shards]
        files = [str(folder / f"{table.name}.parquet") for folder in folders]
        within = "" if span is None else f" AND live.position BETWEEN {span.first} AND {span.last}"
        sql = (
            f"SELECT {first} {columns}, live.position AS _position, p._row AS _row "
            "FROM read_parquet(?) p JOIN live ON live.shard = p._shard AND live.item = p._item "
            f"WHERE NOT live.repeated{within}"
        )
        if table.name == "errors":
            sql += (
                f" UNION ALL SELECT {first} live.source_path, live.article_id, 'read', "
                "'duplicate_id', live.message, live.position, 0 FROM live "
                f"WHERE live.repeated{within}"
            )
        return sql, [files]

    def batches(self, table: Table, condition: str = "") -> Iterator[Any]:
        """The rows of a table, in order."""
        if self._spans is None:
            self._spans = self._cut()
        for span in self._spans:
            for _, batch in self._ordered(table, "", "", condition, span):
                yield batch

    def by_month(self, table: Table) -> Iterator[tuple[str, Iterator[Any]]]:
        """The rows of a table, month by month of publication; the inner order is as always."""
        pieces = self._ordered(table, "live.month AS _month,", "_month, ", "")
        for month, group in groupby(pieces, key=lambda piece: piece[0]):
            yield month, (batch for _, batch in group)

    def _cut(self) -> list[_Span]:
        """The live articles in spans, with the shards of each."""
        length = _SPAN
        while True:
            found = self.db.execute(
                "SELECT min(position), max(position), list(DISTINCT shard ORDER BY shard) "
                f"FROM live GROUP BY position // {length} ORDER BY 1"
            ).fetchall()
            reads = sum(len(shards) for _, _, shards in found)
            if len(found) < 2 or reads <= _READS * len(self._shards) + len(found):
                return [_Span(first, last, tuple(shards)) for first, last, shards in found]
            length *= 2

    def _ordered(
        self, table: Table, first: str, order: str, condition: str, span: _Span | None = None
    ) -> Iterator[tuple[str, Any]]:
        if not self._shards:
            return
        sql, parameters = self.query(table, first, span)
        schema = arrow_schema(table)
        found = self.db.sql(
            f"SELECT * EXCLUDE (_position, _row) FROM ({sql}) "
            f"{condition} ORDER BY {order} _position, _row",
            params=parameters,
        )
        for batch in found.to_arrow_reader(_BATCH_ROWS):
            rows = pa.Table.from_batches([batch])
            if not first:
                yield "", rows.cast(schema)
                continue
            months = rows.column("_month")
            for month in pc.unique(months).to_pylist():
                those = rows.filter(pc.equal(months, month)).drop_columns(["_month"])
                yield month, those.cast(schema)


@contextmanager
def live_rows(
    parts: Path, shards: Iterable[int], places: Iterable[Place], by_month: bool = False
) -> Iterator[LiveRows]:
    """Open a scratch database beside the parts that knows which rows are live."""
    scratch = parts.parent / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(scratch / "spill"),
    }
    try:
        with duckdb.connect(str(scratch / "live.duckdb"), config=settings) as db:
            _load_places(db, places)
            rows = LiveRows(db, parts, shards)
            if by_month:
                _load_months(rows)
            yield rows
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def assemble(rows: LiveRows, work: Path, wanted: Wanted) -> tuple[Path, dict[str, int]]:
    """Write the final tables in every format, complete and on disk, into a folder beside the parts.

    Returns the folder (``put_in_place`` takes it) and the number of rows of each table.
    """
    staging = work / "tables"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    counts: dict[str, int] = {}
    whole: list[tuple[Table, Path]] = []
    for table in TABLES:
        path = staging / f"{table.name}.parquet"
        counts[table.name] = write_parquet(path, table, rows.batches(table))
        whole.append((table, path))
    _write_formats(staging, whole, set(wanted.formats))
    if wanted.partition is not None and "parquet" in wanted.formats:
        for table, path in whole:
            path.unlink()
            _write_months(staging / table.name, table, rows)
    for path in sorted(staging.rglob("*")):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    return staging, counts


def put_in_place(staging: Path, out_dir: Path, old: Iterable[str]) -> list[str]:
    """Let new tables take the place of the ``old`` ones; returns the names of the new ones."""
    fault("before-tables")
    names = sorted(path.name for path in staging.iterdir())
    for name in set(old) - set(names):
        _remove(out_dir / name)
    for path in sorted(staging.iterdir()):
        target = out_dir / path.name
        if target.is_dir():
            _remove(target)
        path.replace(target)
        fault("between-tables")
    handle = os.open(out_dir, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    staging.rmdir()
    return names


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _load_places(db: duckdb.DuckDBPyConnection, places: Iterable[Place]) -> None:
    db.execute(
        "CREATE TABLE live (position BIGINT, shard BIGINT, item BIGINT, source_path VARCHAR, "
        "article_id VARCHAR, version VARCHAR, message VARCHAR, repeated BOOLEAN, "
        f"month VARCHAR DEFAULT '{NO_PARTITION}')"
    )
    stream = enumerate(places)
    while chunk := list(islice(stream, _PLACES)):
        frame = pa.table(
            {
                "position": pa.array([n for n, _ in chunk], pa.int64()),
                "shard": pa.array([p.shard for _, p in chunk], pa.int64()),
                "item": pa.array([p.item for _, p in chunk], pa.int64()),
                "source_path": pa.array([p.path for _, p in chunk], pa.string()),
                "article_id": pa.array([p.article_id for _, p in chunk], pa.string()),
                "version": pa.array([p.version for _, p in chunk], pa.string()),
                "message": pa.array([_repeat(p) for _, p in chunk], pa.string()),
                "repeated": pa.array([p.repeats is not None for _, p in chunk], pa.bool_()),
            }
        )
        db.register("chunk", frame)
        db.execute("INSERT INTO live BY NAME SELECT * FROM chunk")
        db.unregister("chunk")


def _repeat(place: Place) -> str | None:
    if place.repeats is None:
        return None
    source, number = place.repeats
    if place.article_id.startswith(f"{source}#"):
        return repeated_id(place.ordinal, number)
    return f"the id is also that of record {number} of {source}; the second one is left out"


def _load_months(rows: LiveRows) -> None:
    table = next(table for table in TABLES if table.name == "articles")
    sql, parameters = rows.query(table)
    if not parameters[0]:
        return
    rows.db.execute(
        f"UPDATE live SET month = found.published_at[1:7] FROM ({sql}) found "
        "WHERE found._position = live.position AND len(found.published_at) >= 7",
        parameters,
    )


def _write_months(folder: Path, table: Table, rows: LiveRows) -> None:
    folder.mkdir()
    for month, batches in rows.by_month(table):
        partition = folder / f"published_month={month}"
        partition.mkdir()
        write_parquet(partition / "part-0.parquet", table, batches)
    if not any(folder.iterdir()):  # a folder without files has no schema
        partition = folder / f"published_month={NO_PARTITION}"
        partition.mkdir()
        write_parquet(partition / "part-0.parquet", table, ())


def _write_formats(staging: Path, whole: list[tuple[Table, Path]], formats: set[str]) -> None:
    for table, path in whole:
        if "csv" in formats:
            text.write_csv(staging / f"{table.name}.csv", table, read_parquet(path))
        if "jsonl" in formats:
            text.write_jsonl(staging / f"{table.name}.jsonl", table, read_parquet(path))
    if "duckdb" in formats:
        database.write_duckdb(staging / "zhnews.duckdb", whole)
    if "sqlite" in formats:
        database.write_sqlite(
            staging / "zhnews.sqlite", ((table, read_parquet(path)) for table, path in whole)
        )
    if "parquet" not in formats:
        for _, path in whole:
            path.unlink()
