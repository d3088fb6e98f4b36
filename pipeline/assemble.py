"""Final tables from parts: the live rows, in the order of the input, whatever shards they lie in.

DuckDB joins the parts with the places that the manifest calls live and sorts them (spilling to
disk), so memory stays bounded; files are written under a temporary name and then put in place.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.faults import fault
from pipeline.shard import part_folder
from pipeline.tables import TABLES, Table
from pipeline.writers import database, text
from pipeline.writers.parquet import ROW_GROUP, read_parquet, write_parquet

FORMATS = ("parquet", "csv", "jsonl", "duckdb", "sqlite")
MEMORY_LIMIT = "512MB"
_PLACES = 50_000


def assemble(
    parts: Path,
    shards: Iterable[int],
    places: Iterable[tuple[int, int]],
    out_dir: Path,
    formats: Sequence[str],
) -> dict[str, int]:
    """Write the final tables in every format and return the number of rows of each table."""
    staging = parts.parent / "tables"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    rows: dict[str, int] = {}
    whole: list[tuple[Table, Path]] = []
    settings = {"memory_limit": MEMORY_LIMIT, "temp_directory": str(staging / "spill")}
    with duckdb.connect(str(staging / "places.duckdb"), config=settings) as db:
        _load_places(db, places)
        numbers = sorted(shards)
        for table in TABLES:
            files = [str(part_folder(str(parts), n) / f"{table.name}.parquet") for n in numbers]
            path = staging / f"{table.name}.parquet"
            rows[table.name] = write_parquet(path, table, _live_rows(db, table, files))
            whole.append((table, path))
    (staging / "places.duckdb").unlink()
    shutil.rmtree(staging / "spill", ignore_errors=True)
    _write_formats(staging, whole, set(formats))
    fault("before-tables")
    for path in sorted(staging.iterdir()):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.replace(out_dir / path.name)
        fault("between-tables")
    staging.rmdir()
    return rows


def _load_places(db: duckdb.DuckDBPyConnection, places: Iterable[tuple[int, int]]) -> None:
    db.execute("CREATE TABLE live (position BIGINT, shard BIGINT, item BIGINT)")
    stream = iter(places)
    position = 0
    while chunk := list(islice(stream, _PLACES)):
        frame = pa.table(
            {
                "position": pa.array(range(position, position + len(chunk)), pa.int64()),
                "shard": pa.array([place[0] for place in chunk], pa.int64()),
                "item": pa.array([place[1] for place in chunk], pa.int64()),
            }
        )
        db.register("chunk", frame)
        db.execute("INSERT INTO live SELECT * FROM chunk")
        db.unregister("chunk")
        position += len(chunk)


def _live_rows(db: duckdb.DuckDBPyConnection, table: Table, files: list[str]) -> Iterator[Any]:
    if not files:
        return
    columns = ", ".join(f'p."{name}"' for name in table.column_names)
    query = (
        f"SELECT {columns} FROM read_parquet(?) p "
        "JOIN live ON live.shard = p._shard AND live.item = p._item "
        "ORDER BY live.position, p._row"
    )
    from pipeline.writers.frames import arrow_schema

    schema = arrow_schema(table)
    reader = db.sql(query, params=[files]).to_arrow_reader(ROW_GROUP)
    for batch in reader:
        yield pa.Table.from_batches([batch]).cast(schema)


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
