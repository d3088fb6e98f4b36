"""Parts of a shard: one Parquet file a table, written batch by batch.

Three columns stand before those of the schema: ``_shard``, ``_item`` (the article's number in the
shard) and ``_row`` (the row's number in the part). With the manifest they say which rows are live
and in which order the final tables have them.
"""

from __future__ import annotations

import os
import shutil
import socket
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.faults import fault
from pipeline.tables import TABLES, Row, Rows, Table
from pipeline.writers.frames import arrow_schema, to_arrow

_FLUSH_ROWS = 20_000


def part_folder(out_dir: str, shard: int) -> Path:
    """Folder of the parts of a shard."""
    return Path(out_dir) / f"shard-{shard:08d}"


@contextmanager
def part_writer(out_dir: str, shard: int) -> Iterator[PartWriter]:
    """A writer whose parts are put in place, complete and on disk, when the block ends well."""
    final = part_folder(out_dir, shard)
    staging = final.with_name(f"{final.name}.tmp-{socket.gethostname()}-{os.getpid()}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    with PartWriter(staging, shard) as writer:
        yield writer
    sync_folder(staging)
    fault("before-rename")
    if final.exists():  # the same shard, given again after its worker or node was lost
        shutil.rmtree(final)
    staging.rename(final)
    sync_folder(final.parent)
    fault("after-rename")


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
                self._folder / f"{table.name}.parquet", part_schema(table), compression="zstd"
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
                pa.Table.from_arrays([*keys, *body.columns], schema=part_schema(table))
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
            if error is None:
                with (self._folder / f"{name}.parquet").open("rb") as file:
                    os.fsync(file.fileno())


def pack_parts(parts: str, number: int, target: Path) -> None:
    """Parts of a shard as one file; the same parts give the same bytes."""
    with tarfile.open(target, "w") as archive:
        for path in sorted(part_folder(parts, number).iterdir()):
            entry = tarfile.TarInfo(path.name)
            entry.size = path.stat().st_size
            with path.open("rb") as file:
                archive.addfile(entry, file)


def unpack_parts(packed: Path, parts: str, number: int) -> None:
    """Put packed parts in place, complete and on disk."""
    final = part_folder(parts, number)
    staging = final.with_name(f"{final.name}.tmp-fetched")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    with tarfile.open(packed) as archive:
        archive.extractall(staging, filter="data")
    for path in staging.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(staging)
    shutil.rmtree(final, ignore_errors=True)
    staging.rename(final)
    sync_folder(final.parent)


def part_schema(table: Table) -> Any:
    """The schema of a part: the three keys, then the table's columns."""
    keys = [pa.field(name, pa.int64(), nullable=False) for name in ("_shard", "_item", "_row")]
    return pa.schema([*keys, *arrow_schema(table)])


def sync_folder(folder: Path) -> None:
    """Make what was put into a folder, or renamed there, outlast a crash of the machine."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
