"""The output folder: where its parts lie, and the lock that one run at a time holds."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError, LockedError, StaleError
from pipeline.storage import StorageError, fetch, is_url, join, list_files, local_path

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.manifest import Manifest

WORK_FOLDER = ".zhnews"


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """Paths within the output folder ``root``."""

    root: Path

    @property
    def name(self) -> str:
        """How messages call it."""
        return str(self.root)

    @property
    def identity(self) -> str:
        """What it is called where several outputs share a database."""
        return str(self.root.resolve())

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

    @property
    def run_json(self) -> Path:
        """What made the tables; there only while all tables are complete."""
        return self.root / "run.json"

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
            raise LockedError(
                f"{self.root} is held by another run{_told(holder)}; wait for it to end"
            ) from None
        except NotImplementedError as error:
            raise InputError(
                f"{self.root} is on a file system without locks, where two runs could meet: give "
                "a folder of this machine, or a URL"
            ) from error
        except OSError as error:
            raise InputError(f"cannot write to {self.root}: {error.strerror}") from error
        try:
            me = {"pid": os.getpid(), "host": socket.gethostname()}
            holder.write_text(json.dumps(me), encoding="utf-8")
            self.prepare()
            yield self
        finally:
            holder.unlink(missing_ok=True)
            lock.release()

    def prepare(self) -> None:
        """Called when the lock is held."""

    def bring_parts(self, wanted: Iterable[int]) -> None:
        """Called before these parts are read."""

    def are_written(self, names: Sequence[str]) -> bool:
        """Whether these files are there, and belong together."""
        return self.run_json.exists() and all((self.root / name).exists() for name in names)

    def publish(self, manifest: Manifest, names: Sequence[str]) -> None:
        """Called when these files and ``run.json`` are complete."""

    def lost_parts(self, wanted: set[int]) -> set[int]:
        """Numbers of shards whose parts are not there any more."""
        from pipeline.writers.parts import part_folder

        return {n for n in wanted if not part_folder(str(self.parts), n).is_dir()}

    def remove_parts(self, keep: Container[int]) -> None:
        """Remove parts that no live row needs, and what dead runs left half done."""
        for path in self.parts.iterdir():
            number = path.name.removeprefix("shard-")
            if not number.isdigit() or int(number) not in keep:
                shutil.rmtree(path, ignore_errors=True)
        for path in self.work.glob("known-*.bin"):
            path.unlink(missing_ok=True)


def final_names(formats: Sequence[str], partitioned: bool) -> list[str]:
    """Names of the final files and folders of these formats."""
    from pipeline.tables import TABLE_NAMES

    names: list[str] = []
    for form in formats:
        if form in {"duckdb", "sqlite"}:
            names.append(f"zhnews.{form}")
        elif form == "parquet" and partitioned:
            names.extend(TABLE_NAMES)
        else:
            names.extend(f"{table}.{form}" for table in TABLE_NAMES)
    return names


def read_table(out: Path | str, table: str) -> pd.DataFrame:
    """A table of a finished run as a pandas frame (from its Parquet, partitioned or not).

    Of a URL the set of tables is read that its ``run.json`` names. Raises ``InputError`` where
    there is no such table, or the output is not complete, and ``StaleError`` where another schema
    version wrote it.
    """
    if not isinstance(out, Path) and is_url(out):
        with tempfile.TemporaryDirectory() as fetched:
            _fetch_table(out, table, Path(fetched))
            return read_table(Path(fetched), table)
    import pyarrow.parquet as pq

    from pipeline.writers.frames import arrow_to_frame

    out_dir = Path(local_path(str(out)))
    folder = OutputFolder(out_dir)
    file, partitions = out_dir / f"{table}.parquet", out_dir / table
    if not folder.run_json.is_file():
        raise InputError(f"{out_dir} holds no finished run; run zhnews on it again")
    if not file.is_file() and not partitions.is_dir():
        raise InputError(f"{out_dir} has no table {table!r} in Parquet")
    files = [file] if file.is_file() else sorted(partitions.rglob("*.parquet"))
    for path in files:
        check_schema_version(path, pq.read_schema(path).metadata or {})
    return arrow_to_frame(pq.read_table(file if file.is_file() else partitions))


def _fetch_table(url: str, table: str, folder: Path) -> None:
    try:
        if not fetch(join(url, "run.json"), folder / "run.json"):
            return
        tables = read_run_json(folder).get("tables", "")
        for stored in list_files(join(url, str(tables))):
            if stored.name == f"{table}.parquet" or stored.name.startswith(f"{table}/"):
                target = folder / stored.name
                target.parent.mkdir(parents=True, exist_ok=True)
                fetch(stored.url, target)
    except StorageError as error:
        raise InputError(f"output {error}") from error


def check_schema_version(path: Path, metadata: dict[bytes, bytes]) -> None:
    """Raise ``StaleError`` where a Parquet file's metadata tell of another schema version."""
    from pipeline.tables import SCHEMA_VERSION

    found = metadata.get(b"zhnews_schema_version", b"none").decode()
    if found != str(SCHEMA_VERSION):
        raise StaleError(
            f"{path} has schema version {found}, this zhnews reads {SCHEMA_VERSION}: "
            "make the output anew with `zhnews run ... --rebuild`"
        )


def read_run_json(out_dir: Path) -> dict[str, Any]:
    """What made the tables of an output folder. Raises ``InputError`` where no run has finished."""
    try:
        told: dict[str, Any] = json.loads(OutputFolder(out_dir).run_json.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{out_dir} holds no finished run") from error
    return told


def _told(holder: Path) -> str:
    try:
        told = json.loads(holder.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return f" (process {told.get('pid')} on {told.get('host')})"
