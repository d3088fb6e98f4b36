"""What the words around a name say of it: no name in the title of a law, none for a place to post.

Counted in 450 annotated news articles: none of 73 titles of laws (《…条例》) holds a marked name,
none of 18 platforms behind 在 (在脸书发文) is marked, and all 27 names 《X》 before 记者, 报道 and
their like are media.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import lru_cache

from pipeline.document import Document, Label
from pipeline.resources import alternation, read_lexicon

_LAW = re.compile(r"[《〈][^《》〈〉\n]{0,40}(?:条例|法|法案|办法|规则|准则)[》〉]")
_IN_LATIN = r"(?:[（(][A-Za-z][A-Za-z .&'’-]{1,40}[）)]\s?)?"
_MEDIUM = re.compile(
    rf"《\s?([^《》\n]{{1,10}}?)\s?》\s?{_IN_LATIN}"
    r"(?:(?:执行|副)?总编辑|主编|创办人|(?:特约)?记者|报[道导]|社论|引述|引用|专访|专栏|网站|披露|查询|获悉|"
    r"(?:今|昨|周[一二三四五六日]|日前|早前|此前|曾|去年|上[周月])[^，。]{0,6}(?:报[道导]|披露))"
)
_PAPER = re.compile(
    r"《\s?([^《》\n]{1,8}(?:[日早晚时邮商导新]报|纪事报|先驱报|电讯报|论坛报|周刊|杂志|新闻网|通讯社))\s?》\s?"
    rf"{_IN_LATIN}(?:指出|指|称|说|表示|透露|认为|评论|分析)"
)
"""Verbs that reports and books stand before as well count behind the name of a paper only."""
_INVESTOR = re.compile(
    r"由([\u4e00-\u9fff]{2,6}?(?:资本|创投|投资|基金))(?:等\w{0,4}|独家|联合)?[领跟参]投"
)
_NO_MEDIUM = re.compile(
    r"(?:报告|声明|公约|协议|协定|手册|问卷|条例|法|书|案|研究|调查|白皮书|指引|规定|意见|通知)\Z"
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[\x21-\x7e]+|(?<![A-Za-z0-9.+-])[A-Za-z0-9.+-]{1,64}@[A-Za-z0-9.-]{1,64}"
)
_WORK = re.compile(r"[《〈]([^《》〈〉\n]{3,8})[》〉]")
_DOTS = ("·", "‧", "•")
_BANKS = ("央行", "中央银行")
_NO_WORDS = re.compile("[的了是不也都在吗吧呢啊]")
_NO_STATES = frozenset(
    ("中华", "全国", "国家", "全球", "世界", "国际", "亚太", "大中华", "欧洲", "北美", "亚洲")
) | {"非洲", "拉美", "东南亚", "内地", "大陆"}
_STEP = re.compile(r"[>＞›»]\s?\Z")
_ON_STATION = re.compile(r"(?:[车]?站)")


def law_titles(text: str) -> list[tuple[int, int]]:
    """Stretches that are titles of laws."""
    return [match.span() for match in _LAW.finditer(text)]


def is_place_to_post(text: str, start: int, end: int, owners: Container[int]) -> bool:
    """True for a platform that something is posted on (在脸书发文), which does nothing itself.

    ``owners`` are the ends of the names of the text, whose pages these may be (林志远的脸书).
    """
    if text[start:end].casefold() not in _platforms():
        return False
    if start in owners or (text[start - 1 : start] == "的" and start - 1 in owners):
        return True
    before = text[max(0, start - 6) : start]
    return _posted().search(before) is not None or _page().match(text, end) is not None


def is_led(text: str, start: int) -> bool:
    """True behind a character that the segmenter may join to a firm's name (前大|疆)."""
    return text[start - 1 : start] in _words("lead")


def is_idle_platform(text: str, start: int, end: int) -> bool:
    """True for a platform to post on that does nothing: the firm is meant where it acts."""
    return text[start:end].casefold() in _platforms() and not _acts().match(text, end)


def is_product(text: str, start: int, end: int) -> bool:
    """True where a firm's name is the first word of a service or index (Apple Pay, 恒生指数)."""
    return _service().match(text, end) is not None


def is_service(name: str) -> bool:
    """True for a firm's Latin name with that of its service (Google Assistant); media stay."""
    firm, _, service = name.rpartition(" ")
    return firm.isascii() and service in _words("service") and service != "News"


def is_thing(text: str, start: int, end: int) -> bool:
    """True for a storm or a ship in quotes, which bears a person's name (台风「艾玛」)."""
    closed = text[end : end + 1] in ("」", "”", "』", '"')
    return closed and _thing().search(text, max(0, start - 8), start) is not None


def is_any_central_bank(text: str, start: int, end: int) -> bool:
    """True for central banks at large (各国央行)."""
    return text[start:end] in _BANKS and _many().search(text, max(0, start - 8), start) is not None


def no_names(text: str) -> list[tuple[int, int]]:
    """Stretches inside which no name is marked: titles of laws and works, addresses."""
    found = [match.span() for match in _ADDRESS.finditer(text)]
    found += [match.span() for match in _WORK.finditer(text)]
    return found + law_titles(text)


