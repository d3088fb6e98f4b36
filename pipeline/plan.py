"""Planning a run: which sources are new or changed, and how they are cut into shards.

Planning reads the manifest and the input, and writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from pipeline.config import Config
from pipeline.errors import InputError
from pipeline.manifest import PENDING, Manifest, SourceState
from pipeline.readers import Source
from pipeline.readers.source import WHOLE, Format, format_of, shown_path
from pipeline.readers.windows import cut_source
from pipeline.shard import DONE, Shard, Slice
from pipeline.spool import STDIN
from pipeline.storage import StorageError, is_url, look_up


@dataclass(frozen=True)
class Plan:
    """What a run will do."""

    slices: tuple[Slice, ...]
    states: tuple[SourceState, ...]
    """Sources as they are now, where that differs from what the manifest says."""
    vanished: tuple[str, ...]
    """Sources that the manifest has as present and the input has no more."""
    redone: bool
    """Whether some source was processed before, so that its articles may be known."""

    @cached_property
    def source_shas(self) -> Mapping[str, str]:
        """Hash of the present bytes of every source whose state differs."""
        return {state.source_id: state.sha256 for state in self.states}

    @cached_property
    def slices_left(self) -> dict[str, int]:
        """How many slices of each source must be recorded before it is done."""
        left: dict[str, int] = {}
        for part in self.slices:
            left[part.source.id] = left.get(part.source.id, 0) + 1
        return left

    @property
    def size(self) -> int:
        """Bytes of input that are processed."""
        return sum(part.size for part in self.slices)


@dataclass(frozen=True, slots=True)
class _Seen:
    source: Source
    size: int
    mtime_ns: int


def make_plan(
    manifest: Manifest | None,
    sources: Sequence[Source],
    config: Config,
    retry: Mapping[str, Sequence[int]],
    since: datetime | None = None,
) -> Plan:
    """Compare the input with the manifest: what must be done.

    A source whose size and time are as recorded is not opened; one whose bytes hash as recorded
    is not read. Of a URL the version that its storage listed stands for the hash, so that nothing
    is fetched to compare it. Articles named in ``retry`` (by source and number) are done again.
    Sources older than ``since`` are left as they are, but are not taken for vanished.
    """
    old_states = manifest.sources() if manifest is not None else {}
    hashes = _Hashes()
    slices: list[Slice] = []
    states: list[SourceState] = []
    redone = False
    present = set()
    for source in sources:
        if source.id in present:
            raise InputError(f"two inputs have the id {source.id!r}; rename one of them")
        present.add(source.id)
        old = old_states.get(source.id)
        again = retry.get(source.id, ())
        seen = _Seen(source, *_stat(source))
        if since is not None and 0 < seen.mtime_ns < since.timestamp() * 1e9:
            continue
        state = _state(seen, old, hashes)
        if state.status == DONE and again:
            state = _changed(state, PENDING)
        if state != old:
            states.append(state)
        if state.status == DONE:
            continue
        if state == old:
            states.append(state)
        redone = redone or old is not None
        recorded = manifest.windows(source.id, state.sha256) if manifest is not None else {}
        slices.extend(_cut(source, config, recorded, again))
    closed = _closed(sources)
    vanished = tuple(
        sorted(
            name
            for name, old in old_states.items()
            if old.present and name not in present and not old.path.startswith(closed)
        )
    )
    return Plan(tuple(slices), tuple(states), vanished, redone)


def cut_shards(
    slices: Sequence[Slice], shard_bytes: int, number: int, known: str | None
) -> Iterator[Shard]:
    """Slices in order, grouped into shards of about ``shard_bytes``."""
    held: list[Slice] = []
    size = 0
    for part in slices:
        if held and size + part.size > shard_bytes:
            yield Shard(number, tuple(held), known=known)
            number, held, size = number + 1, [], 0
        held.append(part)
        size += part.size
    if held:
        yield Shard(number, tuple(held), known=known)


def is_as_planned(part: Slice, state: SourceState) -> bool:
    """Whether a source still is what it was when the run was planned.

    An object is only asked for again where it was read in windows, which may be of two versions;
    otherwise the rows are of one version, and the next run sees whether it was a newer one.
    """
    source = part.source
    if not is_url(source.path):
        return _stat(source) == (state.size, state.mtime_ns)
    if part.window == WHOLE:
        return True
    try:
        return look_up(source.path).version == source.version
    except StorageError:
        return False


def _closed(sources: Sequence[Source]) -> tuple[str, ...]:
    """Beginnings of paths that could not be listed: what was there has not vanished for that."""
    found: list[str] = []
    for source in sources:
        if source.member is None and format_of(source.path)[0] is Format.ZIP:
            found.append(f"{shown_path(source)}!")
        elif source.size == 0 and Path(source.path).is_dir():
            found.append(f"{shown_path(source)}/")
    return tuple(found)


def _state(seen: _Seen, old: SourceState | None, hashes: _Hashes) -> SourceState:
    source = seen.source
    shown = STDIN if source.id == STDIN else shown_path(source)
    same = old is not None and (old.size, old.mtime_ns) == (seen.size, seen.mtime_ns) != (0, 0)
    if old is not None and same and not source.version:
        return SourceState(source.id, shown, old.size, old.mtime_ns, old.sha256, old.status)
    sha = hashes.of(source)
    status = old.status if old is not None and old.sha256 == sha else PENDING
    return SourceState(source.id, shown, seen.size, seen.mtime_ns, sha, status)


def _changed(state: SourceState, status: str) -> SourceState:
    return SourceState(
        state.source_id, state.path, state.size, state.mtime_ns, state.sha256, status
    )


def _cut(
    source: Source, config: Config, recorded: Mapping[int, int | None], again: Sequence[int]
) -> Iterator[Slice]:
    """Slices of a source that are not recorded yet, or hold an article that is tried again."""
    windows = cut_source(source, config.input, config.run.shard_bytes)
    size = source.size // len(windows)
    for window in windows:
        first, stop = window.first, window.stop
        retried = any(first <= number and (stop is None or number < stop) for number in again)
        if retried or not (first in recorded and recorded[first] == stop):
            yield Slice(source, window, size)


def _stat(source: Source) -> tuple[int, int]:
    if is_url(source.path):
        return source.size, source.mtime_ns
    try:
        stat = Path(source.path).stat()
    except OSError:
        return source.size, 0
    return stat.st_size, stat.st_mtime_ns


class _Hashes:
    """Hashes of files; an archive is hashed once for all of its members."""

    def __init__(self) -> None:
        self._last: tuple[str, str] = ("", "")

    def of(self, source: Source) -> str:
        """Hash of a source's bytes; of a member, of its archive (empty if unreadable)."""
        if source.version:
            return source.version
        if source.path != self._last[0]:
            self._last = (source.path, self._hash(source.path))
        return self._last[1]

    def _hash(self, path: str) -> str:
        try:
            with Path(path).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return ""
