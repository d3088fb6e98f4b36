"""A web page to an article: its main text and metadata, by trafilatura (imported only here)."""

from __future__ import annotations

import logging
from typing import Any

from pipeline.config import InputConfig
from pipeline.document import Article
from pipeline.errors import ReadError
from pipeline.readers.article import RecordFields, article_from_text, with_fields
from pipeline.readers.decode import decode
from pipeline.readers.source import Source, printable


def read_html(raw: bytes, source: Source, config: InputConfig) -> Article:
    """The article of a page; ``text`` is the extracted main text, metadata fields have no offsets.

    Raises ``ReadError``: ``empty``, ``no_main_text`` and those of ``decode``.
    """
    if not raw.strip():
        raise ReadError("empty", "the file is empty")
    page, encoding = decode(raw, config.encoding)
    found = _extract(page)
    text = (found.text or "").strip() if found is not None else ""
    if found is None or not text:
        raise ReadError("no_main_text", "no article text was found in the page")
    path = printable(source.path)
    path = path if source.member is None else f"{path}!{source.member}"
    article = article_from_text(text, source.id, path, encoding)
    fields = RecordFields(found.title, found.date, found.author, found.sitename)
    return with_fields(article, fields)


def _extract(page: str) -> Any:
    import lxml.etree
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        return trafilatura.bare_extraction(
            page,
            with_metadata=True,
            include_comments=False,
            include_tables=False,
            deduplicate=False,
        )
    except (lxml.etree.LxmlError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ReadError("no_main_text", f"the page cannot be parsed: {error}") from error
