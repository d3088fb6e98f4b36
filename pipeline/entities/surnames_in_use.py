"""Surnames that stand for a person of the article: before a title, alone, in front of a verb."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from pipeline.document import Document, Label, Mention
from pipeline.entities.grid import Grid
from pipeline.names.people import has_han, parse_person, surnames
from pipeline.overlap import choose
from pipeline.resources import alternation, read_lexicon

STAGE = "second_pass"
_SCORE = 0.6
_GOVERNMENT = re.compile(r"(?:市|县)?(?:政府|府)(?!会)")
_OF_NAME = re.compile(r"([\u4e00-\u9fff])姓")
_NOT_BEFORE = frozenset("家姓氏P粉流")
_FIRM, _LIKELY = 0.9, 0.65
_SHORT = 2
_OFTEN = 2
_NO_ADDRESS = frozenset(
    ("妈妈", "爸爸", "公公", "夫人", "外公", "外婆", "祖母", "祖父", "师傅", "太太")
)
_USUAL = 50.0
_NO_SURNAMES = frozenset("老小大好男女新旧那这该各同和时都")
_VERBS_BEFORE = frozenset(
    "邀对与和挺给向让请由被把为替跟比问批酸呛轰劝拱认指称说及但则若因而令使看约找"
)
_WORDS_AFTER = frozenset(
    "是说则也曾已将于与在不应能可要想被把对从向却仍都有没就才又再还和及的指称问未均亦并所为先后表否认坦补笑坚批酸呛喊质"
)
_FULL, _MUCH = 3, 3
_NO_WORDS = frozenset(
    "韩柯朱蔡赖陈林吴郑侯卢苏邓习梁罗刘戴郭谢许邱廖萧潘颜魏曹彭詹董袁姚蒋薛邹贾傅阮崔钟"
)
"""Surnames that are hardly ever a word by themselves."""
_STARTS_CLAUSE = frozenset("，。；：「、！？\n年时昨今但若当批讽轰酸呛劝邀请让由被与和对替为向")
_DOES = frozenset(
    "说则也曾已若可能会将在的是都又仍却不应要想被还更再才就并表指强批赞称提坚认否回质"
)
_NO_DEEDS = frozenset(("的士", "不住", "在寅", "国瑜"))
_OFFICIAL = re.compile(
    r"官(?![员方司兵职网])|太(?=[是说指称认忆回问表又亦也都在向，。「：])|揆(?![度])"
)
_NO_OFFICIALS = frozenset("高长主文武史法警教贪")
"""许官 is a judge of Hong Kong, 林太 a wife or official there, 赖揆 a premier of Taiwan."""

_MONK = re.compile("法师|上人|禅师")
_HAN_PAIR = re.compile("[\u4e00-\u9fff]{2}")
_NO_MONKS = frozenset(
    ("方丈", "住持", "一位", "两位", "几位", "多位", "这位", "那位", "有位", "女性", "出家", "佛教")
) | {"资深", "众多", "所有", "其他", "年轻", "当家", "监院", "许多", "寺院", "邀请"}
_RANKS = frozenset("前原副代")
_LIST = re.compile("[\u4e00-\u9fff](?:、[\u4e00-\u9fff])+(?!、)")
SURNAME_RULES = (
    "surname in use", "surname alone", "surname with honorific", "surnames in a list",
    "surname of the article",
)  # fmt: skip
_CAMPS = ("挺", "罢", "倒")
_ANON = ("anon", "clan", "kin", "royal", "nick")


def surnames_in_use(document: Document, chosen: Sequence[Mention]) -> list[Mention]:
    """Surnames of the article's full names: before a title, in 韩市府, 挺韩, or alone.

    ``chosen`` may overlap; a new mention lies outside them, or exactly on a place of that name.
    """
    family, finals = _family(document, chosen)
    free = Grid(document, choose(chosen, ()))
    found = [
        _surname(document, start, end, "surname with honorific")
        for start, end in _addressed(document.text, free)
        if _is_free(free, start, end)
    ]
    found += [
        _surname(document, start, end, "surnames in a list")
        for start, end in _listed(document.text, family)
        if _is_free(free, start, end)
    ]
    free = Grid(document, choose([*chosen, *found], ()))
    found += [
        _surname(document, start, end, "surname in use")
        for start, end in _places(document.text, family | finals)
        if _is_free(free, start, end)
        and _in_use(document.text, start, end, free, given=document.text[start:end] not in family)
    ]
    family |= _anonymous(document.text)
    alone = _alone(document, [*chosen, *found])
    often = {form for form, count in alone.items() if count >= _OFTEN}
    free = Grid(document, choose([*chosen, *found], ()))
    named = _only_bearers(document, chosen)
    found += [
        _surname(document, start, end, "surname of the article")
        for start, end in _places(document.text, named - alone.keys())
        if _is_free(free, start, end) and _acts(document.text, start, end)
    ]
    found += [
        _surname(document, start, end, "surname alone")
        for start, end in _places(document.text, alone.keys() & family)
        if _is_free(free, start, end)
        and _stands_alone(document.text, start, end, free, often=document.text[start:end] in often)
    ]
    return found


def _only_bearers(document: Document, mentions: Sequence[Mention]) -> set[str]:
    """Surnames that are no words, of the one person of that surname whom the article has often."""
    count = Counter(
        document.text[m.start : m.end]
        for m in mentions
        if m.label == Label.PERSON and m.end - m.start == _FULL
    )
    bearers: dict[str, list[str]] = {}
    for form in count:
        person = parse_person(form)
        if person.kind == "full" and len(person.surname) == 1:
            bearers.setdefault(person.surname, []).append(form)
    return {
        surname
        for surname, forms in bearers.items()
        if len(forms) == 1 and count[forms[0]] >= _MUCH and surname in _NO_WORDS
    }


def _acts(text: str, start: int, end: int) -> bool:
    """True between what comes before a person and what a person does (，|韩|若, 批|韩|的)."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return before in _STARTS_CLAUSE and after in _DOES and text[end : end + 2] not in _NO_DEEDS