def quoted_by_kind(document: Document) -> Iterator[tuple[int, int, str]]:
    """Names in quotes after a word for what they are: 借贷平台「…」 a COMPANY, 组织「…」 an ORG."""
    plans = tuple(_words("plan"))
    found = list(_typed().finditer(document.text))
    bodies = {match["name"] for match in found if not match["firm"]}
    for match in found:
        name = match["name"]
        if not _NO_WORDS.search(name) and not name.endswith(plans):
            yield *match.span("name"), Label.ORG if name in bodies else Label.COMPANY


def is_description(text: str, start: int, end: int) -> bool:
    """True for words that say what the name in quotes behind them is (韩国女团「…」)."""
    if text[end : end + 1] not in ("「", "『"):
        return False
    kinds = tuple(_words("firm") | _words("body"))
    return text[start:end].endswith(kinds) and _quoted_name().match(text, end) is not None


def governments(document: Document) -> Iterator[tuple[int, int]]:
    """Governments of countries: 巴西政府."""
    for match in _governments().finditer(document.text):
        yield match.span(1)


def known_people(document: Document) -> Iterator[tuple[int, int]]:
    """Names of people of public life, outside longer names in Latin letters and dots."""
    text = document.text
    for match in _people().finditer(text):
        start, end = match.span()
        if text[start - 1 : start] not in _DOTS and text[end : end + 1] not in _DOTS:
            yield start, end


@lru_cache(maxsize=1)
def _people() -> re.Pattern[str]:
    return re.compile(alternation(row.term for row in read_lexicon("people")))


@lru_cache(maxsize=1)
def _governments() -> re.Pattern[str]:
    places = (r.term for r in read_lexicon("places") if r.value == "country" and len(r.term) > 1)
    names = alternation(place for place in places if place not in _NO_STATES)
    return re.compile(rf"((?:{names})政府)(?!债|公债|国债|采购|机关|机构|军)")


def media_by_context(document: Document) -> Iterator[tuple[int, int]]:
    """Names in 《》 before a word for who works there or what it does, wherever 《》 has them."""
    text = document.text
    names = {m[1] for m in _MEDIUM.finditer(text) if not _NO_MEDIUM.search(m[1])}
    names |= {m[1] for m in _PAPER.finditer(text)}
    if not names:
        return
    for match in re.finditer(rf"《\s?({alternation(names)})\s?》", text):
        yield match.span(1)


def investors(document: Document) -> Iterator[tuple[int, int]]:
    """Funds and firms that led or joined a round of financing (由…资本领投)."""
    for match in _INVESTOR.finditer(document.text):
        yield match.span(1)


def is_breadcrumb(text: str, start: int, end: int) -> bool:
    """True for the last step of a page's path (首页>科技>正文), which names the kind of page."""
    return _STEP.search(text, max(0, start - 3), start) is not None and text[end : end + 1] in "\n"


def station_of(text: str, start: int, end: int) -> bool:
    """True where a place ends as a station does, right after ``start`` (港铁站)."""
    return _ON_STATION.fullmatch(text, start, end) is not None


@lru_cache(maxsize=1)
def _platforms() -> frozenset[str]:
    return frozenset(row.term.casefold() for row in read_lexicon("platforms"))


@lru_cache(maxsize=16)
def _words(kind: str) -> frozenset[str]:
    return frozenset(row.term for row in read_lexicon("name_contexts") if row.value == kind)


def _any(kind: str) -> str:
    return f"(?:{alternation(_words(kind))})"


@lru_cache(maxsize=1)
def _posted() -> re.Pattern[str]:
    return re.compile(_any("posted") + r"(?:个人|其|自己的?|他的|她的|私人)?\s?\Z")


@lru_cache(maxsize=1)
def _page() -> re.Pattern[str]:
    return re.compile(r"\s?" + _any("page"))


@lru_cache(maxsize=1)
def _acts() -> re.Pattern[str]:
    return re.compile(r"\s?" + _any("acts"))


@lru_cache(maxsize=1)
def _thing() -> re.Pattern[str]:
    return re.compile(_any("thing") + r"\s?[「“『\"]\s?\Z")


@lru_cache(maxsize=1)
def _many() -> re.Pattern[str]:
    return re.compile(_any("many") + r"(?:国家)?的?\Z")


@lru_cache(maxsize=1)
def _service() -> re.Pattern[str]:
    return re.compile(rf" {_any('service')}(?![A-Za-z])|(?:\d{{2,4}})?{_any('index')}?指数")


@lru_cache(maxsize=1)
def _typed() -> re.Pattern[str]:
    quoted = r"[「『](?P<name>[^「」『』\n，。、；：！？!?（）()]{2,12})[」』]"
    kinds = f"(?:(?P<firm>{_any('firm')})|{_any('body')})"
    return re.compile(rf"{kinds}{quoted}(?!{_any('plan')}|的[^，。]{{0,6}}(?:系列|活动))")


@lru_cache(maxsize=1)
def _quoted_name() -> re.Pattern[str]:
    return re.compile(rf"[「『][^「」『』\n，。、；：！？!?（）()]{{2,16}}[」』](?!{_any('plan')})")
