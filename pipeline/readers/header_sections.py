"""Numbered and headed parts of an article, and the notices that end it."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.document import HeaderField, Section
from pipeline.readers.header_lines import Line, labelled, lines_from, tail_lines
from pipeline.resources import read_lexicon

_NUMBER = re.compile(
    r"^[ \t　]*(?:(?:PART|Part|part|NO|No)[ .．]*)?"
    r"(0?[1-9]|1\d|[０-９]{1,2})[ \t　]*[.．、]?[ \t　]*\r?$",
    re.MULTILINE,
)
_CHINESE = re.compile(
    r"^[ \t　]*(?:[一二三四五六七八九]|十[一二三四五六七八九]?)[ \t　]*"
    r"(?:$|[、．.][ \t　]*\S.{0,39}$)",
    re.MULTILINE,
)
_MARKDOWN = re.compile(r"^#{2,4} +\S.{0,80}$", re.MULTILINE)
_LONGEST_HEADING = 40
_SENTENCE_END = tuple("。；;！!」”…")
_NUMERALS = "一二三四五六七八九十"
_TAIL_LINES = 15
_LONGEST_NOTICE = 160
_LONGEST_LEFTOVER = 60
"""Longest remnant of a web page cut off the last paragraph; what is longer may be captions."""


def read_sections(text: str, body_start: int, body_end: int) -> tuple[Section, ...]:
    """Sections of the body, numbered from 1 in text order; none where there are fewer than two.

    Numbers on lines of their own (01, 02 ...) must count up from 1 and may be followed by one or
    two heading lines; 一、二、 headings must count up too and be no sentences.
    """
    starts = (
        _counted(text, body_start, body_end)
        or _chinese(text, body_start, body_end)
        or [
            (
                match.start(),
                HeaderField(match.group().lstrip("# ").strip(), match.start(), match.end()),
            )
            for match in _MARKDOWN.finditer(text, body_start, body_end)
        ]
    )
    if len(starts) < 2:
        return ()
    ends = [start for start, _ in starts[1:]] + [body_end]
    return tuple(
        Section(number, start, end, heading)
        for number, ((start, heading), end) in enumerate(zip(starts, ends, strict=True), 1)
    )


def find_body_end(text: str, body_start: int) -> int:
    """Where trailing notices (責任編輯, 版權聲明, 延伸閱讀, photo credits) begin.

    The end of the last line of the body where there are none.
    """
    lines = [line for line in tail_lines(text, _TAIL_LINES) if line.start >= body_start]
    if not lines:
        return len(text)
    kept = len(lines)
    for number, line in enumerate(lines):
        # What follows 延伸閱讀 is a list of links: short lines, no paragraphs.
        if _is_notice(line, "rest") and all(len(later.text) < 80 for later in lines[number:]):
            kept = number
            break
    while kept and _ends(lines[kept - 1]):
        kept -= 1
    if not kept:
        return max(body_start, lines[0].start)
    last = lines[kept - 1]
    cuts = [
        at
        for word in _notices("tail")
        if (at := last.text.rfind(word)) > 0
        and len(last.text) - at <= _LONGEST_LEFTOVER
        and "。" not in last.text[at:]
    ]
    end = last.start + min(cuts) if cuts else last.end
    return len(text[:end].rstrip())


def _ends(line: Line) -> bool:
    if len(line.text) > _LONGEST_NOTICE:
        return False
    if _is_notice(line, "line") or _is_notice(line, "rest"):
        return True
    if len(line.text) <= 40:
        if re.fullmatch(
            r"[（(](?:記者|记者)[ 　:：]?[一-鿿、 　]{2,20}(?:攝|摄|攝影)?[）)]", line.text
        ):
            return True
        if re.fullmatch(r"(?:圖|图|圖片|图片|攝影|摄影)\s*[／/:：|｜].{1,30}", line.text):
            return True
        if re.fullmatch(r"[（(]?(?:翻攝|翻拍|取自|擷取自|資料照|本報資料).{0,15}[）)]?", line.text):
            return True
        if re.fullmatch(r"[（(][a-zａ-ｚA-Z/]{1,6}[）)]", line.text):
            return True
        hits = labelled(line.text)
        bare = [hit for hit in hits if hit.value and len(hit.value) <= 20]
        first = bare and bare[0].label_start <= 1
        if first and all(h.field in ("editor", "byline", "site", "photo", "skip") for h in hits):
            return not re.search(r"[。！？」]", line.text)
    return False


def _is_notice(line: Line, kind: str) -> bool:
    return line.text.startswith(_notices(kind))


@lru_cache(maxsize=3)
def _notices(kind: str) -> tuple[str, ...]:
    return tuple(row.term for row in read_lexicon("header_notices") if row.value == kind)


def _counted(text: str, start: int, end: int) -> list[tuple[int, HeaderField | None]]:
    found: list[tuple[int, HeaderField | None]] = []
    for match in _NUMBER.finditer(text, start, end):
        if int(match.group(1)) == len(found) + 1:
            found.append((match.start(1), _heading(text, match.end(), end)))
    return found if len(found) > 1 else []


def _heading(text: str, position: int, end: int) -> HeaderField | None:
    """One or two short lines after a section number."""
    held: list[Line] = []
    for line in lines_from(text, position):
        if len(held) == 2 or line.end > end or not _is_heading(line.text):
            break
        if held and not held[0].text.endswith(("，", ",", "、", "：", ":")):
            break
        held.append(line)
    if not held:
        return None
    value = "".join(line.text for line in held)
    return HeaderField(value, held[0].start, held[-1].end)


def _is_heading(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and not line.endswith(_SENTENCE_END)


def _chinese(text: str, start: int, end: int) -> list[tuple[int, HeaderField | None]]:
    found: list[tuple[int, HeaderField | None]] = []
    for match in _CHINESE.finditer(text, start, end):
        line = match.group().strip()
        numeral = re.split(r"[、．. 　]", line)[0]
        value = _NUMERALS.index(numeral[-1]) + 1 + (10 if len(numeral) > 1 else 0)
        if value != len(found) + 1 or line.endswith(_SENTENCE_END):
            continue
        at = match.start() + match.group().index(line)
        heading = (
            _heading(text, match.end(), end)
            if line == numeral
            else HeaderField(line[len(numeral) + 1 :].strip(), at, at + len(line))
        )
        found.append((at, heading))
    return found if len(found) > 1 else []
