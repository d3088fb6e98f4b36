"""Which mentions of companies and other organisations are one.

Each shorter name looks for the fuller names that it can be a form of, strongest rule first; where
two different ones fit equally well it stays apart, with a diagnostic.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.document import Diagnostic, Document
from pipeline.entities.abbreviation import is_abbreviation, word_pieces
from pipeline.entities.groups import Groups
from pipeline.entities.linking import Link, Linker
from pipeline.names.firms import (
    expand_places,
    is_foreign,
    only_trades,
    split_name,
    split_place,
    strip_forms,
    without_brackets,
)
from pipeline.names.people import clean, fold, has_han, is_latin
from pipeline.resources import read_lexicon

# Rules in the order of their strength.
STRENGTH = ("place form", "lexicon", "legal form", "brand", "trade words", "suffix", "abbreviation")

_SHORTEST = 2
_OWN_CITY = re.compile(r"^[市县](?:政府|府)(?=..)")
_CITY_BODY = re.compile(r"(?<=[市县])政府(?=.)")
_BRANCH = re.compile(r"(?:分公司|分行|支行|分社|分局|分会|分校|分院|办事处|支队|大队)\Z")


@lru_cache(maxsize=1)
def _heads() -> tuple[str, ...]:
    return tuple(row.term for row in read_lexicon("organisation_heads"))


@lru_cache(maxsize=1)
def organisation_aliases() -> dict[str, tuple[str, ...]]:
    """Short form -> longer forms, from the lexicon."""
    found: dict[str, list[str]] = {}
    for row in read_lexicon("organisation_aliases"):
        found.setdefault(row.term, []).append(row.value)
    return {term: tuple(values) for term, values in found.items()}


@dataclass
class _Names:
    """The distinct names of a document's organisations."""

    document: Document
    linker: Linker | None
    mentions: dict[str, list[int]] = field(default_factory=dict)
    surface: dict[str, str] = field(default_factory=dict)
    label: dict[str, str] = field(default_factory=dict)
    link: dict[str, Link | None] = field(default_factory=dict)
    pieces: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)


def join_organisations(
    document: Document, indices: Sequence[int], groups: Groups, linker: Linker | None
) -> list[Diagnostic]:
    """Merge organisation mentions within ``groups``; return what stayed ambiguous."""
    names = _collect(document, indices, linker)
    for members in names.mentions.values():
        for other in members[1:]:
            groups.merge(members[0], other, "same name")
    diagnostics: list[Diagnostic] = []
    for key in sorted(names.mentions, key=lambda k: (-len(k), names.mentions[k][0])):
        rules = _fuller(names, key, groups)
        if not rules:
            continue
        chosen = _choose(names, key, rules, groups)
        if chosen is None:
            m = document.mentions[names.mentions[key][0]]
            diagnostics.append(Diagnostic("entities", m.start, m.end, "ambiguous-organisation"))
        else:
            groups.merge(names.mentions[chosen][0], names.mentions[key][0], rules[chosen])
    return diagnostics


def _collect(document: Document, indices: Sequence[int], linker: Linker | None) -> _Names:
    names = _Names(document, linker)
    starts = [t.start for t in document.tokens]
    for i in indices:
        m = document.mentions[i]
        surface = clean(document.text[m.start : m.end])
        key = fold(surface)
        if key not in names.mentions:
            names.surface[key] = surface
            names.label[key] = m.label
            names.link[key] = linker.link(surface, m.label) if linker is not None else None
            first, last = bisect_left(starts, m.start), bisect_left(starts, m.end)
            names.pieces[key] = word_pieces(surface, [s - m.start for s in starts[first:last]])
        names.mentions.setdefault(key, []).append(i)
    return names


def _fuller(names: _Names, key: str, groups: Groups) -> dict[str, str]:
    """Keys of the names that ``key`` may be a short form of, with the rule."""
    found: dict[str, str] = {}
    for other in names.mentions:
        if other == key or groups.same(names.mentions[other][0], names.mentions[key][0]):
            continue
        rule = _rule(names, key, other)
        if rule is not None and not _two_firms(names, key, other, groups):
            found[other] = rule
    return found


