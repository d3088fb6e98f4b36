"""Lines of an article's head and what kind of header line each is.

Markers stand in ``corpus/lexicons/header_*.tsv`` in both scripts, since headers are read from the
raw text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipeline.resources import read_lexicon

BLANKS = " \t\r\n\f\v\x00\u2028\u2029　\ufeff\u200b\u200c\u200d\u200e\u200f\xa0\u2060"
LONGEST_HEADER_LINE = 300
_LINE = re.compile(r"[^\r\n\u2028\u2029\v\f]+")
_DECORATION = re.compile(r"[\W_]+")
_CLOSERS = "|｜/／丨)）】]〕,，;；-–—·•"
_WIDE_VALUE = frozenset({"title", "subtitle"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: stripped text, raw offsets, whether a blank line follows."""

    text: str
    start: int
    end: int
    blank_after: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """A marked field of a line: the value is ``line.text[start:end]``; the marker precedes it."""

    field: str
    value: str
    start: int
    end: int
    label_start: int


def lines_from(text: str, position: int = 0) -> Iterator[Line]:
    """The lines from ``position`` on that hold more than blanks and rules."""
    held: Line | None = None
    gap_from = 0
    for match in _LINE.finditer(text, position):
        raw = match.group()
        stripped = raw.strip(BLANKS)
        if not stripped or _is_rule(stripped):
            continue
        start = match.start() + raw.index(stripped)
        if held is not None:
            yield _with_gap(held, text, gap_from, match.start())
        held = Line(stripped, start, start + len(stripped))
        gap_from = match.end()
    if held is not None:
        yield held


def head_lines(text: str, limit: int) -> list[Line]:
    """The first ``limit`` lines that hold more than blanks."""
    found: list[Line] = []
    for line in lines_from(text):
        found.append(line)
        if len(found) == limit:
            break
    return found


def tail_lines(text: str, limit: int, window: int = 6000) -> list[Line]:
    """The last ``limit`` lines that hold more than blanks, in text order.

    Only ``window`` characters are looked at; a line that begins before them is left out.
    """
    at = max(0, len(text) - window)
    if at:
        cut = re.compile(r"[\r\n\u2028\u2029]").search(text, at)
        if cut is None:
            return []
        at = cut.end()
    return list(lines_from(text, at))[-limit:]


def is_breadcrumb(line: str) -> bool:
    """首頁 > 財經 > 正文, 熱門資訊> 正文, 當前位置：首頁 » 新聞."""
    if len(line) > 100:
        return False
    parts = [part.strip(BLANKS + ":：") for part in re.split(r"[>›»＞→]+|&gt;", line)]
    if len(parts) < 2 or any(len(part) > 20 for part in parts[:-1]):
        return False
    starts, ends = _breadcrumbs()
    first = re.sub(r"^.*[:：]\s*", "", parts[0])
    opened = (
        parts[0].startswith(tuple(starts)) or first in starts or parts[0].endswith(tuple(starts))
    )
    return parts[-1] in ends or (opened and not re.search("[。！？]", line))


def is_junk(line: str) -> bool:
    """A line that is nothing but a remnant of a web page (分享, 客戶端, 字體大小 ...)."""
    return line in _junk("line") or bool(re.fullmatch(r"[大中小AaＡ+\-＋－\s]{1,9}", line))


def is_advert(line: str) -> bool:
    """A line with words of advertising; to be believed only where a header follows it."""
    return any(word in line for word in _junk("ad"))


def without_title_junk(title: str) -> str:
    """A title without what web pages leave at its end (字級：)."""
    shorter = title.rstrip(BLANKS)
    for junk in _junk("title_end"):
        shorter = shorter.removesuffix(junk)
    return shorter if shorter == title else without_title_junk(shorter)


def labelled(line: str) -> list[Labelled]:
    """The marked fields of a line, in order (來源：新華網 作者：王小明)."""
    line = line[:LONGEST_HEADER_LINE]
    fields, pattern = _labels()
    hits = [m for m in pattern.finditer(line) if _really(m, fields[m["label"].lower()])]
    found = []
    for number, match in enumerate(hits):
        limit = hits[number + 1].start("label") if number + 1 < len(hits) else len(line)
        field = fields[match["label"].lower()]
        start = match.end()
        value = line[start:limit]
        if field not in _WIDE_VALUE:
            value = re.split(
                r"\s{2,}|　|[|｜丨]|(?<=\S)\s+(?=(?:19|20)\d\d[-/年.])", value, maxsplit=1
            )[0]
        bare = value.strip(BLANKS + _CLOSERS) if field not in _WIDE_VALUE else value.strip(BLANKS)
        if field in _WIDE_VALUE and match["open"] and bare.endswith((")", "）", "】", "]")):
            bare = bare[:-1]
        if bare:
            start += value.index(bare)
            found.append(Labelled(field, bare, start, start + len(bare), match.start("label")))
        else:
            found.append(Labelled(field, "", start, start, match.start("label")))
    return found


def site_names() -> frozenset[str]:
    """Names of news sites and papers, in both scripts."""
    return _sites()


def _really(match: re.Match[str], field: str) -> bool:
    """One-letter and everyday words count only where a header would put them."""
    label, sep = match["label"], match["sep"]
    if sep.strip() in ":：":
        return len(label) > 1 or match.start("label") == 0 or not match.string[0].isalnum()
    return field in ("byline", "photo", "editor") and label.lower() not in ("by", "author")


def _is_rule(stripped: str) -> bool:
    return stripped[0] not in "〔【（(「" and _DECORATION.fullmatch(stripped) is not None


def _with_gap(line: Line, text: str, start: int, end: int) -> Line:
    breaks = len(re.findall(r"\r\n|[\r\n\u2028\u2029\v\f]", text[start : min(end, start + 1000)]))
    return Line(line.text, line.start, line.end, breaks > 1)


@lru_cache(maxsize=1)
def _labels() -> tuple[dict[str, str], re.Pattern[str]]:
    fields = {row.term.lower(): row.value for row in read_lexicon("header_labels")}
    words = "|".join(re.escape(word) for word in sorted(fields, key=len, reverse=True))
    pattern = re.compile(
        rf"(?:^|(?<=[\s　|｜丨/／;；,，·•\d日)）】\]〕])|(?P<open>[(（【\[〔]))"
        rf"(?P<label>{words})(?P<sep>\s?[:：]|[|｜丨/／∕])\s*",
        re.IGNORECASE,
    )
    return fields, pattern


@lru_cache(maxsize=1)
def _breadcrumbs() -> tuple[frozenset[str], frozenset[str]]:
    rows = read_lexicon("header_breadcrumbs")
    return (
        frozenset(row.term for row in rows if row.value == "start"),
        frozenset(row.term for row in rows if row.value == "end"),
    )


@lru_cache(maxsize=4)
def _junk(kind: str) -> frozenset[str]:
    return frozenset(row.term for row in read_lexicon("header_junk") if row.value == kind)


@lru_cache(maxsize=1)
def _sites() -> frozenset[str]:
    return frozenset(row.term for row in read_lexicon("header_sites"))
