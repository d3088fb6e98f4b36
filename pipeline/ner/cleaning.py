"""What engines glue to names, taken off; what they tear apart, joined.

Rules follow the annotation guidelines: marks and bracketed codes at the edges stay outside a name,
a foreign name is one span with its middle dots and blanks. Spans stay within their text, sorted
and disjoint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from pipeline.document import Label
from pipeline.ner.backend import Span
from pipeline.resources import read_lexicon

_BRACKETS = {"(": ")", "（": "）", "[": "]", "【": "】", "〔": "〕", "「": "」", "『": "』"}
_BRACKETS |= {"《": "》", "〈": "〉", "“": "”", "‘": "’", "{": "}"}
_CLOSING = {close: opening for opening, close in _BRACKETS.items()}
_DOTS = "·•‧・∙⋅"
_FULL_STOPS = (".", "．", ". ", "﹒")
_DOT_GAP = re.compile(f"[{_DOTS}]")
_LATIN = "A-Za-z\u00c0-\u024f"
_LATIN_CHARACTER = re.compile(f"[{_LATIN}]")
_LATIN_GAP = re.compile(rf" |\. ?|[-'’]|[{_DOTS}]")
_ABBREVIATION = re.compile(r"\b(?:Jr|Sr|Inc|Co|Corp|Ltd|Bros)\.$")
_BREAK = re.compile(
    r"[\r\n\t]+| {2,}|[。；]"
    rf"|(?<=[{_LATIN}\u4e00-\u9fff]{{3}})[/／](?=[{_LATIN}\u4e00-\u9fff]{{3}})"
)
"""Where no name goes on; a slash parts two names (中心/Boston Globe), but not A/S or DBS/星展."""
_BLANK = re.compile(r"[ \u3000\u00a0]")
_CJK = re.compile("[\u3400-\u9fff]")
_OUTSIDE = frozenset({"mr", "ms", "mrs", "doctor", "teacher", "sir", "title", "royal", "comrade"})
_OUTSIDE |= {"relative"}
_KINSHIP = frozenset({"relative", "nick"})
_PARTS_OF_NAMES = frozenset("生")
_NAMED = frozenset("某姓员")
"""张某 is marked by the guidelines; the other two are caught by no engine as a name's end."""
_LONGEST_HONORIFIC = 3
_ACCOUNT = re.compile(r"([\u4e00-\u9fff]{2,4})\s?(?:IG|FB|YT|Ig|Fb)")
_ALSO_SURNAMES = frozenset({"Church", "Court", "Club", "Banks", "Party", "School", "Service"})


