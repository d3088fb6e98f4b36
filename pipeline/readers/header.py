"""The header of a plain-text article as really found: title, date, byline, site, body bounds.

Every field keeps the raw offsets that it was read from. A date inside running text is no header
date, and what is uncertain stays empty and becomes a diagnostic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.document import Diagnostic, HeaderField, Section
from pipeline.readers import header_bylines as bylines
from pipeline.readers.header_dates import FoundDate, find_date
from pipeline.readers.header_lines import (
    BLANKS,
    Labelled,
    Line,
    head_lines,
    is_advert,
    is_breadcrumb,
    is_junk,
    labelled,
    tail_lines,
    title_end_junk,
)
from pipeline.readers.header_sections import find_body_end, read_sections

_HEAD_LINES = 14
_LONGEST_TITLE = 120
_USUAL_TITLE = 60
_SHORT_TITLE = 40
_TAIL_CHARS = 600
_NO_TITLE_END = tuple("。；;，,、：:")
_SITE_LIKE = re.compile(
    r".*(?:報|报|網|网|社|新聞|新闻|電視|电视|電視台|电视台|週刊|周刊|雜誌|杂志)$"
)
_DATE_SHAPED = re.compile(r"[(（]?\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?[\d\s:]*[)）]?")
"""What looks like a date; where it is none (2017-02-30), the line is a header line all the same."""
_REST = re.compile(r"[\s　()（）\[\]【】〔〕|｜丨/／,，;；:：.。·•\-–—+~年月日]+")


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


@dataclass(slots=True)
class _Draft:
    """Fields while the head is walked; the lower the rank of a date, the better."""

    title: HeaderField | None = None
    marked_title: bool = False
    dates: list[tuple[int, FoundDate, int]] = field(default_factory=list)
    byline: HeaderField | None = None
    site: HeaderField | None = None
    notes: list[Diagnostic] = field(default_factory=list)


def read_header(text: str) -> Header:
    """Read the header of ``text``; fields that it does not clearly have are None."""
    lines = head_lines(text, _HEAD_LINES)
    if not lines:
        return Header(body_end=len(text))
    draft = _Draft()
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


def _walk(lines: list[Line], draft: _Draft) -> Line | None:
    """Take header lines one by one; returns the first line of the body."""
    for number, line in enumerate(lines):
        after = lines[number + 1 : number + 4]
        if is_breadcrumb(line.text) or is_junk(line.text):
            continue
        if _take_fields(line, draft, first=number == 0):
            continue
        if draft.title is None:
            verdict = _title_verdict(line, after, draft, lines[:number])
            if verdict == "title":
                draft.title = _clean_title(line)
                continue
            if verdict == "skip":
                continue
            if verdict == "unsure":
                draft.notes.append(Diagnostic("header", line.start, line.end, "title_uncertain"))
        elif _is_subtitle(line, after, draft):
            continue
        return line
    return None


def _take_fields(line: Line, draft: _Draft, first: bool) -> bool:
    """Read a line of fields into the draft; False where the line is something else."""
    hits = labelled(line.text)
    marked = next((hit for hit in hits if hit.field == "title" and hit.value), None)
    if marked is not None and (marked.label_start <= 1 or _is_original_title(line.text, marked)):
        draft.title = _clean_title(_part(line, marked))
        draft.marked_title = True
        _take_labelled(line, [hit for hit in hits if hit.start > marked.end], draft)
        return True
    dated = _date_line(line, hits, first)
    if dated is not None:
        draft.dates.append(dated)
        _take_labelled(line, hits, draft)
        if found := bylines.inline_byline(line.text):
            _set_byline(line.start, found, draft)
        if draft.site is None and (known := bylines.site_pattern().search(line.text)):
            draft.site = HeaderField(
                known.group(), line.start + known.start(), line.start + known.end()
            )
        return True
    if _DATE_SHAPED.fullmatch(line.text):
        draft.notes.append(Diagnostic("header", line.start, line.end, "bad_date"))
        return True
    if found := bylines.byline_line(line.text):
        _set_byline(line.start, found, draft)
        return True
    if hits and hits[0].label_start <= 1 and all(_plausible(hit) for hit in hits):
        _take_labelled(line, hits, draft)
        return True
    if bylines.site_pattern().fullmatch(line.text):
        draft.site = draft.site or HeaderField(line.text, line.start, line.end)
        return True
    return False


def _is_original_title(text: str, hit: Labelled) -> bool:
    return text[hit.label_start : hit.label_start + 1] in "原" and hit.label_start < 150


def _part(line: Line, hit: Labelled) -> Line:
    return Line(hit.value, line.start + hit.start, line.start + hit.end)


def _take_labelled(line: Line, hits: list[Labelled], draft: _Draft) -> None:
    for hit in hits:
        if not hit.value or not _plausible(hit):
            continue
        at = HeaderField(hit.value, line.start + hit.start, line.start + hit.end)
        if hit.field == "site" and draft.site is None:
            draft.site = at
        elif hit.field == "byline" and draft.byline is None:
            draft.byline = _names(at)


def _names(at: HeaderField) -> HeaderField:
    """A byline without the place and 報導 that may follow the names."""
    bare = re.split(r"\s*[／/]\s*[一-鿿]{0,6}(?:報導|报道|攝影)", at.value)[0].strip()
    start = at.start or 0
    return HeaderField(bare, start, start + len(bare)) if bare else at


def _plausible(hit: Labelled) -> bool:
    if hit.field == "byline":
        return not hit.value or bylines.clean_names(hit.value) is not None
    if hit.field in ("site", "editor", "photo"):
        return len(hit.value) <= 30 and not re.search(r"[。！？，]", hit.value)
    if hit.field == "published":
        return find_date(hit.value) is not None
    return len(hit.value) <= 60


def _date_line(line: Line, hits: list[Labelled], first: bool) -> tuple[int, FoundDate, int] | None:
    """(rank, date, line start) where the line is a date line; None where it is no such line."""
    text = line.text
    if len(text) > 150 or not re.search(r"[\d０-９年]", text):
        return None
    found = find_date(text)
    if found is None:
        return None
    label = next((h for h in reversed(hits) if h.label_start < found.start), None)
    rest = list(text)
    for hit in hits:
        if hit.field not in ("published", "updated") and _plausible(hit):
            rest[hit.label_start : hit.end] = " " * (hit.end - hit.label_start)
        else:
            rest[hit.label_start : hit.start] = " " * (hit.start - hit.label_start)
    rest[found.start : found.finish] = " " * (found.finish - found.start)
    left = "".join(rest)
    if later := find_date(left, partial=False):
        left = left[: later.start] + " " + left[later.finish :]
    named = bylines.site_pattern().sub(" ", left)
    if by := bylines.byline_line(named.strip(BLANKS)):
        named = named.replace(by.value, " ")
    elif by := bylines.inline_byline(named):
        named = named[: by.begin] + " " + named[by.finish :]
    named = re.sub(
        r"(?:記者|记者|作者|文|綜合報導|综合报道|發布|发布|發佈|更新|第[一二三四\d]+版|[A-Z]?\d{1,2}版)",
        " ",
        named,
    )
    residue = _REST.sub("", named)
    if residue and not _small_rest(residue, found, first):
        return None
    if label is None and (found.precision == "year" or (found.precision == "month" and first)):
        return None
    rank = 2 if label is not None and label.field == "updated" else 0 if label else 1
    return rank, found, line.start


def _small_rest(residue: str, found: FoundDate, first: bool) -> bool:
    """Whether what stands beside a date may be a site or a name."""
    if re.search(r"[\d。！？「」《》]", residue) or found.precision in ("month", "year"):
        return False
    if found.precision in ("minute", "second"):
        return len(residue) <= 16
    return len(residue) <= 10 and not first and _SITE_LIKE.match(residue) is not None


def _headerish(line: Line) -> bool:
    """Whether a line is one that follows a title: date, source, byline, breadcrumb."""
    return _take_fields(line, _Draft(), first=False) or is_breadcrumb(line.text)


def _title_verdict(line: Line, after: list[Line], draft: _Draft, before: list[Line]) -> str:
    """``title``, ``skip`` (an advertisement), ``unsure`` or ``body``."""
    text = line.text
    original = any(_marks_title(later) for later in after)
    if original and (is_advert(text) or len(text) <= _USUAL_TITLE):
        return "skip"
    if len(text) > _LONGEST_TITLE and not (after and _bare_date(after[0])):
        return "body"
    if len(text) > 2 * _LONGEST_TITLE or re.fullmatch(r"0?\d|PART.{0,4}", text, re.IGNORECASE):
        return "body"
    if not after:
        return "body"
    if _headerish(after[0]) and not (bylines.lead_byline(text) or bylines.lede_site(text)):
        return "title"
    if is_advert(text) and re.search(r"[【→！？]", text):
        return "skip"
    if text.endswith(_NO_TITLE_END) or re.search(r"。.", text):
        return "body"
    if any(_date_line(later, labelled(later.text), False) for later in after[1:]) and all(
        len(later.text) <= _USUAL_TITLE for later in after[:1]
    ):
        return "title"
    if line.blank_after and len(text) <= _USUAL_TITLE:
        return "title"
    if len(text) <= _SHORT_TITLE and len(after[0].text) >= 60:
        return "title"
    if (before or draft.dates) and len(text) <= _USUAL_TITLE and len(after[0].text) > len(text):
        return "title"
    return "unsure" if len(text) <= _USUAL_TITLE else "body"


def _bare_date(line: Line) -> bool:
    return len(line.text) <= 30 and _date_line(line, labelled(line.text), False) is not None


def _marks_title(line: Line) -> bool:
    return any(h.field == "title" and h.label_start <= 1 for h in labelled(line.text))


def _is_subtitle(line: Line, after: list[Line], draft: _Draft) -> bool:
    """A short line between the title and a date line, or an advertisement before 原標題."""
    if len(line.text) > _USUAL_TITLE and not is_advert(line.text):
        return False
    if any(_marks_title(later) for later in after) and not draft.marked_title:
        return True
    return (
        not draft.dates
        and any(_date_line(later, labelled(later.text), False) for later in after[:2])
        and not line.text.endswith("。")
    )


def _clean_title(line: Line) -> HeaderField | None:
    """The title without what web pages add to its end."""
    title = line.text
    while True:
        shorter = title.rstrip(BLANKS)
        for junk in title_end_junk():
            shorter = shorter.removesuffix(junk)
        if cut := re.search(r"\s*[-_|｜–—]\s*([^-_|｜–—]{2,16})$", shorter):
            name = cut.group(1).strip()
            if bylines.site_pattern().fullmatch(name) and cut.start() > 4:
                shorter = shorter[: cut.start()]
        if shorter == title:
            break
        title = shorter
    lead = len(title) - len(re.sub(r"^#{1,3}\s+", "", title))
    title = title[lead:]
    start = line.start + lead
    return HeaderField(title, start, start + len(title)) if title else None


def _set_byline(offset: int, found: bylines.Found, draft: _Draft) -> None:
    if draft.byline is None:
        draft.byline = HeaderField(found.value, offset + found.start, offset + found.end)


def _from_lead(text: str, body: Line, draft: _Draft) -> None:
    """Byline and site that the first paragraph opens with."""
    if draft.byline is None and (found := bylines.lead_byline(body.text)):
        _set_byline(body.start, found, draft)
    if draft.site is None and (found := bylines.lede_site(body.text)):
        draft.site = HeaderField(found.value, body.start + found.start, body.start + found.end)


def _from_tail(text: str, body_start: int, draft: _Draft) -> None:
    """Byline, site and date that the end of the text names; a date there is only a diagnostic."""
    if draft.byline is None:
        offset = max(body_start, len(text) - _TAIL_CHARS)
        if found := bylines.tail_byline(text[offset:]):
            _set_byline(offset, found, draft)
    if draft.site is None and (site := bylines.tail_site(text[-20:])):
        offset = len(text) - min(20, len(text))
        if offset + site.start > body_start and not re.search(r"\n.*\S", text[body_start:offset]):
            draft.site = HeaderField(site.value, offset + site.start, offset + site.end)
    for line in tail_lines(text, 4):
        if line.start <= body_start or len(line.text) > 80:
            continue
        hits = labelled(line.text)
        if hits and hits[0].label_start <= 2:
            _take_labelled(line, [hit for hit in hits if hit.field in ("site", "byline")], draft)
        elif not draft.dates and (dated := _date_line(line, hits, True)):
            _, found_date, at = dated
            note = Diagnostic("header", at + found_date.start, at + found_date.end, "trailing_date")
            draft.notes.append(note)


def _chronology(lines: list[Line], body: Line, draft: _Draft) -> None:
    """Drop a written-out day or month where more of them head the paragraphs that follow."""
    if len(draft.dates) != 1 or draft.dates[0][0] != 1:
        return
    _, found, offset = draft.dates[0]
    written = next(line.text for line in lines if line.start == offset)
    if found.precision not in ("day", "month") or "年" not in written:
        return
    if any(line.start > body.start and "年" in line.text and _bare_date(line) for line in lines):
        draft.dates.clear()
        note = Diagnostic("header", offset + found.start, offset + found.end, "several_dates")
        draft.notes.append(note)


def _published(draft: _Draft) -> tuple[HeaderField | None, str | None]:
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
