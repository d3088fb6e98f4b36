"""Annotation forms as tools write them, not only as we do; errors; export of a run; spaCy."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Config
from pipeline.errors import ConfigError, InputError
from pipeline.evaluate.gold import GoldArticle, GoldMention
from pipeline.interop import read_corpus, write_corpus
from pipeline.interop.offsets import Mark, settled
from pipeline.interop.tags import spans_of, tags_of, without_overlaps

EMOJI = "📉📉跌!\r\n陳默說,晨曦科技不錯"


def surfaces(article: GoldArticle) -> list[tuple[str, str]]:
    return [(m.label, m.text) for m in article.mentions]


@pytest.mark.parametrize(
    "begin", [6, 8, 5, 7], ids=["code points", "UTF-16", "CRLF as one", "UTF-16, CRLF as one"]
)
def test_offsets_of_every_counting_are_settled_by_surfaces(begin: int) -> None:
    marks = [
        Mark(begin, begin + 2, "PERSON", "陳默"),
        Mark(begin + 4, begin + 8, "COMPANY", "晨曦科技"),
    ]
    mentions = settled("a", EMOJI, marks)
    assert [(m.start, m.end, m.text) for m in mentions] == [(6, 8, "陳默"), (10, 14, "晨曦科技")]


def test_surfaces_that_agree_under_no_counting_are_refused() -> None:
    with pytest.raises(InputError, match=r"PERSON 0-2 is said to be '陳默', where the text"):
        settled("a", "他們說", [Mark(0, 2, "PERSON", "陳默")])
    with pytest.raises(InputError):
        settled("a", "他們說", [Mark(0, 9, "PERSON")])
    with pytest.raises(InputError):
        settled("a", "他們說", [Mark(2, 2, "PERSON")])


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-X I-X O", [(0, 2, "X")]),
        ("I-X I-X", [(0, 2, "X")]),
        ("B-X B-X", [(0, 1, "X"), (1, 2, "X")]),
        ("B-X I-Y", [(0, 1, "X"), (1, 2, "Y")]),
        ("B-X M-X E-X S-Y", [(0, 3, "X"), (3, 4, "Y")]),
        ("B-X L-X U-Y O", [(0, 2, "X"), (2, 3, "Y")]),
        ("B-X E-X I-X", [(0, 2, "X"), (2, 3, "X")]),
        ("S-X I-X", [(0, 1, "X"), (1, 2, "X")]),
        ("O O", []),
    ],
)
def test_tags_as_conlleval_reads_them(tags: str, spans: list[tuple[int, int, str]]) -> None:
    assert spans_of(tags.split()) == spans


def test_bioes_and_overlaps() -> None:
    mentions = [
        GoldMention(0, 3, "ORG", "abc"),
        GoldMention(1, 2, "YEAR", "b"),
        GoldMention(4, 5, "PERSON", "e"),
    ]
    lost: Counter[str] = Counter()
    kept = without_overlaps(mentions, lost)
    assert lost == {"overlapping mentions": 1}
    assert tags_of(5, kept, bioes=True) == ["B-ORG", "I-ORG", "E-ORG", "O", "S-PERSON"]


FOREIGN: dict[str, tuple[str, Any, str, list[tuple[str, str]]]] = {
    "columns": (
        "bio",
        "-DOCSTART- O\n\n陳 X B-PER\r\n默 X I-PER\r\n說 X O\r\n\r\n台 O\n\n",
        "陳默說",
        [("PER", "陳默")],
    ),
    "words": ("bio", "Tim B-PER\nBuckley I-PER\n說 O\n", "Tim Buckley說", [("PER", "Tim Buckley")]),
    "cluener": (
        "cluener",
        {"text": "浙行叶老桂说", "label": {"name": {"叶老桂": [[2, 4]]}, "game": {"说": [[5, 5]]}}},
        "浙行叶老桂说",
        [("PERSON", "叶老桂"), ("game", "说")],
    ),
    "msra": (
        "msra",
        "中国/ns 积极/o 参与/o\n1/2强/o 陈默/nr\n",
        "中国积极参与",
        [("LOC", "中国")],
    ),
    "doccano relations": (
        "doccano",
        {"id": 7, "text": "陳默說", "entities": [
            {"id": 1, "label": "PERSON", "start_offset": 0, "end_offset": 2}], "relations": []},
        "陳默說",
        [("PERSON", "陳默")],
    ),
    "label studio": (
        "labelstudio",
        [{"id": 3, "data": {"text": "📉陳默說"}, "annotations": [
            {"was_cancelled": True, "result": []},
            {"result": [{"type": "labels", "from_name": "l", "value":
                {"start": 2, "end": 4, "text": "陳默", "labels": ["PERSON"]},
                "meta": {"text": ["is this right?"]}}]},
        ], "predictions": [{"result": []}]}],
        "📉陳默說",
        [("PERSON", "陳默")],
    ),
    "label studio short": (
        "labelstudio",
        [{"text": "陳默說", "id": 3, "label": [
            {"start": 0, "end": 2, "text": "陳默", "labels": ["PERSON"]}]}],
        "陳默說",
        [("PERSON", "陳默")],
    ),
    "tokens": (
        "huggingface",
        {"id": "1", "tokens": ["陳默", "說"], "ner_tags": ["B-PERSON", "O"]},
        "陳默說",
        [("PERSON", "陳默")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_files_of_other_tools(name: str, tmp_path: Path) -> None:
    form, content, text, wanted = FOREIGN[name]
    path = tmp_path / "file"
    told = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_bytes(told.encode())
    article = read_corpus(path, form)[0]
    assert article.text == text
    assert surfaces(article) == wanted


def test_brat_of_others(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_bytes("陳默\r\n創辦 晨曦\n科技".encode())
    (tmp_path / "one.ann").write_text(
        "T1\tPERSON 0 2\t陳默\nT2\tCOMPANY 7 9;10 12\t晨曦 科技\nR1\tof Arg1:T1 Arg2:T2\n"
        "#1\tAnnotatorNotes T1\tnot sure\n",
        encoding="utf-8",
    )
    [article] = read_corpus(tmp_path, "brat")
    assert surfaces(article) == [("PERSON", "陳默"), ("COMPANY", "晨曦\n科技")]
    (tmp_path / "one.ann").write_text("T1\tPERSON 1 3\t陳默\n", encoding="utf-8")
    with pytest.raises(InputError, match="one: PERSON 1-3"):
        read_corpus(tmp_path, "brat")


WRONG_SURFACE = (
    '{"id": "a", "text": "陳", "mentions": [{"start": 0, "end": 1, "label": "X", "text": "默"}]}'
)


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("gold", "{}"),
        ("gold", WRONG_SURFACE),
        ("bio", "陳\n"),
        ("doccano", '{"text": "陳", "label": [[0, 5, "X"]]}'),
        ("labelstudio", "{}"),
        ("msra", "陳默\n"),
        ("huggingface", '{"tokens": ["a"], "ner_tags": [1]}'),
        ("cluener", "not json"),
    ],
)  # fmt: skip
def test_files_that_are_not_what_they_should_be(form: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        read_corpus(path, form)


def test_unknown_forms_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="known are gold, bio"):
        read_corpus(tmp_path, "conllu")
    with pytest.raises(InputError):
        read_corpus(tmp_path / "none", "doccano")
    twice = GoldArticle("a", "x", "", None, None, (), ())
    write_corpus([twice, twice], tmp_path / "twice.jsonl")
    with pytest.raises(InputError, match="stands twice"):
        read_corpus(tmp_path / "twice.jsonl")


def test_a_run_is_exported_corrected_and_comes_back(
    tmp_path: Path, light_config: Config, article_text: str
) -> None:
    from pipeline.interop.export import articles_of_run
    from pipeline.runner import run

    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "a.txt").write_bytes(article_text.replace("\n", "\r\n").encode())
    run(light_config, [str(articles)], tmp_path / "out")
    found, missing = articles_of_run(tmp_path / "out")
    assert missing == []
    assert ("PERCENT", "17%") in surfaces(found[0])
    assert ("YEAR_REL", "去年") in surfaces(found[0])
    for form in ("doccano", "labelstudio", "brat", "spacy"):
        path = tmp_path / form
        write_corpus(found, path, form)
        [back] = read_corpus(path, form)
        assert [(m.start, m.end, m.label, m.norm) for m in back.mentions] == [
            (m.start, m.end, m.label, m.norm) for m in found[0].mentions
        ]
    tasks = json.loads((tmp_path / "labelstudio").read_text(encoding="utf-8"))
    assert "predictions" in tasks[0]
    (articles / "a.txt").write_text("changed", encoding="utf-8")
    assert articles_of_run(tmp_path / "out") == ([], ["a.txt"])
