"""Forms of names: folding for comparison, and what a person's name is made of."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from pipeline.resources import read_lexicon

_QUOTE_IN_NAME = re.compile(r"[(（][\d.,，%+\-\s]{3,}[)）]")
_EDGES = " \t\u3000《》〈〉「」『』“”‘’\"'（）()[]【】"
_DOTS = str.maketrans(dict.fromkeys("•‧・．●∙", "·") | {"巿": "市", "臺": "台"})
_HAN = r"\u3400-\u9fff\U00020000-\U0002ebef"
_SPACE_BY_HAN = re.compile(rf"(?<=[{_HAN}])\s+|\s+(?=[{_HAN}])")
_ALL_HAN = re.compile(rf"[{_HAN}]+\Z")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_HAS_HAN = re.compile(rf"[{_HAN}]")

# Characters that transliterations are made of (Xinhua's tables and their Taiwan counterparts).
_TRANSLITERATION = frozenset(
    "阿埃艾安奥巴贝比毕伯博布查茨达戴德蒂丁杜多尔法菲弗福盖戈格古哈汉赫霍基吉加贾杰金卡凯康科克肯库拉莱兰劳勒雷"
    "里利莉廉琳卢鲁路伦罗洛马玛迈麦曼梅蒙米姆穆纳奈内尼涅诺欧帕潘佩皮普奇乔切琼萨塞瑟森沙舍史斯塔泰坦汤特托"
    "瓦威韦维温沃乌西希夏谢休雅亚伊因尤约扎兹佐娜丝茜黛蕾妮桑宾契恩登顿度特普川朗"
)

# Further ones that are common in words too: they count beside a Latin name alone.
_RARER = frozenset("佛伍海理柯葛席崔狄娃珍莎琼苏荷佩芙芭菈蒙波丘彼珊翠蒂温琳")


class PersonName(NamedTuple):
    """A person's name taken apart. ``kind`` is full, surname, nickname or foreign.

    ``surname`` is empty where the form shows none; ``given`` is what follows the surname, and
    ``parts`` are the components of a name with dots or spaces.
    """

    kind: str
    surname: str = ""
    given: str = ""
    parts: tuple[str, ...] = ()


@lru_cache(maxsize=16384)
def clean(text: str) -> str:
    """The name without a stock quote inside it, edge quotes or spaces between Han characters."""
    stripped = _QUOTE_IN_NAME.sub("", text).translate(_DOTS)
    return _SPACE_BY_HAN.sub("", " ".join(stripped.split())).strip(_EDGES)


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """Key under which two surfaces are the same name."""
    return unicodedata.normalize("NFKC", clean(text)).casefold().replace("·", "·")


def is_latin(text: str) -> bool:
    """True for a name in Latin letters without any Han character."""
    return bool(_LATIN.search(text)) and not _HAS_HAN.search(text)


def has_han(text: str) -> bool:
    """True where the text holds a Han character."""
    return bool(_HAS_HAN.search(text))


@lru_cache(maxsize=1)
def surnames() -> dict[str, float]:
    """Surname -> relative frequency."""
    return {row.term: float(row.value) for row in read_lexicon("surnames")}


def surname_of(text: str) -> str:
    """The surname that a Han name begins with (two characters before one), or an empty string."""
    known = surnames()
    if text[:2] in known and len(text) > 2:
        return text[:2]
    return text[:1] if text[:1] in known else ""


@lru_cache(maxsize=4096)
def parse_person(text: str) -> PersonName:
    """Take a person's (cleaned, simplified) name apart."""
    if is_latin(text):
        parts = tuple(p.casefold() for p in re.split(r"[\s·]+", text) if p)
        return PersonName("foreign", parts=parts)
    if "·" in text or " " in text:
        return PersonName("foreign", parts=tuple(p for p in re.split(r"[\s·]+", text) if p))
    if not _ALL_HAN.match(text):
        return PersonName("nickname", surname=surname_of(text[:1]))
    return _parse_han(text)


def _parse_han(text: str) -> PersonName:
    known = surnames()
    if len(text) == 1 or known.get(text, 0.0) >= 15:
        return PersonName("surname", surname=text)
    if len(text) <= 3 and text[0] in "小老阿大":
        rest = text[1:]
        if text[0] == "阿":
            return PersonName("nickname", given=rest)
        if rest in known and len(text) == 2:
            return PersonName("nickname", surname=rest)
        if surname_of(text) == "":
            return PersonName("nickname")
    surname = surname_of(text)
    if len(text) == 2 and surname and text[1] in "总董哥姐爷嫂伯叔妈爸公婆导":
        return PersonName("nickname", surname=surname)
    if surname and "某" in text[len(surname) :]:
        return PersonName("nickname")
    if len(text) >= 3 and _foreign_share(text) >= 0.6:
        return PersonName("foreign", parts=(text,))
    if surname and 2 <= len(text) <= 4:
        return PersonName("full", surname=surname, given=text[len(surname) :])
    return PersonName("foreign" if len(text) >= 3 else "nickname", parts=(text,))


def transliteration_before(text: str, end: int) -> int:
    """Where the run of two to six transliterating characters that ends at ``end`` begins.

    ``end`` itself where there is none (超越|佛度 (Nick Faldo): the start of 佛度).
    """
    start = end
    while start and text[start - 1] in _TRANSLITERATION | _RARER:
        start -= 1
    return start if 2 <= end - start <= 6 else end


def _foreign_share(text: str) -> float:
    if text[0] in surnames() and surnames()[text[0]] >= 1000 and len(text) == 3:
        return 0.61 if all(c in _TRANSLITERATION for c in text[1:]) else 0.0
    return sum(c in _TRANSLITERATION for c in text) / len(text)
