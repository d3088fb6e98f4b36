"""The fields that one header line holds: date, byline, site, marked title."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.document import Diagnostic, HeaderField
from pipeline.readers import header_bylines as bylines
from pipeline.readers.header_dates import FoundDate, find_date
from pipeline.readers.header_lines import (
    BLANKS,
    Labelled,
    Line,
    labelled,
    site_names,
    without_title_junk,
)

_SITE_LIKE = re.compile(
    r".*(?:報|报|網|网|社|新聞|新闻|電視|电视|電視台|电视台|週刊|周刊|雜誌|杂志)$"
)
_DATE_SHAPED = re.compile(r"[(（]?\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?[\d\s:]*[)）]?")
"""What looks like a date; where it is none (2017-02-30), the line is a header line all the same."""
_YEARLESS = re.compile(
    r"[(（]?(?:(?:\d{1,2}\s*月\s*\d{1,2}\s*[日號号]|\d{1,2}[-/]\d{1,2}|今天|昨天|今日|昨日)(?:\s*\d{1,2}[:：]\d\d)?"
    r"|\d{1,2}\s*(?:分鐘|分钟|小時|小时|天)前)[)）]?"
)
_BESIDE = re.compile(
    r"(?:星期|禮拜|礼拜|週|周)[一二三四五六日天]|(?:農曆|农历|夏曆)[一-鿿]{2,8}"
    r"|(?:點閱|点击|點擊|瀏覽|浏览|閱讀|阅读|人氣|人气|評論|评论)\D{0,3}\d+|第[一二三四\d]+版|[A-Z]?\d{1,2}版"
    r"|記者|记者|作者|文|綜合報導|综合报道|發布|发布|發佈|更新"
)
"""What stands beside dates and says nothing of its own."""
_REST = re.compile(r"[\s　()（）\[\]【】〔〕|｜丨/／,，;；:：.。·•\-–—+~年月日]+")


@dataclass(slots=True)
class Draft:
    """Fields while the head is walked; the lower the rank of a date, the better."""

    title: HeaderField | None = None
    marked_title: bool = False
    dates: list[tuple[int, FoundDate, int]] = field(default_factory=list)
    byline: HeaderField | None = None
    site: HeaderField | None = None
    notes: list[Diagnostic] = field(default_factory=list)


def take_fields(line: Line, draft: Draft, first: bool) -> bool:
    """Read a line of fields into the draft; False where the line is something else."""
    hits = labelled(line.text)
    marked = next((hit for hit in hits if hit.field == "title" and hit.value), None)
    if marked is not None and (marked.label_start <= 1 or _is_original_title(line.text, marked)):
        draft.title = clean_title(_part(line, marked))
        draft.marked_title = True
        take_labelled(line, [hit for hit in hits if hit.start > marked.end], draft)
        return True
    dated = date_line(line, hits, first)
    if dated is not None:
        draft.dates.append(dated)
        take_labelled(line, hits, draft)
        if found := bylines.inline_byline(line.text):
            set_byline(line.start, found, draft)
        if draft.site is None and (known := bylines.site_pattern().search(line.text)):
            draft.site = HeaderField(
                known.group(), line.start + known.start(), line.start + known.end()
            )
        return True
    if _DATE_SHAPED.fullmatch(line.text):
        draft.notes.append(Diagnostic("header", line.start, line.end, "bad_date"))
        return True
    if _YEARLESS.fullmatch(line.text):
        draft.notes.append(Diagnostic("header", line.start, line.end, "date_without_year"))
        return True
    if found := bylines.byline_line(line.text):
        set_byline(line.start, found, draft)
        return True
    if line.text[0] in "【〔［[(（" and len(line.text) <= 16:
        found = bylines.lede_site(line.text)
        if found and found.finish >= len(line.text) - 1:
            draft.site = draft.site or HeaderField(
                found.value, line.start + found.start, line.start + found.end
            )
            return True
    if hits and hits[0].label_start <= 1 and all(_plausible(hit) for hit in hits):
        take_labelled(line, hits, draft)
        return True
    if bylines.site_pattern().fullmatch(line.text):
        draft.site = draft.site or HeaderField(line.text, line.start, line.end)
        return True
    return False


def _is_original_title(text: str, hit: Labelled) -> bool:
    return text[hit.label_start : hit.label_start + 1] in "原" and hit.label_start < 150


def _part(line: Line, hit: Labelled) -> Line:
    return Line(hit.value, line.start + hit.start, line.start + hit.end)


def take_labelled(line: Line, hits: list[Labelled], draft: Draft) -> None:
    """Put marked fields into the draft where it has none yet."""
    for hit in hits:
        if not hit.value or not _plausible(hit):
            continue
        at = HeaderField(hit.value, line.start + hit.start, line.start + hit.end)
        if hit.field == "site" and draft.site is None:
            draft.site = _known_site(at)
        elif hit.field == "byline" and draft.byline is None:
            draft.byline = _names(at)


def _known_site(at: HeaderField) -> HeaderField:
    """A site without what stands after its known name (聯合報 於)."""
    first = at.value.split()[0]
    if first == at.value or first not in site_names() or at.start is None:
        return at
    return HeaderField(first, at.start, at.start + len(first))


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


def date_line(line: Line, hits: list[Labelled], first: bool) -> tuple[int, FoundDate, int] | None:
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
    named = _BESIDE.sub(" ", named)
    residue = _REST.sub("", named)
    if residue and not _small_rest(residue, found, first) and not _set_apart(text, residue, found):
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


def _set_apart(text: str, residue: str, found: FoundDate) -> bool:
    """A day with a short name on a line in brackets, or set off by a bar or a dot."""
    if found.precision != "day" or len(residue) > 12 or re.search(r"[。！？「」《》，]", residue):
        return False
    in_brackets = text[0] in "【〔[(（" and text[-1] in "】〕])）"
    before, after = text[: found.start].rstrip(), text[found.finish :].lstrip()
    barred = (before[-1:] in "·•|｜" or not before) and (after[:1] in "·•|｜" or not after)
    return in_brackets or barred


def clean_title(line: Line) -> HeaderField | None:
    """The title without what web pages add to its end."""
    title = line.text
    while True:
        shorter = without_title_junk(title)
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


def set_byline(offset: int, found: bylines.Found, draft: Draft) -> None:
    """Put a byline into the draft where it has none yet."""
    if draft.byline is None:
        draft.byline = HeaderField(found.value, offset + found.start, offset + found.end)
