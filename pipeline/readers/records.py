"""Record files (JSON lines, CSV, TSV, Parquet) to articles, one record at a time."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from pipeline.config import InputConfig
from pipeline.document import Article
from pipeline.errors import ReadError
from pipeline.readers.archive import MAX_TEXT_BYTES, rejoined
from pipeline.readers.article import RecordFields, article_from_text, with_fields
from pipeline.readers.decode import SAMPLE_BYTES, decode, detect, forced_codec
from pipeline.readers.source import Format, ReadFailure

COLUMNS: Mapping[str, Sequence[str]] = {
    "text": ("text", "content", "body", "正文", "內容", "内容", "article"),
    "id": ("id", "article_id", "_id", "uid"),
    "title": ("title", "headline", "標題", "标题"),
    "date": (
        "date", "published", "published_at", "publish_date", "pubdate", "time", "datetime", "日期",
    ),
    "byline": ("author", "byline", "作者", "記者", "记者"),
    "site": ("source", "site", "publisher", "來源", "来源"),
}  # fmt: skip
"""Column names that are tried, in order and whatever their case, where the user names none."""

_ESCAPED_BYTES = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """Where records come from, for ids and messages."""

    id: str
    path: str
    config: InputConfig


@dataclass(frozen=True, slots=True)
class _BadRecord:
    """A record that cannot be read."""

    number: int
    reason: str
    message: str


_Row = tuple[int, Mapping[str, Any]] | _BadRecord


def read_records(
    stream: IO[bytes], layout: Format, reading: Reading
) -> Iterator[Article | ReadFailure]:
    """Articles of a record file in its order; ids are ``<source>#<record id or number>``.

    Numbers count from 1: lines of JSONL, data rows of the others. A record that repeats an id of
    the same file becomes a ``duplicate_id`` failure. A failure of the whole file ends it: what
    came before it stays. Raises ``ReadError`` where no record at all can be had.
    """
    if layout is Format.PARQUET:
        yield from _articles(_parquet(stream, reading.config), reading, "utf-8")
        return
    text, encoding = _text_stream(stream, reading.config.encoding)
    try:
        rows = _jsonl(text) if layout is Format.JSONL else _table(text, layout, reading.config)
        yield from _articles(rows, reading, encoding)
    finally:
        text.detach()  # the stream belongs to who opened it


def _articles(
    rows: Iterator[_Row], reading: Reading, encoding: str
) -> Iterator[Article | ReadFailure]:
    seen: dict[str, int] = {}
    empty = True
    for row in rows:
        empty = False
        if isinstance(row, _BadRecord):
            at = f"{reading.id}#{row.number}"
            yield ReadFailure(reading.path, at, row.reason, row.message)
            continue
        number, record = row
        article_id = f"{reading.id}#{number}"
        try:
            article_id = f"{reading.id}#{_record_id(record, number, reading.config)}"
            if article_id in seen:
                raise ReadError(
                    "duplicate_id",
                    f"the id of record {seen[article_id]} is repeated; the second one is left out",
                )
            seen[article_id] = number
            yield _article(record, article_id, reading, encoding)
        except ReadError as error:
            yield ReadFailure(reading.path, article_id, error.reason, f"record {number}: {error}")
    if empty:
        raise ReadError("empty", "the file holds no records")


def _article(
    record: Mapping[str, Any], article_id: str, reading: Reading, encoding: str
) -> Article:
    config = reading.config
    key = _column(record, "text", config.text_column)
    if key is None:
        raise _no_column("text", config.text_column, list(record))
    text = record[key]
    if text is None:
        raise ReadError("empty", f"column {key!r} is null")
    if not isinstance(text, str):
        raise ReadError("bad_text", f"column {key!r} holds {type(text).__name__}, no text")
    if _ESCAPED_BYTES.search(text):
        raise ReadError("undecodable", "bytes that do not fit the encoding of the file")
    article = article_from_text(text, article_id, reading.path, encoding)
    fields = RecordFields(
        title=_value(record, "title", config.title_column),
        published=_value(record, "date", config.date_column),
        byline=_value(record, "byline", config.byline_column),
        site=_value(record, "site", config.site_column),
    )
    return with_fields(article, fields)


def _record_id(record: Mapping[str, Any], number: int, config: InputConfig) -> str:
    key = _column(record, "id", config.id_column)
    if key is None and config.id_column is not None:
        raise _no_column("id", config.id_column, list(record))
    value = record[key] if key is not None else None
    if isinstance(value, dict) and isinstance(value.get("$oid"), str):  # a MongoDB export
        value = value["$oid"]
    if value is None or isinstance(value, (dict, list)) or not str(value).strip():
        return str(number)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = str(value).strip()
    try:
        written.encode()
    except UnicodeEncodeError as error:
        raise ReadError("lone_surrogate", "the record id holds half a surrogate pair") from error
    return written


def _column(record: Mapping[str, Any], kind: str, named: str | None) -> str | None:
    if named is not None:
        return named if named in record else None
    lower = {name.strip().lower(): name for name in reversed(list(record))}
    return next((lower[name] for name in COLUMNS[kind] if name in lower), None)


def _value(record: Mapping[str, Any], kind: str, named: str | None) -> str | None:
    key = _column(record, kind, named)
    value = record[key] if key is not None else None
    if value is None or isinstance(value, (bool, dict)):
        return None
    if isinstance(value, (list, tuple)):
        value = "、".join(part for part in value if isinstance(part, str))
    if isinstance(value, (datetime, date)):
        value = value.isoformat()
    written = str(value).strip()
    try:
        written.encode()
    except UnicodeEncodeError:
        return None
    return written or None


def _no_column(kind: str, named: str | None, present: list[str]) -> ReadError:
    wanted = repr(named) if named else f"for the {kind} ({', '.join(COLUMNS[kind])})"
    columns = ", ".join(str(name) for name in present[:20])
    return ReadError(
        "missing_column", f"no column {wanted}; there are: {columns}. Name it with --{kind}-column"
    )


def _text_stream(stream: IO[bytes], forced: str | None) -> tuple[io.TextIOWrapper, str]:
    """Decoded lazily; bytes that do not fit become U+DC80..U+DCFF and fail their record only."""
    codec = forced_codec(forced) if forced else None
    sample = stream.read(SAMPLE_BYTES)
    public = forced or ""
    if codec is None:
        cut = sample.rfind(b"\n") + 1 or len(sample)
        head = sample[:cut] if len(sample) >= SAMPLE_BYTES else sample
        try:
            codec = detect(head)
            public = decode(head, codec)[1] if not codec.startswith("utf-8") else codec
        except ReadError as error:
            if error.reason != "undecodable" or not _nearly_utf8(head):
                raise
            codec, public = "utf-8-sig", "utf-8"
    if codec == "utf-8":
        codec = "utf-8-sig"
    return (
        io.TextIOWrapper(rejoined(sample, stream), codec, errors="surrogateescape", newline=""),
        public,
    )


def _nearly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", "replace")
    return 0 < text.count("\ufffd") <= max(3, len(text) // 100) and len(text) > 20


def _jsonl(lines: io.TextIOWrapper) -> Iterator[_Row]:
    number = 0
    while line := lines.readline(MAX_TEXT_BYTES):
        number += 1
        if len(line) >= MAX_TEXT_BYTES:
            while line and not line.endswith("\n"):
                line = lines.readline(MAX_TEXT_BYTES)
            yield _BadRecord(number, "too_large", f"line {number} is longer than 64 MB")
            continue
        if not line.strip(" \t\r\n\x00"):
            continue
        if _ESCAPED_BYTES.search(line):
            yield _BadRecord(
                number, "undecodable", f"line {number} has bytes that do not fit the encoding"
            )
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield _BadRecord(number, "bad_json", f"line {number} is not JSON: {error}")
            continue
        if isinstance(record, dict):
            yield number, record
        else:
            kind = type(record).__name__
            yield _BadRecord(number, "bad_record", f"line {number} is a {kind}, no JSON object")


def _table(text: io.TextIOWrapper, layout: Format, config: InputConfig) -> Iterator[_Row]:
    limit = csv.field_size_limit(MAX_TEXT_BYTES)
    try:
        rows = csv.reader(text, delimiter="\t" if layout is Format.TSV else ",")
        header = next(rows, None)
        if header is None:
            return
        columns = [name.strip() for name in header]
        _require_columns(columns, config)
        number = 0
        while True:
            number += 1
            try:
                csv.field_size_limit(MAX_TEXT_BYTES)
                row = next(rows, None)
            except csv.Error as error:
                yield _BadRecord(number, "bad_record", f"row {number}: {error}")
                continue
            if row is None:
                return
            if not row:
                number -= 1
                continue
            if len(row) > len(columns):
                yield _BadRecord(
                    number,
                    "bad_record",
                    f"row {number} has {len(row)} cells for {len(columns)} columns",
                )
                continue
            cells = [*row, *[None] * (len(columns) - len(row))]
            yield number, dict(zip(columns, cells, strict=True))
    finally:
        csv.field_size_limit(limit)


def _require_columns(columns: list[str], config: InputConfig) -> None:
    """Refuse a table without its text column or any column that the user named."""
    for kind in COLUMNS:
        named = _named(kind, config)
        if _column(dict.fromkeys(columns), kind, named) is None and (named or kind == "text"):
            raise _no_column(kind, named, columns)


def _parquet(stream: IO[bytes], config: InputConfig) -> Iterator[_Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with _seekable(stream) as seekable, pq.ParquetFile(seekable) as table:
            columns = table.schema_arrow.names
            _require_columns(columns, config)
            kept = [
                found
                for kind in COLUMNS
                if (found := _column(dict.fromkeys(columns), kind, _named(kind, config)))
            ]
            number = 0
            for batch in table.iter_batches(batch_size=256, columns=kept):
                for record in batch.to_pylist():
                    number += 1
                    yield number, record
    except (pa.ArrowException, OSError) as error:
        raise ReadError("bad_parquet", f"not a readable Parquet file: {error}") from error


@contextmanager
def _seekable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Parquet is read from its end: what is packed is unpacked first, to disk above 64 MB."""
    if isinstance(stream, (io.BufferedReader, io.BytesIO)):
        yield stream
        return
    with tempfile.SpooledTemporaryFile(max_size=MAX_TEXT_BYTES) as unpacked:
        shutil.copyfileobj(stream, unpacked)
        unpacked.seek(0)
        yield unpacked


def _named(kind: str, config: InputConfig) -> str | None:
    """The column that the user named for a field."""
    named = {
        "text": config.text_column,
        "id": config.id_column,
        "title": config.title_column,
        "date": config.date_column,
        "byline": config.byline_column,
        "site": config.site_column,
    }
    return named[kind]
