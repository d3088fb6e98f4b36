"""What a percentage is a percentage of: 大厂离职创业率 in 大厂离职创业率同比提升17%.

Best effort, precision before recall: a subject is given only where the words before the number end
in a known name of a quantity (lexicon ``subject_heads``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.numerals import NUMERAL
from pipeline.quantities.relation import relation_words
from pipeline.resources import read_lexicon
from pipeline.values import Evidence

_REACH = 60
_LONGEST = 18
_SENTENCE_END = re.compile(r"[。；;！？!?\n]")
_CLAUSE_END = re.compile(r"[，,：:（()）「」『』“”【】《》]|(?<![0-9])、|/| {2,}")
_TIME = (
    r"(?:\d{2,4}|[一二三四五六七八九〇零○十]{2,4})年度?|(?:前|第|近|过去|最近|未来|首)?[一二三四五六七八九十两\d]{1,3}"
    r"(?:个月|月份?|季度?|年|周|日|天)(?:底|末|初|来|间|内|中|当月)?|今年|去年|前年|明年|本年度?|上半年|下半年|全年|年内"
    r"|本?报告期内?|期内|年度内|本月|上月|当月|本季|上季|当季|昨日|今日|本周|上周|昨天|今天|目前|现在|如今|截至|截止|以来|期间|同期|当日|单日|日前|近日|近年"
)
_STARTERS = (
    "分别|助长|带旺|例如|譬如|比如|关于|有关|其中|但是|但(?!书)|而且|而|并且|使得|使(?!用)|让|导致|带动|推动|预计|预估|预期|估计|有望|表示|显示|指出|认为|称|"
    "实现|完成|录得|创造|获得|取得|包括|根据|由于|因为|已经|已|仍|将|把|被|如果|虽然|不过|同时|此外|另外|"
    "当中|拉动|假设|同样|保证|最近|归属于|按照|至于|推升|提高|降低|影响|以及|意味着|我国|全国|累计|合计|总计|上调|下调|调升|调降|公布的?|初步核算|据统计"
)


_LOOSE = " \u3000的了、和与及，也则并且因据由从向连按是后以"


_RATE = re.compile(
    "(?:率|比例|比重|占比|[增涨跌降升减]幅|增速|[持任意]度|市占|份额|水平|浓度|强度|含量|得票|持股|进度|倍数|利息|利差|股息|税)$"
)
_THAN = re.compile("(?<![占同环对正反相性])比(?![例重率分值较])")
_SHORT_ITEM = re.compile(r"(?:[^\w]|^)\w{1,2}、\Z")


class _Patterns(NamedTuple):
    tails: dict[str, tuple[str, ...]]
    """Words between a subject and its number, by their last character."""
    head: re.Pattern[str]
    measured: re.Pattern[str]
    cut: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    heads = "|".join(
        re.escape(row.term)
        for row in sorted(read_lexicon("subject_heads"), key=lambda r: len(r.term), reverse=True)
    )
    changes = [row.term for row in read_lexicon("directions") if not row.value.endswith("noun")]
    bases = [row.term for row in read_lexicon("bases")]
    words = "|".join(re.escape(w) for w in sorted({*changes, *bases}, key=len, reverse=True))
    fillers = (
        "分别为|分别|均为|均|都|各|大幅|小幅|持续|稳定|进一步|明显|显著|逐年|平均|合计|整体|总计|累计|维持在|保持在|稳定在|达到了"
        "|升至|降至|增至|跌至|涨至|减至|升到|降到|提高到|提高至|下降到|下降至|上升到|上升至|上升为|降为|升为|占到|低至|高至"
        "|已经|已|仍|却|则|就|也|只|还|又|再|将|为|是|占|达|至|到|有|在|了|的|高|可|能|会|应|约|仅|各自|依序|大约|单月|当月|单季"
    )
    tails: dict[str, tuple[str, ...]] = {}
    for word in dict.fromkeys(f"{relation_words()}|{words}|{fillers}| |　".split("|")):
        tails[word[-1]] = (*tails.get(word[-1], ()), word)
    return _Patterns(
        tails,
        re.compile(rf"(?:{heads})(?:[（(][A-Za-z0-9]+[)）])?$"),
        re.compile(
            rf"^(?P<np>.*?(?:{heads}))(?:{relation_words()}|{fillers}|{words}|[ 　])*"
            rf"(?:US\$|HK\$|NT\$|[$¥€£]|人民币|新台币)?"
            rf"{NUMERAL}[^\W\d_]{{0,6}}$"
        ),
        re.compile(rf"(?:{_TIME}|{_STARTERS})(?!率|额|量|值|人数|费|期)"),
    )


def subject_of(text: str, start: int) -> Evidence | None:
    """The quantity that the share at ``start`` measures, with its place in the text, or None.

    It is looked for in the clause of the number, or, where that holds nothing but a comparison
    (销量42216台，同比增长4.8%), in the clause before.
    """
    floor = max(0, start - _REACH)
    for match in _SENTENCE_END.finditer(text, floor, start):
        floor = match.end()
    clause_at = floor
    earlier_at = floor
    for match in _CLAUSE_END.finditer(text, floor, start):
        earlier_at, clause_at = clause_at, match.end()
    patterns = _patterns()
    clause = text[clause_at:start]
    stripped = clause[: _tail_at(clause, patterns.tails)]
    if stripped.strip():
        if not patterns.head.search(stripped) or _is_base(text, clause_at, clause, stripped):
            return None
        return _noun_phrase(text, clause_at, clause_at + len(stripped))
    if clause_at == floor or not clause.strip():
        return None
    measured = patterns.measured.match(text[earlier_at : clause_at - 1])
    if measured is None:
        return None
    return _noun_phrase(text, earlier_at, earlier_at + measured.end("np"))


def _tail_at(clause: str, tails: dict[str, tuple[str, ...]]) -> int:
    """Where the longest run of tail words that ends the clause begins."""
    ends, first = [len(clause)], len(clause)
    seen = {first}
    while ends:
        end = ends.pop()
        for word in tails.get(clause[end - 1], ()) if end else ():
            at = end - len(word)
            if at not in seen and clause.endswith(word, 0, end):
                seen.add(at)
                ends.append(at)
                first = min(first, at)
    return first


def _is_base(text: str, at: int, clause: str, stripped: str) -> bool:
    """Whether the phrase is no subject: what the share is taken of (占营收44%, 失业率的两倍,
    总人口5%), what it is compared with (比平均值高5个百分点), or the last of a list (德、法股市).
    """
    if clause.startswith("的", len(stripped)):
        return True
    if stripped == clause and not _RATE.search(stripped):
        return True
    if _THAN.search(stripped) and re.search("[高低多少快慢大小]", clause[len(stripped) :]):
        return True
    if text[at - 1 : at] == "、" and ("等" in stripped or _SHORT_ITEM.search(text, at - 5, at)):
        return True
    share_of = re.search("占|超过|超逾|高于|低于|打破", stripped)
    return share_of is not None and not stripped.endswith(
        ("比例", "比重", "占比", "占有率", "市占率")
    )


def _noun_phrase(text: str, start: int, end: int) -> Evidence | None:
    """Cut times, conjunctions and verbs off the front of a phrase."""
    for match in _patterns().cut.finditer(text, start, end):
        if match.end() < end:
            start = match.end()
    while start < end and text[start] in _LOOSE:
        start += 1
    surface = text[start:end]
    if "占" in surface and not surface.endswith(("比例", "比重", "占比")):
        return None
    if surface[:1] in "比较":
        return None
    if not 2 <= len(surface) <= _LONGEST or surface[0].isdigit():
        return None
    return Evidence(start, end, surface)
