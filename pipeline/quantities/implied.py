"""Amounts without a currency word that are money by what they are for: 2000万天使轮融资."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pipeline.errors import NumeralError
from pipeline.measures import measure_after
from pipeline.numerals import NUMERAL, NUMERAL_START, read_numeral
from pipeline.quantities.amount import BIG, ENDS_HERE, FIRST, NOTHING, Amount
from pipeline.quantities.interval import JOINER, read_interval
from pipeline.quantities.relation import relation_words
from pipeline.resources import alternation, read_lexicon

# 花几百亿盖捷运: after a word of spending only a measure word makes the number one of things.
_SPENT = re.compile("花|耗资|斥资|豪掷|狂?砸|出资|注资")
_ALL = re.compile("(?<=亿)(?:的?大?项目|大单|工程款?|商机|生意)")


@lru_cache(maxsize=1)
def _context() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    rows = read_lexicon("money_contexts")
    before = [row.term for row in rows if row.value in ("before", "both")]
    after = [row.term for row in rows if row.value in ("after", "both")]
    heads = alternation(before)
    tails = alternation(after)
    filler = (
        f"(?:{relation_words()}|了|需|要|共|合计|总计|累计|平均|各|就|可|能|为|是|在|有|到|出|高|上|下|掉|已"
        "|还|再|又|目前|现在|仅|只|额|总额|金额|款|规模|好|介于|从|由|：|:| )"
    )
    return (
        re.compile(
            rf"{FIRST}{NUMERAL_START}(?P<a>{NUMERAL})"
            rf"(?:{JOINER}(?P<near>将?近|约|逾)?(?P<b>{NUMERAL}))?"
        ),
        re.compile(rf"(?:{heads}){filler}{{0,4}}$"),
        re.compile(
            rf"(?:以上|左右|多|余)?(?:的)?(?:巨额|高额|第一笔|首笔|稳定|全部)?(?:{tails})(?![人员者户额度])"
        ),
    )


def implied_amounts(text: str) -> Iterator[Amount]:
    """Numbers of 10,000 and more that the words around them (``money_contexts``) make money."""
    if not any(unit in text for unit in "万亿兆"):
        return
    pattern, heads, tails = _context()
    for match in pattern.finditer(text):
        if not BIG.search(match.group()):
            continue
        start, end = match.span()
        if not (tails.match(text, end) or _ALL.match(text, end)):
            head = heads.search(text, max(0, start - 24), start)
            if head is None or not (
                ENDS_HERE.match(text, end)
                or (_SPENT.match(head.group()) and not measure_after().match(text, end))
            ):
                continue
        try:
            if match["b"] is None:
                quantity = read_numeral(match["a"])
            else:
                quantity = read_interval(match["a"], match["b"], about=bool(match["near"]))
        except NumeralError as error:
            yield Amount(start, end, NOTHING, "", "implied", f"numeral: {error}")
            continue
        yield Amount(start, end, quantity, "", "implied")
