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
from pipeline.readers.source import WHOLE, Format, ReadFailure, Window

COLUMNS: Mapping[str, Sequence[str]] = {
    "text": (
        "text", "content", "body", "正文", "內容", "内容", "內文", "内文", "全文", "article",
    ),
    "id": ("id", "article_id", "_id", "uid", "編號", "编号"),
    "title": ("title", "headline", "標題", "标题"),
    "date": (
        "date", "published", "published_at", "publish_date", "pubdate", "time", "datetime", "日期",
        "發布日期", "发布日期", "發布時間", "发布时间", "時間", "时间",
    ),
    "byline": ("author", "byline", "作者", "記者", "记者"),
    "site": ("source", "site", "publisher", "來源", "来源"),
}  # fmt: skip
"""Column names that are tried, in order and whatever their case, where the user names none."""

_ESCAPED_BYTES = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """Where records come from, for ids and messages, and which of them are wanted."""

    id: str
    path: str
    config: InputConfig
    window: Window = WHOLE


@dataclass(frozen=True, slots=True)
class _BadRecord:
    """A record that cannot be read."""

    number: int
    reason: str
    message: str


_Row = tuple[int, Mapping[str, Any]] | _BadRecord


def read_records(
    stream: IO[bytes], layout: Format, reading: Reading
) -> Iterator[tuple[int, Article | ReadFailure]]:
    """Articles of a record file in its order, each with its number in the file.

    Ids are ``<source>#<record id or number>``; numbers count from 1: lines of JSONL, data rows of
    the others. A failure of the whole file ends it: what came before it stays. Raises ``ReadError``
    where no record at all can be had.
    """
    window = reading.window
    if layout is Format.PARQUET:
        yield from _articles(_parquet(stream, reading.config, window), reading, "utf-8")
        return
    columns: list[str] | None = None
    if layout is not Format.JSONL and window.offset:
        columns = header_of(stream, layout, reading.config)
    text, encoding = text_stream(stream, reading.config.encoding, window.offset)
    try:
        first = window.first if window.offset else 1
        if layout is Format.JSONL:
            rows = _jsonl(text, first)
        else:
            rows = _table(text, layout, reading.config, first, columns)
        yield from _articles(rows, reading, encoding)
    finally:
        text.detach()  # the stream belongs to who opened it


def _articles(
    rows: Iterator[_Row], reading: Reading, encoding: str
) -> Iterator[tuple[int, Article | ReadFailure]]:
    window = reading.window
    empty = window.first == 1 and window.stop is None
    for row in rows:
        empty = False
        number = row.number if isinstance(row, _BadRecord) else row[0]
        if number < window.first:
            continue
        if window.stop is not None and number >= window.stop:
            return
        yield number, _settled(row, reading, encoding)
    if empty:
        raise ReadError("empty", "the file holds no records")


def _settled(row: _Row, reading: Reading, encoding: str) -> Article | ReadFailure:
    if isinstance(row, _BadRecord):
        return ReadFailure(reading.path, f"{reading.id}#{row.number}", row.reason, row.message)
    number, record = row
    article_id = f"{reading.id}#{number}"
    try:
        article_id = f"{reading.id}#{_record_id(record, number, reading.config)}"
        return _article(record, article_id, reading, encoding)
    except ReadError as error:
        return ReadFailure(reading.path, article_id, error.reason, f"record {number}: {error}")


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


def text_stream(
    stream: IO[bytes], forced: str | None, offset: int = 0
) -> tuple[io.TextIOWrapper, str]:
    """The text from byte ``offset`` on, and the name of its encoding, which the start tells.

    Decoded lazily; bytes that do not fit become U+DC80..U+DCFF and fail their record only.
    """
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
    if offset:
        stream.seek(offset)
        plain = "utf-8" if codec.startswith("utf-8") else codec
        return io.TextIOWrapper(stream, plain, errors="surrogateescape", newline=""), public
    if codec == "utf-8":
        codec = "utf-8-sig"
    return (
        io.TextIOWrapper(rejoined(sample, stream), codec, errors="surrogateescape", newline=""),
        public,
    )


def _nearly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", "replace")
    return 0 < text.count("\ufffd") <= max(3, len(text) // 100) and len(text) > 20


def _jsonl(lines: io.TextIOWrapper, first: int) -> Iterator[_Row]:
    number = first - 1
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


def header_of(stream: IO[bytes], layout: Format, config: InputConfig) -> list[str]:
    """Column names of a table whose rows are read from further on; the stream is rewound."""
    text, _ = text_stream(stream, config.encoding)
    try:
        header = next(csv.reader(text, delimiter=delimiter_of(layout)), [])
    finally:
        text.detach()
        stream.seek(0)
    return [name.strip() for name in header]


def delimiter_of(layout: Format) -> str:
    """What stands between the cells of a table."""
    return "\t" if layout is Format.TSV else ","


def _table(
    text: io.TextIOWrapper,
    layout: Format,
    config: InputConfig,
    first: int,
    columns: list[str] | None,
) -> Iterator[_Row]:
    limit = csv.field_size_limit(MAX_TEXT_BYTES)
    try:
        rows = csv.reader(text, delimiter=delimiter_of(layout))
        if columns is None:
            header = next(rows, None)
            if header is None:
                return
            columns = [name.strip() for name in header]
        require_columns(columns, config)
        number = first - 1
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


def require_columns(columns: list[str], config: InputConfig) -> None:
    """Refuse a table without its text column or any column that the user named."""
    for kind in COLUMNS:
        named = _named(kind, config)
        if _column(dict.fromkeys(columns), kind, named) is None and (named or kind == "text"):
            raise _no_column(kind, named, columns)


def _parquet(stream: IO[bytes], config: InputConfig, window: Window) -> Iterator[_Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with _seekable(stream) as seekable, pq.ParquetFile(seekable) as table:
            columns = table.schema_arrow.names
            require_columns(columns, config)
            kept = [
                found
                for kind in COLUMNS
                if (found := _column(dict.fromkeys(columns), kind, _named(kind, config)))
            ]
            groups, number = _row_groups(table.metadata, window)
            for batch in table.iter_batches(batch_size=256, columns=kept, row_groups=groups):
                for record in batch.to_pylist():
                    number += 1
                    yield number, record
    except (pa.ArrowException, OSError) as error:
        raise ReadError("bad_parquet", f"not a readable Parquet file: {error}") from error


def _row_groups(metadata: Any, window: Window) -> tuple[list[int], int]:
    """Row groups that hold rows of the window, and how many rows stand before them."""
    groups: list[int] = []
    before = row = 0
    for group in range(metadata.num_row_groups):
        end = row + metadata.row_group(group).num_rows
        if end >= window.first and (window.stop is None or row + 1 < window.stop):
            groups.append(group)
        elif not groups:
            before = end
        row = end
    return groups, before


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
