"""What every shipped stage keeps, whatever it is given."""

from __future__ import annotations

import pytest

from pipeline.config import Config
from pipeline.document import Article, Document
from pipeline.normalize import Normalizer
from pipeline.segment import Segmenter
from pipeline.stage import Stage, load_stage, stage_names
from tests.conftest import ARTICLE

ODD_TEXTS = [
    "",
    " \n\t\u3000",
    "\x00\ufffe",
    "。。。！？」）",
    "%" * 50 + "年" * 50 + "元" * 50,
    "0123456789" * 30 + "%",
    "一二三四五六七八九十百千萬億" * 20 + "元",
    "🙂去年🙂17%🙂3億元🙂",
    "王大明\r\n台積電\r\n2017年\r\n",
    "百分之、分之一、年年、元元、成成、倍倍、個百分點",
    "民國年元月、負%、-%、至今、以來、~%",
]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    normalizer, segmenter = Normalizer(), Segmenter()
    made = []
    for number, text in enumerate([ARTICLE, *ODD_TEXTS]):
        normal = normalizer(text)
        made.append(
            Document(
                Article(f"t{number}", text),
                normal.text,
                normal.script,
                normal.conversion,
                tuple(segmenter.sentences(normal.text)),
                tuple(segmenter.tokens(normal.text)),
            )
        )
    return made


@pytest.fixture(scope="module", params=stage_names())
def stage(request: pytest.FixtureRequest) -> Stage:
    return load_stage(request.param, Config())


def test_it_is_named_after_its_file(stage: Stage) -> None:
    assert stage.name in stage_names()


def test_it_answers_each_document_with_itself_and_true_offsets(
    stage: Stage, documents: list[Document]
) -> None:
    answered = stage(documents)
    assert [d.article for d in answered] == [d.article for d in documents]
    for before, after in zip(documents, answered, strict=True):
        assert after.text == before.text
        for mention in after.mentions:
            assert mention.text == after.article.text[mention.start : mention.end]
            assert 0 <= mention.score <= 1
            assert mention.stage in stage_names()
            assert mention.rule
        for diagnostic in after.diagnostics:
            assert 0 <= diagnostic.start <= diagnostic.end <= len(after.text)
            assert diagnostic.reason


def test_a_batch_changes_nothing(stage: Stage, documents: list[Document]) -> None:
    together = stage(documents)
    alone = [stage([document])[0] for document in documents]
    assert together == alone


def test_no_documents(stage: Stage) -> None:
    assert stage([]) == []
