from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.document import Section
from pipeline.jieba_words import read_dictionary
from pipeline.normalize import Normalizer
from pipeline.segment import Segmenter
from pipeline.sentences import split_sentences

CASES = Path(__file__).parent / "cases" / "sentences.tsv"


def cases() -> list[list[str]]:
    lines = CASES.read_text(encoding="utf-8").split("\n")
    return [line.split("|") for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(["晨曦科技", "星云电子"])


@pytest.fixture(scope="module")
def jieba_itself() -> Any:
    return read_dictionary(["晨曦科技", "星云电子"])


def words(segmenter: Segmenter, text: str) -> list[str]:
    return [text[token.start : token.end] for token in segmenter.tokens(text)]


def sentences(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in split_sentences(text)]


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case[0]))
def test_sentences_of_a_line(case: list[str]) -> None:
    text, *expected = case
    assert sentences(text) == expected


def test_lines_headings_and_lists_are_sentences_of_their_own() -> None:
    text = "標題\r\n\r\n01\n兩家公司\n1. 第一項\n2. 第二項；\n\t\n正文。完\u2028新行\x0b末"
    assert sentences(text) == [
        *("標題", "01", "兩家公司", "1. 第一項", "2. 第二項；", "正文。", "完", "新行", "末")
    ]


def test_a_sentence_knows_its_section() -> None:
    text = "導言。\n甲\n內文。續。\n乙\n內文。"
    sections = [Section(2, 12, 16), Section(1, 4, 12)]
    assert [s.section for s in split_sentences(text, sections)] == [0, 1, 1, 1, 2, 2]


def test_no_sentences_in_nothing() -> None:
    assert split_sentences("") == []
    assert split_sentences(" \u3000\r\n\t ") == []


@pytest.mark.parametrize(
    "text",
    [
        "字" * 200_000,
        "「。" * 100_000,
        "「" * 50_000 + "。」" * 50_000,
        ". A" * 70_000,
        '"！' * 90_000,
    ],
    ids=["no marks", "open quotes", "nested quotes", "points", "straight quotes"],
)
def test_a_very_long_line(text: str) -> None:
    found = split_sentences(text)
    assert found[0].start == 0
    assert found[-1].end == len(text)


def test_tokens_are_words(segmenter: Segmenter) -> None:
    text = "百度和晨曦科技的营收增长17%。"
    assert words(segmenter, text) == ["百度", "和", "晨曦科技", "的", "营收", "增长", "17%", "。"]
    assert words(Segmenter(), "晨曦科技") != ["晨曦科技"]


def test_tokens_start_where_they_are_told(segmenter: Segmenter) -> None:
    assert segmenter.tokens("百度", start=7) == [(7, 9)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\u3000\r\n\r\n",
        "a\0b\x1f",
        "😀👨‍👩‍👧 好",
        "\ud800好\udfff",
        "𠮶𪚥",
        "犇" * 20_000,
        "x" * 20_000,
    ],
)
def test_joined_tokens_equal_the_text(segmenter: Segmenter, text: str) -> None:
    assert "".join(words(segmenter, text)) == text
    assert all(token.start < token.end for token in segmenter.tokens(text))


# Known and unknown characters, words of every length, prefixes of words, numbers, names, marks.
MIXED = [
    *"的了在是我有和人这中大为上个国你说不们到犇瞓喺嘅瞓龘𠮶，☃１ \n\u3000A+#",
    *("百度", "研究生命起源", "中华人民共和国", "不管三七二十一", "刘德音", "赖清德", "晨曦科技"),
    *("星云", "3.5%", "b-1", "a.b", "\r\n"),
]


@given(text=st.lists(st.sampled_from(MIXED), max_size=40).map("".join))
@settings(deadline=None, max_examples=300)
def test_the_words_are_those_of_jieba(segmenter: Segmenter, jieba_itself: Any, text: str) -> None:
    assert words(segmenter, text) == list(jieba_itself.cut(text))


def test_fingerprint_follows_the_words() -> None:
    assert (
        Segmenter(["星云", "晨曦"]).fingerprint == Segmenter(["晨曦", "星云", "晨曦"]).fingerprint
    )
    assert Segmenter(["星云"]).fingerprint != Segmenter().fingerprint


def test_jieba_is_loaded_late_silently_and_leaves_nothing_behind(tmp_path: Path) -> None:
    program = (
        "import sys; from pipeline.segment import Segmenter; s = Segmenter(['晨曦科技'])\n"
        "assert 'jieba' not in sys.modules\n"
        "s.tokens('晨曦科技')\n"
        "import jieba; assert not jieba.dt.initialized and not jieba.dt.FREQ\n"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={"TMPDIR": str(tmp_path), "PATH": "", "PYTHONUTF8": "1"},
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_two_segmenters_do_not_share_words() -> None:
    one, other = Segmenter(["星云电子"]), Segmenter()
    assert words(one, "星云电子") == ["星云电子"]
    assert words(other, "星云电子") != ["星云电子"]
    assert not logging.getLogger("jieba").disabled


@pytest.mark.real
def test_real_articles(segmenter: Segmenter, jieba_itself: Any, data_folder: Path) -> None:
    normalizer = Normalizer()
    paths = sorted((data_folder / "articles").rglob("*.txt"))[::60]
    assert paths
    for path in paths:
        text = normalizer(path.read_bytes().decode("utf-8")).text
        assert "".join(words(segmenter, text)) == text
        assert words(segmenter, text) == list(jieba_itself.cut(text))
        covered = sum(len("".join(sentence.split())) for sentence in sentences(text))
        assert covered == len("".join(text.split()))
