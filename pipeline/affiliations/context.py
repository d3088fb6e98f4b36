"""The organisation that a bare title leaves to its sentence: 商务部举行发布会，发言人高峰…"""

from __future__ import annotations

import re

from pipeline.affiliations.before import Post
from pipeline.affiliations.scene import Scene

_HEADS: tuple[tuple[str, str], ...] = (
    (r"市长|县长|州长|省长", r"(?:市|县|州|省)?(?:政府|府)"),
    (r"董事长|董座|总经理|总裁|执行长|执行官|行政总裁|财务长|CEO|CFO|COO|董事会主席|股东|实际控制人|实控人|董秘|董事会秘书|财务总监|创办人|创始人|董事|监事|首席\w+官|营运长|技术长|副总", "COMPANY"),
    (r"党主席|书记长|总召|党鞭|干事长|代理主席", r"党|党团|联盟"),
    (r"主席|秘书长|总干事", r"党|COMPANY"),
    (r"发言人", r"部|院|署|局|党|府|会|办公室|委|军|总部|总局|省|处|COMPANY"),
    (r"会长|理事长", r"会|盟|工会|公会"),
    (r"局长", "局"), (r"署长", "署"), (r"部长", "部"), (r"处长", "处"), (r"司长", "司|局"), (r"厅长", "厅"),
    (r"院长", "院"), (r"校长", "大学|学校|中学|小学|高中|大"), (r"行长", "行|央行"), (r"馆长", "馆"),
    (r"台长", "台"), (r"所长", "所"), (r"社长", "社|报"), (r"队长|总教练|主教练", "队"), (r"主委", "会|委"),
)  # fmt: skip
_MEDIA_AFTER = re.compile(r"[》」]?(?:AI快讯|快讯|讯|电|消息|报道|报导|记者)")
_CITY = re.compile(r"市长|县长")


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
    ending = next((org for head, org in _HEADS if re.search(rf"(?:{head})\Z", title)), None)
    if ending is None:
        return None
    fits = {o[2] for o in inside if _fits(scene, o, ending)} - taken
    if len(fits) == 1:
        return next(iter(fits)), "organisation of the sentence"
    if not fits and _CITY.search(title):
        body = scene.text.find("\n") + 1
        fits = {
            o[2] for o in scene.organisations_in(body, len(scene.text)) if _fits(scene, o, ending)
        }
        if len(fits) == 1:
            return next(iter(fits)), "organisation of the article"
    return None


def _fits(scene: Scene, organisation: tuple[int, int, str], ending: str) -> bool:
    entity = scene.by_id[organisation[2]]
    if _is_media(scene, organisation[1]):
        return False
    plain = "|".join(part for part in ending.split("|") if part != "COMPANY")
    if plain and re.search(rf"(?:{plain})\Z", entity.name):
        return True
    return "COMPANY" in ending.split("|") and entity.kind == "company"


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
