"""Cutting a large record file into windows that can be read on their own.

A cut is only an economy: where a file does not allow it safely (an encoding in which a byte of
value 10 may be part of a character, stray carriage returns, a defect) it is read as a whole.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

from pipeline.config import InputConfig
from pipeline.errors import ReadError
from pipeline.readers.archive import MAX_TEXT_BYTES, open_bytes, open_plain
from pipeline.readers.records import delimiter_of, header_of, require_columns, text_stream
from pipeline.readers.source import RECORD_FORMATS, WHOLE, Format, Source, Window, format_of

MAX_GZIP_WINDOWS = 32
"""A gzipped file is unpacked from its start for each window, so there are few of them."""

_Cuts = Iterator[tuple[int, int]]
"""(number of a record, unpacked byte at which it begins), at every record."""


class _NoCutError(Exception):
    """The file has something that forbids cutting."""


def cut_source(source: Source, config: InputConfig, size: int) -> tuple[Window, ...]:
    """Windows of about ``size`` bytes that together hold every record of a source.

    Other formats, members of archives and small files are one window. Never raises for bad
    content: reading it will report it.
    """
    layout, gzipped = format_of(source.member or source.path)
    if layout not in RECORD_FORMATS or source.member is not None or source.size <= 2 * size:
        return (WHOLE,)
    try:
        if layout is Format.PARQUET:
            return (WHOLE,) if gzipped else _cut_rows(source, config, size)
        if gzipped:
            size = max(size, source.size // MAX_GZIP_WINDOWS * 3)
        with open_bytes(source) as stream:
            _check_encoding(stream, config)
            if layout is not Format.JSONL:
                require_columns(header_of(stream, layout, config), config)
            cuts = _lines(stream) if layout is Format.JSONL else _rows(stream, layout)
            return _windows(cuts, size)
    except (ReadError, _NoCutError, csv.Error, ValueError):
        return (WHOLE,)


def _windows(cuts: _Cuts, size: int) -> tuple[Window, ...]:
    windows: list[Window] = []
    begin = Window()
    for number, offset in cuts:
        if offset - begin.offset >= size:
            windows.append(Window(begin.first, number, begin.offset))
            begin = Window(number, None, offset)
    return (*windows, begin)


def _check_encoding(stream: IO[bytes], config: InputConfig) -> None:
    text, _ = text_stream(stream, config.encoding)
    codec = text.encoding
    text.detach()
    stream.seek(0)
    if codec.lower().replace("_", "-").startswith(("utf-16", "utf-32", "utf-7", "hz", "iso2022")):
        raise _NoCutError


def _lines(stream: IO[bytes]) -> _Cuts:
    number, offset = 1, 0
    while piece := stream.readline(1 << 20):
        if piece.count(b"\r") != piece.endswith(b"\r\n"):
            raise _NoCutError
        offset += len(piece)
        if piece.endswith(b"\n"):
            number += 1
            yield number, offset


def _rows(stream: IO[bytes], layout: Format) -> _Cuts:
    offset = 0

    def lines() -> Iterator[str]:
        nonlocal offset
        for line in stream:
            if line.count(b"\r") != line.endswith(b"\r\n"):
                raise _NoCutError
            content = line.removeprefix(b"\xef\xbb\xbf") if offset == 0 else line
            offset += len(line)
            # Delimiters, quotes and line ends are the same bytes in every encoding that is left.
            yield content.decode("latin-1")

    limit = csv.field_size_limit(MAX_TEXT_BYTES)
    try:
        rows = csv.reader(lines(), delimiter=delimiter_of(layout))
        next(rows, None)
        number = 1
        for row in rows:
            if row:
                number += 1
                yield number, offset
    finally:
        csv.field_size_limit(limit)


def _cut_rows(source: Source, config: InputConfig, size: int) -> tuple[Window, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open_plain(source) as stream, pq.ParquetFile(stream) as table:
            require_columns(table.schema_arrow.names, config)
            total = table.metadata.num_rows
    except (pa.ArrowException, OSError):
        return (WHOLE,)
    step = max(total * size // max(source.size, 1), 1)
    starts = range(1, total + 1, step)
    if len(starts) < 2:
        return (WHOLE,)
    return tuple(Window(first, None if first == starts[-1] else first + step) for first in starts)
