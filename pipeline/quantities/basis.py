"""What a change is compared with: 同比 (yoy), 环比 (qoq, mom), 较年初 (ytd), 较2019年同期 ..."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.quantities.vetoes import starting_with
from pipeline.resources import alternation, read_lexicon

_REACH = 36
_CONTEXT = 160
_COMMA = re.compile(r"，|,(?!\d)")
# 按月拨缴六成五, 去年减薪的有3%: no comparison where the number itself neither rose nor fell.
_MANNER = re.compile("按?[年季月周日](?!.*率)")
# 四年减四成, 5月增长3%: the unit of time belongs to the number before it. 2016年增长 is a whole
# year beside the one before it.
_OWN_UNIT = re.compile(
    r"(?:[较比][0-9]{4}|(?<![0-9上前])[0-9]{1,3}|(?<![0-9上前])[一二三四五六七八九十两几半数多]+)个?\Z"
)
_DATED = re.compile(
    r"[较比](?:(?P<year>(?:19|20)[0-9]{2}|1[0-2][0-9]|[6-9][0-9])年(?P<end>年?[底末]|12月31日|12月末)?(?!第?[一二三四0-9])"
    r"|(?P<month>[0-9]{1,2})月份?(?![0-9]))"
)
_YEAR = re.compile(
    r"(?<![0-9较比同])((?:19|20)[0-9]{2}|1[0-2][0-9]|[6-9][0-9])年(年?[底末]|12月31日|12月末)?"
)
_MONTH = re.compile(r"(?<![0-9])([0-9]{1,2})月")


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    meaning = {row.term: row.value for row in read_lexicon("bases")}
    words = alternation(meaning)
    same_time = r"[去上](?:年|一年度?|个?月)[^，。；]{0,6}同期"
    start = starting_with([*meaning, "去", "上"])
    return re.compile(rf"{start}(?P<word>{words}|{same_time})"), meaning


def basis_of(text: str, start: int, *, changes: bool = True) -> str | None:
    """What a quantity is compared with (yoy, qoq, mom, ytd ...), from the words before it.

    The words stand in the same clause, or (``changes``: for a rise or fall) close the clause
    before it (与去年同期相比，增长16%). 环比 is quarter on quarter, unless a single month is named
    in the same sentence (then mom). A year or month that is named (较2019年同期, 较10月) counts
    where the one that follows it was told of before.
    """
    floor = max(0, start - _REACH)
    window = text[floor:start]
    window = window[max(window.rfind(mark) for mark in "。；！？\n") + 1 :]
    clause = _COMMA.split(window)[-1]
    found = _found(clause, changes)
    if not found and changes:
        earlier = _COMMA.split(window[: max(0, len(window) - len(clause) - 1)])[-1]
        found = [m for m in _found(earlier, changes) if len(earlier) - m.end() <= 2]
    if not found:
        return _dated(text, start, clause) if changes else None
    word = found[-1]["word"]
    if word == "环比" and re.search(r"[\d一二三四五六七八九十当本单]月", window):
        return "mom"
    return _words()[1].get(word, "mom" if "月" in word else "yoy")


def _found(clause: str, changes: bool) -> list[re.Match[str]]:
    return [
        match
        for match in _words()[0].finditer(clause)
        if (changes or not _MANNER.match(match["word"]))
        and not (match["word"][0] in "年季月周日" and _OWN_UNIT.search(clause, 0, match.start()))
    ]


def _dated(text: str, start: int, clause: str) -> str | None:
    """The basis of 较2020年末增长7% or 较10月升1.7%, by the year or month told of before it."""
    match = None
    for match in _DATED.finditer(clause):  # noqa: B007 (the last one counts)
        pass
    if match is None:
        return None
    end = start - len(clause) + match.start()
    window = text[max(0, end - _CONTEXT, text.rfind("\n", 0, end) + 1) : end]
    if match["month"]:
        months = _MONTH.findall(window)
        after = int(match["month"]) % 12 + 1
        return "mom" if months and int(months[-1]) == after else None
    years = _YEAR.findall(window)
    if not years or int(years[-1][0]) != int(match["year"]) + 1:
        return None
    return "ytd" if match["end"] and not years[-1][1] else "yoy"