def _two_firms(names: _Names, key: str, other: str, groups: Groups) -> bool:
    """True where a merge would put two different legal names (…有限公司) into one entity."""
    roots = {groups.find(names.mentions[key][0]), groups.find(names.mentions[other][0])}
    legal = [
        without_brackets(surface)
        for name, surface in names.surface.items()
        if surface.endswith(("有限公司", "有限责任公司"))
        and groups.find(names.mentions[name][0]) in roots
    ]
    bodies = {split_place(strip_forms(name)[0])[1] for name in legal}
    return any(a not in b and b not in a for a in bodies for b in bodies)


def _rule(names: _Names, key: str, other: str) -> str | None:
    mine, theirs = names.link[key], names.link[other]
    if mine is not None and theirs is not None:
        if mine.id == theirs.id:
            return "lexicon"
        return None
    short, full = names.surface[key], names.surface[other]
    if len(short) > len(full):
        return None
    rule = short_form_rule(short, full, names.pieces[other], is_org=names.label[key] == "ORG")
    # A firm's known name with a trade behind it that the lexicon does not know is a firm of its own
    # (腾讯, 腾讯音乐; Google, Google Shopping).
    group = mine is not None and not (mine.listed and not split_name(short).trade)
    service = rule == "brand" and is_latin(full)
    subsidiary = (rule == "trade words" or service) and group and theirs is None
    return None if subsidiary or (rule == "suffix" and _foreign(names, key, other)) else rule


def _foreign(names: _Names, key: str, other: str) -> bool:
    """True where a bare name stands first and the fuller one is another country's (美国国务院)."""
    place, rest = split_place(names.surface[other])
    if rest != names.surface[key] or not is_foreign(place):
        return False
    mentions, body = names.document.mentions, names.document.text.find("\n")
    bare = [mentions[i].start for i in names.mentions[key] if mentions[i].start > body]
    return bool(bare) and bare[0] < mentions[names.mentions[other][0]].start


def short_form_rule(
    short: str, full: str, pieces: tuple[tuple[int, int], ...] = (), *, is_org: bool = False
) -> str | None:
    """Why ``short`` can be a form of the name ``full``, or None.

    ``pieces`` are the words of ``full`` (from tokens); without them abbreviations are judged on
    words of two characters. Suffixes (环保局 of 台中市环保局) are for organisations.
    """
    a, b = expand_places(short), expand_places(full)
    if a == b or _CITY_BODY.sub("", a) == _CITY_BODY.sub("", b):
        return "place form"
    if is_org:
        a = _OWN_CITY.sub("", a)
    if full in organisation_aliases().get(short, ()) or _known_alias(a, b):
        return "lexicon"
    if is_latin(short) and is_latin(full):
        return _latin_rule(short, full)
    # All that follows picks characters of the fuller name; most pairs of an article share none.
    if not has_han(full) or len(a) >= len(b) or set(a).isdisjoint(b):
        return None
    rule = _company_rule(a, b) or (None if is_org else _abroad_rule(a, b))
    if rule is not None:
        return rule
    if is_org and _is_suffix(a, b):
        return "suffix"
    if _BRANCH.search(full) and not _BRANCH.search(short):
        return None
    # 国民党 is a party by itself, and no 美国民主党.
    if is_org and (b.startswith(a) or short.endswith("党")):
        return None
    if is_abbreviation(short, full, pieces or word_pieces(full, ())):
        return "abbreviation"
    return None


def _known_alias(short: str, full: str) -> bool:
    for value in organisation_aliases().get(short, ()):
        if full == value or full.endswith(value) or value.endswith(full):
            return True
        if full in organisation_aliases().get(value, ()):
            return True
    return False


