"""The output folder: where its parts lie, and the lock that one run at a time holds."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError, LockedError

WORK_FOLDER = ".zhnews"


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """Paths within the output folder ``root``."""

    root: Path

    @property
    def work(self) -> Path:
        """What runs need between each other."""
        return self.root / WORK_FOLDER

    @property
    def parts(self) -> Path:
        """Parts of the shards."""
        return self.work / "parts"

    @property
    def manifest_path(self) -> Path:
        """The manifest."""
        return self.work / "manifest.sqlite"

    @contextmanager
    def held(self) -> Iterator[OutputFolder]:
        """Make the folder and hold its lock.

        Raises ``InputError`` where the folder cannot be made and ``LockedError``, which names the
        holder, where another run is on.
        """
        from filelock import FileLock, Timeout

        if self.root.exists() and not self.root.is_dir():
            raise InputError(f"output {self.root} is a file; give a folder")
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot write to {self.root}: {error.strerror}") from error
        holder = self.work / "lock.json"
        lock = FileLock(self.work / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise LockedError(f"{self.root} is held by another run{_told(holder)}") from None
        try:
            me = {"pid": os.getpid(), "host": socket.gethostname()}
            holder.write_text(json.dumps(me), encoding="utf-8")
            yield self
        finally:
            holder.unlink(missing_ok=True)
            lock.release()

    def remove_parts(self, keep: Container[int]) -> None:
        """Remove parts that no live row needs, and what dead runs left half done."""
        for path in self.parts.iterdir():
            number = path.name.removeprefix("shard-")
            if not number.isdigit() or int(number) not in keep:
                shutil.rmtree(path, ignore_errors=True)


def tables_present(root: Path, formats: Sequence[str]) -> bool:
    """Whether every final file of these formats is in place."""
    from pipeline.tables import TABLE_NAMES

    for form in formats:
        if form in {"duckdb", "sqlite"}:
            names = [f"zhnews.{form}"]
        else:
            names = [f"{table}.{form}" for table in TABLE_NAMES]
        if not all((root / name).is_file() for name in names):
            return False
    return True


def _told(holder: Path) -> str:
    try:
        told = json.loads(holder.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return f" (process {told.get('pid')} on {told.get('host')})"
