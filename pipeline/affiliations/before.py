"""Posts in front of a name: 台积电董事长刘德音, 前百度副总裁、自动驾驶事业部总经理王劲."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.affiliations.scene import CLAUSE_END, Scene
from pipeline.affiliations.titles import (
    Title,
    department,
    office_title,
    status_after,
    status_before,
    title_before,
)
from pipeline.affiliations.words import words
from pipeline.names.firms import is_place
from pipeline.resources import alternation

PARTIES = ("党", "联", "盟", "连", "联会", "阵线", "众志", "力量")
"""How parties' names end."""
_DISTRICTS = ("区", "市", "县", "乡", "镇")
_QUIT = ("退出", "脱离", "离开")
_JOINS = "、兼暨及和与"
_REACH = 60
_DEPARTMENT_REACH = 18
_GENERIC_COMPANY = re.compile(
    r"(?:(?:本|该|贵)?(?:公司|集团|企业)|(?:本|该|贵)(?:行|报|台|院|校|会|党|基金))\Z"
)
_SHARE = re.compile(r"持(?:有公司)?股?[\d.]+%(?:股份)?(?:以上)?的?\Z")
_BYLINE = re.compile(
    r"(?:[\u4e00-\u9fff]{0,6}(?:\d{1,2}月)?\d{1,2}日)?(?:资料照[/／]?|电|讯|訊|消息|报道|报导)?"
    r"\s*[(（〔【\[]?\s*记者\s*"
)


class Post(NamedTuple):
    """A title found in the text, with its organisation where one stands beside it.

    ``title_start``/``title_end`` bound the title (equal where there is none), ``start``/``end``
    the evidence; ``context`` is True where the organisation must be sought in the sentence.
    """

    organisation: str | None
    title_start: int
    title_end: int
    kind: str
    status: str | None
    start: int
    end: int
    rule: str
    title: str | None = None
    description: tuple[int, int] | None = None
    context: bool = False


def posts_before(scene: Scene, name_start: int, floor: int) -> list[Post]:
    """Posts that stand directly before ``name_start``, in text order.

    ``floor`` is where the stretch that may hold them begins (the person before, the sentence).
    """
    end = name_start
    if end > floor and scene.text[end - 1] in " 「『“":
        end -= 1
    found: list[Post] = []
    while True:
        post = _one(scene, end, floor, name_start, first=not found)
        if post is None:
            break
        found += [post, *_of_party(scene, post)]
        joined = _joined(scene, post.start, floor)
        if joined is None:
            break
        end = joined
    found.reverse()
    return _shared(scene, found)


def _of_party(scene: Scene, post: Post) -> list[Post]:
    """公民党立法会议员郭家麒: a member of the chamber, and for the party its member there."""
    chamber = scene.organisation_ending(post.title_start)
    party = scene.organisation_ending(chamber[0]) if chamber is not None else None
    if chamber is None or party is None or not (post.title or "").endswith("议员"):
        return []
    if not scene.by_id[party[2]].name.endswith(PARTIES):
        return []
    status, start = status_before(scene, party[0])
    return [
        post._replace(
            organisation=party[2],
            title_start=chamber[0],
            status=post.status or status,
            start=start,
            rule="party chamber title name",
            title=scene.text[chamber[0] : chamber[1]] + (post.title or ""),
        )
    ]


def _joined(scene: Scene, start: int, floor: int) -> int | None:
    """Where the post before ends, if a list goes on to the left of ``start``."""
    at = start
    while at > floor and scene.text[at - 1] == " ":
        at -= 1
    if at > floor and scene.text[at - 1] in _JOINS:
        return at - 1
    return None


