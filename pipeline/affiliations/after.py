"""Posts behind a name: apposition, brackets, verbs of office."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.affiliations.before import Post
from pipeline.affiliations.leaving import COMING, NOT, after_marks, founding, leaving
from pipeline.affiliations.listed import posts_from
from pipeline.affiliations.scene import SENTENCE_END, Scene
from pipeline.affiliations.titles import status_before, title_after
from pipeline.affiliations.words import title_kinds, words
from pipeline.resources import alternation

_WISHED = re.compile(r"(?:反对|质疑|要求|若|希望|否认|拒绝|建议|呼吁|如果|盼|支持|力挺|力推)\Z")
_PAST = re.compile(r"曾|历任|先后|原|前|以前|过去|昔日|当年|当时")
_SHORT_ADVERBS = re.compile(
    r"(?:曾经?|也|则|现|回国后?|返台后?|返港后?|毕业后|退休后|随后|原本?|都|仍|即|正|就|本身|同时|还|并|目前|一直|当时|此前|之前|以前|过去|昔日)*\Z"
)
_ADVERBS = re.compile(r"[^，。；、：:;！？!?\n「」『』《》“”]*\Z")
_IN_PICTURE = re.compile(
    r"(?:[左右中前后上下图][一二三四五六七八九]?|[左右]起?第?[一二三四五六])[，,、：:]"
)
_JOINING = re.compile(
    r"(?:加入|加盟|进入|任职|跳槽|转战|转到|转投|效力|入主|受聘|获聘|回到|在|于|到|赴|为)(?:到|于)?「?\Z"
)
_HONORIFIC = re.compile(r"(?:先生|女士|小姐|太太|博士|教授|医师|律师|爵士|本人|等人?)")
_TERM = re.compile(r"(?:职务|一职|职位)?(?:期间|任内|时期|时(?!代|报|任))")
_APPOINTED = re.compile(r"(?:为|出任|担任|任|接任|兼任|升任|成为)")
_LINK = re.compile(
    r"[，,；]?(?:并|同时|现时?|目前|后来?|其后|之后|也|亦|又|再|曾|还|至今)*(?:为|是|任|担任|出任|兼任|升任|转任|接任|调任)"
)
_TAKEN_OVER = ("接掌", "执掌", "出掌")
_NOT_HELD = frozenset("选时天年局地中然即前初场晚日众")


@lru_cache(maxsize=1)
def _verb() -> re.Pattern[str]:
    return re.compile(alternation(words("verb")))


def _limit(scene: Scene, at: int, ceiling: int) -> int:
    """End of the sentence after ``at``, no further than ``ceiling``."""
    ends = [p for p in (scene.text.find(c, at, ceiling) for c in SENTENCE_END) if p >= 0]
    return min([ceiling, *ends])


def posts_after(scene: Scene, name_start: int, name_end: int, ceiling: int) -> list[Post]:
    """Posts that the text behind a name gives it. ``ceiling``: where the next name begins."""
    limit = _limit(scene, name_end, ceiling)
    found = [
        *_postnominal(scene, name_start, name_end, limit),
        *_apposition(scene, name_end, limit),
        *_by_verb(scene, name_start, name_end, limit),
        *leaving(scene, name_start, name_end, limit),
        *founding(scene, name_start, name_end, limit),
    ]
    return [post for post in found if not post.title or not _of_next(scene, post.end)]


def _of_next(scene: Scene, end: int) -> bool:
    """True where a title belongs to the name right behind it (…创始人任正非, …局长的何志平)."""
    behind = scene.people_in(end, end + 3)
    return bool(behind) and scene.text[end : behind[0][0]].strip() in ("", "的")


def _postnominal(scene: Scene, start: int, end: int, limit: int) -> list[Post]:
    """中市环保局吴东燿副局长: the organisation before the name, the title behind it."""
    organisation = scene.organisation_ending(start)
    if organisation is None:
        return []
    at = end
    title = title_after(scene, at, limit, reach=0)
    while title is None:
        step = next((n for n in (4, 3, 2, 1) if scene.text[at : at + n] in words("rank")), 0)
        if not step or at + step >= limit:
            return []
        at += step
        title = title_after(scene, at, limit, reach=0)
    status, outer = status_before(scene, organisation[0])
    return [
        Post(
            organisation[2],
            end,
            title.end,
            title.kind,
            status,
            outer,
            title.end,
            "organisation name title",
            title=scene.text[end : title.end],
        )
    ]


def _apposition(scene: Scene, end: int, limit: int) -> list[Post]:
    """王劲，前百度副总裁，… and 王劲（百度副总裁）."""
    text = scene.text
    honorific = _HONORIFIC.match(text, end)
    end = honorific.end() if honorific is not None else end
    opening = text[end : end + 1]
    if not opening or opening not in "，,（(／/":
        return []
    place = _IN_PICTURE.match(text, end + 1, limit) if opening in "（(" else None
    at = place.end() if place is not None else end + 1
    at += text.startswith(("「", "《"), at)
    posts = posts_from(scene, at, limit, "name, organisation title", strict=True)
    if not posts or posts[0].organisation is None:
        return []
    stop = posts[-1].end
    closing = text[stop : stop + 1]
    wanted = "）)" if opening in "（(" else "\n \u3000）)" if opening in "／/" else "，,。；"
    return posts if closing and closing in wanted else []


def _by_verb(scene: Scene, name_start: int, name_end: int, limit: int) -> list[Post]:
    """王劲曾担任百度副总裁: a verb of office and what follows it."""
    text = scene.text
    if _WISHED.search(text, max(0, name_start - 6), name_start):
        return []
    at = name_end
    honorific = _HONORIFIC.match(text, at)
    at = honorific.end() if honorific is not None else at
    at = scene.skip_forward(at) if text[at : at + 1] in ("（", "(") else at
    window = min(limit, at + 30)
    for verb in _verb().finditer(text, at, window):
        adverbs = text[at : verb.start()].lstrip("，,")
        weak = verb.group() in ("是", "为", "即", "做", "任", "兼", "当")
        if verb.group() == "当" and text[verb.end() : verb.end() + 1] in _NOT_HELD:
            continue
        if not (_SHORT_ADVERBS if weak else _ADVERBS).match(adverbs):
            if "，" in adverbs or weak:
                continue
            break
        if NOT.search(adverbs) or (weak and verb.group() == "为" and not _named(text, name_start)):
            return []
        between = scene.organisations_in(at, verb.start())
        if between and (len(between) > 1 or not _JOINING.search(text, at, between[0][0])):
            continue
        posts = posts_from(scene, verb.end(), limit, f"name {'is' if weak else 'holds'} title")
        if between:
            if any(post.organisation is not None for post in posts):
                continue
            joined = between[0][2]
            posts = [post._replace(organisation=joined, context=False) for post in posts]
        if not posts and verb.group() in _TAKEN_OVER:
            posts = _taken_over(scene, verb.start(), verb.end())
        if posts:
            if verb.group() in ("代理", "暂代"):
                posts = [p._replace(title=verb.group() + (p.title or "")) for p in posts]
            first = [_timed(scene, post, adverbs, verb.group(), name_start) for post in posts]
            return [*first, *_further(scene, posts[-1].end, limit)]
    return []


def _taken_over(scene: Scene, start: int, at: int) -> list[Post]:
    """接掌国民党: who takes a body over heads it, whatever the title."""
    organisation = scene.organisation_starting(after_marks(scene.text, at))
    if organisation is None or scene.organisation_starting(organisation[1]) is not None:
        return []
    end = organisation[1]
    rule = "name heads organisation"
    return [Post(organisation[2], end, end, "member", None, start, end, rule, title="")]


def _further(scene: Scene, at: int, limit: int) -> list[Post]:
    """…，现为信和集团企业传讯总监: further posts of the same name in the same sentence."""
    posts: list[Post] = []
    while True:
        link = _LINK.match(scene.text, at, limit)
        if link is None:
            return posts
        more = posts_from(scene, link.end(), limit, "name holds title")
        if not more:
            return posts
        status = "former" if _PAST.search(link.group()) else None
        posts += [post._replace(status=post.status or status) for post in more]
        at = more[-1].end


def _named(text: str, name_start: int) -> bool:
    """True where a verb of appointing stands before the name (聘任王劲为副总裁)."""
    before = text[max(0, name_start - 6) : name_start]
    return any(word in before for word in words("appoint"))


def _timed(scene: Scene, post: Post, adverbs: str, verb: str, name_start: int) -> Post:
    status = post.status
    before = scene.text[max(0, name_start - 8) : name_start]
    then = before.endswith(("当年", "当时"))
    if _TERM.match(scene.text, post.end) or _PAST.search(adverbs) or verb == "历任" or then:
        status = "former"
    elif "继续" in adverbs:
        status = "current"
    elif COMING.search(adverbs) or re.search(r"拟|提名|将由|将任命|内定|将?规[划画]", before):
        status = "future"
    return post._replace(status=status)


def held(scene: Scene, at: int) -> bool:
    """True where a verb of office ends at an offset (曾任|局长的何志平)."""
    return any(scene.text.endswith(verb, 0, at) for verb in words("verb") if len(verb) > 1) or (
        at > 0 and scene.text[at - 1] in "任是兼"
    )


def held_status(scene: Scene, at: int) -> str | None:
    """The status that the words before a verb of office give (将接任|董事长的…: future)."""
    before = scene.text[max(scene.sentence(at)[0], at - 6) : at]
    clause = re.split(r"[，。；、\s]", before)[-1]
    if re.search(r"曾|历任|原任|前任", clause):
        return "former"
    return "future" if re.search(r"将|拟|可望|有望|预定|准备", clause) else None


def title_is_name(scene: Scene, name_start: int, floor: int) -> int | None:
    """Where a list of titles ends that 是 or 为 joins to the name behind it."""
    verb = re.compile(r"(?:现|正|仍|就|都|均|分别)*(?:是|为|系)(?:由)?\Z").search(
        scene.text, max(floor, name_start - 6), name_start
    )
    if verb is None:
        return None
    before = scene.text[max(floor, verb.start() - 8) : verb.start()]
    kinds = title_kinds()
    return verb.start() if any(before.endswith(k) for k in kinds) else None
