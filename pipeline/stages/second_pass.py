"""Stage ``second_pass``: names that an article establishes once are found wherever it has them.

A name is established by a sure mention of an earlier stage, by two mentions, or by a definition
(…科技有限公司(以下简称「…」)). A full Chinese name also establishes its surname in front of a title
or honorific (柯市长, 陈先生). New mentions name their rule and score lower than their source.
The stage also gives a mention the label that the article's other mentions of the same form have.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.config import Config
from pipeline.document import NAME_LABELS, Document, Label, Mention
from pipeline.entities.established import FOUND, SHORT_LATIN, SURE, Known, established
from pipeline.entities.names import has_han, parse_person
from pipeline.entities.trimming import cut, surnames_of, trimmed
from pipeline.overlap import choose
from pipeline.resources import read_lexicon

NAME = "second_pass"
_LOWER = 0.8
_SURNAME_SCORE = 0.6
_MAJORITY = 3
_RARE = 2
_GOVERNMENT = re.compile(r"(?:市|县)?(?:政府|府)(?!会)")
_CAMPS = ("挺", "罢", "倒")

_OTHER = (Label.PERSON, Label.LOC)
_ANON = ("anon", "clan", "kin", "royal", "nick")


def build(_: Config) -> SecondPass:
    """The stage; it has no settings."""
    return SecondPass()


@dataclass(frozen=True)
class SecondPass:
    """Finds established names at their other occurrences and settles lone labels."""

    name: str = NAME

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        """Return each document with what its own names establish; documents do not mix."""
        return [self._passed(document) for document in documents]

    def _passed(self, document: Document) -> Document:
        names = [m for m in document.mentions if m.label in NAME_LABELS]
        if not names:
            return document
        document = document.with_mentions(_relabelled(document))
        document = document.with_mentions(_trimmed(document))
        chosen = choose([m for m in document.mentions if m.label in NAME_LABELS], ())
        found = list(_occurrences(document, chosen, established(document, chosen)))
        found += _surnames(document, [*chosen, *found])
        if not found:
            return document
        people = {(m.start, m.end) for m in found if m.rule == "surname in use"}
        kept = [m for m in document.mentions if (m.start, m.end) not in people]
        return document.with_mentions([*kept, *found])


def _relabelled(document: Document) -> list[Mention]:
    """Mentions, a lone label giving way to the label that the same form has everywhere else."""
    votes: dict[str, dict[str, float]] = {}
    counts: dict[str, dict[str, int]] = {}
    for m in document.mentions:
        if m.label in NAME_LABELS:
            form = document.text[m.start : m.end]
            weights = votes.setdefault(form, {})
            weights[m.label] = weights.get(m.label, 0.0) + m.score
            numbers = counts.setdefault(form, {})
            numbers[m.label] = numbers.get(m.label, 0) + 1
    settled: list[Mention] = []
    for m in document.mentions:
        form = document.text[m.start : m.end]
        weights = votes.get(form, {})
        if m.label in NAME_LABELS and len(weights) > 1 and len(form) > 1:
            best = min(weights, key=lambda label, w=weights: (-w[label], label))  # type: ignore[misc]
            clear = counts[form][best] >= _MAJORITY * counts[form][m.label]
            if m.label != best and clear:
                settled.append(replace(m, label=best, stage=NAME, rule="label of the article"))
                continue
        settled.append(m)
    return settled


def _trimmed(document: Document) -> list[Mention]:
    """Mentions, those that took too much cut to the name inside that the article establishes."""
    names = [m for m in document.mentions if m.label in FOUND]
    counts = Counter(document.text[m.start : m.end] for m in names)
    firm: dict[str, str] = {}
    people: dict[str, str] = {}
    for m in names:
        form = document.text[m.start : m.end]
        if m.label == Label.PERSON:
            people[form] = m.label
        short = not has_han(form) and len(form) <= SHORT_LATIN
        if counts[form] > 1 and m.score >= SURE and len(form) > 1 and not short:
            firm.setdefault(form, m.label)
    family = surnames_of(people)
    kept: list[Mention] = []
    for m in document.mentions:
        inner = None
        if m.label in FOUND and counts[document.text[m.start : m.end]] <= _RARE:
            inner = trimmed(document, m, firm, family)
        kept.append(m if inner is None else cut(document, m, *inner))
    return list(dict.fromkeys(kept))


class _Grid:
    """Where tokens begin and end, and which stretches names already take."""

    def __init__(self, document: Document, taken: Sequence[Mention]) -> None:
        self.starts = {t.start for t in document.tokens}
        self.ends = {t.end for t in document.tokens}
        self._taken = sorted(taken, key=lambda m: (m.start, m.end))
        self._begin = [m.start for m in self._taken]

    def touched(self, start: int, end: int) -> list[Mention]:
        """Mentions that overlap a stretch (they are disjoint)."""
        first = max(bisect_right(self._begin, start) - 1, 0)
        last = bisect_left(self._begin, end)
        return [m for m in self._taken[first:last] if m.end > start]

    def fits(self, start: int, end: int) -> bool:
        """True where the tokens do not speak against a name at these borders."""
        if not self.ends:
            return True
        left, right = start in self.starts, end in self.ends
        if end - start <= 2:
            return left and right
        return left or right or end - start >= 4


def _occurrences(
    document: Document, chosen: Sequence[Mention], known: dict[str, Known]
) -> Iterator[Mention]:
    if not known:
        return
    grid = _Grid(document, chosen)
    text = document.text
    for match in _pattern(tuple(sorted(known, key=lambda f: (-len(f), f)))).finditer(text):
        start, end = match.span()
        form = match.group()
        what = known[form]
        touched = grid.touched(start, end)
        if any(m.start <= start and m.end >= end for m in touched):
            continue
        if any(m.start < start or m.end > end for m in touched):
            continue
        if what.label != Label.PERSON and any(m.label in _OTHER for m in touched):
            continue
        if not grid.fits(start, end) or _inside_word(text, start, end):
            continue
        score = round(min(what.score, 1.0) * _LOWER, 4)
        yield document.mention(start, end, what.label, score=score, stage=NAME, rule=what.rule)


def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, forms)))


def _inside_word(text: str, start: int, end: int) -> bool:
    """True where a Latin form is part of a longer Latin word or number."""
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start], text[end : end + 1]
    joined_left = first.isascii() and first.isalnum() and before.isascii() and before.isalnum()
    joined_right = last.isascii() and last.isalnum() and after.isascii() and after.isalnum()
    return joined_left or joined_right


@lru_cache(maxsize=1)
def _after_surname() -> re.Pattern[str]:
    """What makes the character before it a surname: honorifics, and offices with one holder."""
    words = {r.term for r in read_lexicon("honorifics") if r.value not in _ANON and len(r.term) > 1}
    words |= {
        r.term
        for r in read_lexicon("titles")
        if r.value in ("chief", "place") and len(r.term) > 1 and has_han(r.term)
    }
    return re.compile("|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w))))


def _surnames(document: Document, chosen: Sequence[Mention]) -> list[Mention]:
    """Surnames of the article's full names: before a title, in 韩市府, 挺韩 and their like."""
    family: set[str] = set()
    finals: set[str] = set()
    for m in chosen:
        form = document.text[m.start : m.end]
        person = parse_person(form) if m.label == Label.PERSON else None
        if person is not None and person.kind == "full":
            family.add(person.surname)
            if len(person.given) == 2:
                finals.add(form[-1])
    if not family:
        return []
    grid = _Grid(document, choose(chosen, ()))
    found: list[Mention] = []
    for match in _pattern(tuple(sorted(family | finals))).finditer(document.text):
        start, end = match.span()
        touched = grid.touched(start, end)
        if any((m.start, m.end, m.label) != (start, end, Label.LOC) for m in touched):
            continue
        if _surname_here(document.text, start, end, grid, given=match.group() not in family):
            found.append(
                document.mention(
                    start,
                    end,
                    Label.PERSON,
                    score=_SURNAME_SCORE,
                    stage=NAME,
                    rule="surname in use",
                )
            )
    return found


def _surname_here(text: str, start: int, end: int, grid: _Grid, *, given: bool) -> bool:
    """True where the characters around a surname (or the last character of a name) make it one."""
    before = text[start - 1 : start]
    government = _GOVERNMENT.match(text, end) is not None and start in grid.starts
    if given or government:
        return government and (not before or before not in "省市县区州镇乡")
    if before in _CAMPS:
        return end in grid.ends
    follows = _after_surname().match(text, end)
    if follows is None or not _apart(text, start) or start not in grid.starts:
        return False
    return end in grid.ends or follows.end() in grid.ends


def _apart(text: str, start: int) -> bool:
    """True where nothing before a surname makes it part of another word (副, 总, 前 before 高…)."""
    return text[start - 1 : start] not in ("副", "总", "代", "最", "大", "老", "小", "阿")
