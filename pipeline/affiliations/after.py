"""Posts behind a name: apposition, brackets, verbs of office, of leaving and of founding."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.affiliations.before import Post
from pipeline.affiliations.scene import SENTENCE_END, Scene
from pipeline.affiliations.titles import department, status_before, title_after
from pipeline.affiliations.words import statuses, title_kinds, words
from pipeline.resources import alternation

_NOT = re.compile(
    r"不是|并非|非|不|没|未|无意|拒|婉拒|否认|考虑|呼吁|质疑|批评|反对|希望|要求|若|如果|假如|想|让|邀|请(?!辞)|劝|拱|推举|要推"
)
_WISHED = re.compile(r"(?:反对|质疑|要求|若|希望|否认|拒绝|建议|呼吁|如果|盼|支持|力挺|力推)\Z")
_PAST = re.compile(r"曾|历任|先后|原|前|以前|过去|昔日|当年|当时")
_COMING = re.compile(r"将|拟|即将|可望|有望|预计|内定|准备|预定|计划|提名|下月|明年|候任")
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
_JOINED_NAMES = re.compile(r"[」》]?[、及和与]「?")
_HONORIFIC = re.compile(r"(?:先生|女士|小姐|太太|博士|教授|医师|律师|爵士|本人|等人?)")
_TERM = re.compile(r"(?:职务|一职|职位)?(?:期间|任内|时期|时(?!代|报|任))")
_TERMS = re.compile(r"[\d一二两三四五六七八九十]+(?:年|届|任|个月)")
_APPOINTED = re.compile(r"(?:为|出任|担任|任|接任|兼任|升任|成为)")
_OWN_COMPANY = re.compile(r"(?:本|该|贵)?(?:公司|集团)的?")
_LINK = re.compile(
    r"[，,；]?(?:并|同时|现时?|目前|后来?|其后|之后|也|亦|又|再|曾|还|至今)*(?:为|是|任|担任|出任|兼任|升任|转任|接任|调任)"
)
_TAKEN_OVER = ("接掌", "执掌", "出掌")
_NOT_HELD = frozenset("选时天年局地中然即前初场晚日众")
_LEFT = re.compile(
    r"[^，。；\n]{0,10}?(?:离职|离开|辞职|退休|离任|卸任|出走|跳槽|辞去|退下|请辞|被裁|去职|下台)"
)


@lru_cache(maxsize=1)
def _verb() -> re.Pattern[str]:
    return re.compile(alternation(words("verb")))


@lru_cache(maxsize=1)
def _leave() -> re.Pattern[str]:
    return re.compile(alternation(words("leave")))


@lru_cache(maxsize=1)
def _found() -> re.Pattern[str]:
    return re.compile(alternation(words("found")))


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
        *_leaving(scene, name_start, name_end, limit),
        *_founding(scene, name_start, name_end, limit),
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
        return Post(
            None,
            title.start,
            title.end,
            title.kind,
            title.status or status,
            start,
            title.end,
            rule,
            title=text[title.start : title.end],
            context=True,
        )
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
    return Post(
        organisation[2],
        title.start,
        title.end,
        title.kind,
        title.status or status,
        start,
        title.end,
        rule,
        title=text[title.start : title.end],
    )


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
        if _NOT.search(adverbs) or (weak and verb.group() == "为" and not _named(text, name_start)):
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
    organisation = scene.organisation_starting(_skip(scene.text, at))
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
    elif _COMING.search(adverbs) or re.search(r"拟|提名|将由|将任命|内定|将?规[划画]", before):
        status = "future"
    return post._replace(status=status)


def _leaving(scene: Scene, name_start: int, name_end: int, limit: int) -> list[Post]:
    """王劲辞去百度副总裁, 王劲离开百度, 王劲从百度离职."""
    text = scene.text
    window = min(limit, name_end + 40)
    for verb in _leave().finditer(text, name_end, window):
        between = text[name_end : verb.start()]
        if ("，" in between and len(between) > 16) or _NOT.search(between.replace("不再", "")):
            continue
        coming = bool(_COMING.search(between))
        posts = posts_from(scene, verb.end(), limit, "name leaves title")
        if not posts:
            organisation = scene.organisation_starting(_skip(text, verb.end()))
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


def _skip(text: str, at: int) -> int:
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


def _founding(scene: Scene, name_start: int, name_end: int, limit: int) -> list[Post]:
    """由王劲创办 (the organisation before or behind), 王劲创办了中智行."""
    text = scene.text
    verb = _found().search(text, name_end, min(limit, name_end + 16))
    if verb is None or _NOT.search(text, name_end, verb.start()):
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
