"""Ends and beginnings behind a name: 王劲辞去百度副总裁, 王劲从百度离职, 王劲创办了中智行."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.affiliations.before import Post
from pipeline.affiliations.listed import posts_from
from pipeline.affiliations.scene import Scene
from pipeline.affiliations.titles import title_after
from pipeline.affiliations.words import words
from pipeline.resources import alternation

NOT = re.compile(
    r"不是|并非|非|不|没|未|无意|拒|婉拒|否认|考虑|呼吁|质疑|批评|反对|希望|要求|若|如果|假如|想|让|邀|请(?!辞)|劝|拱|推举|要推"
)
COMING = re.compile(r"将|拟|即将|可望|有望|预计|内定|准备|预定|计划|提名|下月|明年|候任")
_LEFT = re.compile(
    r"[^，。；\n]{0,10}?(?:离职|离开|辞职|退休|离任|卸任|出走|跳槽|辞去|退下|请辞|被裁|去职|下台)"
)


@lru_cache(maxsize=1)
def _leave() -> re.Pattern[str]:
    return re.compile(alternation(words("leave")))


@lru_cache(maxsize=1)
def _found() -> re.Pattern[str]:
    return re.compile(alternation(words("found")))


def leaving(scene: Scene, name_start: int, name_end: int, limit: int) -> list[Post]:
    """王劲辞去百度副总裁, 王劲离开百度, 王劲从百度离职."""
    text = scene.text
    window = min(limit, name_end + 40)
    for verb in _leave().finditer(text, name_end, window):
        between = text[name_end : verb.start()]
        if ("，" in between and len(between) > 16) or NOT.search(between.replace("不再", "")):
            continue
        coming = bool(COMING.search(between))
        posts = posts_from(scene, verb.end(), limit, "name leaves title")
        if not posts:
            organisation = scene.organisation_starting(after_marks(text, verb.end()))
            if organisation is None or verb.group() not in ("离开", "退出", "告别", "辞去"):
                continue
            end = organisation[1]
            posts = [
                Post(
                    organisation[2],
                    end,
                    end,
                    "member",
                    None,
                    verb.start(),
                    end,
                    "name leaves organisation",
                    title="",
                )
            ]
        return [post._replace(status="current" if coming else "former") for post in posts]
    return _left_from(scene, name_end, window)


def after_marks(text: str, at: int) -> int:
    """Where a name may begin behind a verb: after 了, a blank or an opening mark."""
    while text[at : at + 1] and text[at] in "了 「《":
        at += 1
    return at


def _left_from(scene: Scene, name_end: int, window: int) -> list[Post]:
    for begin, stop, organisation in scene.organisations_in(name_end, window):
        if begin == 0 or scene.text[begin - 1] not in "从自由在":
            continue
        left = _LEFT.match(scene.text, stop)
        if left is None:
            continue
        title = title_after(scene, stop, min(left.end(), window), reach=6)
        bounds = (title.start, title.end) if title is not None else (stop, stop)
        return [
            Post(
                organisation,
                *bounds,
                "member",
                "former",
                begin,
                left.end(),
                "name leaves organisation",
                title=scene.text[slice(*bounds)],
            )
        ]
    return []


def founding(scene: Scene, name_start: int, name_end: int, limit: int) -> list[Post]:
    """由王劲创办 (the organisation before or behind), 王劲创办了中智行."""
    text = scene.text
    verb = _found().search(text, name_end, min(limit, name_end + 16))
    if verb is None or NOT.search(text, name_end, verb.start()):
        return []
    if scene.organisations_in(name_end, verb.start()) or "，" in text[name_end : verb.start()]:
        return []
    if text[verb.end() : verb.end() + 1] in "人者" and text[verb.end() : verb.end() + 1]:
        return []
    by = re.search(r"由[^。；，]{0,40}\Z", text[max(0, name_start - 50) : name_start])
    found: tuple[int, int, str] | None = None
    if by is not None:
        origin = max(0, name_start - 50) + by.start()
        before = scene.organisations_in(scene.sentence(name_start)[0], origin)
        behind = scene.organisations_in(verb.end(), scene.sentence(name_start)[1])
        found = before[-1] if before else behind[0] if behind else None
    else:
        behind = scene.organisations_in(verb.end(), min(limit, verb.end() + 14))
        if behind and not re.search(r"[，。；]", text[verb.end() : behind[0][0]]):
            found = behind[0]
    if found is None:
        return []
    start, end = min(found[0], name_start), max(found[1], verb.end())
    return [Post(found[2], end, end, "founder", "founder", start, end, "founding", title="")]
