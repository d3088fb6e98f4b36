"""Careers as notices of appointments tell them: 林志远，硕士，历任A经理、B总监。现任D副总经理。

A paragraph's sentence that begins with a name is about that person, and so are those after it that
name nobody else; every verb of a career at the beginning of a clause opens a list of posts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.affiliations.before import Post
from pipeline.affiliations.listed import posts_from
from pipeline.affiliations.scene import Scene

_SUBJECT = re.compile(r"(?:先生|女士|博士|教授)?[（(，,：:]")
_VERB = re.compile(
    r"(?<=[，。；,;\n])(?:此前|之前|其后|后)?"
    r"(?:(?P<past>历任|曾任|曾先后任|曾先后担任|先后任|先后担任|先后出任|曾担任|曾出任)|(?P<now>现任|现担任))"
    r"(?:职于|职)?"
)
_NEXT = re.compile(r"[；;，,、]")
_RULE = "career"


def careers(scene: Scene) -> Iterator[tuple[Post, tuple[int, int, str]]]:
    """(post, person mention) of every post that such a paragraph gives its subject."""
    for start, end, person in scene.people:
        before = scene.text[scene.sentence(start)[0] : start]
        if not before.strip("\n \u3000「") and _SUBJECT.match(scene.text, end):
            for post in _told(scene, end, _scope(scene, end, person)):
                yield post, (start, end, person)


def _scope(scene: Scene, end: int, person: str) -> int:
    """Where the paragraph ends, or the sentence that names somebody else begins."""
    stop = scene.text.find("\n", end)
    stop = len(scene.text) if stop < 0 else stop
    others = [p[0] for p in scene.people_in(end, stop) if p[2] != person]
    return scene.sentence(others[0])[0] if others else stop


def _told(scene: Scene, start: int, stop: int) -> Iterator[Post]:
    for verb in _VERB.finditer(scene.text, start, stop):
        status = "former" if verb["past"] else "current"
        at, organisation = verb.end(), None
        while at < stop:
            posts = posts_from(scene, at, stop, _RULE)
            if not posts:
                break
            for post in posts:
                organisation = post.organisation or organisation
                yield post._replace(
                    organisation=organisation, status=status, rule=_RULE, context=False
                )
            at = posts[-1].end
            following = _NEXT.match(scene.text, at, stop)
            if following is None or not _goes_on(scene, following.end()):
                break
            at = following.end()


def _goes_on(scene: Scene, at: int) -> bool:
    """True where a list of posts goes on: the next organisation, or 公司 for the last one."""
    return scene.organisation_starting(at) is not None or scene.text.startswith("公司", at)
