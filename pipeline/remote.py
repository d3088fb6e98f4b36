"""An output that lies behind a URL, such as ``s3://bucket/tables``.

Object stores have no rename, no locks and no database files, so a run works in a folder of this
machine, as any run does, and publishes when all is done. Nothing that was published is written
over but one small object, ``run.json``, which storage exchanges in one step:

    OUT/run.json                        names the tables and the state that belong together
    OUT/tables/<hash>/<table>.parquet   a set of tables
    OUT/.zhnews/state-<hash>.json       names the manifest and the parts
    OUT/.zhnews/manifest-<hash>.sqlite
    OUT/.zhnews/parts/<shard>-<hash>.tar

Names come from content. A run that dies while it publishes leaves what was there, and the next one
uploads only what is missing. Where the work folder is gone or older than what is published, it is
restored. Of two runs at once on different machines the one that publishes second is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipeline.errors import InputError, OutputError
from pipeline.faults import fault
from pipeline.manifest import Manifest
from pipeline.output import OutputFolder
from pipeline.storage import (
    StorageError,
    Stored,
    fetch,
    is_url,
    join,
    list_files,
    local_path,
    remove,
    shown_url,
    store,
)
from pipeline.writers.parts import pack_parts, unpack_parts

_GARBAGE_SECONDS = 24 * 3600
"""What no run has referred to for so long was left by a run that died."""


@dataclass(frozen=True, slots=True)
class _State:
    """What was published last; ``files`` maps names within ``tables`` to sizes."""

    generation: str = ""
    names: tuple[str, ...] = ()
    tables: str = ""
    files: Mapping[str, int] = field(default_factory=dict)
    manifest: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    previous: str = ""

    @classmethod
    def read(cls, content: str) -> _State:
        told = json.loads(content)
        return cls(**{**told, "names": tuple(told["names"])})

    def objects(self) -> set[str]:
        """Names of all objects that it needs."""
        tables = {f"{self.tables}/{name}" for name in self.files}
        return {self.manifest, *self.parts.values(), *tables} - {""}


@dataclass(frozen=True, slots=True)
class _Note:
    """What the work folder knows of the storage: hashes of ``run.json`` (as it was, and as it is
    about to be), and the state that it names."""

    base: str = ""
    coming: str = ""
    state_name: str = ""
    state: _State = field(default_factory=_State)


@dataclass(frozen=True, slots=True)
class RemoteFolder(OutputFolder):
    """The work folder ``root`` of an output behind ``url``."""

    url: str = ""

    @property
    def name(self) -> str:
        """How messages call it."""
        return shown_url(self.url)

    @property
    def identity(self) -> str:
        """What it is called where several outputs share a database."""
        return self.name

    def prepare(self) -> None:
        """Make the work folder follow what is published.

        Raises ``InputError`` where the storage cannot be read or written, or holds something else.
        """
        try:
            self._put(".zhnews/begun.json", _me())
            published = self._get("run.json")
            note = self._note()
            now = _hash(published) if published is not None else ""
            if published is None:
                if note.base:
                    self._take_note(_Note())
            elif now in {note.base, note.coming}:
                self._take_note(_Note(now, "", *self._state_of(published)))
            else:
                self._restore(published, now)
        except StorageError as error:
            raise InputError(f"output {error}") from error

    def lost_parts(self, wanted: set[int]) -> set[int]:
        """Numbers of shards whose parts are neither here nor there."""
        lost = OutputFolder.lost_parts(self, wanted)
        if not lost:
            return lost
        there = self._listed()
        parts = self._note().state.parts
        return {number for number in lost if parts.get(str(number)) not in there}

    def bring_parts(self, wanted: Iterable[int]) -> None:
        """Fetch parts that are needed and not here."""
        parts = self._note().state.parts
        for number in OutputFolder.lost_parts(self, set(wanted)):
            packed = self.work / "fetched.tar"
            if not fetch(join(self.url, parts[str(number)]), packed):
                raise StorageError(f"{self.name}: {parts[str(number)]} is gone; run again")
            unpack_parts(packed, str(self.parts), number)
            packed.unlink()

    def are_written(self, names: Sequence[str]) -> bool:
        """Whether these tables are complete, here or there."""
        published = set(names) <= set(self._note().state.names)
        return OutputFolder.are_written(self, names) or (published and self.run_json.exists())

    def publish(self, manifest: Manifest, names: Sequence[str]) -> None:
        """Upload what is missing, and let ``run.json`` name it.

        Raises ``OutputError`` where another run has published since this one began.
        """
        note = self._note()
        old = note.state
        if (old.generation, set(old.names)) == (manifest.generation, set(names)):
            return
        there = self._listed()
        fault("before-upload")
        parts: dict[str, str] = {}
        for number in sorted(manifest.live_shards()):
            name = old.parts.get(str(number), "")
            parts[str(number)] = name if name in there else self._upload_part(number, there)
        tables, files = self._upload_tables(names, there)
        copy = self.work / "manifest-copy.sqlite"
        manifest.copy_to(copy)
        state = _State(
            generation=manifest.generation,
            names=tuple(names),
            tables=tables,
            files=files,
            manifest=self._upload(copy, f".zhnews/manifest-{_hash_file(copy)}.sqlite", there),
            parts=parts,
            previous=note.state_name,
        )
        copy.unlink()
        content = json.dumps(asdict(state), ensure_ascii=False, indent=1)
        state_name = f".zhnews/state-{_hash(content)}.json"
        self._put(state_name, content)
        self._exchange(note, state_name, state)
        self._clean(there, {*state.objects(), state_name}, note)

    def _exchange(self, note: _Note, state_name: str, state: _State) -> None:
        made_by = json.loads(self.run_json.read_text(encoding="utf-8"))
        pointer = {"tables": state.tables, "state": state_name} | made_by
        content = json.dumps(pointer, ensure_ascii=False, indent=2) + "\n"
        published = self._get("run.json")
        if (_hash(published) if published is not None else "") != note.base:
            raise OutputError(
                f"another run has published to {self.name} since this one began; its tables stand. "
                "Run again: what is missing there is added"
            )
        self._take_note(_Note(note.base, _hash(content), note.state_name, note.state))
        fault("before-pointer")
        self._put("run.json", content)
        fault("after-pointer")
        self._take_note(_Note(_hash(content), "", state_name, state))

    def _upload_part(self, number: int, there: Mapping[str, Stored]) -> str:
        packed = self.work / "packed.tar"
        pack_parts(str(self.parts), number, packed)
        name = f".zhnews/parts/{number:08d}-{_hash_file(packed)}.tar"
        self._upload(packed, name, there)
        packed.unlink()
        return name

    def _upload_tables(
        self, names: Sequence[str], there: Mapping[str, Stored]
    ) -> tuple[str, dict[str, int]]:
        paths: dict[str, Path] = {}
        for name in names:
            top = self.root / name
            files = sorted(top.rglob("*")) if top.is_dir() else [top]
            paths.update((p.relative_to(self.root).as_posix(), p) for p in files if p.is_file())
        hashes = [f"{name} {_hash_file(path)}" for name, path in sorted(paths.items())]
        folder = f"tables/{_hash(' '.join(hashes))}"
        for name, path in paths.items():
            self._upload(path, f"{folder}/{name}", there)
        return folder, {name: path.stat().st_size for name, path in paths.items()}

    def _upload(self, path: Path, name: str, there: Mapping[str, Stored]) -> str:
        """Names come from content: what is there with that name and size is not sent again."""
        if name not in there or there[name].size != path.stat().st_size:
            store(path, join(self.url, name))
            fault("between-uploads")
        return name

    def _clean(self, there: Mapping[str, Stored], kept: set[str], note: _Note) -> None:
        """Remove what neither this set nor the one before it needs; readers may be in that one."""
        kept = {*kept, *note.state.objects(), note.state_name, "run.json", ".zhnews/begun.json"}
        older = {note.state.previous} - {""}
        content = self._get(note.state.previous) if older else None
        if content is not None:
            older |= _State.read(content).objects()
        now = time.time()
        for name, stored in there.items():
            ours = re.match(r"tables/|\.zhnews/", name) is not None
            garbage = 0 < stored.mtime_ns / 1e9 < now - _GARBAGE_SECONDS
            if ours and name not in kept and (name in older or garbage):
                remove(stored.url)

    def _restore(self, published: str, now: str) -> None:
        for path in self.root.iterdir():
            if path != self.work:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in self.work.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in {"lock", "lock.json"}:
                path.unlink()
        self.parts.mkdir()
        state_name, state = self._state_of(published)
        fetched = self.work / "manifest-copy.sqlite"
        if not fetch(join(self.url, state.manifest), fetched):
            raise InputError(_damaged(self.url, state.manifest))
        fetched.replace(self.manifest_path)
        self.run_json.write_text(published, encoding="utf-8")
        self._take_note(_Note(now, "", state_name, state))

    def _state_of(self, published: str) -> tuple[str, _State]:
        return read_state(self.url, published, self.work)

    def _listed(self) -> dict[str, Stored]:
        return {file.name: file for file in list_files(self.url)}

    def _get(self, name: str) -> str | None:
        return get_text(join(self.url, name), self.work)

    def _put(self, name: str, content: str) -> None:
        staging = self.work / "sent"
        staging.write_text(content, encoding="utf-8")
        store(staging, join(self.url, name))
        staging.unlink()

    def _note(self) -> _Note:
        try:
            told = json.loads((self.work / "remote.json").read_text(encoding="utf-8"))
            told["state"] = _State.read(json.dumps(told["state"]))
            return _Note(**told)
        except (OSError, ValueError, TypeError, KeyError):
            return _Note()

    def _take_note(self, note: _Note) -> None:
        staging = self.work / "remote.json.new"
        staging.write_text(json.dumps(asdict(note), ensure_ascii=False), encoding="utf-8")
        staging.replace(self.work / "remote.json")


def open_output(out: Path | str, work: str | None) -> OutputFolder:
    """The output folder at a path or URL; ``work`` is where work folders of URLs are kept."""
    if isinstance(out, Path) or not is_url(out):
        return OutputFolder(Path(local_path(str(out))))
    shown = shown_url(out).rstrip("/")
    slug = re.sub(r"[^A-Za-z0-9.-]+", "-", shown).strip("-")[-60:]
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    place = Path(work) if work is not None else Path(cache, "zhnews")
    return RemoteFolder(place / f"{slug}-{_hash(shown)[:8]}", out.rstrip("/"))


def fetch_manifest(url: str, folder: Path) -> Path | None:
    """The published manifest, copied into a folder; None where nothing is published.

    Raises ``InputError`` where the storage cannot be read.
    """
    try:
        published = get_text(join(url, "run.json"), folder)
        if published is None:
            return None
        _, state = read_state(url, published, folder)
        target = folder / "manifest.sqlite"
        if not fetch(join(url, state.manifest), target):
            raise InputError(_damaged(url, state.manifest))
    except StorageError as error:
        raise InputError(f"output {error}") from error
    return target


def read_state(url: str, published: str, folder: Path) -> tuple[str, _State]:
    """The state that a ``run.json`` names. Raises ``InputError`` where it is no such file."""
    try:
        name = str(json.loads(published)["state"])
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{shown_url(url)}/run.json was not published by zhnews; give another place"
        ) from error
    content = get_text(join(url, name), folder)
    if content is None:
        raise InputError(_damaged(url, name))
    return name, _State.read(content)


def get_text(url: str, folder: Path) -> str | None:
    """The content of a small file behind a URL, or None where there is none."""
    target = folder / f"got-{os.getpid()}"
    if not fetch(url, target):
        return None
    content = target.read_text(encoding="utf-8")
    target.unlink()
    return content


def _damaged(url: str, name: str) -> str:
    shown = shown_url(url)
    return f"{shown} has lost {name}; remove {shown}/run.json to begin anew"


def _me() -> str:
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "time": int(time.time())})


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:24]
