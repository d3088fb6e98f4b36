"""What the words around a name say of it: no name in the title of a law, none for a place to post.

Counted in 450 annotated news articles: none of 73 titles of laws (《…条例》) holds a marked name,
none of 18 platforms behind 在 (在脸书发文) is marked, and all 27 names 《X》 before 记者, 报道 and
their like are media.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import lru_cache

from pipeline.document import Document
from pipeline.resources import read_lexicon

_LAW = re.compile(r"[《〈][^《》〈〉\n]{0,40}(?:条例|法|法案|办法|规则|准则)[》〉]")
_MEDIUM = re.compile(
    r"《\s?([^《》\n]{2,10}?)\s?》\s?(?:总编辑|副总编辑|主编|创办人|记者|特约记者|报道|报导|社论|引述)"
)
_NO_MEDIUM = re.compile(r"(?:报告|声明|公约|协议|协定|手册|问卷|条例|法|书|案)\Z")
_POSTED = re.compile(r"(?:在|于|至|截自|翻摄自|取自|官方)(?:个人|其|自己的?|他的|她的)?\s?\Z")
_PAGE = re.compile(r"\s?(?:上|网红|粉丝|粉专|专页|帐号|账号|直播|贴文|发文|留言|社团)")
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
    return _POSTED.search(before) is not None or _PAGE.match(text, end) is not None


def media_by_context(document: Document) -> Iterator[tuple[int, int]]:
    """Names in 《》 before a word for who works there or what it does."""
    for match in _MEDIUM.finditer(document.text):
        if not _NO_MEDIUM.search(match[1]):
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
