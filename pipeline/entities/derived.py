"""Short forms that follow from a name given in full: contractions, and stems of listed firms."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pipeline.document import Document, Label, Mention
from pipeline.names.firms import (
    is_place,
    only_trades,
    split_name,
    split_place,
    strip_forms,
)
from pipeline.names.people import parse_person
from pipeline.resources import read_lexicon

_HAN = re.compile(r"[\u4e00-\u9fff]+\Z")
_CODE = re.compile(
    r"\s?[(（]\s?(?:(?:SH|SZ|HK|US|NASDAQ|NYSE)[:：]?\s?)?"
    r"(?:股票代[码号][:：]?|代号[:：]?)?(\d{4,6})(?:[-.](?:TWO|TW|HK|SH|SZ|SS|BJ))?\s?[)）]"
)
_YEARS = range(1850, 2050)
_LEAST = 2
_LEAST_BODY, _BRAND = 4, 3


def has_stock_code(text: str, end: int) -> bool:
    """True where a stock code in brackets follows a name; a year of birth is none."""
    found = _CODE.match(text, end)
    if found is None:
        return False
    bare = found[0].strip(" (（)）").isdigit()
    return not bare or len(found[1]) > 4 or int(found[1]) not in _YEARS


def stems_of_firms(document: Document, mentions: Sequence[Mention]) -> set[str]:
    """Names, and their stems without trade and form, of firms with a stock code or a legal name.

    A stem that can be a person's name (李宁有限公司) needs the code.
    """
    stems: set[str] = set()
    for m in mentions:
        if m.label not in (Label.COMPANY, Label.PERSON):
            continue
        form = document.text[m.start : m.end]
        coded = has_stock_code(document.text, m.end)
        parts = split_name(form)
        if coded:
            stems.add(form)
        legal = parts.form.endswith("有限公司") and parse_person(parts.brand).kind != "full"
        if (coded or legal) and len(parts.brand) > 1:
            stems.add(parts.brand)
    return stems - {form for form in stems if is_place(form)}


def contractions(document: Document, mentions: Sequence[Mention]) -> Iterator[tuple[str, Mention]]:
    """(short form, mention) of names of two or three words whose first characters the article has.

    时代力量 gives 时力. The short form stands twice or more as a token of its own. Names that end
    in a kind of body give none here: their short forms are often words (高雄大学, 高大).
    """
    starts = [t.start for t in document.tokens]
    words = Counter(document.text[t.start : t.end] for t in document.tokens)
    seen: set[str] = set()
    for m in mentions:
        form = document.text[m.start : m.end]
        if form in seen or m.label not in (Label.ORG, Label.COMPANY) or not _HAN.match(form):
            continue
        seen.add(form)
        first, last = bisect_left(starts, m.start), bisect_left(starts, m.end)
        tokens = document.tokens[first:last]
        if not tokens or tokens[0].start != m.start or tokens[-1].end != m.end:
            continue
        if not 2 <= len(tokens) <= 3 or any(t.end - t.start < 2 for t in tokens):
            continue
        if document.text[tokens[-1].start : tokens[-1].end] in _kinds():
            continue
        short = "".join(document.text[t.start] for t in tokens)
        if words[short] >= _LEAST and short not in form and _may_name(short):
            yield short, m


def bodies_of_legal_names(
    document: Document, mentions: Sequence[Mention]
) -> Iterator[tuple[str, Mention]]:
    """(name, mention) of firms with a legal form: what is left without it, and without its place.

    招商局置地有限公司 gives 招商局置地, 武汉金凰珠宝股份有限公司 金凰珠宝 too; a brand of three
    characters stands for its firm (广东猪兼强互联网科技有限公司: 猪兼强) unless it can be a person.
    """
    for m in mentions:
        form = document.text[m.start : m.end]
        if m.label != Label.COMPANY or not form.endswith("有限公司") or not _HAN.match(form):
            continue
        body, _ = strip_forms(form)
        _, placeless = split_place(body)
        for name in {body, placeless}:
            brand = split_name(name).brand
            if len(name) >= _LEAST_BODY and not only_trades(name) and not is_place(brand):
                yield name, m
        brand = split_name(form).brand
        if len(brand) == _BRAND and not is_place(brand) and parse_person(brand).kind != "full":
            yield brand, m


def _may_name(short: str) -> bool:
    return not is_place(short) and short not in _kinds() and parse_person(short).kind != "surname"


@lru_cache(maxsize=1)
def _kinds() -> frozenset[str]:
    """Words for kinds of bodies: 大学, 公司, 委员会."""
    lexicons = ("generic_bodies", "organisation_suffixes", "organisation_heads")
    return frozenset(row.term for name in lexicons for row in read_lexicon(name))
