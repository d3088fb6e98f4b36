"""Where sentences end in Chinese news text.

A line break always ends a sentence; within a line 。！？ and …… do, together with the closing
quotes and brackets behind them. What does not end one:

- ！ or ？ inside a short quoted phrase or a title (喊出「加油！」後離開, 《你好嗎？》);
- a mark that a comma or the like follows (「真的嗎？」，他說);
- a single …; a point in a number, a name, an address or an abbreviation;
- ! and ? within Latin text without blanks (addresses, Yahoo!奇摩).

Quoted speech of several sentences is split inside the quotes. The time taken grows linearly with
the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.document import Section, Sentence

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_FULL = "。！？｡﹗﹖‼⁇⁈⁉"
_MARK = re.compile(
    rf"(?P<end>(?:[{_FULL}!?…⋯]|\.{{3,}})+)"
    r"|(?P<point>\.(?=[ \t\u00a0]+[^\s]))"
    r"|(?P<open>[「『“‘（(《〈【])"
    r"|(?P<close>[」』”’）)》〉】])"
    r'|(?P<straight>")'
)
_KIND = {
    c: pair[0]
    for pair in ("「」", "『』", "“”", "‘’", "（）()", "《》", "〈〉", "【】")
    for c in pair
}
_QUOTES = '「『“‘"'
_TRAILING = re.compile(r"[」』”’）)》〉】]+")
_CONTINUES = re.compile(r"[，,、；;：:。…⋯.]")
_CONTINUES_QUOTE = re.compile(r"[，,、；;：:。…⋯.]|的(?![士確确])")
_BEFORE_SPEECH = "：:，,。！？!?；;…⋯」』”’）)"
_LATIN_WORD = re.compile(r"[A-Za-z]+\Z")
_BRAND = re.compile(r"(?i:yahoo|jeopardy)\Z")

_PHRASE_LENGTH = 20
"""Longest quoted phrase that is taken as a part of its sentence rather than as speech."""
_BRACKET_LENGTH = 200
"""Longest bracketed stretch in which no sentence ends (a stray bracket may never close)."""


class _Mark(NamedTuple):
    kind: str
    start: int
    end: int


class _Pair(NamedTuple):
    start: int
    end: int


def split_sentences(text: str, sections: Sequence[Section] = ()) -> list[Sentence]:
    """Sentences of a (simplified or raw) text, with the number of the section that holds each.

    Extents are sorted, do not overlap, begin and end with a non-blank character, and together
    cover every non-blank character of the text.
    """
    ordered = sorted(sections, key=lambda section: section.start)
    starts = [section.start for section in ordered]
    found = []
    for line in _LINE.finditer(text):
        for start, end in _trimmed(text, line.start(), line.end()):
            at = bisect_right(starts, start) - 1
            inside = at >= 0 and start < ordered[at].end
            found.append(Sentence(start, end, ordered[at].number if inside else 0))
    return found


def _trimmed(text: str, line_start: int, line_end: int) -> Iterator[tuple[int, int]]:
    line = text[line_start:line_end]
    start = 0
    for end in (*_cuts(line), len(line)):
        piece = line[start:end]
        body = piece.strip()
        if body:
            left = line_start + start + len(piece) - len(piece.lstrip())
            yield left, left + len(body)
        start = end


def _cuts(line: str) -> list[int]:
    """Offsets in a line at which a sentence ends, ascending; the line's own end is left out."""
    marks = [_Mark(m.lastgroup or "", m.start(), m.end()) for m in _MARK.finditer(line)]
    ends = [mark for mark in marks if _ends(line, mark)]
    if not ends:
        return []
    pairs = _pairs(line, marks)
    blocked = _blocked(line, pairs, ends)
    straight = {pair.end for pair in pairs if line[pair.end] == '"'}
    cuts: list[int] = []
    at = 0
    for mark in ends:
        while at < len(blocked) and blocked[at][1] <= mark.start:
            at += 1
        if at < len(blocked) and blocked[at][0] <= mark.start:
            continue
        trailing = _TRAILING.match(line, mark.end)
        after = trailing.end() if trailing else mark.end
        after += after in straight
        continues = _CONTINUES if after == mark.end else _CONTINUES_QUOTE
        if after < len(line) and not continues.match(line, after):
            cuts.append(after)
    return sorted(set(cuts))


def _ends(line: str, mark: _Mark) -> bool:
    """Whether this mark can end a sentence, quotes and brackets left aside."""
    written = line[mark.start : mark.end]
    if mark.kind == "point":
        return _full_point(line, mark.start)
    if mark.kind != "end":
        return False
    if written[0] in "!！" and len(written) == 1 and mark.end < len(line):
        name = _LATIN_WORD.search(line[max(0, mark.start - 20) : mark.start])
        if name and _BRAND.search(name.group()) and not line[mark.end].isspace():
            return False
    if any(character in _FULL for character in written):
        return True
    if all(character in "…⋯." for character in written):
        return len(written) >= (6 if "." in written else 2)
    return not (_latin(line, mark.start - 1) and _latin(line, mark.end))


def _latin(line: str, at: int) -> bool:
    return 0 <= at < len(line) and "!" < line[at] <= "~" and line[at] not in "\"'()"


def _full_point(line: str, at: int) -> bool:
    """Whether a point before a blank ends an English sentence.

    It does behind a small word of three letters or a word of six, before a capital letter; so not
    in Mr. Wang, Inc. 宣布 or J. K. Rowling.
    """
    word = _LATIN_WORD.search(line[max(0, at - 20) : at])
    if word is None or not line[at + 1 : at + 10].lstrip()[:1].isupper():
        return False
    length = len(word.group())
    return length >= 6 or (length >= 3 and word.group().islower())


def _blocked(line: str, pairs: list[_Pair], ends: list[_Mark]) -> list[tuple[int, int]]:
    """Stretches in which nothing ends a sentence, merged and sorted."""
    end_starts = [mark.start for mark in ends]
    found = []
    for pair in pairs:
        first = bisect_right(end_starts, pair.start)
        last = bisect_right(end_starts, pair.end)
        if first == last or not _is_phrase(line, pair, last - first):
            continue
        closing = ends[last - 1]
        whole = closing.end == pair.end and _opens_sentence(line, pair.start)
        found.append((pair.start, closing.start if whole else pair.end))
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _pairs(line: str, marks: list[_Mark]) -> list[_Pair]:
    """Openers with their closers; what has no counterpart in the line is passed over."""
    waiting: dict[str, list[int]] = {}
    found = []
    for mark in marks:
        if mark.kind in ("end", "point"):
            continue
        openers = waiting.setdefault(_KIND.get(line[mark.start], '"'), [])
        if openers and mark.kind != "open":
            found.append(_Pair(openers.pop(), mark.start))
        elif mark.kind != "close":
            openers.append(mark.start)
    return found


def _is_phrase(line: str, pair: _Pair, n_ends: int) -> bool:
    """Whether the quote or bracket is a part of its sentence, so that no sentence ends in it."""
    length = pair.end - pair.start
    if line[pair.start] not in _QUOTES:
        return length <= _BRACKET_LENGTH
    before = line[max(0, pair.start - 10) : pair.start].rstrip()[-1:]
    return (
        n_ends == 1
        and length <= _PHRASE_LENGTH
        and bool(before)
        and before not in _BEFORE_SPEECH
        and "。" not in line[pair.start : pair.end]
    )


def _opens_sentence(line: str, start: int) -> bool:
    before = line[max(0, start - 10) : start].rstrip()
    return before[-1:] in tuple(f"{_FULL}!?") if before else start <= 10