def _shared(scene: Scene, posts: list[Post]) -> list[Post]:
    """Posts of a list take organisation and status over from the post before them.

    原 holds for the whole list (河南省委原常委、郑州市委书记), 前 for its own post.
    """
    shared: list[Post] = []
    organisation: str | None = None
    status: str | None = None
    for post in posts:
        if post.organisation is None and organisation is not None and post.kind != "place":
            joined = post._replace(
                organisation=organisation,
                status=post.status or status,
                rule="titles in a list",
                context=False,
            )
            shared.append(joined)
            status = joined.status
        else:
            once = shared and status == "former" and not post.status
            if once and "原" in scene.text[shared[-1].start : shared[-1].title_start + 1]:
                post = post._replace(status=status)  # noqa: PLW2901 - as its list says
            shared.append(post)
            status = post.status
        organisation = shared[-1].organisation
    return shared


def _one(scene: Scene, end: int, floor: int, name_start: int, *, first: bool) -> Post | None:
    """The post that ends at ``end``."""
    near = _nearest_organisation(scene, end, floor)
    inner = max(floor, near[1]) if near is not None else floor
    if near is not None:
        office = office_title(scene, near[1], end)
        if office is not None:
            status, start = status_before(scene, near[0], floor)
            return Post(
                near[2],
                near[1] - 1,
                end,
                "chief",
                status,
                start,
                end,
                "organisation title name",
                title=office,
            )
    title = title_before(scene, end, inner)
    if title is None:
        return _bare(scene, end, near, floor) if first and end == name_start else None
    if near is not None:
        post = _with_organisation(scene, title, near, floor, end)
        if post is not None:
            return post
    return _without_organisation(scene, title, inner, end)


def _nearest_organisation(scene: Scene, end: int, floor: int) -> tuple[int, int, str] | None:
    inside = scene.organisations_in(max(floor, end - _REACH), end)
    return inside[-1] if inside else None


def _with_organisation(
    scene: Scene, title: Title, near: tuple[int, int, str], floor: int, end: int
) -> Post | None:
    text = scene.text
    begin, stop, organisation = near
    if text[stop : stop + 1] == "的" and text.endswith(_QUIT, floor, begin):
        rule = "name of who left organisation"
        return Post(organisation, end, end, "member", "former", begin, end, rule, title="")
    at = scene.skip_forward(stop)
    at = min(at, title.start)
    while at < title.start and text[at] == " ":
        at += 1
    at = department(scene, at, title.start)
    joined = _joined_title(scene, at, title.start)
    if joined is not None:
        return Post(
            None,
            joined,
            title.end,
            title.kind,
            title.status,
            joined,
            title.end,
            "titles in a list",
            title=_compose(scene, joined, title),
        )
    within, at = status_after(scene, at, title.start)
    title = title._replace(status=title.status or within)
    if at < title.start and text[at] in "及和与":
        at += 1
    if at < title.start and text[at] == "人":
        return None
    if title.start - at > _DEPARTMENT_REACH or not scene.is_department(at, title.start):
        return None
    parent = scene.organisation_ending(begin)
    status, start = status_before(scene, parent[0] if parent is not None else begin, floor)
    while start > floor and text[start - 1] in "《「『“":
        start -= 1
        if status is None:
            status, start = status_before(scene, start, floor)
    title_start = at if at < title.start else title.name_start
    return Post(
        organisation,
        title_start,
        title.end,
        title.kind,
        title.status or status,
        start,
        end,
        "organisation title name",
        title=_compose(scene, at, title),
    )


def _joined_title(scene: Scene, start: int, end: int) -> int | None:
    """Where the second title begins if 兼 or 暨 stands behind a first one (创办人兼首席执行官)."""
    for mark in "兼暨":
        at = scene.text.rfind(mark, start, end)
        if at > start and title_before(scene, at, start) is not None:
            return at + 1 if scene.is_department(at + 1, end) else None
    return None


def _compose(scene: Scene, at: int, title: Title) -> str:
    """The title with its department, without a status word between the two."""
    return scene.text[at : title.start] + scene.text[title.name_start : title.end]


def _bare(scene: Scene, end: int, near: tuple[int, int, str] | None, floor: int) -> Post | None:
    """工联会何启明: an organisation directly before a name, without a title."""
    if near is None:
        return None
    begin, stop, organisation = near
    if stop != end:
        return None
    status, start = status_before(scene, begin, floor)
    return Post(organisation, end, end, "member", status, start, end, "organisation name", title="")


