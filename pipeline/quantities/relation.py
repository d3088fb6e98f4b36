"""Relation words around a quantity: 不足三成 (<), 5%以上 (>=), 约42% (~), 三成多 (>)."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from pipeline.quantities.vetoes import starting_with
from pipeline.resources import read_lexicon
from pipeline.values import Quantity, Relation

_REACH = 16
_SHARE_REACH = 36
_FILLER = (
    "(?:了|到|有|占|达|为|是|在|涨|跌|升|降|增|减|增加|增长|成长|减少|下降|下跌|上涨|提高|提升|降低"
    "|需|要|会|可|能|得|再|共|花|高|就|出现|年增|年减|月|每月|每年|还有|拥有)?"
)
_OPENING = '[ \u3000「『“‘"（(《]?'
# A short word inside a company, place or compound is no relation: 合约, 最近, 通过, 高超.
_GUARD = {
    "约": "(?<![合签预节条纽简违毁解公契制邀履续特赴失婉隐绰誓守立])约",
    "近": "(?<![最附临远邻亲靠逼迫趋相切])近",
    "过": "(?<![通经透不超越度去错难渡])过",
    "超": "(?<![高英中意德西赶反])超",
    "破": "(?<![突打爆击揭侦])破",
    "达": "(?<![表传抵发到送直])达",
    "逾": "逾",
}


# What a level is compared with, rather than what a share is taken of.
_COMPARED = (
    "[^，。]{0,8}(?:[去前今上同]年|同期|上[个一]?[月季周]|[年月季度]的|此前|之前|先前|原来|原先|预期|预测|预估|预计"
    "|市场|平均|均值|目标|水平|的通胀|历史)"
)
# What a share may be taken of without 的: 不超过公司总股本5%.
_WHOLE = (
    "(?:总?股本|股份总[数额]|总[额数量]|[净总]?资产|注册资本|总?人口|营收|收入"
    "|产[量能]|销[量售]额?|预算)"
)
_PASSED = re.compile("过|破|.*[突打跌升涨冲]破至?|失守|越过|[优胜][于过]|[上下]限为?")


# 站上28% is a level, 站上200元大关 says that a mark was passed.
_PAST_MARK = re.compile("站[上稳]了?$")
_MARK = re.compile("(?:的)?(?:整数)?(?:大关|关[卡口]|关$)")


# 不足2019年同期客流的四成 bounds the share, whatever it is taken of.
_PART = re.compile(
    r"(?:[0-9.]+|[一二两三四五六七八九十百分]+)(?:成|分之)|[一二三四五六七八九十]分[一二三四五]|一半|半数"
)
_PART_OF = re.compile(r"(不足|不到|未达|未及|超过|超出|不超过)[^，。；：！？\n]{1,28}的\Z")


class _Patterns(NamedTuple):
    before: re.Pattern[str]
    distant: re.Pattern[str]
    share: re.Pattern[str]
    after: re.Pattern[str]
    before_meaning: dict[str, Relation]
    after_meaning: dict[str, Relation]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    before = {row.term: Relation(row.value) for row in read_lexicon("relations_before")}
    after = {row.term: Relation(row.value) for row in read_lexicon("relations_after")}
    words = "|".join(_GUARD.get(w, re.escape(w)) for w in sorted(before, key=len, reverse=True))
    bounds = "|".join(
        _GUARD.get(w, re.escape(w))
        for w in sorted(before, key=len, reverse=True)
        if before[w] not in (Relation.EQ, Relation.ABOUT) and not _PASSED.fullmatch(w)
    )
    near = "|".join(
        _GUARD.get(w, re.escape(w)) for w in before if before[w] is Relation.ABOUT and w != "近"
    )
    starts = starting_with(before)
    tails = "|".join(re.escape(w) for w in sorted(after, key=len, reverse=True))
    return _Patterns(
        re.compile(rf"{starting_with(before)}({words}){_FILLER}{_FILLER}{_OPENING}$"),
        # 超过全体员工的三成, 不高于收入的5%; but 高于去年的5% compares with another figure.
        re.compile(
            rf"{starts}({bounds})(?!{_COMPARED})(?:[^\W\d_]{{1,10}}的|(?<!于)[^\W\d_]{{0,8}}{_WHOLE})$"
        ),
        # 约占公司2018年收入的4%
        re.compile(rf"{starts}({bounds}|{near})占[^，。；：！？\n%％成倍]{{1,30}}$"),
        re.compile(
            rf"{_OPENING.replace('(《', '')}({tails})"
            r"(?<!强(?=[制大劲烈势力化迫震降度]))(?<!起(?=[诉草火初到来义源因伏床飞降]))"
            r"(?<!多(?=[样元种头家久云次边方数]))(?<!不到(?=[0-9一二三四五六七八九十两几半]))(?<!许(?=[多可下诺愿]))(?<!弱(?=[势小点]))(?<!余(?=[额款下热地温生波]))"
        ),
        before,
        after,
    )


def relation_before(text: str, start: int) -> Relation | None:
    """The relation that words directly before ``start`` state, or None."""
    patterns = _patterns()
    window = text[max(0, start - _REACH) : start]
    match = patterns.before.search(window)
    if match is not None:
        return patterns.before_meaning[match[1]]
    match = patterns.distant.search(window)
    if match is None and window.endswith("的") and _PART.match(text, start):
        match = _PART_OF.search(text, max(0, start - _SHARE_REACH), start)
    if match is None and "占" in (wide := text[max(0, start - _SHARE_REACH) : start]):
        match = patterns.share.search(wide)
    return patterns.before_meaning[match[1]] if match is not None else None


def relation_after(text: str, end: int) -> Relation | None:
    """The relation that words directly after ``end`` state, or None."""
    match = _patterns().after.match(text, end)
    return _patterns().after_meaning[match[1]] if match is not None else None


def with_relation(quantity: Quantity, text: str, start: int, end: int) -> Quantity:
    """``quantity`` with the relation that the text around ``start``..``end`` gives it.

    What stands inside the number (7000多亿) comes first, then a bound before it, then one after
    it, then an approximation on either side.
    """
    if quantity.relation is not Relation.EQ:
        return quantity
    before, after = relation_before(text, start), relation_after(text, end)
    if before is Relation.EQ and _PAST_MARK.search(text, max(0, start - 4), start):
        before = Relation.GT if _MARK.match(text, end) else before
    for relation in (before, after):
        if relation not in (None, Relation.EQ, Relation.ABOUT):
            return replace(quantity, relation=relation)
    if Relation.ABOUT in (before, after):
        return replace(quantity, relation=Relation.ABOUT)
    return quantity


def relation_words() -> str:
    """Alternation of all relation words that stand before a quantity, longest first."""
    words = sorted((row.term for row in read_lexicon("relations_before")), key=len, reverse=True)
    return "|".join(re.escape(word) for word in words)