def clean_spans(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans of one text with edges mended, torn names joined, and what is no name dropped."""
    parts = [part for span in spans for part in _split(text, span)]
    mended: list[Span] = []
    for span in _joined(text, parts):
        trimmed = _trimmed(text, _whole_words(text, span))
        if trimmed is not None and trimmed.label == Label.PERSON:
            trimmed = _person(text, trimmed)
        floor = mended[-1].end if mended else 0
        if trimmed is not None and trimmed.start >= floor and _is_name(text, trimmed):
            mended.append(trimmed)
    return mended


def _split(text: str, span: Span) -> list[Span]:
    """A span cut where lines break, and between two names that a blank holds apart."""
    parts, at = [], span.start
    for gap in _BREAK.finditer(text, span.start, span.end):
        parts.append((at, gap.start()))
        at = gap.end()
    parts.append((at, span.end))
    found = []
    for start, end in parts:
        for left, right in _between_blanks(text, start, end):
            if left < right:
                found.append(span._replace(start=left, end=right))
    return found


def _between_blanks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut at blanks between Chinese characters, unless a part is one character (张　三)."""
    places = [
        gap.start()
        for gap in _BLANK.finditer(text, start + 1, end - 1)
        if _CJK.match(text[gap.start() - 1]) and _CJK.match(text[gap.start() + 1])
    ]
    edges = [start, *places, end]
    parts = [(left + (left in places), right) for left, right in pairwise(edges)]
    return parts if all(right - left > 1 for left, right in parts) else [(start, end)]


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Neighbouring PERSON spans that a middle dot, or a blank between Latin words, tears apart."""
    joined: list[Span] = []
    for span in spans:
        left = joined[-1] if joined else None
        if left is not None and left.label == span.label == Label.PERSON:
            gap = text[left.end : span.start]
            latin = _LATIN_CHARACTER.match(text[left.end - 1]) and _LATIN_CHARACTER.match(
                text[span.start]
            )
            if (
                _DOT_GAP.fullmatch(gap)
                or (gap in _FULL_STOPS and not latin)
                or (latin and (not gap or _LATIN_GAP.fullmatch(gap)))
            ):
                score = min(left.score, span.score)
                joined[-1] = left._replace(end=span.end, score=score)
                continue
        joined.append(span)
    return joined


def _whole_words(text: str, span: Span) -> Span:
    """No name begins or ends within a Latin word."""
    start, end = span.start, span.end
    if _LATIN_CHARACTER.match(text[start]):
        while start and _LATIN_CHARACTER.match(text[start - 1]):
            start -= 1
    if _LATIN_CHARACTER.match(text[end - 1]):
        while end < len(text) and _LATIN_CHARACTER.match(text[end]):
            end += 1
    if start and text.startswith("*ST", start - 1):
        start -= 1
    return span._replace(start=start, end=end)


def _trimmed(text: str, span: Span) -> Span | None:
    """The span without marks and bracket groups at its edges; None where nothing is left."""
    start, end = span.start, span.end
    while start < end:
        before = (start, end)
        start, end = _balanced(text, start, end)
        while start < end and not _may_begin(text, start):
            start += 1
        while (
            start < end
            and not text[end - 1].isalnum()
            and text[end - 1] not in _CLOSING
            and not _ABBREVIATION.search(text, start, end)
        ):
            end -= 1
        if start < end and text[end - 1] in _CLOSING:
            # A balanced group at the very end is a code, a place or a gloss, no part of the name.
            opening = _partner(text, start, end)
            start, end = (start, opening) if opening > start else (start + 1, end - 1)
        if (start, end) == before:
            return span._replace(start=start, end=end)
    return None


def _person(text: str, span: Span) -> Span | None:
    """A person without honorific; None for a thing; a COMPANY where its last word says so."""
    account = _ACCOUNT.fullmatch(text, span.start, span.end)
    if account is not None:
        span = span._replace(end=account.end(1))
    surface = text[span.start : span.end]
    words, endings, latin, firms = _things()
    last = surface.rsplit(" ", 1)[-1]
    if surface in words or (len(surface) > 2 and surface.endswith(endings)):
        return None
    if last != surface and last in latin:
        return None
    if last != surface and last in firms:
        return span._replace(label=firms[last])
    return _without_honorific(text, span)


@lru_cache(maxsize=1)
def _things() -> tuple[frozenset[str], tuple[str, ...], frozenset[str], dict[str, str]]:
    """What looks like a person and is none: words, endings, last Latin words; kinds of bodies."""
    rows = read_lexicon("not_people")
    by_kind = {
        kind: [r.term for r in rows if r.value == kind] for kind in ("word", "ending", "latin")
    }
    bodies = {
        row.term: row.value
        for row in read_lexicon("organisation_suffixes")
        if row.term.isascii() and len(row.term) > 2 and row.term not in _ALSO_SURNAMES
    }
    bodies["AG"] = Label.COMPANY
    return (
        frozenset(by_kind["word"]),
        tuple(by_kind["ending"]),
        frozenset(by_kind["latin"]),
        bodies,
    )


def _without_honorific(text: str, span: Span) -> Span | None:
    """A person without title or honorific at the end; None for a nameless one (黄女, 吴男)."""
    surface = text[span.start : span.end]
    endings, nameless = _honorifics()
    if (len(surface) == 2 and surface[1] in nameless) or surface.startswith(_kinship()):
        return None
    for size in range(min(_LONGEST_HONORIFIC, len(surface) - 1), 0, -1):
        # 陈太 is 陈 and 太; in three characters the last one is part of the given name.
        if surface[-size:] in endings and (size > 1 or len(surface) == 2):
            return span._replace(end=span.end - size)
    return span


@lru_cache(maxsize=1)
def _honorifics() -> tuple[frozenset[str], frozenset[str]]:
    """Endings that stay outside a name, and those that leave a person nameless."""
    rows = read_lexicon("honorifics")
    outside = {row.term for row in rows if row.value in _OUTSIDE} - _PARTS_OF_NAMES
    nameless = {row.term for row in rows if row.value == "anon"} - _NAMED
    return frozenset(outside), frozenset(nameless)


@lru_cache(maxsize=1)
def _kinship() -> tuple[str, ...]:
    """Kinship words of two and more characters; what begins with one names nobody (阿嬷咆哮)."""
    rows = read_lexicon("honorifics")
    return tuple(row.term for row in rows if row.value in _KINSHIP and len(row.term) > 1)


def _may_begin(text: str, at: int) -> bool:
    """A name begins with a letter, a digit, a bracket, or the mark of *ST shares."""
    return text[at].isalnum() or text[at] in _BRACKETS or text.startswith("*ST", at)


def _partner(text: str, start: int, end: int) -> int:
    """Where the bracket that closes at ``end - 1`` opens; all brackets between are balanced."""
    depth = 0
    for at in range(end - 1, start, -1):
        depth += (text[at] in _CLOSING) - (text[at] in _BRACKETS)
        if not depth:
            return at
    return start


def _balanced(text: str, start: int, end: int) -> tuple[int, int]:
    """The longest stretch between brackets whose partners lie outside."""
    open_at: list[int] = []
    lonely: list[int] = []
    for at in range(start, end):
        if text[at] in _BRACKETS:
            open_at.append(at)
        elif text[at] in _CLOSING:
            if open_at and text[open_at[-1]] == _CLOSING[text[at]]:
                open_at.pop()
            else:
                lonely.append(at)
    edges = [start - 1, *sorted(lonely + open_at), end]
    gaps = [(left + 1, right) for left, right in pairwise(edges)]
    return max(gaps, key=lambda gap: (gap[1] - gap[0], -gap[0]))


def _is_name(text: str, span: Span) -> bool:
    """A name holds a letter or character; a lone Latin letter is a placeholder (A女)."""
    surface = text[span.start : span.end]
    if not any(character.isalpha() for character in surface):
        return False
    return len(surface) > 1 or not _LATIN_CHARACTER.match(surface)
