"""Windows and seams: of the marks of a known pattern, none is lost and none doubled."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.ner.backend import Span
from pipeline.ner.windows import Window, cut_windows, merge_windows

NAME = re.compile("a+b")


def _mark(text: str) -> list[Span]:
    return [Span(m.start(), m.end(), "PERSON", 0.9) for m in NAME.finditer(text)]


def _through_windows(text: str, size: int, overlap: int) -> list[Span]:
    windows = cut_windows(text, size, overlap)
    return merge_windows(windows, [_mark(text[w.start : w.end]) for w in windows])


@given(
    st.lists(st.sampled_from(["ab", "aaab", "aaaaaaab", "，", "x", "b", "xxxxx"]), max_size=80),
    st.integers(32, 50),
    st.integers(8, 40),
)
@settings(deadline=None, max_examples=300)
@example(["x"] * 40 + ["aaaaaaab"] * 20, 32, 8)
def test_windows_change_nothing(parts: list[str], size: int, overlap: int) -> None:
    text = "".join(parts)
    assert _through_windows(text, size, overlap) == _mark(text)


@given(st.text(alphabet="ab，", max_size=400), st.integers(32, 60), st.integers(8, 60))
@settings(deadline=None, max_examples=200)
def test_cores_tile_the_text(text: str, size: int, overlap: int) -> None:
    windows = cut_windows(text, size, overlap)
    assert windows[0].start == windows[0].core_start == 0
    assert windows[-1].end == windows[-1].core_end == len(text)
    for window in windows:
        assert window.end - window.start <= size
        assert window.start <= window.core_start <= window.core_end <= window.end
    for left, right in pairwise(windows):
        assert left.core_end == right.core_start
        assert right.start < left.core_end < left.end


def test_a_short_text_is_one_window() -> None:
    assert cut_windows("ab", 32, 8) == [Window(0, 2, 0, 2)]


def test_the_seam_lies_after_a_comma() -> None:
    text = "x" * 27 + "，" + "x" * 20
    left, right = cut_windows(text, 32, 8)
    assert left.core_end == right.core_start == 28


def test_a_long_line_is_cut_fully() -> None:
    text = "x" * 199_990 + "aaab" + "x" * 6
    assert _through_windows(text, 200, 40) == [Span(199_990, 199_994, "PERSON", 0.9)]


@pytest.mark.parametrize("first", [0, 1])
def test_a_span_torn_by_an_edge_yields_to_the_whole_one(first: int) -> None:
    windows = [Window(0, 40, 0, 36), Window(32, 72, 36, 72)]
    torn, whole = Span(35, 40, "ORG", 1.0), Span(3, 12, "ORG", 0.2)
    answers = [[torn], [whole]]
    if first:  # the same at the right window's inner edge
        answers = [[Span(30, 37, "ORG", 0.2)], [Span(0, 5, "ORG", 1.0)]]
    assert len(merge_windows(windows, answers)) == 1
    assert merge_windows(windows, answers)[0].score == 0.2


def test_windows_that_disagree_give_one_answer() -> None:
    windows = [Window(0, 40, 0, 36), Window(32, 72, 36, 72)]
    answers = [[Span(34, 38, "ORG", 0.5)], [Span(2, 6, "PERSON", 0.8), Span(8, 9, "LOC", 0.8)]]
    assert merge_windows(windows, answers) == [
        Span(34, 38, "PERSON", 0.8),
        Span(40, 41, "LOC", 0.8),
    ]
