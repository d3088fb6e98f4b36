"""A web page to an article: its main text and metadata, by trafilatura (imported only here)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from pipeline.config import InputConfig
from pipeline.document import Article
from pipeline.errors import ReadError
from pipeline.readers.article import RecordFields, article_from_text, with_fields
from pipeline.readers.decode import decode
from pipeline.readers.header_dates import parse_date
from pipeline.readers.header_fields import clean_title
from pipeline.readers.header_lines import Line
from pipeline.readers.source import Source, shown_path

_DATE_META = (
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish_date",
    "date",
    "dc.date",
    "dcterms.date",
)


def read_html(raw: bytes, source: Source, config: InputConfig) -> Article:
    """The article of a page: ``text`` is the main text found, metadata fields have no offsets.

    A publication date is taken from the page's metadata (JSON-LD, meta tags, its one ``<time>``)
    or the header of the text; trafilatura's own guess takes any date of the text, and is not
    used. Raises ``ReadError``: ``empty``, ``no_main_text`` and those of ``decode``.
    """
    if not raw.strip():
        raise ReadError("empty", "the file is empty")
    page, encoding = decode(raw, config.encoding)
    found, published = _extract(page)
    text = (found.text or "").strip() if found is not None else ""
    if found is None or not text:
        raise ReadError("no_main_text", "no article text was found in the page")
    article = article_from_text(text, source.id, shown_path(source), encoding)
    title = found.title and clean_title(Line(found.title, 0, len(found.title)))
    fields = RecordFields(title.value if title else None, published, found.author, found.sitename)
    return with_fields(article, fields)


def _extract(page: str) -> tuple[Any, str | None]:
    import lxml.etree  # type: ignore[import-untyped]
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        tree = trafilatura.load_html(page)
        if tree is None:
            return None, None
        published = next(
            (date for date in _dates(tree) if parse_date(date) is not None),
            None,
        )
        found = trafilatura.bare_extraction(
            tree,
            with_metadata=True,
            include_comments=False,
            include_tables=False,
        )
    except (lxml.etree.LxmlError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ReadError("no_main_text", f"the page cannot be parsed: {error}") from error
    return found, published


def _dates(tree: Any) -> Iterator[str]:
    """Publication dates that the page's metadata names, the most telling first."""
    for script in tree.iter("script"):
        if script.get("type") == "application/ld+json" and script.text:
            try:
                yield from _published(json.loads(script.text))
            except (ValueError, RecursionError):
                continue
    metas = {
        (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower(): content
        for meta in tree.iter("meta")
        if (content := meta.get("content"))
    }
    yield from (metas[name] for name in _DATE_META if name in metas)
    times = [time for time in tree.iter("time") if time.get("datetime")]
    marked = [t for t in times if t.get("itemprop") == "datePublished" or "pubdate" in t.attrib]
    yield from (time.get("datetime") for time in marked)
    if len({time.get("datetime")[:10] for time in times}) == 1:
        yield times[0].get("datetime")


def _published(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _published(item)
    elif isinstance(node, dict):
        if isinstance(node.get("datePublished"), str):
            yield node["datePublished"]
        yield from _published(node.get("@graph"))
