"""One article as a page shows it: marked text in pieces, and the side list of extracted rows.

The text is cut wherever a mark or a piece of evidence begins or ends, so a page can light up any
stretch by the offset at which each piece begins. Pieces carry both scripts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.report.forms import language, visible
from pipeline.report.load import ArticleRows, RowDict, headline, shortened
from pipeline.report.originals import Original
from pipeline.report.rows import Mark, RowGroup, row_groups

_BREAK = re.compile(r"(?:[^\S\r\n]*[\r\n]+)+")
_LINK_CHARS = 24


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch without a border inside; ``alt`` is its simplified text where that differs."""

    start: int
    text: str
    alt: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring pieces that stand in one mark, or in none (``label`` is None)."""

    pieces: list[Piece]
    label: str | None = None
    row: str | None = None
    normal: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``section`` is set on the first one of a numbered section."""

    runs: list[Run] = field(default_factory=list)
    section: int | None = None


@dataclass(frozen=True, slots=True)
class SectionLink:
    """An entry of the outline: the number of a section and its first sentence."""

    number: int
    start: int
    title: str
    alt: str | None


@dataclass(frozen=True, slots=True)
class ArticleView:
    """All that the template of an article needs."""

    row: RowDict
    title: str
    title_alt: str | None
    lang: str
    exact: bool
    paragraphs: list[Paragraph]
    groups: list[RowGroup]
    outline: list[SectionLink]
    labels: list[tuple[str, int]]


def article_view(rows: ArticleRows, original: Original) -> ArticleView:
    """The view of one article over its original text."""
    simplified = _simplified(rows, original.text)
    groups, marks = row_groups(rows)
    counts: dict[str, int] = {}
    for mention in rows.tables["mentions"]:
        counts[mention["label"]] = counts.get(mention["label"], 0) + 1
    title, plain = headline(rows)
    return ArticleView(
        rows.article,
        visible(title),
        _alt(title, plain),
        language(rows.article["script"]),
        original.exact,
        list(_paragraphs(rows, _Text(original.text, simplified, _borders(rows)), marks)),
        groups,
        _outline(rows),
        sorted(counts.items(), key=lambda item: _order(item[0])),
    )


LABEL_ORDER = ("PERSON", "COMPANY", "ORG", "LOC", "PERCENT", "YEAR", "MONEY")


def _order(label: str) -> tuple[int, str]:
    return (LABEL_ORDER.index(label) if label in LABEL_ORDER else len(LABEL_ORDER), label)


def _simplified(rows: ArticleRows, raw: str) -> str:
    parts: list[str] = []
    at = 0
    for row in rows.sentences:
        parts += [raw[at : row["start"]], row["text"]]
        at = row["end"]
    return "".join((*parts, raw[at:]))


def _alt(raw: str, simplified: str) -> str | None:
    return visible(simplified) if simplified != raw else None


def _borders(rows: ArticleRows) -> list[int]:
    found: set[int] = set()
    for table in ("mentions", "aliases", "affiliations", "diagnostics"):
        for row in rows.tables[table]:
            found |= {row["start"], row["end"]}
    for table, prefixes in (("percentages", ("subject", "attributed")), ("years", ("anchor",))):
        for row in rows.tables[table]:
            for prefix in prefixes:
                if row[f"{prefix}_start"] is not None:
                    found |= {row[f"{prefix}_start"], row[f"{prefix}_end"]}
    found |= {row["start"] for row in rows.sentences}
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Text:
    raw: str
    simplified: str
    borders: list[int]

    def pieces(self, start: int, end: int) -> list[Piece]:
        low, high = bisect_left(self.borders, start + 1), bisect_left(self.borders, end)
        edges = [start, *self.borders[low:high], end]
        return [
            Piece(a, visible(self.raw[a:b]), _alt(self.raw[a:b], self.simplified[a:b]))
            for a, b in pairwise(edges)
            if a < b
        ]


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each paragraph: lines, without the line breaks themselves."""
    at = 0
    for found in _BREAK.finditer(text):
        if text[at : found.start()].strip():
            yield at, found.start()
        at = found.end()
    if text[at:].strip():
        yield at, len(text)


def _paragraphs(rows: ArticleRows, text: _Text, marks: list[Mark]) -> Iterator[Paragraph]:
    starts = {link.start: link.number for link in _outline(rows)}
    waiting = 0
    for start, end in _stretches(text.raw):
        section = next((starts[at] for at in sorted(starts) if start <= at < end), None)
        paragraph = Paragraph(section=section)
        at = start
        while waiting < len(marks) and marks[waiting].end <= start:
            waiting += 1
        # A mark that a line break cuts goes on in the next paragraph.
        for mark in marks[waiting:]:
            if mark.start >= end:
                break
            low, high = max(mark.start, at), min(mark.end, end)
            if low >= high:
                continue
            if at < low:
                paragraph.runs.append(Run(text.pieces(at, low)))
            paragraph.runs.append(
                Run(text.pieces(low, high), mark.label, mark.row, mark.normal, mark.how)
            )
            at = high
        if at < end:
            paragraph.runs.append(Run(text.pieces(at, end)))
        yield paragraph


def _outline(rows: ArticleRows) -> list[SectionLink]:
    links: list[SectionLink] = []
    seen: set[int] = set()
    for row in rows.sentences:
        number = row["section_no"]
        if number and number not in seen:
            seen.add(number)
            links.append(
                SectionLink(
                    number,
                    row["start"],
                    visible(shortened(row["text_raw"], _LINK_CHARS)),
                    _alt(
                        shortened(row["text_raw"], _LINK_CHARS), shortened(row["text"], _LINK_CHARS)
                    ),
                )
            )
    return links
