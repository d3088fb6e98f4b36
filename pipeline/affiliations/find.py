"""From a document's mentions and entities to statements of who was what where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.affiliations.after import held, held_status, posts_after, title_is_name
from pipeline.affiliations.before import Post, byline_organisation, posts_before
from pipeline.affiliations.context import organisation_for
from pipeline.affiliations.model import Affiliation
from pipeline.affiliations.resume import careers
from pipeline.affiliations.scene import Scene
from pipeline.affiliations.sharing import from_list
from pipeline.document import Document
from pipeline.entities import Entity
from pipeline.names.firms import split_place

_SHARES = re.compile(r"[、及和与]|以及|(?:[（(][^（）()\n]{1,30}[)）])?、")
_SUCCEEDS = ("接替", "接任", "取代", "接棒", "继")
_PRONOUN = re.compile(r"(?<=[，。、；：「『“,])[他她]")
_ALONE = ("chief", "founder")


def find_affiliations(document: Document, entities: Sequence[Entity]) -> tuple[Affiliation, ...]:
    """The posts that the article states, one row for each (person, organisation, title, status).

    Reads sentence by sentence; a row's evidence never leaves its sentence, but for a mayor joined
    to the only city government of the article and 公司 standing for the company it is about.
    """
    scene = Scene(document, entities)
    if not scene.people:
        return ()
    rows: dict[tuple[str, str | None, str, str, str | None], Affiliation] = {}
    earlier: list[Post] = []
    for k in range(len(scene.people)):
        posts, heading = _posts(scene, k, earlier)
        earlier = heading
        own = [(p, scene.people[k]) for p in posts]
        for post, (start, end, person) in [
            *_succession(scene, k, own),
            *_joint_founder(scene, k, posts),
        ]:
            row = _row(scene, post, person, start, end)
            key = (person, row.company_id, row.title, row.status, row.description)
            if key not in rows:
                rows[key] = row
        for post in _by_pronoun(scene, k):
            row = _row(scene, post, scene.people[k][2], post.start, post.end)
            key = (row.person_id or "", row.company_id, row.title, row.status, row.description)
            rows.setdefault(key, row)
    known = {(row.person_id, row.company_id, row.title) for row in rows.values()}
    for post, (start, end, person) in careers(scene):
        row = _row(scene, post, person, start, end)
        if post.organisation is not None and (person, row.company_id, row.title) not in known:
            known.add((person, row.company_id, row.title))
            rows[(person, row.company_id, row.title, row.status, row.description)] = row
    return tuple(sorted(_settled(rows.values()), key=lambda a: (a.start, a.end, a.id)))


def _succession(
    scene: Scene, k: int, own: list[tuple[Post, tuple[int, int, str]]]
) -> list[tuple[Post, tuple[int, int, str]]]:
    """王劲接替林全担任总经理: the post is the first one's, and was the second one's."""
    start = scene.people[k][0]
    if k == 0 or not scene.text[max(0, start - 3) : start].endswith(_SUCCEEDS):
        return own
    before = scene.people[k - 1]
    if before[0] < scene.sentence(start)[0]:
        return own
    shared: list[tuple[Post, tuple[int, int, str]]] = []
    for post, person in own:
        if post.rule == "name holds title":
            shared.append((post, before))
            post = post._replace(status="former")  # noqa: PLW2901 - the predecessor's own row
        shared.append((post, person))
    return shared


def _joint_founder(
    scene: Scene, k: int, posts: Sequence[Post]
) -> list[tuple[Post, tuple[int, int, str]]]:
    """A founding is shared with the name that a list joins in front (由A与B创立)."""
    if k == 0:
        return []
    before = scene.people[k - 1]
    if scene.text[before[1] : scene.people[k][0]] not in ("、", "和", "与", "及", "以及"):
        return []
    return [(post, before) for post in posts if post.rule == "founding"]


def _by_pronoun(scene: Scene, k: int) -> list[Post]:
    """…的凯西，…，她曾是百度分析师: 他 or 她 in the sentence of its only person."""
    start, end, person = scene.people[k]
    sentence_start, sentence_end = scene.sentence(start)
    last = k + 1 == len(scene.people) or scene.people[k + 1][0] >= sentence_end
    if not last or {p[2] for p in scene.people_in(sentence_start, sentence_end)} != {person}:
        return []
    found: list[Post] = []
    for pronoun in _PRONOUN.finditer(scene.text, end, sentence_end):
        posts = posts_after(scene, pronoun.start(), pronoun.end(), sentence_end)
        found += [p._replace(rule=f"{p.rule} (pronoun)") for p in posts if p.organisation]
    return found


def _posts(scene: Scene, k: int, earlier: list[Post]) -> tuple[list[Post], list[Post]]:
    """(posts of the k-th person mention, those before it that a list may share)."""
    start, end, _ = scene.people[k]
    sentence_start, sentence_end = scene.sentence(start)
    before = scene.people[k - 1] if k and scene.people[k - 1][0] >= sentence_start else None
    floor = max(sentence_start, before[1] if before is not None else 0)
    follows = scene.people[k + 1][0] if k + 1 < len(scene.people) else len(scene.text)
    heading = posts_before(scene, start, floor)
    if before is not None:
        heading = from_list(scene, heading, before, start, earlier)
    byline = byline_organisation(scene, start, floor)
    if byline is not None:
        heading = [byline]
    if not heading:
        stop = title_is_name(scene, start, floor)
        if stop is not None:
            heading = [
                p._replace(rule="title is name", end=start)
                for p in posts_before(scene, stop, floor)
            ]
    if not heading and scene.text[start - 1 : start] == "的":
        heading = [
            p._replace(
                rule="title of name", end=start, status=p.status or held_status(scene, p.start)
            )
            for p in posts_before(scene, start - 1, floor)
            if p.title and (p.status is not None or held(scene, p.start))
        ]
    heading = [*_also_held(scene, heading, floor), *heading]
    behind = posts_after(scene, start, end, min(follows, sentence_end))
    if any(p.rule == "organisation name title" for p in behind):
        heading = [p for p in heading if p.rule != "organisation name"]
    taken = frozenset(p.organisation for p in heading if p.organisation is not None)
    found = [
        settled
        for post in [*heading, *behind]
        if (settled := _in_context(scene, post, start, taken)) is not None
    ]
    return found, [p for p in found if p in heading or p.end <= start]


def _also_held(scene: Scene, heading: list[Post], floor: int) -> list[Post]:
    """身兼年改会召集人的副总统: the post that a title in front of the name is described by."""
    if not heading or scene.text[heading[0].start - 1 : heading[0].start] != "的":
        return []
    return [
        p._replace(rule="title of name", status=p.status or held_status(scene, p.start))
        for p in posts_before(scene, heading[0].start - 1, floor)
        if p.title and p.organisation is not None and (p.status or held(scene, p.start))
    ]


def _in_context(scene: Scene, post: Post, name_start: int, taken: frozenset[str]) -> Post | None:
    """The post with its organisation; None where it says nothing worth a row."""
    if post.organisation is not None and not _believable(scene, post):
        return None
    if post.organisation is not None or post.description is not None:
        return post
    if post.context:
        found = organisation_for(scene, post, name_start, taken)
        if found is not None:
            return post._replace(organisation=found[0], rule=found[1])
    return post if post.kind in _ALONE and post.title else None


def _believable(scene: Scene, post: Post) -> bool:
    """False for offices of a place beside a company, and for the counsel of a party in court."""
    entity = scene.by_id[post.organisation or ""]
    title = post.title or ""
    of_place = split_place(title + "占位")[0] != ""
    if post.kind == "place" and (entity.kind == "company" or of_place):
        return False
    counsel = title.endswith("律师")
    return not (counsel and scene.text.endswith("代表", 0, post.start))


def _row(scene: Scene, post: Post, person: str, start: int, end: int) -> Affiliation:
    raw = scene.document.article.text
    title = post.title if post.title is not None else scene.text[post.title_start : post.title_end]
    status = "founder" if post.kind == "founder" else post.status or "current"
    described = post.description
    first, last = min(post.start, start), max(post.end, end)
    return Affiliation(
        id=f"{person}@{post.organisation or ''}:{first}-{last}:{title}:{status}",
        person_id=person,
        company_id=post.organisation,
        title=title.strip(),
        title_raw=raw[post.title_start : post.title_end],
        status=status,
        start=first,
        end=last,
        rule=post.rule,
        description=scene.text[described[0] : described[1]] if described is not None else None,
    )


def _settled(rows: Iterable[Affiliation]) -> list[Affiliation]:
    """Rows without those that say less than another row about the same two."""
    listed = list(rows)
    named = {(r.person_id, r.company_id) for r in listed if r.title}
    titled = {(r.person_id, r.title) for r in listed if r.company_id is not None}
    return [
        r
        for r in listed
        if not (
            r.company_id
            and not r.title
            and (r.person_id, r.company_id) in named
            and r.status == "current"
        )
        and not (
            r.company_id is None and r.description is None and (r.person_id, r.title) in titled
        )
    ]
