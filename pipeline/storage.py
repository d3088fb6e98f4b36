"""Files that are not on this machine: URLs such as ``s3://bucket/articles``, through fsspec.

Any protocol that fsspec knows is read; its package must be installed (``zhnews[remote]`` brings
fsspec, ``s3fs`` S3, ``gcsfs`` Google's, ``adlfs`` Azure's storage). Credentials and options are
those of the service's own tools and of fsspec (``~/.config/fsspec``, ``FSSPEC_S3_...``); none
stand in a configuration of ours. ``file://`` URLs are paths of this machine.

What a backend raises is its own choice; here it becomes a ``StorageError``, which is an
``OSError``, so that it is treated as an unreadable local file is.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pipeline.errors import ConfigError

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SECRET = re.compile(r"(?<=://)[^/@\s]*@")
_WHOLE_BYTES = 8 * 2**20
"""Files up to this size are fetched by one request."""
_BLOCK_BYTES = 2**20
_VERSIONS = ("ETag", "etag", "version_id", "generation", "md5Hash", "content_md5", "checksum")
_TIMES = ("LastModified", "last_modified", "mtime", "updated", "modified", "created")


class StorageError(OSError):
    """A file behind a URL cannot be had, or its storage cannot be reached."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file behind a URL; ``name`` is relative to what was listed (empty: it is the file itself).

    ``version`` changes with the content: it is made of size and etag, or time where the storage
    has no etag. ``mtime_ns`` is 0 where the storage does not tell it.
    """

    url: str
    name: str
    size: int
    mtime_ns: int
    version: str


def is_url(given: str) -> bool:
    """Whether a path is a URL of other storage than this machine's files."""
    found = _URL.match(given)
    return found is not None and found.group(1).lower() not in {"file", "local"}


def local_path(given: str) -> str:
    """A path without the ``file://`` that may stand before it."""
    found = _URL.match(given)
    return given[found.end() :] if found and not is_url(given) else given


def protocol_of(url: str) -> str:
    """The part before ``://``."""
    found = _URL.match(url)
    return found.group(1).lower() if found else "file"


def shown_url(url: str) -> str:
    """A URL as tables and messages show it: without user name and password."""
    return _SECRET.sub("", url) if is_url(url) else url


def join(url: str, *names: str) -> str:
    """A URL below another one."""
    return "/".join((url.rstrip("/"), *names))


def list_files(url: str) -> list[Stored]:
    """All files below a URL, sorted by name; the file itself where it is one; else nothing.

    Raises ``ConfigError`` where the protocol's package is missing, and ``StorageError``.
    """
    with _asking(url):
        fs, root = _filesystem(url)
        fs.invalidate_cache()
        try:
            found = fs.find(root, detail=True)
        except FileNotFoundError:
            return []
    root = root.rstrip("/")
    files = []
    for path, details in found.items():
        if details.get("type", "file") != "file" or path.endswith("/"):
            continue
        name = path[len(root) :].removeprefix("/")
        files.append(_stored(join(url, name) if name else url, name, details))
    return sorted(files, key=lambda file: file.name)


def look_up(url: str) -> Stored:
    """What the storage says of one file now. Raises ``StorageError``."""
    with _asking(url):
        fs, path = _filesystem(url)
        fs.invalidate_cache()
        return _stored(url, "", fs.info(path))


def open_url(url: str, size: int = 0) -> IO[bytes]:
    """The bytes of a file, which may be sought in; small ones are fetched at once.

    Raises ``StorageError``, also while they are read.
    """
    with _asking(url):
        fs, path = _filesystem(url)
        if 0 < size <= _WHOLE_BYTES:
            return io.BytesIO(fs.cat_file(path))
        opened = fs.open(path, "rb", block_size=_BLOCK_BYTES)
    return io.BufferedReader(_Remote(url, opened), _BLOCK_BYTES)


def fetch(url: str, target: Path) -> bool:
    """Copy a file to this machine; whether it is there. Raises ``StorageError``."""
    with _asking(url):
        fs, path = _filesystem(url)
        fs.invalidate_cache()
        try:
            fs.get_file(path, str(target))
        except FileNotFoundError:
            target.unlink(missing_ok=True)
            return False
    return True


def store(source: Path, url: str) -> None:
    """Copy a file of this machine to a URL. Raises ``StorageError``."""
    with _asking(url):
        fs, path = _filesystem(url)
        fs.put_file(str(source), path)


def remove(url: str) -> None:
    """Remove one file; it does not matter if it is gone already. Raises ``StorageError``."""
    with _asking(url):
        fs, path = _filesystem(url)
        try:
            fs.rm_file(path)
        except FileNotFoundError:
            return


class _Remote(io.RawIOBase):
    """A file of fsspec's whose failures are all ``StorageError``."""

    def __init__(self, url: str, opened: Any) -> None:
        self._url = url
        self._opened = opened

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._opened.seekable())

    def readinto(self, buffer: Any) -> int:
        with _asking(self._url):
            piece = self._opened.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with _asking(self._url):
            return int(self._opened.seek(offset, whence))

    def tell(self) -> int:
        return int(self._opened.tell())

    def close(self) -> None:
        if not self.closed:
            self._opened.close()
        super().close()


def _filesystem(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ConfigError(f"{shown_url(url)} needs fsspec: pip install 'zhnews[remote]'") from error
    try:
        fs, path = url_to_fs(url)
    except ImportError as error:
        raise ConfigError(f"{shown_url(url)} cannot be opened: {error} (with pip)") from error
    except ValueError as error:
        raise ConfigError(f"{shown_url(url)} cannot be opened: {error}") from error
    return fs, str(path)


@contextmanager
def _asking(url: str) -> Iterator[None]:
    # Each backend has errors of its own (botocore's, google.auth's, ...) that share no base.
    try:
        yield
    except (ConfigError, StorageError):
        raise
    except Exception as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise StorageError(f"{shown_url(url)}: {said}{_advice(error)}") from error


def _advice(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return " (is the bucket's name right, and does it exist?)"
    if isinstance(error, PermissionError) or "credential" in f"{type(error)} {error}".lower():
        return " (set the credentials as the storage's own tools want them)"
    return ""


def _stored(url: str, name: str, details: dict[str, Any]) -> Stored:
    size = int(details.get("size") or 0)
    times = (details[key] for key in _TIMES if details.get(key))
    mtime_ns = _nanoseconds(next(times, 0))
    marks = (str(details[key]) for key in _VERSIONS if details.get(key))
    mark = next(marks, str(mtime_ns))
    version = hashlib.sha256(f"{size} {mark}".encode()).hexdigest()
    return Stored(url, name, size, mtime_ns, version)


def _nanoseconds(when: Any) -> int:
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            return 0
    if isinstance(when, datetime):
        when = when.timestamp()
    return int(float(when) * 1e9) if isinstance(when, (int, float)) else 0


def name_of(url: str) -> str:
    """The last part of a URL."""
    return PurePosixPath(_URL.sub("", url)).name
