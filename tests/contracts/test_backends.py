"""What every NER backend promises: spans in range, sorted, disjoint; no text minds its company."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.backend import Backend, load_backend
from pipeline.resources import model_folder
from tests.ner_models import spacy_pipeline, tiny_transformer

SHIPPED = model_folder() / "model.toml"
TEXTS = (
    "王大明昨天在上海见了永兴科技的李小红。",
    "",
    " \u3000\t",
    "\n",
    "😀👨‍👩‍👧王大明😀",
    "Ｊａｎｅ Doe与王大明·李四、2023年增长17%",
    "\x00\ufeff\u200b李小红",
    "\ud800王大明\udfff",
    "龘" * 5 + "王大明" + "x" * 700,
    "李小红在永兴科技",
)


def _config(name: str, folder: Path) -> NerConfig:
    if name == "spacy":
        return NerConfig(backend=name, model=str(spacy_pipeline(folder)))
    if name == "transformers":
        return NerConfig(backend=name, model=str(tiny_transformer(folder)))
    return NerConfig(backend=name)


BACKENDS = [
    pytest.param(
        "onnx", marks=pytest.mark.skipif(not SHIPPED.is_file(), reason="no shipped model")
    ),
    "lac",
    "jieba",
    "spacy",
    pytest.param("transformers", marks=pytest.mark.torch),
]


@pytest.fixture(scope="module", params=BACKENDS)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[NerConfig, Backend]:
    config = _config(request.param, tmp_path_factory.mktemp("model"))
    return config, load_backend(config)


def test_spans_are_in_range_sorted_disjoint_and_labelled(case: tuple[NerConfig, Backend]) -> None:
    _, backend = case
    answers = backend.predict(TEXTS)
    assert len(answers) == len(TEXTS)
    assert any(answers)
    for text, spans in zip(TEXTS, answers, strict=True):
        floor = 0
        for span in spans:
            assert floor <= span.start < span.end <= len(text)
            assert span.label in backend.labels
            assert 0.0 <= span.score <= 1.0
            assert isinstance(span.start, int)
            floor = span.end


def test_a_text_alone_gets_the_same_answer(case: tuple[NerConfig, Backend]) -> None:
    _, backend = case
    together = backend.predict(TEXTS)
    assert [backend.predict([text])[0] for text in TEXTS] == together
    assert backend.predict(TEXTS[::-1]) == together[::-1]


def test_the_batch_size_changes_nothing(case: tuple[NerConfig, Backend]) -> None:
    config, backend = case
    small = load_backend(config.model_copy(update={"batch_size": 2}))
    assert small.predict(TEXTS) == backend.predict(TEXTS)


def test_no_texts_no_answers(case: tuple[NerConfig, Backend]) -> None:
    assert case[1].predict([]) == []


def test_name_and_fingerprint(case: tuple[NerConfig, Backend]) -> None:
    config, backend = case
    assert backend.name == config.backend
    assert len(backend.fingerprint) == 64
    assert load_backend(config).fingerprint == backend.fingerprint


def test_blank_texts_hold_nothing(case: tuple[NerConfig, Backend]) -> None:
    assert case[1].predict(["", " \u3000\t"]) == [[], []]


@pytest.mark.parametrize("name", ["spacy", "transformers"])
def test_a_backend_without_its_model_says_what_it_needs(name: str) -> None:
    if name == "transformers" and find_spec("torch") is None:
        pytest.skip("needs torch")
    with pytest.raises(BackendError, match=r"ner\.model"):
        load_backend(NerConfig(backend=name))


def test_an_unknown_backend_names_the_known() -> None:
    with pytest.raises(BackendError, match=r"known are .*lac"):
        load_backend(NerConfig(backend="lca"))


@pytest.mark.parametrize(
    "load",
    [
        lambda: load_backend(NerConfig(backend="spacy", model="no/such/pipeline")),
        lambda: load_backend(NerConfig(backend="lac", model="no/such/folder")),
        lambda: load_backend(NerConfig(backend="jieba", model="no/such/dictionary")),
    ],
)
def test_a_missing_model_is_a_backend_error(load: Callable[[], Backend]) -> None:
    with pytest.raises(BackendError, match="no/such"):
        load()
