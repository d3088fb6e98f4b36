"""Posts that begin at an offset: [status] [organisation] [department] title, joined in a list."""

from __future__ import annotations

import re

from pipeline.affiliations.before import Post
from pipeline.affiliations.scene import Scene
from pipeline.affiliations.titles import TitleAfter, department, title_after
from pipeline.affiliations.words import statuses

_JOINED_NAMES = re.compile(r"[」》]?[、及和与]「?")
_TERMS = re.compile(r"[\d一二两三四五六七八九十]+(?:年|届|任|个月)")
_OWN_COMPANY = re.compile(r"(?:本|该|贵)?(?:公司|集团)的?")


def posts_from(scene: Scene, at: int, limit: int, rule: str, *, strict: bool = False) -> list[Post]:
    """Posts that begin at ``at``: [status] [organisation] [department] title, joined in a list.

    ``strict`` wants an organisation at the very start. Posts without an organisation of their own
    take that of the post before them.
    """
    posts: list[Post] = []
    organisation: str | None = None
    status: str | None = None
    while at < limit:
        post = _next(scene, at, limit, rule, strict=strict and not posts)
        if post is None:
            break
        posts += _shared_by(scene, at, post)
        if post.organisation is None and organisation is not None and post.kind != "place":
            post = post._replace(
                organisation=organisation, status=post.status or status, context=False
            )
        organisation, status = post.organisation, post.status
        posts.append(post)
        joined = re.compile(r"[、兼暨及和与]|以及|，?并?兼任?").match(scene.text, post.end)
        if joined is None:
            break
        at = joined.end()
    return posts


def _last_of_list(
    scene: Scene, organisation: tuple[int, int, str] | None
) -> tuple[int, int, str] | None:
    """The last of the organisations that share a title."""
    while organisation is not None:
        joined = _JOINED_NAMES.match(scene.text, organisation[1])
        following = scene.organisation_starting(joined.end()) if joined is not None else None
        if following is None:
            return organisation
        organisation = following
    return None


def _shared_by(scene: Scene, at: int, post: Post) -> list[Post]:
    """The post at the other organisations of a list: 是艺术局、电影局主席."""
    found: list[Post] = []
    organisation = scene.organisation_starting(at)
    while organisation is not None and organisation[2] != post.organisation:
        found.append(post._replace(organisation=organisation[2], rule="organisations in a list"))
        joined = _JOINED_NAMES.match(scene.text, organisation[1])
        organisation = scene.organisation_starting(joined.end()) if joined is not None else None
    return found if organisation is not None else []


def _next(scene: Scene, at: int, limit: int, rule: str, *, strict: bool) -> Post | None:
    text = scene.text
    start = at
    status: str | None = None
    for size in (4, 3, 2, 1):
        if text[at : at + size] in statuses() and text[at : at + size] not in ("将", "曾"):
            status, at = statuses()[text[at : at + size]], at + size
            break
    while at < limit and text[at] in " 《「『“了过":
        at += 1
    term = _TERMS.match(text, at, limit)
    at = term.end() if term is not None else at
    organisation = _last_of_list(scene, scene.organisation_starting(at))
    if organisation is None and not strict:
        inside = scene.organisations_in(at, min(at + 14, limit))
        if inside and scene.is_department(at, inside[0][0]) and text[inside[0][0] - 1] not in "的":
            organisation = inside[0]
    if organisation is None:
        if strict:
            return None
        own = _OWN_COMPANY.match(text, at, limit)
        title = title_after(scene, own.end() if own is not None else at, limit)
        if title is None:
            return None
        rule = "company of the sentence" if own is not None else rule
        return _titled(scene, title, status, start, rule)._replace(context=True)
    after = scene.skip_forward(organisation[1])
    if text[organisation[1] : organisation[1] + 1] == "长":
        office = text[organisation[1] - 1 : organisation[1] + 1]
        return Post(
            organisation[2],
            organisation[1] - 1,
            organisation[1] + 1,
            "chief",
            status,
            start,
            organisation[1] + 1,
            rule,
            title=office,
        )
    after = department(scene, after, limit)
    title = title_after(scene, after, limit, reach=14)
    if title is None:
        return None
    return _titled(scene, title, status, start, rule)._replace(organisation=organisation[2])


def _titled(scene: Scene, title: TitleAfter, status: str | None, start: int, rule: str) -> Post:
    """The post of a title, its organisation still to be named."""
    return Post(
        None,
        title.start,
        title.end,
        title.kind,
        title.status or status,
        start,
        title.end,
        rule,
        title=scene.text[title.start : title.end],
    )