def _addressed(text: str, grid: Grid) -> Iterator[tuple[int, int]]:
    """Usual surnames before a form of address: 顾|先生, 关|婆婆."""
    usual = {name for name, weight in surnames().items() if weight >= _USUAL and len(name) == 1}
    for match in _address().finditer(text):
        start, end = match.start() - 1, match.start()
        if start < 0 or text[start] not in usual:
            continue
        whole = start in grid.starts and (end in grid.ends or match.end() in grid.ends)
        if text[start] not in _NO_SURNAMES and whole and _apart(text, start):
            yield start, end
    for match in _MONK.finditer(text):
        start, end = match.start() - 2, match.start()
        name = text[max(start, 0) : end]
        whole = start in grid.starts and end in grid.ends
        if whole and _HAN_PAIR.fullmatch(name) and name not in _NO_MONKS:
            yield start, end


def _listed(text: str, family: Collection[str]) -> Iterator[tuple[int, int]]:
    """Surnames of the article's people in a list: 梁、罗、刘三名议员."""
    for match in _LIST.finditer(text):
        parts = [match.start() + at for at in range(0, match.end() - match.start(), 2)]
        if text[parts[0]] not in family:  # the last character of a full name
            parts = parts[1:]
        named = [at for at in parts if text[at] in family]
        if len(named) == len(parts) and len({text[at] for at in named}) > 1:
            yield from ((at, at + 1) for at in named)


def cut_to_surnames(document: Document) -> list[Mention]:
    """The mentions, those that take a verb for a given name cut to the surname (李|提及, 金|勇敢).

    The surname is that of another full name of the article, the form is marked once, and a token
    begins behind the surname.
    """
    people = [m for m in document.mentions if m.label == Label.PERSON]
    count = Counter(document.text[m.start : m.end] for m in people)
    family = _surnames(document, people, _FIRM)
    likely = _surnames(document, people, _LIKELY)
    starts = {t.start for t in document.tokens}
    kept: list[Mention] = []
    for m in document.mentions:
        form = document.text[m.start : m.end]
        name = parse_person(form) if m.label == Label.PERSON else None
        doubtful = (
            count[form] == 1 and m.score < _FIRM and m.start in starts and m.start + 1 in starts
        )
        if (
            name is not None
            and name.kind == "full"
            and len(name.surname) == 1
            and (
                (name.surname in family and doubtful)
                or (name.surname in likely and _takes_a_verb(form, count[form]))
                or _takes_a_rank(document.text, form, m.end)
            )
        ):
            surname = document.recut(m, m.start, m.start + 1)
            kept.append(replace(surname, stage=STAGE, rule="cut to a surname"))
            continue
        kept.append(m)
    return kept


def _surnames(document: Document, people: Sequence[Mention], least: float) -> set[str]:
    """Surnames of the full names of three characters that are marked so surely."""
    forms = {document.text[m.start : m.end] for m in people if m.score >= least}
    names = [parse_person(form) for form in forms if len(form) > _SHORT]
    return {name.surname for name in names if name.kind == "full"}


