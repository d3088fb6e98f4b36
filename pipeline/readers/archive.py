"""Bytes of a source: plain files, gzip, zip members, standard input; all of them bounded."""

from __future__ import annotations

import gzip
import io
import os
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from pipeline.errors import ReadError
from pipeline.readers.source import Format, Source, format_of
from pipeline.storage import is_url, open_url

MAX_TEXT_BYTES = 64 * 2**20
"""Largest single article file, unpacked; a record file may be of any size."""
MAX_MEMBERS = 1_000_000
MAX_RATIO = 1000
"""A zip member that unpacks to more than this many times its size (and 16 MB) is a bomb."""

_ZIP_UTF8 = 0x800
_ZIP_ENCRYPTED = 0x1


def list_members(source: Source) -> list[Source]:
    """The readable members of a zip, each a source; none where the zip itself is unreadable."""
    try:
        with open_plain(source) as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()[:MAX_MEMBERS]
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return []
    members = []
    for entry in entries:
        name = member_name(entry)
        parts = PurePosixPath(name).parts
        hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
        layout, gzipped = format_of(name)
        known = layout not in (None, Format.ZIP) or (gzipped and layout is None)
        if entry.is_dir() or hidden or not known:
            continue
        members.append(
            replace(
                source,
                id=f"{source.id}/{name}",
                size=entry.file_size,
                member=entry.filename,
            )
        )
    return members


def member_name(entry: zipfile.ZipInfo) -> str:
    """A member's name; names without the UTF-8 flag are read as UTF-8, GB18030 or Big5."""
    if entry.flag_bits & _ZIP_UTF8 or entry.filename.isascii():
        return entry.filename
    from pipeline.readers.decode import best_chinese

    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return best_chinese(raw) or entry.filename


@contextmanager
def open_bytes(source: Source) -> Iterator[IO[bytes]]:
    """The unpacked bytes of a source as a stream.

    Raises ``ReadError``: ``unreadable``, ``truncated_gzip``, ``bad_gzip``, ``bad_zip``,
    ``too_large``.
    """
    name = source.member or source.path
    try:
        with _opened(source) as stream:
            if name.lower().endswith(".gz"):
                with gzip.GzipFile(fileobj=stream) as unpacked:
                    yield cast(IO[bytes], unpacked)
            else:
                yield stream
    except EOFError as error:
        raise ReadError(
            "truncated_gzip", "the compressed file ends too early; fetch it again"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ReadError("bad_gzip", f"not a valid gzip file: {error}") from error
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ReadError("bad_zip", f"the archive cannot be unpacked: {error}") from error
    except OSError as error:
        raise ReadError("unreadable", f"cannot be read: {error.strerror or error}") from error


class Rejoined(io.RawIOBase):
    """A stream with bytes that were already read from it put back before it."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` from the head first."""
        piece = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)


def rejoined(head: bytes, rest: IO[bytes]) -> io.BufferedReader:
    """A buffered stream of ``head`` and then ``rest``."""
    return io.BufferedReader(Rejoined(head, rest), 64 * 1024)


def read_bounded(stream: IO[bytes]) -> bytes:
    """All bytes of one article. Raises ``ReadError("too_large")`` above ``MAX_TEXT_BYTES``."""
    raw = stream.read(MAX_TEXT_BYTES + 1)
    if len(raw) > MAX_TEXT_BYTES:
        raise ReadError(
            "too_large",
            f"more than {MAX_TEXT_BYTES // 2**20} MB of text in one article; "
            "split it, or give it as a record file",
        )
    return raw


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if source.path == "-":
        yield sys.stdin.buffer
        return
    if source.member is None:
        with open_plain(source) as stream:
            if format_of(source.path)[0] is Format.ZIP:
                zipfile.ZipFile(stream).close()
                raise ReadError("bad_zip", "the archive holds no file that can be read")
            yield stream
        return
    archive = _archive(source.path, _state(source), os.getpid())
    try:
        entry = archive.getinfo(source.member)
    except KeyError as error:
        raise ReadError("bad_zip", "the archive no longer holds this member") from error
    if entry.flag_bits & _ZIP_ENCRYPTED:
        raise ReadError("bad_zip", "the archive member is encrypted; unpack it first")
    if entry.file_size > max(16 * 2**20, MAX_RATIO * max(entry.compress_size, 1)):
        raise ReadError(
            "too_large",
            f"unpacks from {entry.compress_size} to {entry.file_size} bytes; "
            "unpack it by hand if that is meant",
        )
    with archive.open(entry) as member:
        yield member


def open_plain(source: Source) -> IO[bytes]:
    """The bytes of a source's file as they lie there, to be sought in. Raises ``OSError``."""
    if is_url(source.path):
        return open_url(source.path, source.size if source.member is None else 0)
    return Path(source.path).open("rb")


def _state(source: Source) -> str:
    if is_url(source.path):
        return source.version
    stat = Path(source.path).stat()
    return f"{stat.st_mtime_ns} {stat.st_size}"


@lru_cache(maxsize=1)
def _archive(path: str, state: str, process: int) -> zipfile.ZipFile:
    """The archive that was read from last, kept open: reading its directory anew for each of its
    members would cost the square of their number. Processes never share an open file."""
    del state, process
    return zipfile.ZipFile(open_url(path) if is_url(path) else path)
