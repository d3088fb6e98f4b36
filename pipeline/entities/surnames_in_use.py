"""Surnames that stand for a person of the article: before a title, alone, in front of a verb."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from pipeline.document import Document, Label, Mention
from pipeline.entities.grid import Grid
from pipeline.entities.names import has_han, parse_person, surnames
from pipeline.overlap import choose
from pipeline.resources import read_lexicon

STAGE = "second_pass"
_SCORE = 0.6
_GOVERNMENT = re.compile(r"(?:市|县)?(?:政府|府)(?!会)")
_OF_NAME = re.compile(r"([\u4e00-\u9fff])姓")
_NOT_BEFORE = frozenset("家姓氏P粉流")
_FIRM = 0.9
SURNAME_RULES = ("surname in use", "surname alone")
_CAMPS = ("挺", "罢", "倒")
_ANON = ("anon", "clan", "kin", "royal", "nick")


def surnames_in_use(document: Document, chosen: Sequence[Mention]) -> list[Mention]:
    """Surnames of the article's full names: before a title, in 韩市府, 挺韩, or alone.

    ``chosen`` may overlap; a new mention lies outside them, or exactly on a place of that name.
    """
    family, finals = _family(document, chosen)
    free = Grid(document, choose(chosen, ()))
    found = [
        _surname(document, start, end, "surname in use")
        for start, end in _places(document.text, family | finals)
        if _is_free(free, start, end)
        and _in_use(document.text, start, end, free, given=document.text[start:end] not in family)
    ]
    family |= _anonymous(document.text)
    alone = _alone(document, [*chosen, *found]) & family
    free = Grid(document, choose([*chosen, *found], ()))
    found += [
        _surname(document, start, end, "surname alone")
        for start, end in _places(document.text, alone)
        if _is_free(free, start, end) and _stands_alone(document.text, start, end, free)
    ]
    return found


def cut_to_surnames(document: Document) -> list[Mention]:
    """The mentions, those that take a verb for a given name cut to the surname (李|提及, 金|勇敢).

    The surname is that of another full name of the article, the form is marked once, and a token
    begins behind the surname.
    """
    people = [m for m in document.mentions if m.label == Label.PERSON]
    count = Counter(document.text[m.start : m.end] for m in people)
    firm = {document.text[m.start : m.end] for m in people if m.score >= _FIRM}
    family = {parse_person(form).surname for form in firm if parse_person(form).kind == "full"}
    starts = {t.start for t in document.tokens}
    kept: list[Mention] = []
    for m in document.mentions:
        form = document.text[m.start : m.end]
        name = parse_person(form) if m.label == Label.PERSON else None
        if (
            name is not None
            and name.kind == "full"
            and len(name.surname) == 1
            and name.surname in family
            and count[form] == 1
            and m.score < _FIRM
            and m.start in starts
            and m.start + 1 in starts
        ):
            end = m.start + 1
            text = document.article.text[m.start : end]
            kept.append(replace(m, end=end, text=text, stage=STAGE, rule="cut to a surname"))
            continue
        kept.append(m)
    return kept


def _family(document: Document, chosen: Sequence[Mention]) -> tuple[set[str], set[str]]:
    """Surnames and last characters of the full names."""
    family: set[str] = set()
    finals: set[str] = set()
    for m in chosen:
        form = document.text[m.start : m.end]
        person = parse_person(form) if m.label == Label.PERSON else None
        if person is not None and person.kind == "full":
            family.add(person.surname)
            if len(person.given) == 2:
                finals.add(form[-1])
    return family, finals


def _anonymous(text: str) -> set[str]:
    """Surnames of people without a given name (谢姓男子)."""
    return {match[1] for match in _OF_NAME.finditer(text)} & set(surnames())


def _alone(document: Document, mentions: Sequence[Mention]) -> set[str]:
    """Single characters that are marked as a person."""
    return {
        document.text[m.start] for m in mentions if m.label == Label.PERSON and m.end - m.start == 1
    }


def _is_free(grid: Grid, start: int, end: int) -> bool:
    touched = grid.touched(start, end)
    return all((m.start, m.end, m.label) == (start, end, Label.LOC) for m in touched)


def _stands_alone(text: str, start: int, end: int, grid: Grid) -> bool:
    """True for a word of its own; 谢家, 谢姓, 韩粉 and 柯P are no person by the surname alone."""
    return text[end : end + 1] not in _NOT_BEFORE and start in grid.starts and end in grid.ends


def _places(text: str, forms: Collection[str]) -> Iterator[tuple[int, int]]:
    if not forms:
        return
    pattern = "|".join(map(re.escape, sorted(forms, key=lambda form: (-len(form), form))))
    for match in re.finditer(pattern, text):
        yield match.span()


def _surname(document: Document, start: int, end: int, rule: str) -> Mention:
    return document.mention(start, end, Label.PERSON, score=_SCORE, stage=STAGE, rule=rule)


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


def _in_use(text: str, start: int, end: int, grid: Grid, *, given: bool) -> bool:
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
