"""From a source to its articles; what cannot be read becomes a ``ReadFailure``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from pipeline.config import InputConfig
from pipeline.document import Article
from pipeline.errors import ReadError
from pipeline.readers.archive import open_bytes, read_bounded, rejoined
from pipeline.readers.article import article_from_text
from pipeline.readers.decode import SAMPLE_BYTES, decode
from pipeline.readers.source import (
    RECORD_FORMATS,
    WHOLE,
    Format,
    ReadFailure,
    Source,
    Window,
    format_of,
    shown_path,
)


def read_source(source: Source, config: InputConfig) -> Iterator[Article | ReadFailure]:
    """The articles of one source, in its order, and a failure for each that cannot be read.

    Record files are streamed; a record that repeats an id of its file becomes a ``duplicate_id``
    failure. Never raises for bad content; raises ``ConfigError`` where ``config.encoding`` is
    unknown.
    """
    seen: dict[str, int] = {}
    for number, item in read_window(source, config):
        if not isinstance(item, Article):
            yield item
            continue
        first = seen.setdefault(item.id, number)
        if first == number:
            yield item
        else:
            yield ReadFailure(item.source_path, item.id, "duplicate_id", repeated_id(number, first))


def read_window(
    source: Source, config: InputConfig, window: Window = WHOLE
) -> Iterator[tuple[int, Article | ReadFailure]]:
    """As ``read_source``, of some records only, each with its number in the source (from 1).

    Ids are not compared: who reads windows of one file must look for repeated ids across them.
    """
    number = window.first
    try:
        for number, item in _read(source, config, window):
            yield number, item
            number += 1  # noqa: PLW2901
    except ReadError as error:
        yield number, ReadFailure(shown_path(source), source.id, error.reason, str(error))
    except UnicodeError as error:
        yield number, ReadFailure(shown_path(source), source.id, "undecodable", str(error))


def repeated_id(number: int, first: int) -> str:
    """What is said of a record that repeats the id of an earlier one."""
    return f"record {number}: the id of record {first} is repeated; the second one is left out"


def _read(
    source: Source, config: InputConfig, window: Window
) -> Iterator[tuple[int, Article | ReadFailure]]:
    layout = format_of(source.member or source.path)[0]
    with open_bytes(source) as opened:
        stream = opened
        if source.path == "-":
            head = stream.read(SAMPLE_BYTES)
            stream = rejoined(head, stream)
            layout = Format.JSONL if is_jsonl(head) else Format.TEXT
        if layout in RECORD_FORMATS:
            from pipeline.readers.records import Reading, read_records

            reading = Reading(source.id, shown_path(source), config, window)
            yield from read_records(stream, layout, reading)
            return
        raw = read_bounded(stream)
    read: Callable[[bytes, Source, InputConfig], Article] = _text
    if layout is Format.HTML:
        from pipeline.readers.html import read_html

        read = read_html
    yield 1, read(raw, source, config)


def _text(raw: bytes, source: Source, config: InputConfig) -> Article:
    if not raw:
        raise ReadError("empty", "the file is empty")
    text, encoding = decode(raw, config.encoding)
    return article_from_text(text, source.id, shown_path(source), encoding)


def is_jsonl(head: bytes) -> bool:
    """Whether standard input holds JSON lines: its first line is an object."""
    line, newline, _ = head.lstrip().partition(b"\n")
    if not line.startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return not newline and len(head) == SAMPLE_BYTES and line.startswith(b'{"')
