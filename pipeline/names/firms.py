"""Taking the name of a company or other organisation apart.

A legal name is place + brand + trade + form: 深圳市|腾讯|计算机系统|有限公司.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.names.people import clean
from pipeline.resources import read_lexicon

_BRACKETED = re.compile(r"[(（]([\u4e00-\u9fff]{1,8})[)）]")
_PLACE_TAIL = re.compile(r"^(?:省|市|县|区|自治区|特别行政区|经济特区|新区|镇|乡|州|地区)")
_BRANCH = re.compile(r"(?:[\u4e00-\u9fff]{2,4}(?:分公司|分行|支行|分社|分局))\Z")
_TW_UNIT = "市县"
_MIN_BRAND = 2
_HOME = frozenset(
    ("中国", "台湾", "香港", "澳门", "大陆", "内地", "中华民国", "全国", "国家", "中华")
)


class NameParts(NamedTuple):
    """The parts of an organisation's name; any may be empty. ``brand`` never is."""

    place: str
    brand: str
    trade: str
    form: str


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    return {row.term: row.value for row in read_lexicon("places")}


@lru_cache(maxsize=1)
def _forms() -> tuple[str, ...]:
    terms = {row.term.casefold() for row in read_lexicon("legal_suffixes")}
    return tuple(sorted(terms, key=lambda t: (-len(t), t)))


@lru_cache(maxsize=1)
def _trades() -> frozenset[str]:
    return frozenset(row.term for row in read_lexicon("trades"))


@lru_cache(maxsize=1)
def _taiwan_places() -> tuple[tuple[str, str], ...]:
    pairs = [
        (row.value[3:] + unit, row.term + unit)
        for row in read_lexicon("places")
        if row.value.startswith("tw:")
        for unit in _TW_UNIT
        if row.value[3:] + unit != row.term + unit
    ]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@lru_cache(maxsize=8192)
def split_name(text: str) -> NameParts:
    """Split a (simplified) name; what no list knows is brand."""
    name = without_brackets(clean(text))
    place, rest = split_place(name)
    rest, form = strip_forms(rest)
    brand, trade = _split_trades(rest)
    if len(brand) < _MIN_BRAND and place and not trade:
        return NameParts("", place + brand, trade, form)
    return NameParts(place, brand, trade, form)


def is_foreign(place: str) -> bool:
    """True for the name of a country other than China, and no city or region of it."""
    return _places().get(place) == "country" and place not in _HOME


@lru_cache(maxsize=16384)
def without_brackets(name: str) -> str:
    """The name without a place in brackets; what else stands in them stays (集团)."""
    return _BRACKETED.sub(lambda m: "" if split_place(m.group(1) + "占位")[0] else m.group(1), name)


@lru_cache(maxsize=16384)
def split_place(name: str) -> tuple[str, str]:
    """(leading places, rest); the rest is never shorter than two characters."""
    end = 0
    while True:
        step = next((n for n in (4, 3, 2) if name[end : end + n] in _places()), 0)
        if not step:
            return name[:end], name[end:]
        tail = _PLACE_TAIL.match(name[end + step :])
        stop = end + step + (tail.end() if tail else 0)
        if len(name) - stop < _MIN_BRAND:
            return name[:end], name[end:]
        end = stop


def is_place(name: str) -> bool:
    """True for the bare name of a country, region or city."""
    return name in _places()


@lru_cache(maxsize=16384)
def strip_forms(name: str) -> tuple[str, str]:
    """(name, legal form) with forms of company and group words taken off the end."""
    rest = name
    while True:
        low = rest.casefold()
        form = next((f for f in _forms() if low.endswith(f)), None)
        if form is None:
            break
        cut = rest[: len(rest) - len(form)]
        spaced = form[0].isascii() and cut[-1:].isalnum() and cut[-1:].isascii()
        if spaced or len(cut.strip(" ,，.")) < _MIN_BRAND:
            break
        rest = cut.rstrip(" ,，.")
    return rest, name[len(rest) :].strip(" ,，.")


def _split_trades(name: str) -> tuple[str, str]:
    end = len(name)
    while True:
        size = next((n for n in range(min(6, end), 1, -1) if name[end - n : end] in _trades()), 0)
        if not size or end - size < _MIN_BRAND:
            return name[:end], name[end:]
        end -= size


def only_trades(text: str) -> bool:
    """True where a stretch consists of trade words, forms and group words alone."""
    rest, _ = strip_forms("占位" + text)
    brand, _ = _split_trades(rest)
    return brand == "占位"


@lru_cache(maxsize=8192)
def expand_places(name: str) -> str:
    """Write short names of Taiwan's cities and of their governments in full (高市府, 竹县)."""
    grown = name
    for short, full in _taiwan_places():
        if grown.startswith(short) and not grown.startswith(full):
            grown = full + grown[len(short) :]
            break
    else:
        for full in (p for p, v in _places().items() if v.startswith("tw:")):
            if grown.startswith(full + "府"):
                grown = full + "市" + grown[len(full) :]
    grown = re.sub(
        r"(?<=[市县])府", lambda m: "政府" if grown[m.start() - 1] != "政" else "府", grown
    )
    return re.sub(r"^中国国(?=民党|家)", "国", grown)


def without_branch(name: str) -> str:
    """The name without a branch at its end (上海分公司, 高雄分行)."""
    return _BRANCH.sub("", name)
