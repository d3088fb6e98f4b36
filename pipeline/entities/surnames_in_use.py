"""Surnames that stand for a person of the article: before a title, alone, in front of a verb."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from pipeline.document import Document, Label, Mention
from pipeline.entities.grid import Grid
from pipeline.entities.names import has_han, parse_person
from pipeline.overlap import choose
from pipeline.resources import read_lexicon

STAGE = "second_pass"
_SCORE = 0.6
_GOVERNMENT = re.compile(r"(?:市|县)?(?:政府|府)(?!会)")
_CAMPS = ("挺", "罢", "倒")
_ANON = ("anon", "clan", "kin", "royal", "nick")


def surnames_in_use(document: Document, chosen: Sequence[Mention]) -> list[Mention]:
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
    grid = Grid(document, choose(chosen, ()))
    return [
        _surname(document, start, end, "surname in use")
        for start, end in _places(document.text, family | finals)
        if all(
            (m.start, m.end, m.label) == (start, end, Label.LOC) for m in grid.touched(start, end)
        )
        and _in_use(document.text, start, end, grid, given=document.text[start:end] not in family)
    ]


def _places(text: str, forms: Iterable[str]) -> Iterator[tuple[int, int]]:
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
