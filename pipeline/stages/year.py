"""The ``year`` stage: calendar years, explicit and relative, with days, EDTF and anchor.

Only the year part of an expression is marked (‹2023年›9月5日, ‹今年›初); the value covers all.
The rules stand in ``pipeline.years``, one module a family. A relative year that nothing anchors is
marked, unresolved, and reported as a diagnostic; so is what looks like a year and may be none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial

from pipeline.config import Config
from pipeline.document import Diagnostic, Document, Label, Token
from pipeline.quantities.region import article_region
from pipeline.years.anchors import article_anchor
from pipeline.years.bare import bare_years
from pipeline.years.decades import decades, english_decades, generations
from pipeline.years.explicit import explicit_years
from pipeline.years.relative import counted_years, word_years
from pipeline.years.resolve import resolve_years
from pipeline.years.short import era_years, short_years
from pipeline.years.spans import (
    Unsettled,
    YearSpan,
    leftmost_longest,
    trim_year_character,
)

NAME = "year"
_ROC = re.compile("民国 ?[0-9一二三四五六七八九十百〇零]")
_TIME_WORD = re.compile("年(?:[度末底初中间内来后前]|终(?!奖))")
_SCORES = {"name": 0.8, "two_digits": 0.8, "later": 0.7, "generation": 0.8, "roc": 0.9}


class YearStage:
    """Marks years. ``region`` (TW, HK, CN) fixes the place of all articles; None: by the text."""

    name = NAME

    def __init__(self, region: str | None = None) -> None:
        self._region = region

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        """Add YEAR mentions and diagnostics to each document."""
        return [self._read(document) for document in documents]

    def _read(self, document: Document) -> Document:
        text = document.text
        anchor = article_anchor(document)
        published = anchor.first.year if anchor else None
        found = [
            *explicit_years(text),
            *decades(text),
            *english_decades(text),
            *era_years(text),
            *short_years(text, partial(self._in_taiwan, document), published),
            *bare_years(text, published),
            *counted_years(text),
            *word_years(text),
            *generations(text),
        ]
        longest = leftmost_longest(
            item
            for item in found
            if isinstance(item, YearSpan) and not _straddles(text, document.tokens, item)
        )
        spans = [trim_year_character(text, span) for span in longest]
        mentions, diagnostics = [], []
        for item in resolve_years(document, spans, anchor):
            span = item.span
            mentions.append(
                document.mention(
                    span.start,
                    span.end,
                    Label.YEAR,
                    score=_SCORES.get(span.rule, 1.0 if item.value.resolved else 0.9),
                    stage=NAME,
                    rule=span.rule,
                    value=item.value,
                )
            )
            if item.reason:
                diagnostics.append(Diagnostic(NAME, span.start, span.end, item.reason))
        diagnostics += _unmarked(found, spans)
        return document.adding(mentions, sorted(diagnostics, key=lambda d: (d.start, d.end)))

    def _in_taiwan(self, document: Document) -> bool:
        if self._region is not None:
            return self._region == "TW"
        return bool(_ROC.search(document.text)) or article_region(document)[0] == "TW"


def build(config: Config) -> YearStage:
    """The stage for a config (it reads ``region``)."""
    return YearStage(config.region)


def _straddles(text: str, tokens: Sequence[Token], span: YearSpan) -> bool:
    """Whether a year word is the end of one word and the start of another: 线下|年货, 基本|年薪.

    Tokens are evidence only: without them nothing is refused, nor where 年 stands alone or in a
    word of time (比上|年度), which is how a segmenter errs.
    """
    if span.rule != "word" or text[span.start] not in "上下本" or not tokens:
        return False
    index = bisect_right(tokens, span.start, key=lambda t: t.start) - 1
    if index < 0 or index + 1 >= len(tokens):
        return False
    left, right = tokens[index], tokens[index + 1]
    return (
        left.start < span.start < left.end == right.start == span.start + 1
        and right.end - right.start > 1
        and not _TIME_WORD.match(text, right.start)
    )


def _unmarked(found: Sequence[YearSpan | Unsettled], spans: Sequence[YearSpan]) -> list[Diagnostic]:
    """What no rule marked after all."""
    marked = {position for span in spans for position in range(span.start, span.end)}
    return [
        Diagnostic(NAME, item.start, item.end, item.reason)
        for item in found
        if isinstance(item, Unsettled) and item.start not in marked and item.end - 1 not in marked
    ]