def _latin_rule(short: str, full: str) -> str | None:
    body, _ = strip_forms(full)
    if body.casefold() == strip_forms(short)[0].casefold():
        return "legal form"
    return "brand" if full.casefold().startswith(short.casefold() + " ") else None


def _company_rule(short: str, full: str) -> str | None:
    full, short = without_brackets(full), without_brackets(short)
    body, form = strip_forms(full)
    bare, own_form = strip_forms(short)
    if form and bare == body:
        return "legal form"
    if "集团" in own_form and "集团" not in form:
        return None
    _, placeless = split_place(body)
    if placeless == bare and len(placeless) < len(body) and form:
        return "brand"
    parts = split_name(full)
    if parts.form and parts.brand == bare:
        return "brand"
    if body.startswith(bare) and only_trades(body[len(bare) :]):
        return "trade words"
    if parts.form and placeless.startswith(bare) and only_trades(placeless[len(bare) :]):
        return "trade words"
    legal = "有限" in form or "股份" in form
    listed = own_form == "股份"
    return "brand" if legal and _part_of_legal(bare, body, known_form=listed) else None


def _abroad_rule(short: str, full: str) -> str | None:
    """加拿大海枫银行 is 海枫银行; a firm with a city of its own country may be its branch."""
    place, rest = split_place(full)
    return "brand" if is_foreign(place) and rest == short and len(short) > _SHORTEST else None


def _part_of_legal(bare: str, body: str, *, known_form: bool) -> bool:
    """True where a short name can only be cut from a legal name's body (without place and form).

    It begins the body (three characters, or two with 股份 behind them), stands in it after a place
    that no list knows (four), or is its brand with its last trade (裕同科技 of 裕同包装科技).
    """
    place, rest = split_place(body)
    if place and len(bare) >= 4 and body.replace("市", "").replace("省", "").startswith(bare):
        return True
    body = rest
    if len(bare) >= (2 if known_form else 3) and body.startswith(bare):
        return True
    if len(bare) >= 4 and bare in body:
        return True
    parts = split_name(bare)
    brand, trade = parts.place + parts.brand, parts.trade
    return (
        len(brand) >= 2
        and trade != ""
        and body.startswith(brand)
        and body.endswith(trade)
        and len(body) > len(bare)
    )


def _is_suffix(short: str, full: str) -> bool:
    if not full.endswith(short) or len(short) < 2:
        return False
    if full[: -len(short)] in ("临时", "前", "新", "原", "大", "小", "反", "非"):
        return False
    head = next((h for h in _heads() if short.endswith(h)), None)
    if head is None:
        return False
    return len(short) > len(head) or len(head) >= 2


def _choose(names: _Names, key: str, rules: dict[str, str], groups: Groups) -> str | None:
    """The fuller name to join: strongest rule; among equals the group last named before."""
    best = min(STRENGTH.index(rule) for rule in rules.values())
    fits = [other for other, rule in rules.items() if STRENGTH.index(rule) == best]
    roots = {groups.find(names.mentions[other][0]) for other in fits}
    if len(roots) == 1:
        return fits[0]
    if _are_one(names, key, fits):
        return max(fits, key=len)
    if STRENGTH[best] not in ("suffix",):
        return None
    first = names.document.mentions[names.mentions[key][0]].start
    before = [o for o in fits if names.document.mentions[names.mentions[o][0]].start < first]
    roots = {groups.find(names.mentions[other][0]) for other in before}
    return before[0] if len(roots) == 1 else None


def _are_one(names: _Names, key: str, fits: Sequence[str]) -> bool:
    """True where all names are the same but for their form: 中市府, 台中市府; one firm's names."""
    surfaces = [names.surface[name] for name in (key, *fits)]
    if len({_CITY_BODY.sub("", expand_places(surface)) for surface in surfaces}) == 1:
        return True
    links = [names.link[name] for name in (key, *fits)]
    return links[0] is not None and all(
        link is not None and link.id == links[0].id for link in links
    )
