"""Edges of spans: a table of cases, and what holds for any text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ner.backend import Span
from pipeline.ner.cleaning import clean_spans

CASES = [
    line.split("\t")
    for line in Path(__file__)
    .with_name("cases")
    .joinpath("ner_cleaning.tsv")
    .read_text(encoding="utf-8")
    .splitlines()[2:]
]
MARKED = re.compile(r"\{([A-Z]+) (.*?)\}")


def _read(marked: str) -> tuple[str, list[Span]]:
    text, spans, at = "", [], 0
    for match in MARKED.finditer(marked):
        text += marked[at : match.start()]
        spans.append(Span(len(text), len(text) + len(match[2]), match[1], 0.9))
        text += match[2]
        at = match.end()
    return text + marked[at:], spans


@pytest.mark.parametrize(("marked", "expected"), CASES)
def test_case(marked: str, expected: str) -> None:
    text, spans = _read(marked)
    found = [f"{s.label}:{text[s.start : s.end]}" for s in clean_spans(text, spans)]
    assert "|".join(found) == expected


@st.composite
def _text_and_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(st.text(alphabet="张三李Aa 　·（）「」\n。2", min_size=1, max_size=30))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)))
    labels = draw(st.lists(st.sampled_from(["PERSON", "ORG"]), min_size=8, max_size=8))
    pairs = zip(cuts[::2], cuts[1::2], labels, strict=False)
    return text, [Span(start, end, label, 0.5) for start, end, label in pairs]


@given(_text_and_spans())
@settings(deadline=None, max_examples=300)
def test_spans_stay_sorted_disjoint_and_clean(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    cleaned = clean_spans(text, spans)
    floor = 0
    for span in cleaned:
        assert floor <= span.start < span.end <= len(text)
        floor = span.end
        surface = text[span.start : span.end]
        assert surface[0].isalnum() or surface[0] in "（「"
        assert surface[-1].isalnum()
