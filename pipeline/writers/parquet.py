"""Parquet, the default: one file a table, compressed, with the schema version in its metadata."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.tables import Table
from pipeline.writers.frames import arrow_schema

ROW_GROUP = 65_536


def write_parquet(path: Path, table: Table, batches: Iterable[Any]) -> int:
    """Write Arrow tables as one Parquet file and return the number of rows.

    Row groups are cut anew, so that the bytes do not depend on how the rows arrived.
    """
    schema = arrow_schema(table)
    held: list[Any] = []
    waiting = total = 0
    with pq.ParquetWriter(path, schema, compression="zstd", version="2.6") as writer:
        for batch in batches:
            held.append(batch)
            waiting += batch.num_rows
            total += batch.num_rows
            while waiting >= ROW_GROUP:
                joined = pa.concat_tables(held).combine_chunks()
                writer.write_table(joined.slice(0, ROW_GROUP), row_group_size=ROW_GROUP)
                held = [joined.slice(ROW_GROUP)]
                waiting -= ROW_GROUP
        if waiting:
            joined = pa.concat_tables(held).combine_chunks()
            writer.write_table(joined, row_group_size=ROW_GROUP)
    return total


def read_parquet(path: Path, rows: int = ROW_GROUP) -> Iterable[Any]:
    """The file as Arrow tables of at most ``rows`` rows."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=rows):
            yield pa.Table.from_batches([batch])