def _takes_a_verb(form: str, count: int) -> bool:
    """True for 柯|笑, 韩|可: a surname and a word that begins what the person does."""
    return len(form) == 2 and form[1] in _WORDS_AFTER and count == 1


def _takes_a_rank(text: str, form: str, end: int) -> bool:
    """True for 朱|前 before 市长."""
    return len(form) == 2 and form[1] in _RANKS and _after_surname().match(text, end) is not None


def _family(document: Document, chosen: Sequence[Mention]) -> tuple[set[str], set[str]]:
    """Surnames and last characters of the full names."""
    family: set[str] = set()
    finals: set[str] = set()
    for m in chosen:
        form = document.text[m.start : m.end]
        person = parse_person(form) if m.label == Label.PERSON else None
        if person is not None and person.kind == "full":
            family.add(person.surname)
            if len(person.given) == 2:
                finals.add(form[-1])
    return family, finals


def _anonymous(text: str) -> set[str]:
    """Surnames of people without a given name (谢姓男子)."""
    return {match[1] for match in _OF_NAME.finditer(text)} & set(surnames())


def _alone(document: Document, mentions: Sequence[Mention]) -> Counter[str]:
    """Single characters that are marked as a person, and how often."""
    return Counter(
        document.text[m.start] for m in mentions if m.label == Label.PERSON and m.end - m.start == 1
    )


def _is_free(grid: Grid, start: int, end: int) -> bool:
    touched = grid.touched(start, end)
    return all((m.start, m.end, m.label) == (start, end, Label.LOC) for m in touched)


def _stands_alone(text: str, start: int, end: int, grid: Grid, *, often: bool) -> bool:
    """True for a word of its own; 谢家, 谢姓, 韩粉 and 柯P are no person by the surname alone.

    The segmenter makes one word of 邀韩 and 韩是; a surname that the article uses ``often`` stands
    beside such words too.
    """
    left = start in grid.starts or (often and text[start - 1 : start] in _VERBS_BEFORE)
    right = end in grid.ends or (often and text[end : end + 1] in _WORDS_AFTER)
    return text[end : end + 1] not in _NOT_BEFORE and left and right


def _places(text: str, forms: Collection[str]) -> Iterator[tuple[int, int]]:
    if not forms:
        return
    for match in re.finditer(alternation(forms), text):
        yield match.span()


def _surname(document: Document, start: int, end: int, rule: str) -> Mention:
    return document.mention(start, end, Label.PERSON, score=_SCORE, stage=STAGE, rule=rule)


@lru_cache(maxsize=1)
def _address() -> re.Pattern[str]:
    """A form of address."""
    kinds = ("mr", "ms", "mrs", "nick", "relative")
    rows = read_lexicon("honorifics")
    words = {r.term for r in rows if r.value in kinds and len(r.term) > 1} - _NO_ADDRESS
    return re.compile("|".join(sorted(words, key=lambda w: (-len(w), w))))


@lru_cache(maxsize=1)
def _after_surname() -> re.Pattern[str]:
    """What makes the character before it a surname: honorifics, and offices with one holder."""
    words = {r.term for r in read_lexicon("honorifics") if r.value not in _ANON and len(r.term) > 1}
    words |= {
        r.term
        for r in read_lexicon("titles")
        if r.value in ("chief", "place") and len(r.term) > 1 and has_han(r.term)
    }
    return re.compile(alternation(words))


def _in_use(text: str, start: int, end: int, grid: Grid, *, given: bool) -> bool:
    """True where the characters around a surname (or the last character of a name) make it one."""
    before = text[start - 1 : start]
    government = _GOVERNMENT.match(text, end) is not None and start in grid.starts
    if given or government:
        return government and (not before or before not in "省市县区州镇乡")
    if before in _CAMPS:
        return end in grid.ends
    if _OFFICIAL.match(text, end) and text[start:end] not in _NO_OFFICIALS:
        return start in grid.starts or before in "，。；：「\n"
    follows = _after_surname().match(text, end)
    if follows is None or not _apart(text, start) or start not in grid.starts:
        return False
    return end in grid.ends or follows.end() in grid.ends


def _apart(text: str, start: int) -> bool:
    """True where nothing before a surname makes it part of another word (副, 总, 前 before 高…)."""
    return text[start - 1 : start] not in ("副", "总", "代", "最", "大", "老", "小", "阿")
