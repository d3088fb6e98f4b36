"""What a reader is given and what it reports: plain, picklable values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from pipeline.storage import shown_url


@dataclass(frozen=True, slots=True)
class Source:
    """One file (or archive member) to read; a record file is one source of many articles.

    ``id`` is the path relative to the input root with ``/`` separators (``archive.zip/member``);
    ``path`` opens the file (``-`` is standard input, a URL other storage); ``size`` is in bytes,
    0 where unknown. What a storage listed has its time and a ``version`` that changes with the
    content; of local files both are looked up when they are wanted.
    """

    id: str
    path: str
    size: int
    member: str | None = None
    mtime_ns: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Some records of a record file: numbers ``first`` (from 1) to ``stop`` (exclusive).

    ``offset`` is the unpacked byte at which record ``first`` begins (0: it is looked for from the
    start of the file). The default is the whole file.
    """

    first: int = 1
    stop: int | None = None
    offset: int = 0


WHOLE = Window()


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """An article that cannot be read: a row of the ``errors`` table.

    ``reason`` is a short stable code: ``empty``, ``undecodable``, ``binary``, ``truncated_gzip``,
    ``bad_gzip``, ``bad_zip``, ``bad_json``, ``bad_record``, ``missing_column``, ``bad_text``,
    ``lone_surrogate``, ``duplicate_id``, ``no_main_text``, ``bad_parquet``, ``unreadable``,
    ``too_large``.
    """

    source_path: str
    article_id: str
    reason: str
    message: str


class Format(StrEnum):
    """How a source is laid out, by its suffix."""

    TEXT = "text"
    HTML = "html"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"
    ZIP = "zip"


FORMATS = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".md": Format.TEXT,
    ".markdown": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".parquet": Format.PARQUET,
    ".zip": Format.ZIP,
}
RECORD_FORMATS = frozenset({Format.JSONL, Format.CSV, Format.TSV, Format.PARQUET})
READABLE = f"{' '.join(FORMATS)}, and each but .zip also with .gz"


def format_of(name: str) -> tuple[Format | None, bool]:
    """The format that a file name stands for (None: unknown suffix), and whether it is gzipped."""
    path = PurePosixPath(name.lower())
    gzipped = path.suffix == ".gz"
    if gzipped:
        path = path.with_suffix("")
    found = FORMATS.get(path.suffix)
    if gzipped and found is Format.ZIP:
        return None, True
    return found, gzipped


def printable(path: str) -> str:
    """A path with bytes that are no UTF-8 shown as escapes, so that it fits any table."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return path


def shown_path(source: Source) -> str:
    """The path of a source as tables show it; a zip member stands after ``!``."""
    path = printable(shown_url(source.path))
    return path if source.member is None else f"{path}!{printable(source.member)}"
