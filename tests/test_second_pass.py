"""The second pass: what it adds, what it leaves alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Config
from pipeline.document import Document
from pipeline.stage import load_stage
from tests.marked import cases, document


def _changes(before: Document, after: Document) -> list[str]:
    old = Counter(before.mentions)
    return [f"{m.label}:{m.text} ({m.rule})" for m in after.mentions if not old[m]]


@pytest.mark.parametrize(("marked", "expected"), cases("second_pass"))
def test_case(marked: str, expected: str) -> None:
    before = document(marked, score=0.95)
    (after,) = load_stage("second_pass", Config())([before])
    assert "; ".join(_changes(before, after)) == expected


def test_a_doubtful_name_establishes_nothing() -> None:
    before = document("[C:海雲達科技]上市。分析師看好海雲達科技。", score=0.3)
    (after,) = load_stage("second_pass", Config())([before])
    assert after == before


def test_a_doubtful_mark_of_a_sure_firms_stem_is_enough() -> None:
    text = "[C:沅海科技]上市。[C:沅海]賺錢。分析師看好沅海。"
    sure = document(text, score=0.95)
    first, second = sure.mentions
    for stem, found in ((0.55, 1), (0.45, 0)):
        before = sure.with_mentions([first, replace(second, score=stem)])
        (after,) = load_stage("second_pass", Config())([before])
        assert len(_changes(before, after)) == found


def test_the_best_score_of_a_name_counts() -> None:
    text = "[C:海雲達]上市。[C:海雲達]賺錢。分析師看好海雲達。"
    doubtful = document(text, score=0.3)
    first, second = doubtful.mentions
    (after,) = load_stage("second_pass", Config())(
        [doubtful.with_mentions([first, replace(second, score=0.9)])]
    )
    assert len(after.mentions) == 3


def test_a_full_chinese_name_needs_less() -> None:
    (after,) = load_stage("second_pass", Config())(
        [document("[P:林志遠]到場。外界期待林志遠。[C:海雲達]漲，大家看好海雲達。", score=0.7)]
    )
    assert [m.text for m in after.mentions] == ["林志遠", "林志遠", "海雲達"]


@pytest.mark.parametrize(
    ("marked", "left"),
    [
        ("學校推行[C:QRT]，[O:QRT]引起爭議，QRT、QRT與QRT。", []),
        ("[C:QRT]與[C:QRT]發表財報，QRT大漲。", ["QRT", "QRT"]),
        ("英文是[C:tidal energy]。", []),
        ("[C:Tidal Energy]上市。", ["Tidal Energy"]),
        ("[P:Tidal Hall]到場。Tidal Halls、Tidal Halls。", ["Tidal Hall"]),
    ],
)
def test_stray_latin_marks_are_taken_back(marked: str, left: list[str]) -> None:
    (after,) = load_stage("second_pass", Config())([document(marked, score=0.7)])
    assert [m.text for m in after.mentions] == left


@pytest.mark.parametrize(
    ("marked", "cut"),
    [
        ("[P:林志遠]說。[P:林志遠]說。也請[P:林志遠北]上。", "林志遠"),
        ("[O:海風律師會]說。[O:海風律師會]說。而[O:連海風律師會]也說。", "海風律師會"),
        ("[O:海風律師會]說。[O:海風律師會]說。而[O:台北海風律師會]也說。", "台北海風律師會"),
        ("[P:林志遠]說。[P:林志遠]說。[P:林志遠北]上，[P:林志遠北]返。", "林志遠北"),
    ],
)
def test_a_lone_longer_form_is_cut(marked: str, cut: str) -> None:
    (after,) = load_stage("second_pass", Config())([document(marked, score=0.85)])
    assert after.mentions[2].text == cut


@pytest.mark.parametrize(
    ("marked", "sure", "text"),
    [
        ("[P:金文哲]到場。外界讚賞[P:金勇敢]行動。", True, "金"),
        ("[P:金文哲]到場。外界讚賞[P:金勇敢]行動。", False, "金勇敢"),
        ("[P:林文哲]到場。外界讚賞[P:金勇敢]行動。", True, "金勇敢"),
        ("[P:金文哲]到場。外界讚賞[P:金勇敢]，[P:金勇敢]笑。", True, "金勇敢"),
    ],
)
def test_a_verb_is_no_given_name(marked: str, sure: bool, text: str) -> None:
    made = document(marked, score=0.7)
    first, *rest = made.mentions
    made = made.with_mentions([replace(first, score=0.95 if sure else 0.7), *rest])
    (after,) = load_stage("second_pass", Config())([made])
    assert after.mentions[1].text == text


def test_new_mentions_score_lower_and_name_the_stage() -> None:
    before = document("[P:陳志明]昨天到場。記者會上陳志明說，一切順利。", score=0.95)
    (after,) = load_stage("second_pass", Config())([before])
    (added,) = [m for m in after.mentions if m not in before.mentions]
    assert added.stage == "second_pass"
    assert added.score < 0.95


def test_documents_do_not_mix() -> None:
    one = document("[P:陳志明]到場。", score=0.95)
    other = document("陳志明說。", score=0.95)
    assert load_stage("second_pass", Config())([one, other]) == [one, other]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.sampled_from(
            ["[P:陳志明]", "陳志明", "[C:海雲達]", "海雲達", "說", "，", "[O:立法院]", "陳", "市長"]
        ),
        max_size=14,
    ),
    st.sampled_from([0.3, 0.95]),
)  # fmt: skip
def test_a_second_run_adds_nothing_that_overlaps(parts: list[str], score: float) -> None:
    stage = load_stage("second_pass", Config())
    (once,) = stage([document("".join(parts), score=score)])
    spans = [(m.start, m.end) for m in once.mentions]
    assert len(spans) == len(set(spans))
    assert all(m.text == once.article.text[m.start : m.end] for m in once.mentions)
