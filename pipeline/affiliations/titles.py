"""Titles in running text: before a name, and after an organisation or a verb."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.affiliations.scene import Scene
from pipeline.affiliations.words import (
    longest_title,
    place_names,
    statuses,
    title_kinds,
    words,
)
from pipeline.resources import alternation

_OFFICES = "院署局部处厅司会社所校馆台行队党团店厂科组室"
_NOT_FORMER = "早稍日目之以当提年月天周先此会赛眼空向跟面战事生婚票午"
_FOLLOWS = re.compile(
    r"\Z|[\s、，。；：,.;:!?！？()（）「」『』《》“”\"'—…/／]|一职|职务|职位|一位|之一|等|兼|暨|及|和|与|以及|时|后|期间|"
    r"至|到|已|并|而|的|了|以来|起|直到|任内|，|同时|也|则|表示|指|说|称|认为|透露|强调|今|昨|在|于|将|是|为|均|都|由|人选"
)
_ELECTED = ("当选人", "当选者")
"""Behind an office: elected to it, not yet in it."""
_SPREAD = re.compile(r"^(?:[\d一二两三四五六七八九十]+)?(?:县市|省市|个|位|名|大)")


class Title(NamedTuple):
    """A title in the text. ``start`` includes a status word before it, ``name_start`` does not.

    ``kind`` is that of the lexicon; ``status`` is former, current, future or None where no word
    says it; ``head`` is the lexicon's own part of the title.
    """

    start: int
    name_start: int
    end: int
    head: str
    kind: str
    status: str | None


def title_before(scene: Scene, end: int, floor: int) -> Title | None:
    """The longest title that ends at ``end`` and starts at or after ``floor``."""
    text, kinds = scene.text, title_kinds()
    for elected in _ELECTED:
        if text.endswith(elected, floor, end):
            title = title_before(scene, end - len(elected), floor)
            return title._replace(status="future") if title is not None else None
    for size in range(min(longest_title(), end - floor), 0, -1):
        head = text[end - size : end]
        if head in kinds:
            return _with_rank(scene, end - size, end, head, floor)
    return None


def _with_rank(scene: Scene, start: int, end: int, head: str, floor: int) -> Title:
    text = scene.text
    ranks = words("rank")
    moved = True
    while moved:
        moved = False
        for size in (5, 4, 3, 2, 1):
            if start - size >= floor and text[start - size : start] in ranks:
                start, moved = start - size, True
                break
    status, outer = status_before(scene, start, floor)
    return Title(outer, start, end, head, title_kinds()[head], status)


def status_before(scene: Scene, at: int, floor: int = 0) -> tuple[str | None, int]:
    """(status, its start) of a status word that ends at ``at``; (None, at) without one."""
    text, known = scene.text, statuses()
    for size in (4, 3, 2, 1):
        start = at - size
        if start < floor or text[start:at] not in known:
            continue
        word = text[start:at]
        if size == 1 and start and text[start - 1] in _NOT_FORMER and word in "前原故":
            return None, at
        if word in ("将", "未来", "拟", "目前", "故", "曾") and at - floor > size:
            return None, at
        return known[word], start
    return None, at


def status_after(scene: Scene, at: int, limit: int) -> tuple[str | None, int]:
    """(status, where it ends) of a status word that begins at ``at``; (None, at) without one."""
    for size in (4, 3, 2, 1):
        word = scene.text[at : at + size]
        if at + size <= limit and word in statuses() and word not in ("故", "将", "曾"):
            return statuses()[word], at + size
    return None, at


def office_title(scene: Scene, organisation_end: int, end: int) -> str | None:
    """局长 of 环保局长: where only 长 stands between an organisation and a name."""
    if scene.text[organisation_end:end] != "长" or not organisation_end:
        return None
    last = scene.text[organisation_end - 1]
    return last + "长" if last in _OFFICES else None


class TitleAfter(NamedTuple):
    """A title after an organisation or a verb, with the department in front of it."""

    start: int
    end: int
    kind: str
    status: str | None


def title_after(scene: Scene, start: int, limit: int, *, reach: int = 12) -> TitleAfter | None:
    """The first title at or after ``start`` with nothing but a department before it."""
    text, kinds = scene.text, title_kinds()
    status: str | None = None
    for size in (4, 3, 2, 1):
        if text[start : start + size] in statuses():
            status, start = statuses()[text[start : start + size]], start + size
            break
    for at in range(start, min(limit, start + reach) + 1):
        for size in range(min(longest_title(), limit - at), 0, -1):
            head = text[at : at + size]
            if head not in kinds or not _ends_well(scene, at + size):
                continue
            if at > start and not scene.is_department(start, at):
                return None
            return TitleAfter(start, at + size, kinds[head], status)
    return None


def _ends_well(scene: Scene, end: int) -> bool:
    return bool(_FOLLOWS.match(scene.text, end)) or (
        scene.word_ends(end) and title_kinds().get(scene.text[end : end + 2]) is None
    )


@lru_cache(maxsize=1)
def _place_lists() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """(a place with the mark of a list behind it, a place)."""
    place = rf"(?:{alternation(place_names())})(?:市|县|省)?"
    return re.compile(place + "[、及和与]"), re.compile(place)


def department(scene: Scene, start: int, end: int) -> int:
    """Where a title with its department begins, once places and counts before it are skipped."""
    text = scene.text
    spread, place = _place_lists()
    moved = True
    at = start
    while moved and at < end:
        moved = False
        step = spread.match(text, at, end)
        if step is not None:
            at, moved = step.end(), True
    if at > start:
        last = place.match(text, at, end)
        at = last.end() if last is not None else at
        count = _SPREAD.match(text[at:end])
        at += count.end() if count is not None else 0
    if text.startswith("籍", at) and at < end:
        at += 1
    return at
