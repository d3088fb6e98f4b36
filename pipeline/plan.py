"""Planning a run: which sources are new or changed, and how they are cut into shards."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.manifest import PENDING, Manifest, SourceState
from pipeline.readers import Source
from pipeline.readers.source import RECORD_FORMATS, Format, format_of
from pipeline.shard import DONE, Shard, Slice

SLICE_RECORDS = 500
"""Items of a large record file that one slice takes: what a crash inside the file can cost."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do."""

    shards: tuple[Shard, ...]
    source_shas: Mapping[str, str]
    """Hash of the present bytes of every source that is processed."""
    slices_left: Mapping[str, int]
    """How many slices of each such source must be recorded before it is done."""
    vanished: tuple[str, ...]
    """Sources that the manifest has and the input has no more."""

    @property
    def size(self) -> int:
        """Bytes of input that are processed."""
        return sum(shard.size for shard in self.shards)


def make_plan(
    manifest: Manifest,
    sources: Sequence[Source],
    shard_bytes: int,
    retry: Iterable[str] = (),
) -> Plan:
    """Compare the input with the manifest and cut what must be done into shards.

    A source whose size and time are as recorded is not opened; one whose bytes hash as recorded
    is not read. Sources named in ``retry`` are done again. Shards are numbered from the first
    number that no live row has.
    """
    states = manifest.sources()
    retried = set(retry)
    shas: dict[str, str] = {}
    slices: list[Slice] = []
    left: dict[str, int] = {}
    refreshed: list[tuple[SourceState, str]] = []
    for source in sources:
        old = states.get(source.id)
        size, mtime = _stat(source)
        again = source.id in retried
        same_stat = old is not None and (old.size, old.mtime_ns) == (size, mtime) and mtime != 0
        if old is not None and same_stat and old.status == DONE and not again:
            continue
        sha = old.sha256 if old is not None and same_stat else _sha256(source)
        done = old is not None and old.sha256 == sha and old.status != PENDING and not again
        status = DONE if done else PENDING
        refreshed.append((SourceState(source.id, size, mtime, sha, status), source.path))
        if done:
            continue
        cut = list(_cut(source, shard_bytes, manifest, set() if again else None, sha))
        shas[source.id] = sha
        left[source.id] = len(cut)
        slices.extend(cut)
    manifest.set_sources(refreshed)
    present = {source.id for source in sources}
    vanished = tuple(sorted(set(states) - present))
    return Plan(tuple(_group(slices, shard_bytes, manifest.next_shard())), shas, left, vanished)


def _cut(
    source: Source, shard_bytes: int, manifest: Manifest, recorded: set[int] | None, sha: str
) -> Iterator[Slice]:
    """Slices of a source that are not recorded yet; one slice unless it is a large record file."""
    known = manifest.known(source.id)
    if source.size <= 2 * shard_bytes or format_of(source.member or source.path)[0] not in (
        RECORD_FORMATS
    ):
        yield Slice(source, known=known, size=source.size)
        return
    if recorded is None:
        recorded = manifest.ordinals(source.id, sha)
    total = _count_records(source)
    starts = range(0, max(total, 1), SLICE_RECORDS)
    for first in starts:
        last = first == starts[-1]
        # A slice is recorded in one transaction, so its first item stands for all of them. The
        # last one is open-ended and always read again: the count is a bound, not a promise.
        if first in recorded and not last:
            continue
        stop = None if last else first + SLICE_RECORDS
        yield Slice(source, first, stop, known, source.size // len(starts))


def _group(slices: Sequence[Slice], shard_bytes: int, number: int) -> Iterator[Shard]:
    held: list[Slice] = []
    size = 0
    for part in slices:
        if held and size + part.size > shard_bytes:
            yield Shard(number, tuple(held))
            number, held, size = number + 1, [], 0
        held.append(part)
        size += part.size
    if held:
        yield Shard(number, tuple(held))


def _stat(source: Source) -> tuple[int, int]:
    try:
        stat = Path(source.path).stat()
    except OSError:
        return source.size, 0
    return stat.st_size, stat.st_mtime_ns


def _sha256(source: Source) -> str:
    """Hash of a source's bytes; of an archive member, of its archive (empty if unreadable)."""
    try:
        with Path(source.path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _count_records(source: Source) -> int:
    """About how many records a record file holds, without reading their texts."""
    layout, gzipped = format_of(source.member or source.path)
    try:
        if source.member is not None:
            return 0
        if layout is Format.PARQUET and not gzipped:
            import pyarrow.parquet as pq

            return int(pq.ParquetFile(source.path).metadata.num_rows)
        with _open(source.path, gzipped) as file:
            if layout is Format.JSONL:
                return (
                    sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) + 1
                )
            text = io.TextIOWrapper(file, encoding="latin-1", newline="")
            csv.field_size_limit(1 << 30)
            delimiter = "\t" if layout is Format.TSV else ","
            return sum(1 for _ in csv.reader(text, delimiter=delimiter))
    except (OSError, EOFError, ValueError, csv.Error):
        return 0


def _open(path: str, gzipped: bool) -> BinaryIO:
    if gzipped:
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return Path(path).open("rb")