def _without_organisation(scene: Scene, title: Title, floor: int, end: int) -> Post | None:
    """A title whose organisation is described, meant by 公司, or left to the context."""
    text = scene.text
    clause = max((text.rfind(c, floor, title.start) for c in CLAUSE_END + "、"), default=-1) + 1
    clause = max(clause, floor)
    described = _description(scene, clause, title.start)
    if described is not None:
        start, stop, department_start = described
        status, outer = status_before(scene, start, clause)
        return Post(
            None,
            department_start,
            title.end,
            title.kind,
            title.status or status,
            outer,
            end,
            "unnamed organisation",
            title=_compose(scene, department_start, title),
            description=(start, stop),
        )
    at = title.start
    share = _SHARE.search(text, clause, at)
    at = share.start() if share is not None else at
    if at == floor and floor and scene.people_in(max(0, floor - 30), floor):
        return None
    generic = _GENERIC_COMPANY.search(text, clause, at)
    if generic is not None and _word_starts(scene, generic.start()):
        return Post(
            None,
            title.name_start,
            title.end,
            title.kind,
            title.status,
            generic.start(),
            end,
            "company of the sentence",
            title=_compose(scene, at, title),
            context=True,
        )
    if title.head.endswith("议员") and _is_district(text[clause:at], title.head):
        title, at = title._replace(kind="place"), clause
    if at == clause or text[at - 1] in "由命对请经任令邀让 、" or scene.stop_word_ends(at):
        return Post(
            None,
            title.name_start,
            title.end,
            title.kind,
            title.status,
            min(at, title.start),
            end,
            "title name",
            title=_compose(scene, at, title),
            context=True,
        )
    return None


def _is_district(name: str, head: str) -> bool:
    """True for what stands before a councillor's title and is his district (黄大仙|区议员)."""
    return (
        is_place(name) or name[-1:] in _DISTRICTS or (head[0] in _DISTRICTS and len(name) in (2, 3))
    )


def _word_starts(scene: Scene, at: int) -> bool:
    return scene.word_ends(at) or at == 0


def _description(scene: Scene, clause: int, end: int) -> tuple[int, int, int] | None:
    """(start, end, start of the department) of a described organisation before ``end``."""
    found = _unnamed().search(scene.text, max(clause, end - 26), end)
    if found is None:
        return None
    start, stop = found.span("name")
    if scene.text[start] in "前原" and found.group("some") is None:
        start += 1
    some, kind, rest = found.group("some") or "", found.group("kind"), found.group("rest")
    told = bool(some) or kind in ("巨头", "大厂", "龙头") or found.group("of") == "的"
    inner = start + len(some)
    if not told or stop - inner < 3 or not scene.is_department(inner, stop):
        return None
    if rest and (not some and not found.group("of")):
        return None
    if rest and not scene.is_department(found.start("rest"), end):
        return None
    return start, stop, found.start("rest")


@lru_cache(maxsize=1)
def _unnamed() -> re.Pattern[str]:
    kinds = alternation(words("unnamed"))
    return re.compile(
        r"(?P<name>(?P<some>某家?|一家|一间|国内某|知名)?[\u4e00-\u9fffA-Za-z]{0,9}?"
        rf"(?P<kind>{kinds})(?:{kinds})?)(?P<of>的?)(?P<rest>\w{{0,6}})\Z"
    )


def byline_organisation(scene: Scene, name_start: int, floor: int) -> Post | None:
    """中国证券网讯（记者 孔子元）: the paper before a reporter's byline."""
    organisation = _nearest_organisation(scene, name_start, floor)
    if organisation is None:
        return None
    stretch = scene.text[organisation[1] : name_start]
    if "记者" not in stretch or _BYLINE.fullmatch(stretch) is None:
        return None
    at = scene.text.rfind("记者", organisation[1], name_start)
    return Post(
        organisation[2],
        at,
        at + 2,
        "member",
        None,
        organisation[0],
        name_start,
        "byline",
        title="记者",
    )
