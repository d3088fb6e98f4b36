"""Parts of a shard: one Parquet file a table, written batch by batch.

Three columns stand before those of the schema: ``_shard``, ``_item`` (the article's number in the
shard) and ``_row`` (the row's number in the part). With the manifest they say which rows are live
and in which order the final tables have them.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.tables import TABLES, Row, Rows
from pipeline.writers.frames import arrow_schema, to_arrow

_FLUSH_ROWS = 20_000


class PartWriter:
    """Writes the parts of one shard into a folder; ``counts`` tells the rows of each table."""

    def __init__(self, folder: Path, shard: int) -> None:
        self._folder = folder
        self._shard = shard
        self._held: dict[str, list[tuple[int, Row]]] = {table.name: [] for table in TABLES}
        self._writers: dict[str, Any] = {}
        self.counts: dict[str, int] = {table.name: 0 for table in TABLES}

    def __enter__(self) -> PartWriter:
        for table in TABLES:
            self._writers[table.name] = pq.ParquetWriter(
                self._folder / f"{table.name}.parquet", _part_schema(table), compression="zstd"
            )
        return self

    def write(self, items: list[tuple[int, Rows]]) -> None:
        """Add the rows of some items."""
        for item, rows in items:
            for name, found in rows.items():
                self._held[name].extend((item, row) for row in found)
        if sum(map(len, self._held.values())) >= _FLUSH_ROWS:
            self._flush()

    def _flush(self) -> None:
        for table in TABLES:
            held = self._held[table.name]
            if not held:
                continue
            first = self.counts[table.name]
            body = to_arrow(table, [row for _, row in held])
            keys = [
                pa.array([self._shard] * len(held), pa.int64()),
                pa.array([item for item, _ in held], pa.int64()),
                pa.array(range(first, first + len(held)), pa.int64()),
            ]
            self._writers[table.name].write_table(
                pa.Table.from_arrays([*keys, *body.columns], schema=_part_schema(table))
            )
            self.counts[table.name] += len(held)
            held.clear()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._flush()
        for name, writer in self._writers.items():
            writer.close()
            with (self._folder / f"{name}.parquet").open("rb") as file:
                os.fsync(file.fileno())


def _part_schema(table: Any) -> Any:
    keys = [pa.field(name, pa.int64(), nullable=False) for name in ("_shard", "_item", "_row")]
    return pa.schema([*keys, *arrow_schema(table)])
