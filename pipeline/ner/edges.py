"""Names that engines run together with what stands beside them, cut to the name.

建设局 in 直接|拿|建设局: no name holds such a verb. 日月光集团 in 美国加州|日月光集团: in 450
annotated articles a foreign place before a known firm stands outside 11 times of 12. 微软 in
微软|IE: what follows a known firm in Latin letters is its product.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from pipeline.document import Document, Mention
from pipeline.names.firms import is_foreign, only_trades, split_place
from pipeline.ner.organisation_rules import OrganisationRules
from pipeline.resources import read_lexicon

_STATES = frozenset(("加州", "德州", "纽约", "华盛顿", "东京", "大阪", "伦敦", "巴黎"))
_QUOTED = frozenset('「『《〈“"')
_HAN = re.compile("[\u4e00-\u9fff]")
_CONSTITUENCY = re.compile(
    r"[\u4e00-\u9fff]{1,8}(?:界|九龙|港岛|[新界龙][东西]|选区)(?P<council>立法会)"
)
_CHAMBER = re.compile(r"(?P<body>.{3,})(?P<chamber>立法会|立法院|立院)")
"""香港众志|立法会 (议员): a party or group that the lexicon knows, and a chamber."""
_BRANCH = re.compile(r"(?P<bank>.*(?:银行|[工农中建交招]行|商行))?.*?[分支]行")
_HOLDING, _HELD = "控股", ("股东", "子公司", "孙公司", "权")
_FIRMS = re.compile(
    r"(?P<first>[\u4e00-\u9fff]{2,}?(?P<kind>银行|证券|保险|基金|有限公司))"
    r"(?P<second>[\u4e00-\u9fff]{2,}(?P=kind))"
)
_PRODUCT = re.compile(r"\s?[A-Za-z][A-Za-z0-9 .+\-]*\Z")
_CLASS = re.compile(r"(?:-?(?:KY|DR|SW|W|B|S|U))\Z", re.IGNORECASE)


def cut_names(
    document: Document, mention: Mention, rules: OrganisationRules
) -> Iterator[tuple[int, int]]:
    """Offsets of the names in a COMPANY or ORG mention: its own, fewer characters, or none."""
    text = document.text
    if mention.start and text[mention.start - 1] in _QUOTED:
        yield mention.start, mention.end
        return
    chamber = _CHAMBER.fullmatch(text, mention.start, mention.end)
    if chamber is not None and chamber["body"] in rules.names:
        yield chamber.span("body")
        yield chamber.span("chamber")
        return
    parts = [
        part
        for start, end in _two_firms(text, mention.start, mention.end)
        for part in _around_verbs(document, start, end)
    ]
    for left, right in parts:
        start = _after_leads(document, left, right, rules)
        start = _after_place(text, start, right, rules)
        end = _before_product(text, start, right, rules)
        start = _after_constituency(text, start, end)
        end = _before_branch(text, start, end)
        whole = (start, end) == (mention.start, mention.end)
        if whole or (end - start > 1 and rules.decide(text[start:end]) is not None):
            yield start, end


def _two_firms(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The stretch, or the two firms of one kind that it runs together (甲银行|比利时乙银行)."""
    found = _FIRMS.fullmatch(text, start, end)
    if found is None or only_trades(found["second"].removesuffix(found["kind"]) or "公司"):
        return [(start, end)]
    return [found.span("first"), found.span("second")]


def _around_verbs(document: Document, start: int, end: int) -> list[tuple[int, int]]:
    """The stretch without words that no name holds, in parts."""
    inside = _words("inside")
    parts, at = [], start
    for left, right in _words_of(document, start, end):
        if document.text[left:right] in inside and _HAN.match(document.text[left]):
            parts.append((at, left))
            at = right
    parts.append((at, end))
    return [(left, right) for left, right in parts if right > left]


def _after_leads(document: Document, start: int, end: int, rules: OrganisationRules) -> int:
    """The start without words that begin no name, where a name is left."""
    for left, right in _words_of(document, start, end):
        word = document.text[left:right]
        if left != start or word not in _words("before") or document.text[start:end] in rules.names:
            break
        if rules.decide(document.text[right:end]) is None:
            break
        start = right
    return start


def _after_place(text: str, start: int, end: int, rules: OrganisationRules) -> int:
    """The start without a foreign place before a firm that the lexicon knows."""
    name = text[start:end].casefold()
    place, rest = split_place(name)
    if not place or name in rules.clear or name in rules.names:
        return start
    foreign = all(is_foreign(part) or part in _STATES for part in _places(place))
    bare = rest.removesuffix("集团").removesuffix("公司")
    known = rest in rules.clear or (len(bare) > 1 and bare in rules.clear)
    return start + len(place) if foreign and known else start


def _after_constituency(text: str, start: int, end: int) -> int:
    """The start of the council behind the constituency of its member (教育界|立法会)."""
    found = _CONSTITUENCY.fullmatch(text, start, end)
    return found.start("council") if found is not None else start


def _places(place: str) -> Iterator[str]:
    """The places that a stretch of places consists of."""
    while place:
        first, rest = place, ""
        for size in range(len(place) - 1, 1, -1):
            if is_foreign(place[:size]) or place[:size] in _STATES:
                first, rest = place[:size], place[size:]
                break
        if is_foreign(place) or place in _STATES:
            first, rest = place, ""
        yield first
        place = rest


def _before_product(text: str, start: int, end: int, rules: OrganisationRules) -> int:
    """The end of a firm of the lexicon that Latin letters follow, unless they are its own."""
    name = text[start:end].casefold()
    product = _PRODUCT.search(name)
    if product is None or not product.start() or name in rules.companies:
        return end
    firm = name[: product.start()].rstrip()
    legal = rules.decide(name)
    if firm not in rules.clear or not _HAN.match(firm) or _CLASS.fullmatch(product.group()):
        return end
    if legal is not None and legal.rule.startswith("suffix"):
        return end
    return start + len(firm)


def _before_branch(text: str, start: int, end: int) -> int:
    """The end of the bank before its branch; the start where no bank is named (大明分行).

    Of 永兴环保控股子公司 it is the end of 永兴环保. A registered name (…有限公司大明分行) and a
    central bank's branch are whole.
    """
    if text.endswith(_HOLDING, start + 2, end) and text.startswith(_HELD, end):
        return end - len(_HOLDING)
    branch = _BRANCH.fullmatch(text, start, end)
    if branch is None or "公司" in branch.group() or "人民" in branch.group():
        return end
    return branch.end("bank") if branch["bank"] is not None else start


def _words_of(document: Document, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Tokens wholly inside a stretch."""
    tokens = document.tokens
    first = bisect_left(tokens, start, key=lambda token: token.start)
    for token in tokens[first:]:
        if token.end > end:
            return
        yield token.start, token.end


@lru_cache(maxsize=2)
def _words(kind: str) -> frozenset[str]:
    return frozenset(row.term for row in read_lexicon("organisation_edges") if row.value == kind)
