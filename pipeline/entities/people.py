"""Which mentions of people are one person.

Full names join where they are equal; a surname, a nickname or one part of a foreign name joins the
full name that it can only belong to, or the one last named; what stays open is a diagnostic.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.document import Diagnostic, Document
from pipeline.entities.groups import Groups
from pipeline.names.people import PersonName, clean, fold, is_latin, parse_person, surnames
from pipeline.resources import read_lexicon

_BYLINE_BEFORE = re.compile(r"(?:记者|通讯员|编译|实习记者|摄影|撰文|编辑|文[/／:：])[\s:：]*\Z")
_BYLINE_AFTER = re.compile(
    r"\s*(?:[/／╱、]\s?[\u4e00-\u9fff]{0,6}(?:报导|报道|摄影|摄)|摄影|摄[）)])"
)
_REACH = 300
_MARRIED = 4
_COMMON = 20.0


@lru_cache(maxsize=1)
def _after_surname() -> dict[str, str]:
    return {row.term: row.value for row in read_lexicon("honorifics")}


@lru_cache(maxsize=1)
def _title_words() -> frozenset[str]:
    return frozenset(row.term for row in read_lexicon("titles"))


@dataclass
class _People:
    document: Document
    indices: Sequence[int]
    groups: Groups
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def __post_init__(self) -> None:
        mentions = self.document.mentions
        text = self.document.text
        self.name = {i: clean(text[mentions[i].start : mentions[i].end]) for i in self.indices}
        self.parsed = {i: parse_person(self.name[i]) for i in self.indices}
        self.reporters = {i for i in self.indices if self._byline(i)}

    def _byline(self, index: int) -> bool:
        m = self.document.mentions[index]
        text = self.document.text
        before = text[max(0, m.start - 8) : m.start]
        return bool(_BYLINE_BEFORE.search(before) or _BYLINE_AFTER.match(text, m.end))

    def candidates(self, fits: frozenset[int] | set[int]) -> dict[int, list[int]]:
        """Root -> mentions, of the groups that hold one of these mentions."""
        found: dict[int, list[int]] = {}
        for index in sorted(fits):
            found.setdefault(self.groups.find(index), []).append(index)
        return found


def join_people(document: Document, indices: Sequence[int], groups: Groups) -> list[Diagnostic]:
    """Merge the person mentions ``indices`` within ``groups``; return what stayed ambiguous."""
    people = _People(document, indices, groups)
    _join_equal(people)
    _join_parts(people)
    _join_surnames(people)
    return people.diagnostics


def _join_equal(people: _People) -> None:
    first: dict[str, int] = {}
    for i in people.indices:
        if people.parsed[i].kind == "surname":
            continue
        key = fold(people.name[i])
        if key in first:
            people.groups.merge(first[key], i, "same name")
        else:
            first[key] = i


def _join_parts(people: _People) -> None:
    by_key: dict[str, list[int]] = {}
    for i in people.indices:
        if people.parsed[i].kind != "surname":
            by_key.setdefault(fold(people.name[i]), []).append(i)
    for members in by_key.values():
        i = members[0]
        rules: dict[int, str] = {}
        for other_members in by_key.values():
            o = other_members[0]
            if people.groups.same(i, o):
                continue
            rule = part_rule(people.name[i], people.parsed[i], people.name[o], people.parsed[o])
            if rule is not None:
                rules[o] = rule
        found = people.candidates(set(rules))
        chosen = _only_or_last(people, found, people.document.mentions[i].start)
        if chosen is not None:
            people.groups.merge(chosen, i, rules[found[people.groups.find(chosen)][0]])
        elif found:
            _ambiguous(people, i)


def part_rule(short: str, a: PersonName, full: str, b: PersonName) -> str | None:
    """Why ``short`` may be a form of ``full``, or None."""
    if len(short) >= len(full) and a.kind != "nickname":
        return None
    if is_latin(short) and is_latin(full):
        whole = len(b.parts) > 1 and len(a.parts) < len(b.parts)
        if whole and (b.parts[-len(a.parts) :] == a.parts or b.parts[: len(a.parts)] == a.parts):
            return "part of a foreign name"
        return None
    if is_latin(full):
        return None
    if len(b.parts) > 1 and short in (b.parts[-1], b.parts[0]) and len(short) >= 2:
        return "part of a foreign name"
    if b.kind == "foreign" and len(full) >= len(short) + 2 and len(short) >= 2:
        ends = full.endswith(short) or (full.startswith(short) and len(short) >= 3)
        return "part of a foreign name" if ends else None
    if b.kind != "full":
        return _married(short, full)
    if len(short) >= 2 and b.given == short:
        return "given name"
    if a.kind == "nickname":
        if a.surname and a.surname == b.surname:
            return "nickname"
        if short.startswith("阿") and a.given and full.endswith(a.given) and len(full) > 2:
            return "nickname"
    return _married(short, full)


def _married(short: str, full: str) -> str | None:
    compound = len(full) == 4 and len(short) == 2 and full.startswith(short)
    both = compound and all(surnames().get(c, 0.0) >= _COMMON for c in short)
    return "married name" if both else None


def _join_surnames(people: _People) -> None:
    full = [i for i in people.indices if people.parsed[i].kind == "full"]
    loose: dict[tuple[str, str], int] = {}
    for i in people.indices:
        if people.parsed[i].kind != "surname":
            continue
        surname = people.parsed[i].surname
        word, kind = _word_after(people, i)
        if kind in ("anon", "kin"):
            _join_loose(people, loose, i, (surname, word))
            continue
        fits = {
            f for f in full if people.parsed[f].surname == surname and f not in people.reporters
        }
        if kind == "mrs":
            # 陈太 is 陈方安生; 陈太太 beside 陈志明 is his wife.
            fits = {f for f in fits if len(people.name[f]) == _MARRIED}
        elif not fits:
            fits = {f for f in full if people.name[f][-1] == surname and len(people.name[f]) > 2}
        chosen = _choose(people, fits, i, word)
        if chosen is not None:
            people.groups.merge(chosen, i, "surname")
            continue
        if len(people.candidates(fits)) > 1:
            _ambiguous(people, i)
        _join_loose(people, loose, i, (surname, kind if kind in ("mr", "ms", "mrs") else ""))


def _join_loose(
    people: _People, loose: dict[tuple[str, str], int], i: int, key: tuple[str, str]
) -> None:
    if key in loose:
        people.groups.merge(loose[key], i, "same name")
    else:
        loose[key] = i


def _word_after(people: _People, i: int) -> tuple[str, str]:
    end = people.document.mentions[i].end
    text = people.document.text
    for size in (4, 3, 2, 1):
        word = text[end : end + size]
        kind = _after_surname().get(word)
        if kind is not None:
            return word, kind
        if size > 1 and word in _title_words():
            return word, "title"
    return "", ""


def _choose(people: _People, fits: set[int], i: int, word: str) -> int | None:
    found = people.candidates(fits)
    if word and len(found) > 1 and word in _title_words():
        titled = {f for f in fits if _titled(people, f, word)}
        if len(people.candidates(titled)) == 1:
            found = people.candidates(titled)
    return _only_or_last(people, found, people.document.mentions[i].start)


def _titled(people: _People, f: int, word: str) -> bool:
    m = people.document.mentions[f]
    text = people.document.text
    return text[max(0, m.start - len(word)) : m.start] == word or text.startswith(word, m.end)


def _only_or_last(people: _People, found: dict[int, list[int]], at: int) -> int | None:
    """The only candidate, or the one named last before ``at`` where no other is nearly as near."""
    if len(found) == 1:
        return next(iter(found))
    last: list[tuple[int, int]] = []
    mentions = people.document.mentions
    for root, members in found.items():
        starts = [mentions[m].start for m in members]
        before = bisect_left(starts, at)
        if before:
            last.append((at - starts[before - 1], root))
    last.sort()
    near = last and last[0][0] <= _REACH
    rival = len(last) > 1 and last[1][0] < 2 * last[0][0]
    return last[0][1] if near and not rival else None


def _ambiguous(people: _People, i: int) -> None:
    m = people.document.mentions[i]
    people.diagnostics.append(Diagnostic("entities", m.start, m.end, "ambiguous-person"))
