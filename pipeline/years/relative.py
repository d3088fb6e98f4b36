"""Relative years: words (今年, 去年, 翌年, 上年度) and counted ones (近三年, 十年后, 20年来).

Norms: 三年前 said in 2025 is 2022; 近三年 and 三年来 run from the same day three years back to
the day of the article (2022 to 2025), 未来十年 and 三年内 from that day on. Spans of time that
point nowhere (工作了三年, 任期四年, 相隔8年后) are not marked.
上学年 and 本学年 are the two calendar years of the school year, as 2019/20年度 is of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from pipeline.errors import NumeralError
from pipeline.measures import words_for
from pipeline.numerals import read_numeral
from pipeline.resources import read_lexicon
from pipeline.values import YearKind
from pipeline.years.spans import Base, Shift, Unsettled, YearSpan
from pipeline.years.words import NUMERAL

_N = r"(?:[1-9][0-9]?百|[1-9][0-9]{0,2}|[一二两三四五六七八九十百廿卅]{1,4})"
_WINDOW = 16
_BEFORE = re.compile(
    rf"""
    (?P<word>(?:过去|最近|未来|今后|往后|接下来|前|近|这|此后|其后)(?:的|这|大约|约|逾|超过)?)?[ ]?
    (?:(?P<low>{_N})[ ]?(?:至|到|-|–|~|～|、)[ ]?)?
    (?P<count>{_N})[ ]?(?P<more>多|余|几|来)?[ ]?\Z
    """,
    re.VERBOSE,
)
_VAGUE = "几数好上"
_VAGUE_BEFORE = re.compile(r"(?:数|几|多|十几|数十|几十|近|数百|上百)\Z")
_AFTER = re.compile(
    r"(?P<half>多|半(?!导))?(?:"
    r"(?P<ago>之前|以前|前(?!后|夕|十|百|[0-9]))|(?P<later>之后|以后|后(?!续|的?[一二三]))"
    r"|(?P<within>(?:之|以)?内(?!地|部|容|阁|科|政))|(?P<since>(?:以)?来(?![自到的]?[港台]|源|访|[算计])))"
)
# 过去两年多, 这两年半; but 近两年多个项目, 近两年半数
_MORE_AFTER = re.compile(
    r"多(?![了个名家位次人项种元数样年场条件份所间国地边少])|(?P<half>半(?![数导个年月日天路价途成段岛]))"
)
_FREE_BEFORE = re.compile(
    r"(?:^|[\s\W]|[我你他她它们在到至于约而即仅是就从距离经过早自料估计预将有若果])\Z"
)
_FUTURE = re.compile(
    r"将|[就便才都]会|会[有在是]|拟|盼|[希可有]望|预[计估料期]|计划|目标|假如|如果|若|届时|要[做到在再]|邀请"
)
_TOLD_PAST = re.compile("[多半]?[里间内]?，?[都也]?[未没曾从]")
_PAUSE = re.compile(r"[。！？；\s]")
_PAST_WITHIN = re.compile(
    r"[已曾]|[^，。]{0,3}(?:了|的第)|(?:第|连)?[0-9一二两三四五六七八九十]+[度次]"
)
_NOW = re.compile("的?(?:今天|今日|现在|如今)")
_PAST = ("过去", "最近", "近", "这", "前")
_BEFORE_WITHIN = NUMERAL + "0123456789 多余几数半今明去前后当同本"


# 中大|前年11月: the short name of a university before 前年, but 其中|大前年
_UNIVERSITY = re.compile("(?:(?<!其)中|[港理浸城岭科教树北台政师清复交浙武])大[前后]年\\Z")


def word_years(text: str) -> Iterator[YearSpan]:
    """Relative years that are words of ``year_words``; ``year_negatives`` (veto) guards them."""
    pattern, words = _word_pattern(), _word_values()
    done = 0
    for at in re.finditer("年", text):
        here = at.start()
        if here < done:
            continue
        for match in pattern.finditer(text, max(done, here - 4), here + 4):
            if match.start() > here:
                break
            if match.end() <= here:
                continue
            done = match.end()
            inside = match.group().startswith("年") and text[match.start() - 1] in _BEFORE_WITHIN
            if match["veto"] is None and not (inside and match.start()):
                start = match.start()
                if text[start] == "大" and _UNIVERSITY.search(text[max(0, start - 2) : done]):
                    start += 1
                shift = words[text[start:done]]
                yield YearSpan(start, done, YearKind.RELATIVE, "word", done, shift=shift)
            break


def counted_years(text: str) -> Iterator[YearSpan | Unsettled]:
    """Relative years with a number: 近三年, 过去60多年, 三年前, 3至5年内, 20年来."""
    for at in re.finditer(
        r"(?<=[0-9一二两三四五六七八九十百廿卅几数多余来 ])年(?![级代薪报轻龄月])", text
    ):
        here = at.start()
        window = max(0, here - _WINDOW)
        head = text[window:here]
        before = _BEFORE.search(head)
        if before is None:
            if _VAGUE_BEFORE.search(head) and _AFTER.match(text, here + 1):
                yield Unsettled(here - 1, here + 1, "vague: no number of years is given")
            continue
        start = window + before.start("count")
        if before["low"]:
            start = window + before.start("low")
        if start and not before["word"]:
            if text[start - 1] in _VAGUE and not before["low"]:
                yield Unsettled(start - 1, here + 1, "vague: no number of years is given")
                continue
            if text[start - 1] in "0123456789.第每满’'":
                continue
        yield from _counted(text, here, window, before)


def _counted(
    text: str, here: int, window: int, before: re.Match[str]
) -> Iterator[YearSpan | Unsettled]:
    bounds = _count(before)
    if bounds is None:
        return
    low, high = bounds
    after = _AFTER.match(text, here + 1)
    word = (before["word"] or "").rstrip("的这大约逾超过") or (before["word"] or "")[:1]
    word_start = window + before.start()
    while word_start < here and text[word_start] == " ":
        word_start += 1
    number_start = window + (before.start("low") if before["low"] else before.start("count"))
    if word and _word_holds(text, word, word_start, here, high):
        past = word in _PAST
        shift = _running(-high, 0) if past else _running(0, high)
        if word in ("其后", "此后") or (word == "往后" and _TOLD_PAST.match(text, here + 1)):
            return
        end = here + 1
        if more := _MORE_AFTER.match(text, end):
            end = more.end()
            if more["half"]:
                shift = replace(shift, months=-6 if past else 6)
        yield YearSpan(word_start, end, YearKind.RELATIVE, "counted", end, shift=shift)
    elif after is not None:
        yield from _with_after(text, here, number_start, (low, high), after)


def _with_after(
    text: str, here: int, start: int, bounds: tuple[int, int], after: re.Match[str]
) -> Iterator[YearSpan]:
    (low, high), end = bounds, after.end()
    head = text[max(0, start - 2) : start]
    months = 6 if after["half"] == "半" else 0
    kind = YearKind.RELATIVE
    if veto_counted().search(text[max(0, start - 4) : start]):
        return
    if after["ago"]:
        shift = Shift(Base.PUBLISHED, -high, -low, months=-months)
        yield YearSpan(start, end, kind, "ago", end, shift=shift)
    elif after["since"]:
        yield YearSpan(start, end, kind, "since", end, shift=_running(-high, 0))
    elif after["within"]:
        past = _PAST_WITHIN.match(text, end)
        if not head or head[-1] not in "起后的限满年":
            shift = _running(-high, 0) if past else _running(0, high)
            yield YearSpan(start, end, kind, "within", end, shift=shift)
    elif _FREE_BEFORE.search(head):
        end = after.end("later")
        near = text[max(0, start - 12) : start] + _PAUSE.split(text[end : end + 12])[0]
        base = Base.EITHER if _FUTURE.search(near) else Base.NEARBY
        shift = Shift(base, low, high, months=months)
        if _NOW.match(text, end):
            shift = Shift(Base.PUBLISHED, 0, 0)
        yield YearSpan(start, end, kind, "later", end, shift=shift)


def _word_holds(text: str, word: str, start: int, here: int, count: int) -> bool:
    """True where 近, 过去, 未来 ... make the number point somewhere; 押近2年 does not."""
    before = text[max(0, start - 4) : start]
    if word == "近":
        history = re.compile("的?(?:悠久)?(?:历史|岁|光景|时间)").match(text, here + 1)
        return (
            not history
            and not near_veto().search(before)
            and (count < 100 or text.startswith("来", here + 1))
        )
    if word == "前":
        return count <= 3 and bool(re.search(r"(?:^|[比较在于，。、（(\s])\Z", before))
    if word == "这":
        return count > 1 or text.startswith("来", here + 1)
    return True


def _count(before: re.Match[str]) -> tuple[int, int] | None:
    try:
        quantity = read_numeral(before["count"])
        low, high = quantity.value or quantity.low, quantity.value or quantity.high
        if before["low"]:
            low = read_numeral(before["low"]).value
    except NumeralError:
        return None
    if low is None or high is None or not 1 <= low <= high or high > 999:
        return None
    return int(low), int(high)


def _running(low: int, high: int) -> Shift:
    return Shift(Base.PUBLISHED, low, high, running=True)


@lru_cache(maxsize=1)
def _word_values() -> dict[str, Shift]:
    """``published:-1`` in ``year_words`` is one year before the article; ``:-3:0`` is a range."""
    found = {}
    bases = {base.value for base in Base}
    for row in read_lexicon("year_words"):
        base, _, numbers = row.value.partition(":")
        if base in bases:
            low, _, high = numbers.partition(":")
            found[row.term] = Shift(Base(base), int(low), int(high or low))
    return found


@lru_cache(maxsize=1)
def _word_pattern() -> re.Pattern[str]:
    veto = words_for("year_negatives", "veto")
    words = "|".join(sorted(_word_values(), key=lambda term: (-len(term), term)))
    return re.compile(rf"(?P<veto>{veto})|(?:{words})")


@lru_cache(maxsize=1)
def near_veto() -> re.Pattern[str]:
    """What stands before 近N年 where it counts a span (已近两年, 事隔近三年)."""
    return re.compile(rf"(?:{words_for('year_negatives', 'near_before')})\Z")


@lru_cache(maxsize=1)
def veto_counted() -> re.Pattern[str]:
    """What stands before N年前, N年内 ... where they are no year (满十年后, 持续三年来)."""
    return re.compile(rf"(?:{words_for('year_negatives', 'counted_before')})\Z")
