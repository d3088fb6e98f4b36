"""From a text (and what a record file says about it) to an ``Article``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.document import Article, Diagnostic, HeaderField
from pipeline.errors import ReadError
from pipeline.readers.header import read_header
from pipeline.readers.header_dates import parse_date
from pipeline.readers.header_lines import without_title_junk


@dataclass(frozen=True, slots=True)
class RecordFields:
    """What a record file or a page's metadata says beside the text; None where it says nothing.

    These win over what is read from the text, and have no offsets.
    """

    title: str | None = None
    published: str | None = None
    byline: str | None = None
    site: str | None = None


def article_from_text(
    text: str, article_id: str, source_path: str = "", encoding: str = "utf-8"
) -> Article:
    """An article with its header read; ``text`` is kept as it is.

    Raises ``ReadError``: ``empty`` (nothing but blanks) and ``lone_surrogate`` (the text cannot be
    written as UTF-8).
    """
    check_text(text)
    header = read_header(text)
    return Article(
        id=article_id,
        text=text,
        source_path=source_path,
        encoding=encoding,
        title=header.title,
        published=header.published,
        published_precision=header.published_precision,
        byline=header.byline,
        site=header.site,
        body_start=header.body_start,
        body_end=header.body_end,
        sections=header.sections,
        diagnostics=header.diagnostics,
    )


def with_fields(article: Article, fields: RecordFields) -> Article:
    """The article with the fields of its record; an unreadable date becomes a diagnostic."""
    changes: dict[str, object] = {}
    notes = article.diagnostics
    for name in ("title", "byline", "site"):
        value = getattr(fields, name)
        if name == "title" and value:
            value = without_title_junk(value)
        if value:
            changes[name] = HeaderField(value)
    if fields.title:
        notes = tuple(note for note in notes if note.reason != "title_uncertain")
    if fields.published:
        found = parse_date(fields.published)
        if found is None:
            unread = f"date_unread: {fields.published[:40]}"
            notes = (*notes, Diagnostic("header", 0, 0, unread))
        else:
            changes["published"] = HeaderField(found.iso)
            changes["published_precision"] = found.precision
            dates = ("ambiguous_date", "several_dates", "trailing_date")
            notes = tuple(note for note in notes if note.reason not in dates)
    return replace(article, diagnostics=notes, **changes)  # type: ignore[arg-type]


def check_text(text: str) -> None:
    """Refuse what no table could hold. Raises ``ReadError`` (``empty``, ``lone_surrogate``)."""
    if not text:
        raise ReadError("empty", "the article is empty")
    if not text.strip(" \t\r\n\f\v\x00　\ufeff\u200b\xa0"):
        raise ReadError("empty", "the article holds nothing but blanks")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise ReadError(
            "lone_surrogate",
            f"half a surrogate pair (U+{code:04X}) at character {error.start}; "
            "tables are UTF-8 and cannot hold it",
        ) from error
