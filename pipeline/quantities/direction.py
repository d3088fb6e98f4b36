"""Whether a text says that something rose or fell by a quantity, and compared with what."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.numerals import SPACE
from pipeline.quantities.relation import relation_words
from pipeline.resources import read_lexicon
from pipeline.values import Direction

_REACH = 36
_COMMA = re.compile(r"，|,(?!\d)")
_BREAK = re.compile(r"[。；！？\n：:]")
_FILLERS = (
    "了|约|达到|达|幅度|幅|率|分别|均|都|各|也|就|又|再|已|还|整整|仅|只|平均|每年|逐年|累计|共|合计"
    "|有望|应|可能|可望|将|或|目标|预期|预测|预估|预计|预料|估计|料|咗|番|最多|最高|最大|一度|只有|仅有|有|高|出|竟|近|几|多|去"
    "|[ 「（(“]"
)
_STRONG = (
    "减少|增加|降低|提高|下降|上升|削减|缩减|裁减|提升|减排|节省|下调|上调|调降|调升|调高|调低|减|扩大"
    "|削|裁"
)
# A verb that is part of another word or states a level is no direction.
_GUARD = {
    "升": "(?<![毫公晋])升",
    "增": "增",
    "减": "(?<![加])减",
    "弹": "(?<![子炸导飞])弹",
    "扬": "(?<![表发宣飘飞])扬",
    "贬": "(?<![褒])贬",
    "成长": "成长",
    "翻": "(?<![推])翻",
    "膨胀": "膨胀(?!率)",
    "削": "(?<![剥瘦])削",
    "裁": "(?<![总体独制仲剪])裁",
}


class _Patterns(NamedTuple):
    before: re.Pattern[str]
    object_before: re.Pattern[str]
    after: re.Pattern[str]
    compare: re.Pattern[str]
    meaning: dict[str, Direction]
    basis: re.Pattern[str]
    basis_of: dict[str, str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    rows = read_lexicon("directions")
    meaning = {row.term: Direction(row.value.split()[0]) for row in rows}
    nouns = [row.term for row in rows if row.value.endswith("noun")]
    verbs = [row.term for row in rows if not row.value.endswith("noun")]
    verb = "|".join(_GUARD.get(w, re.escape(w)) for w in sorted(verbs, key=len, reverse=True))
    noun = "|".join(re.escape(w) for w in sorted(nouns, key=len, reverse=True))
    filler = f"(?:{relation_words()}|{_FILLERS})"
    basis_of = {row.term: row.value for row in read_lexicon("bases")}
    bases = "|".join(re.escape(w) for w in sorted(basis_of, key=len, reverse=True))
    return _Patterns(
        re.compile(
            rf"(?P<word>(?:{noun}|增长|成长)(?=(?:{filler}|为|是|在|维持|保持|控制)*$)|(?:{verb})(?={filler}*$)"
            # 业绩多三成, 人数少两成; not 至多三成, 差不多三成
            rf"|(?<=[\u4e00-\u9fff])(?<![至最许不很众好更诸太大几过超减缺])(?P<more>[多少])"
            rf"(?:了|约|近|逾|出|近乎)?$)"
        ),
        re.compile(
            rf"(?P<word>{_STRONG})(?:[0-9]{{2,4}}年)?[^\W\d_至到为于达成是有在与和或由从占率比重值持幅]{{1,6}}?{filler}{{0,2}}$"
        ),
        re.compile(
            rf"(?:左右|以上|以下|多|上下)?{SPACE}?(?:(?:(?:的|之)(?:大幅|速度|幅度|速率|步伐|比例)?"
            rf"(?:逐年|持续|稳定|同比|年|高|正|负)?"
            rf"(?P<word>{noun}|增长|成长|上涨|下跌|下降|降低|衰退|上升|递增|递减|萎缩|升值|贬值|减少))"
            rf"|(?P<bare>增幅|涨幅|跌幅|降幅|升幅|减幅|成长率|增长率))"
            rf"(?!空间|目标|点|潜力|是|，是|将?(?:归功|归因|来自|来源|源自|源于|出自|由))"
        ),
        re.compile(
            r"(?:比(?![例率重])|较)[^，。；！？\n]{1,16}(?P<word>高|(?<!至)多|低|少|快|慢|大|贵)(?:了|约|近|逾|超过|至少){0,2}$"
        ),
        meaning,
        re.compile(rf"(?P<word>{bases}|[去上](?:年|一年度?|个?月)[^，。；]{{0,6}}同期)"),
        basis_of,
    )


def clause_before(text: str, start: int) -> str:
    """The text before ``start``, back to the last full stop or colon, bounded."""
    window = text[max(0, start - _REACH) : start]
    last = 0
    for match in _BREAK.finditer(window):
        last = match.end()
    return window[last:]


def direction_of(text: str, start: int, end: int) -> Direction | None:
    """Up or down where the text says a change by the quantity at ``start``..``end``, else None.

    A level (升至 5%, 占 17%) is None.
    """
    patterns = _patterns()
    window = clause_before(text, start)
    match = patterns.before.search(window) or patterns.object_before.search(window)
    if match is not None:
        if match.groupdict().get("more"):
            return Direction.UP if match["more"] == "多" else Direction.DOWN
        return patterns.meaning.get(match["word"], Direction.DOWN)
    match = patterns.compare.search(window)
    if match is not None:
        return Direction.UP if match["word"] in "高多快大贵" else Direction.DOWN
    match = patterns.after.match(text, end)
    return patterns.meaning.get(match["word"] or match["bare"]) if match is not None else None


def basis_of(text: str, start: int, *, changes: bool = True) -> str | None:
    """What a quantity is compared with (yoy, qoq, mom, ytd ...), from the words before it.

    The words stand in the same clause, or (``changes``: for a rise or fall) close the clause
    before it (与去年同期相比，增长16%). 环比 is quarter on quarter, unless a single month is named
    in the same sentence (then mom).
    """
    window = text[max(0, start - _REACH) : start]
    window = window[max(window.rfind(mark) for mark in "。；！？\n") + 1 :]
    clause = _COMMA.split(window)[-1]
    found = list(_patterns().basis.finditer(clause))
    if not found and changes:
        earlier = _COMMA.split(window[: max(0, len(window) - len(clause) - 1)])[-1]
        found = [m for m in _patterns().basis.finditer(earlier) if len(earlier) - m.end() <= 2]
    if not found:
        return None
    word = found[-1]["word"]
    if word == "环比" and re.search(r"[\d一二三四五六七八九十当本单]月", window):
        return "mom"
    return _patterns().basis_of.get(word, "mom" if "月" in word else "yoy")
