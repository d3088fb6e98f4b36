"""Whether a text says that something rose or fell by a quantity."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.numerals import NUMERAL, NUMERAL_START, SPACE
from pipeline.quantities.relation import relation_words
from pipeline.quantities.vetoes import starting_with
from pipeline.resources import read_lexicon
from pipeline.values import Direction

_REACH = 36
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


# 下跌100.53点或1.61%, 跌3元（1.2%）: the number in its own unit stands before its rate.
_IN_UNITS = re.compile(
    rf"{NUMERAL_START}{NUMERAL}(?:个?(?:多|余)?点(?:或|[，、,]或|[，、,])|"
    r"[^\W\d_]{0,3}[元圆币分角人吨吋件辆台个桶](?:或|，或|或者))(?:约|近|逾|跌幅|涨幅|升幅|降幅|即)?$"
    rf"|{NUMERAL_START}{NUMERAL}(?:个?点|[^\W\d_]{{0,3}}[元圆币分])[（(]$"
)
_JOINED = re.compile("[或者，、,（(](?:约|近|逾|[跌涨升降]幅|即)?$")
_UNITS_REACH = 24
# 下调部分机构存款准备金率一个百分点: the object of a change by points may be long.
_POINTS_OF = re.compile(
    rf"(?P<word>{_STRONG})(?!值)[^，。；：！？、\n至到为于达]{{1,20}}?(?:{_FILLERS}){{0,2}}$"
)


# 上调其2020至2022年度盈利预测2%
_REVISED = re.compile(
    "(?P<word>上调|下调|调升|调降|调高|调低|上修|下修)[^，。；：！？\n]{1,24}(?:预测|预估|预期)(?:约|近|逾|各|分别)?$"
)


class _Patterns(NamedTuple):
    before: re.Pattern[str]
    object_before: re.Pattern[str]
    after: re.Pattern[str]
    compare: re.Pattern[str]
    meaning: dict[str, Direction]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    rows = read_lexicon("directions")
    meaning = {row.term: Direction(row.value.split()[0]) for row in rows}
    nouns = [row.term for row in rows if row.value.endswith("noun")]
    verbs = [row.term for row in rows if not row.value.endswith("noun")]
    verb = "|".join(_GUARD.get(w, re.escape(w)) for w in sorted(verbs, key=len, reverse=True))
    noun = "|".join(re.escape(w) for w in sorted(nouns, key=len, reverse=True))
    filler = f"(?:{relation_words()}|{_FILLERS})"
    return _Patterns(
        re.compile(
            rf"{starting_with([*nouns, *verbs, *'增成多少'])}(?:(?P<word>(?:{noun}|增长|成长)"
            rf"(?=(?:{filler}|为|是|在|维持|保持|控制)*$)|(?:{verb})(?={filler}*$))"
            # 业绩多三成, 人数少两成; not 至多三成, 差不多三成
            rf"|(?<=[\u4e00-\u9fff])(?<![至最许不很众好更诸太大几过超减缺])(?P<more>[多少])"
            rf"(?:了|约|近|逾|出|近乎)?$)"
        ),
        re.compile(
            rf"(?P<word>{_STRONG})(?:[0-9]{{2,4}}年)?[^\W\d_至到为于达成是有在与和或由从占率比重值持幅后前]{{1,6}}?{filler}{{0,2}}$"
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
    )


def clause_before(text: str, start: int) -> str:
    """The text before ``start``, back to the last full stop or colon, bounded."""
    window = text[max(0, start - _REACH) : start]
    last = 0
    for match in _BREAK.finditer(window):
        last = match.end()
    return window[last:]


def direction_of(text: str, start: int, end: int, *, points: bool = False) -> Direction | None:
    """Up or down where the text says a change by the quantity at ``start``..``end``, else None.

    A level (升至 5%, 占 17%) is None. ``points`` is true for percentage points and basis points.
    """
    patterns = _patterns()
    window = clause_before(text, start)
    match = patterns.before.search(window) or patterns.object_before.search(window)
    if match is None and _JOINED.search(window):
        units = _IN_UNITS.search(window, max(0, len(window) - _UNITS_REACH))
        match = patterns.before.search(window[: units.start()]) if units else None
    if match is None:
        match = _POINTS_OF.search(window) if points else _REVISED.search(window)
    if match is not None:
        if match.groupdict().get("more"):
            return Direction.UP if match["more"] == "多" else Direction.DOWN
        return patterns.meaning.get(match["word"], Direction.DOWN)
    match = patterns.compare.search(window)
    if match is not None:
        return Direction.UP if match["word"] in "高多快大贵" else Direction.DOWN
    match = patterns.after.match(text, end)
    return patterns.meaning.get(match["word"] or match["bare"]) if match is not None else None
