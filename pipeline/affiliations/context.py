"""The organisation that a bare title leaves to its sentence: 商务部举行发布会，发言人高峰…"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from pipeline.affiliations.before import Post
from pipeline.affiliations.scene import Scene
from pipeline.resources import read_lexicon

_MEDIA_AFTER = re.compile(
    r"[》」]?(?:AI快讯|快讯|讯|电|消息|报道|报导|记者|(?:APP|App|app)?(?:数据|信息)?显示)"
)
_CITY = re.compile(r"市长|县长")
_PARTY_HEAD = "党主席"
_MAIN = 0.6
_SPOKEN, _LEAD = "发言人", 6
_ANNOUNCES = re.compile(r"\s?(?:[今昨]日|日前|晚间|早间|发布|披露)*公告")


@lru_cache(maxsize=1)
def _homes() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(ending of a title, endings of the organisations that have it), the longest title first."""
    rows = [(r.term, tuple(r.value.split("|"))) for r in read_lexicon("title_organisations")]
    return tuple(sorted(rows, key=lambda row: (-len(row[0]), row[0])))


def organisation_for(
    scene: Scene, post: Post, name_start: int, taken: frozenset[str] = frozenset()
) -> tuple[str, str] | None:
    """(organisation id, rule) that the title of ``post`` belongs to by its sentence, or None.

    The sentence must hold, before the title, exactly one organisation that can have such a title.
    A mayor is also joined to the only city government of the article, and 公司董事长 to the
    company that the sentence speaks of.
    """
    begin = scene.sentence(name_start)[0]
    inside = scene.organisations_in(begin, post.start)
    if post.rule == "company of the sentence":
        companies = [o for o in inside if _is_company(scene, o[2]) and not _is_media(scene, o[1])]
        if companies:
            return companies[-1][2], post.rule
        main = main_company(scene)
        return (main, "company of the article") if main is not None else None
    title = post.title or ""
    if post.kind == "place" and not _CITY.search(title):
        return None
    ending = next((homes for head, homes in _homes() if title.endswith(head)), None)
    if ending is None:
        return None
    fits = {o[2] for o in inside if _fits(scene, o, ending)} - taken
    if len(fits) > 1 and "COMPANY" in ending:
        fits = {o[2] for o in inside if o[2] in fits and _announces(scene, o[1])} or fits
    if len(fits) == 1:
        return next(iter(fits)), "organisation of the sentence"
    if not fits and title.endswith(_SPOKEN) and post.start - begin <= _LEAD:
        # 商务部对此有何回应？对此，新闻发言人高峰…
        before = scene.sentence(max(0, begin - 1))[0]
        near = [o[2] for o in scene.organisations_in(before, begin) if _fits(scene, o, ending)]
        return (near[-1], "organisation of the sentence before") if near else None
    if not fits and title.endswith(_PARTY_HEAD):
        party = _main_party(scene, ending)
        return (party, "organisation of the article") if party is not None else None
    if not fits and _CITY.search(title):
        body = scene.text.find("\n") + 1
        fits = {
            o[2] for o in scene.organisations_in(body, len(scene.text)) if _fits(scene, o, ending)
        }
        if len(fits) == 1:
            return next(iter(fits)), "organisation of the article"
    return None


def _announces(scene: Scene, end: int) -> bool:
    """True for the company whose notice the sentence reports (…公告称，股东…)."""
    return _ANNOUNCES.match(scene.text, scene.skip_forward(end)) is not None


def _main_party(scene: Scene, ending: tuple[str, ...]) -> str | None:
    """The party that the article speaks of most."""
    counts = Counter(o[2] for o in scene.organisations if _fits(scene, o, ending))
    if not counts:
        return None
    best = max(counts, key=lambda i: (counts[i], i))
    return best if counts[best] >= 2 and counts[best] >= _MAIN * sum(counts.values()) else None


def _fits(scene: Scene, organisation: tuple[int, int, str], ending: tuple[str, ...]) -> bool:
    entity = scene.by_id[organisation[2]]
    if _is_media(scene, organisation[1]) or scene.people_in(organisation[1], organisation[1] + 1):
        return False
    if entity.name.startswith(("新市", "前市", "现市", "新县")):
        return False
    if "COMPANY" in ending and entity.kind == "company":
        return True
    return entity.name.endswith(tuple(e for e in ending if e != "COMPANY"))


def _is_company(scene: Scene, entity_id: str) -> bool:
    return scene.by_id[entity_id].kind == "company"


def _is_media(scene: Scene, end: int) -> bool:
    return bool(_MEDIA_AFTER.match(scene.text, end))


def main_company(scene: Scene) -> str | None:
    """The company that an article is about: most of all company mentions, and at least two."""
    counts = {e.id: len(e.mentions) for e in scene.entities if e.kind == "company"}
    if not counts:
        return None
    best = max(counts, key=lambda i: (counts[i], i))
    return best if counts[best] >= 2 and counts[best] >= 0.6 * sum(counts.values()) else None
