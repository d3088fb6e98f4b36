"""The place of an article (TW, HK or CN), from its script, words and header.

It decides what a bare 元 is. Traditional script alone settles nothing: mainland stories are often
converted by machine, so words of institutions, places and usage decide.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from pipeline.document import Document
from pipeline.resources import read_lexicon

REGIONS = ("TW", "HK", "CN")
CURRENCY_OF = {"TW": "TWD", "HK": "HKD", "CN": "CNY"}
_MOST = 3
_OTHER_PLACE = 1.5
_OTHER_LEAST = 8
_OTHER_ALONE = 6
_FEW_TRACES = 2
_MOST_NATIVE = 6
# Raw characters that machine conversion from simplified text writes, and those that a Taiwan or
# Hong Kong desk writes in their stead; quotation marks survive a conversion as well.
_CONVERTED = re.compile(
    "[爲衆羣峯麪纔佈啓“]|臺(?![灣北中南東大鐵股])|(?<=[之以然最今背午年隨離職業里])后|后(?=[來者續臺再])"
)
_NATIVE = "為眾裡「"
_RAW_TRACES = (
    ("裡", "TW", 2),
    ("著", "TW", 1),
    ("報道", "HK", 3),
    ("裏", "HK", 1),
    ("着", "HK", 2),
)
_TW_BYLINE = re.compile(r"[／/]\w{0,6}(?:综合)?报导")
_MAINLAND_TICKER = re.compile(r"\d{6}[.．]S[HZ]|S[HZ] ?\d{6}|[（(][036]\d{5}[)）]")


_HK_SOURCE = re.compile("来源[:：] ?阿斯达克")
_CHINA = re.compile("中国(?!国民党|时报|信托|医药|文化大学)|大陆|内地")


_GUARD = {"法人": "法人(?!员)"}  # 执法人员


class _Weight(NamedTuple):
    region: str
    weight: int
    style: bool


class Place(NamedTuple):
    """Region of publication, the currency of a bare 元, and the signs of the region."""

    region: str | None
    currency: str | None
    evidence: tuple[str, ...]


def article_region(document: Document) -> tuple[str | None, tuple[str, ...]]:
    """The region that the evidence of a document speaks for, and that evidence.

    The evidence names the words or signs, heaviest first, at most eight. None where nothing speaks
    for a place.
    """
    place = article_place(document)
    return place.region, place.evidence


def article_place(document: Document) -> Place:
    """Where an article was published and which currency its bare 元 is.

    Simplified text, and traditional text with the traces of a conversion by machine, is mainland
    text; other traditional text is Taiwan's or Hong Kong's by its words. The currency follows the
    region, unless a story about the mainland (人民币, its institutions and cities) stands in a
    Taiwan or Hong Kong paper.
    """
    scores, evidence = _scores(document)
    raw = document.article.text
    if document.script == "simplified":
        # AAStocks of Hong Kong names yuan as 人民币; its bare 元 is the dollar of its place.
        currency = "HKD" if _HK_SOURCE.search(document.text) else "CNY"
        return Place("CN", currency, ("script simplified",))
    converted = len(_CONVERTED.findall(raw))
    native = sum(min(raw.count(c), _MOST_NATIVE) for c in _NATIVE)
    local = max(scores["TW"], scores["HK"]) > scores["CN"] + 4 and converted < _FEW_TRACES
    if document.script in ("traditional", "mixed") and converted > native and not local:
        return Place("CN", "CNY", ("converted from simplified", *evidence["CN"][:7]))
    if _is_neutral(document, native):
        region = max(REGIONS, key=lambda r: scores[r]) if any(scores.values()) else None
    else:
        region = "HK" if scores["HK"] > scores["TW"] else "TW"
    if region is None:
        return Place(None, None, ())
    mainland = region != "CN" and _about_mainland(document.text, region)
    return Place(region, "CNY" if mainland else CURRENCY_OF[region], evidence[region][:8])


def _about_mainland(text: str, region: str) -> bool:
    """Whether a story of a Taiwan or Hong Kong paper plays on the mainland.

    Counts words of places and institutions, not of wording; 中国 and 大陆 count for the mainland.
    """
    pattern, weights = _words()
    story: Counter[str] = Counter()
    for word, count in Counter(pattern.findall(text)).items():
        where = weights[word]
        if not where.style and not _CHINA.fullmatch(word):
            story[where.region] += where.weight * min(count, _MOST)
    story["CN"] += 2 * min(_MOST, len(_CHINA.findall(text)))
    least = _OTHER_LEAST if story[region] else _OTHER_ALONE
    return story["CN"] >= max(least, _OTHER_PLACE * story[region])


def _is_neutral(document: Document, native: int) -> bool:
    return document.script in ("none", "mixed") or not native


def _scores(document: Document) -> tuple[Counter[str], dict[str, tuple[str, ...]]]:
    scores: Counter[str] = Counter()
    signs: Counter[tuple[str, str]] = Counter()

    def add(sign: str, region: str, weight: int) -> None:
        scores[region] += weight
        signs[(sign, region)] += weight

    pattern, weights = _words()
    header = document.article.site.value if document.article.site else ""
    for word, count in Counter(pattern.findall(f"{document.text}\n{header}")).items():
        region, weight, style = weights[word]
        add(word, region, weight * (1 if style and region == "CN" else min(count, _MOST)))
    raw = document.article.text
    if document.script == "traditional":
        add("script traditional", "TW", 2)
        for character, region, weight in _RAW_TRACES:
            if count := raw.count(character):
                add(character, region, weight * min(count, _MOST))
    if _TW_BYLINE.search(document.text[:400]):
        add("byline 报导", "TW", 6)
    if tickers := len(_MAINLAND_TICKER.findall(document.text)):
        add("mainland share code", "CN", 4 * min(tickers, _MOST))
    ordered = {
        place: tuple(sign for (sign, region), _ in signs.most_common() if region == place)
        for place in REGIONS
    }
    return scores, ordered


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], dict[str, _Weight]]:
    weights = {}
    for row in read_lexicon("region_words"):
        region, weight, *style = row.value.split()
        weights[row.term] = _Weight(region, int(weight), bool(style))
    ordered = sorted(weights, key=len, reverse=True)
    words = "|".join(_GUARD.get(word, re.escape(word)) for word in ordered)
    return re.compile(words), weights
