"""From a document's mentions and entities to statements of who was what where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.affiliations.after import held, held_status, posts_after, title_is_name
from pipeline.affiliations.before import PARTIES, Post, byline_organisation, posts_before
from pipeline.affiliations.context import organisation_for
from pipeline.affiliations.model import Affiliation
from pipeline.affiliations.resume import careers
from pipeline.affiliations.scene import Scene
from pipeline.affiliations.titles import title_before
from pipeline.document import Document
from pipeline.entities import Entity
from pipeline.names.firms import split_place

_SHARES = re.compile(r"[、及和与]|以及|(?:[（(][^（）()\n]{1,30}[)）])?、")
_LISTED = re.compile(r"(?:[（(][^（）()\n]{1,40}[)）])?(?:[、和与及暨]|以及) ?")
_SUCCEEDS = ("接替", "接任", "取代", "接棒", "继")
_PRONOUN = re.compile(r"(?<=[，。、；：「『“,])[他她]")
_BOARD = re.compile(r"董事|监事|理事|监察人|秘书|经理|协理|副总|总监")
_ELECTED = re.compile(r"立委|立法委员|议员|代表|党员|中常委|常委")
_POLICE = re.compile(r"(?:巡佐|警员|警官|侦查佐|小队长|副?所长|队员|警务员)\Z")
_LIST_REACH = 40
_ALONE = ("chief", "founder")
_SPREAD = re.compile(r"[\d一二两三四五六七八九十]+(?:县市|位|名|人)|等|分别|夫妇|兄弟|父子")


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
    for post, (start, end, person) in careers(scene):
        if post.organisation is not None:
            row = _row(scene, post, person, start, end)
            known = {(r.person_id, r.company_id, r.title) for r in rows.values()}
            if (person, row.company_id, row.title) not in known:
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
        heading = _from_list(scene, heading, before, start, earlier)
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


def _from_list(
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
