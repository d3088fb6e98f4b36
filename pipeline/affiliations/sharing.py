"""What a name in a list shares with the name before it: 立委A、B; 总裁A、副总裁B; 巡佐A、警员B."""

from __future__ import annotations

import re

from pipeline.affiliations.before import PARTIES, Post
from pipeline.affiliations.scene import Scene
from pipeline.affiliations.titles import title_before

_BOARD = re.compile(r"董事|监事|理事|监察人|秘书|经理|协理|副总|总监")
_ELECTED = re.compile(r"立委|立法委员|议员|代表|党员|中常委|常委")
_LIST_REACH = 40
_SPREAD = re.compile(r"[\d一二两三四五六七八九十]+(?:县市|位|名|人)|等|分别|夫妇|兄弟|父子")
_POLICE = re.compile(r"(?:巡佐|警员|警官|侦查佐|小队长|副?所长|队员|警务员)\Z")
_LISTED = re.compile(r"(?:[（(][^（）()\n]{1,40}[)）])?(?:[、和与及暨]|以及) ?")


def from_list(
    scene: Scene, heading: list[Post], before: tuple[int, int, str], start: int, earlier: list[Post]
) -> list[Post]:
    """Titles or organisations that a name shares with the name before it in a list."""
    gap = scene.text[before[1] : start]
    if not heading:
        alike = _office_alike(scene, before[1], start, earlier)
        if alike is not None:
            return [alike]
        joined = re.fullmatch(r"(?:[（(][^（）()\n]{1,30}[)）])?(?:[、和与及]|以及)", gap)
        following = _following(scene, start)
        plural = earlier and all(_plural(scene, p, before[0], gap, following) for p in earlier)
        return list(earlier) if joined is not None and plural else []
    first = heading[0]
    if first.organisation is None and first.description is None and earlier:
        lead = scene.text[before[1] : first.start]
        near = _LISTED.fullmatch(lead.replace("，", "、"))
        organisation = earlier[-1].organisation
        if (
            near is not None
            and organisation is not None
            and (_inherits(scene, first, organisation) or _alike(first, earlier[-1]))
        ):
            return [
                p
                if p.organisation
                else p._replace(organisation=organisation, rule="names in a list", context=False)
                for p in heading
            ]
    return heading


def _inherits(scene: Scene, post: Post, organisation: str) -> bool:
    """True where a title behind a name can belong to the organisation of the name before."""
    title = post.title or ""
    if post.kind in ("chief", "owner") or _BOARD.search(title):
        return True
    party = scene.by_id[organisation].name.endswith(("党", "党团", "联盟"))
    return party and bool(_ELECTED.search(title))


def _alike(post: Post, earlier: Post) -> bool:
    """True for a second office of the same kind (欧盟贸易执委A和农业执委B, 派出所巡佐A、警员B)."""
    title, other = post.title or "", earlier.title or ""
    ranks = bool(_POLICE.search(title)) and bool(_POLICE.search(other))
    return ranks or (len(title) > 2 and title[-2:] == other[-2:])


def _office_alike(scene: Scene, floor: int, start: int, earlier: list[Post]) -> Post | None:
    """欧盟贸易执委A和|农业执委|B: an office like the one before it, at the same organisation."""
    title = title_before(scene, start, floor)
    joined = _LISTED.match(scene.text, floor)
    if title is None or joined is None or joined.end() > title.start or not earlier:
        return None
    post = earlier[-1]._replace(
        title_start=joined.end(),
        title_end=start,
        kind=title.kind,
        start=joined.end(),
        end=start,
        rule="names in a list",
        title=scene.text[joined.end() : start],
    )
    fits = _alike(post, earlier[-1]) and scene.is_department(joined.end(), title.start)
    return post if fits else None


def _following(scene: Scene, start: int) -> str:
    """What stands behind the list of names that goes on at ``start``."""
    at = start
    for person in scene.people_in(start, start + _LIST_REACH):
        if scene.text[at : person[0]] not in ("", "、", "和", "与", "及", "以及"):
            break
        at = person[1]
    return scene.text[at : at + 4]


def _plural(scene: Scene, post: Post, until: int, gap: str, following: str) -> bool:
    """True where a title can be held by several: 立委A、B; 3县市党部主委A、B.

    创办人A、B are two where 等 or a number says so, 民主党A、B members of one party. ``gap``
    stands between the two names, ``following`` behind the list.
    """
    if post.kind == "founder":
        return _SPREAD.match(following) is not None
    if post.kind in ("member", "owner"):
        organisation = scene.by_id.get(post.organisation or "")
        party = organisation is not None and organisation.name.endswith(PARTIES)
        return post.title != "" or (party and gap == "、")
    return bool(_SPREAD.search(scene.text, post.start, until))
