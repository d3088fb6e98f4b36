"""Stage ner with an engine that marks one name: windows, batches across articles, raw text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.config import Config, NerConfig
from pipeline.document import Article, Document, Sentence
from pipeline.ner.backend import Backend, Span
from pipeline.stages.ner import NerStage, build


class FakeBackend:
    """Marks runs of 永兴 as ORG and remembers what it was given."""

    name = "fake"
    labels = frozenset({"ORG"})
    fingerprint = "0"

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        self.calls.append(list(texts))
        return [
            [Span(m.start(), m.end(), "ORG", 0.7) for m in re.finditer("「?永兴", text)]
            for text in texts
        ]


def fake_backend(config: NerConfig) -> Backend:
    """For ``package.module:build``."""
    return FakeBackend()


def _document(raw: str, text: str, sentences: Sequence[tuple[int, int]]) -> Document:
    places = tuple(Sentence(start, end) for start, end in sentences)
    return Document(Article("a", raw), text, sentences=places)


def test_mentions_are_cut_from_the_raw_text() -> None:
    document = _document("標題「永興」\n據永興說。", "标题「永兴」\n据永兴说。", [(0, 6), (7, 12)])
    found = NerStage(FakeBackend(), NerConfig())([document])[0]
    assert [(m.start, m.end, m.text) for m in found.mentions] == [(3, 5, "永興"), (8, 10, "永興")]
    assert {(m.stage, m.rule, m.score) for m in found.mentions} == {("ner", "fake", 0.7)}


def test_one_call_reads_the_sentences_of_all_documents() -> None:
    backend = FakeBackend()
    documents = [
        _document("永兴。甲", "永兴。甲", [(0, 3), (3, 4)]),
        _document("", "", []),
        _document("　\n乙永兴", "　\n乙永兴", [(0, 1), (2, 5)]),
    ]
    found = NerStage(backend, NerConfig())(documents)
    assert backend.calls == [["永兴。", "甲", "乙永兴"]]
    assert [[m.start for m in d.mentions] for d in found] == [[0], [], [3]]


def test_a_long_sentence_is_read_in_windows() -> None:
    backend = FakeBackend()
    text = ("字" * 31 + "永兴" + "字" * 7) * 5
    document = _document(text, text, [(0, len(text))])
    found = NerStage(backend, NerConfig(window=32, overlap=8))([document])[0]
    assert max(map(len, backend.calls[0])) == 32
    assert [m.start for m in found.mentions] == [31 + 40 * i for i in range(5)]


def test_nothing_to_read_calls_no_engine() -> None:
    backend = FakeBackend()
    documents = [_document("", "", [])]
    assert NerStage(backend, NerConfig())(documents) == documents
    assert backend.calls == []


def test_a_third_party_backend_is_loaded_by_its_path() -> None:
    stage = build(Config(ner=NerConfig(backend="tests.test_ner_stage:fake_backend")))
    assert stage.name == "ner"
    assert stage.backend.name == "fake"
