"""The header of a plain-text article as really found: title, date, byline, site, body bounds.

Every field keeps the raw offsets that it was read from. A date inside running text is no header
date, and what is uncertain stays empty and becomes a diagnostic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.document import Diagnostic, HeaderField, Section
from pipeline.readers import header_bylines as bylines
from pipeline.readers.header_fields import (
    Draft,
    clean_title,
    date_line,
    set_byline,
    take_fields,
    take_labelled,
)
from pipeline.readers.header_lines import (
    Line,
    head_lines,
    is_breadcrumb,
    is_junk,
    labelled,
    tail_lines,
)
from pipeline.readers.header_sections import find_body_end, read_sections
from pipeline.readers.header_titles import bare_date, is_subtitle, title_verdict

_HEAD_LINES = 14
_TAIL_CHARS = 600


@dataclass(frozen=True, slots=True)
class Header:
    """What a text says about itself; offsets are into the whole raw text."""

    title: HeaderField | None = None
    published: HeaderField | None = None
    published_precision: str | None = None
    byline: HeaderField | None = None
    site: HeaderField | None = None
    body_start: int = 0
    body_end: int = 0
    sections: tuple[Section, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def read_header(text: str) -> Header:
    """Read the header of ``text``; fields that it does not clearly have are None."""
    lines = head_lines(text, _HEAD_LINES)
    if not lines:
        return Header(body_end=len(text))
    draft = Draft()
    body = _walk(lines, draft)
    body_start = body.start if body else len(text)
    body_end = max(body_start, find_body_end(text, body_start))
    if body:
        _from_lead(text, body, draft)
        _from_tail(text, body_start, draft)
    if body:
        _chronology(lines, body, draft)
    published, precision = _published(draft)
    return Header(
        title=draft.title,
        published=published,
        published_precision=precision,
        byline=draft.byline,
        site=draft.site,
        body_start=body_start,
        body_end=body_end,
        sections=read_sections(text, body_start, body_end),
        diagnostics=tuple(draft.notes),
    )


def _walk(lines: list[Line], draft: Draft) -> Line | None:
    """Take header lines one by one; returns the first line of the body."""
    for number, line in enumerate(lines):
        after = lines[number + 1 : number + 4]
        if is_breadcrumb(line.text) or is_junk(line.text):
            continue
        if take_fields(line, draft, first=number == 0):
            continue
        if draft.title is None:
            verdict = title_verdict(line, after, draft, lines[:number])
            if verdict == "title":
                draft.title = clean_title(line)
                continue
            if verdict == "skip":
                continue
            if verdict == "unsure":
                draft.notes.append(Diagnostic("header", line.start, line.end, "title_uncertain"))
        elif is_subtitle(line, after, draft):
            continue
        return line
    return None


def _from_lead(text: str, body: Line, draft: Draft) -> None:
    """Byline and site that the first paragraph opens with."""
    if draft.byline is None and (found := bylines.lead_byline(body.text)):
        set_byline(body.start, found, draft)
    if draft.site is None and (found := bylines.lede_site(body.text)):
        draft.site = HeaderField(found.value, body.start + found.start, body.start + found.end)


def _from_tail(text: str, body_start: int, draft: Draft) -> None:
    """Byline, site and date that the end of the text names; a date there is only a diagnostic."""
    if draft.byline is None:
        offset = max(body_start, len(text) - _TAIL_CHARS)
        if found := bylines.tail_byline(text[offset:]):
            set_byline(offset, found, draft)
    if draft.site is None and (site := bylines.tail_site(text[-20:])):
        offset = len(text) - min(20, len(text))
        if offset + site.start > body_start and not re.search(r"\n.*\S", text[body_start:offset]):
            draft.site = HeaderField(site.value, offset + site.start, offset + site.end)
    for line in tail_lines(text, 4):
        if line.start <= body_start or len(line.text) > 80:
            continue
        hits = labelled(line.text)
        if hits and hits[0].label_start <= 2:
            take_labelled(line, [hit for hit in hits if hit.field in ("site", "byline")], draft)
        elif not draft.dates and (dated := date_line(line, hits, True)):
            _, found_date, at = dated
            note = Diagnostic("header", at + found_date.start, at + found_date.end, "trailing_date")
            draft.notes.append(note)


def _chronology(lines: list[Line], body: Line, draft: Draft) -> None:
    """Drop a written-out day or month where more of them head the paragraphs that follow."""
    if len(draft.dates) != 1 or draft.dates[0][0] != 1:
        return
    _, found, offset = draft.dates[0]
    written = next(line.text for line in lines if line.start == offset)
    if found.precision not in ("day", "month") or "年" not in written:
        return
    if any(line.start > body.start and "年" in line.text and bare_date(line) for line in lines):
        draft.dates.clear()
        note = Diagnostic("header", offset + found.start, offset + found.end, "several_dates")
        draft.notes.append(note)


def _published(draft: Draft) -> tuple[HeaderField | None, str | None]:
    if not draft.dates:
        return None, None
    ordered = sorted(draft.dates, key=lambda one: one[0])
    _, found, offset = ordered[0]
    start, end = offset + found.start, offset + found.end
    if found.ambiguous:
        draft.notes.append(Diagnostic("header", start, end, "ambiguous_date"))
        return None, None
    same_rank = [one for one in ordered if one[0] == ordered[0][0]]
    for _, other, at in same_rank[1:]:
        if other.iso[:7] != found.iso[:7]:
            note = Diagnostic("header", at + other.start, at + other.end, "several_dates")
            draft.notes.append(note)
    return HeaderField(found.iso, start, end), found.precision
