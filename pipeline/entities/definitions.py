"""Names that the article itself explains: brackets and apposition after a name.

中智行科技有限公司(以下簡稱「中智行」), 台積電（2330-TW）, 臉書(Facebook), 趙薇（原名...）.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.document import Document, Mention
from pipeline.names.people import clean, has_han, is_latin
from pipeline.resources import read_lexicon

_INTRO = (
    r"(?:以下|下文|下)?(?:简称|统称|合称|下称|又称|亦称|也称|俗称|又名|原名|别名|本名|真名|艺名|笔名|法号|"
    r"绰号|外号|花名|昵称|人称|旧称|前称|前身为?|英文名称?|英文简称|英文缩写|英文|中文名|外文名|股票简称|证券简称|简写|称|即)"
)
_QUOTES = "「『“\"‘'《〈"
_CLOSING = "」』”\"’'》〉"
_BRACKET = re.compile(rf"\s?[{_CLOSING}]?\s?[(（]([^()（）\n]{{1,60}})[)）]")
_INTRODUCED = re.compile(
    rf"^\s*({_INTRO})[为是：:，,\s]*[{_QUOTES}]?([^{_QUOTES}{_CLOSING}、，,；;。]{{1,30}})[{_CLOSING}]?"
)
_OUTSIDE = re.compile(
    rf"[，,]?(?:以下)?(简称|又称|俗称|又名|原名|本名|人称|绰号|外号)[为是：:]?[{_QUOTES}]([^{_QUOTES}{_CLOSING}\n]{{1,20}})"
)
_QUOTED = re.compile(rf"^\s*[{_QUOTES}]([^{_QUOTES}{_CLOSING}]{{1,20}})[{_CLOSING}]\s*$")
_LATIN_NAME = re.compile(r"^\s*([A-Za-zÀ-ɏ][\w .,&'’\-À-ɏ]{0,58}[\w.])\s*$")
_CODE = re.compile(
    r"(?<![\d.])(?:(?:SH|SZ|HK|NASDAQ|NYSE|US|sh|sz|hk)\s?[:：]?\s?)?"
    r"(?:\d{4,6}(?:[-.](?:TWO|TW|HK|SH|SZ|SS|BJ|US|O|N))?|[A-Z]{1,5}[-.](?:US|O|N))(?![\d.])"
)


@lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return frozenset(row.term for row in read_lexicon("generic_names"))


class Definition(NamedTuple):
    """A further name of ``mention`` (an index), as the article states it.

    ``kind`` is name, latin, code or generic (公司: it names nothing but stands for the company).
    """

    mention: int
    start: int
    end: int
    text: str
    kind: str


def find_definitions(document: Document, indices: Sequence[int]) -> list[Definition]:
    """What brackets and apposition after these mentions say, in text order."""
    found: list[Definition] = []
    for index in indices:
        found.extend(_after(document.text, document.mentions[index], index))
    return found


def _after(text: str, mention: Mention, index: int) -> Iterator[Definition]:
    position = mention.end
    for _ in range(2):
        bracket = _BRACKET.match(text, position)
        if bracket is None:
            break
        yield from _inside(text, bracket.start(1), bracket.end(1), index, mention)
        position = bracket.end()
    outside = _OUTSIDE.match(text, position)
    if outside is not None:
        yield _made(text, outside.start(2), outside.end(2), index, "name")


def _inside(text: str, start: int, end: int, index: int, mention: Mention) -> Iterator[Definition]:
    content = text[start:end]
    introduced = _INTRODUCED.match(content)
    own = text[mention.start : mention.end]
    if introduced is not None:
        a, b = introduced.span(2)
        name = clean(introduced.group(2))
        kind = "generic" if name in _generic() else "name"
        strong = introduced.group(1) not in ("称", "即", "英文") or content[a - 1] in _QUOTES
        if name and strong and name != clean(own):
            yield _made(text, start + a, start + b, index, kind)
        return
    if mention.label != "PERSON":
        code = _CODE.search(content)
        if code is not None:
            yield _made(text, start + code.start(), start + code.end(), index, "code")
            return
        quoted = _QUOTED.match(content)
        if quoted is not None and clean(quoted.group(1)) not in _generic():
            yield _made(text, start + quoted.start(1), start + quoted.end(1), index, "name")
            return
    latin = _LATIN_NAME.match(content)
    if latin is not None and has_han(own):
        yield _made(text, start + latin.start(1), start + latin.end(1), index, "latin")
    elif (
        is_latin(own)
        and re.fullmatch(r"\s*[\u3400-\u9fff·]{2,12}\s*", content)
        and clean(content) not in _generic()
        and mention.label != "PERSON"
    ):
        yield _made(text, start, end, index, "name")


def _made(text: str, start: int, end: int, index: int, kind: str) -> Definition:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Definition(index, start, end, text[start:end], kind)
