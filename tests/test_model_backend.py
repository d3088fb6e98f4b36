"""The shipped model through the ``onnx`` backend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.backend import Backend, load_backend
from pipeline.ner.onnx import build, read_settings
from pipeline.resources import model_folder

TEXTS = [
    "台积电董事长刘德音表示，今年营收将成长。",
    "",
    "行政院长赖清德今天到立法院报告。",
    "记者王大明／台北报导",
    "Facebook创办人马克·扎克伯格（Mark Zuckerberg）在国会作证，微软和谷歌没有回应。",
    "今天天气很好。",
]


@pytest.fixture(scope="module")
def backend() -> Backend:
    return build(NerConfig(backend="onnx"))


def surfaces(backend: Backend, text: str) -> set[tuple[str, str]]:
    return {(text[s.start : s.end], s.label) for s in backend.predict([text])[0]}


def test_it_is_loaded_by_name() -> None:
    assert load_backend(NerConfig(backend="onnx")).name == "onnx"


def test_plain_names_are_found(backend: Backend) -> None:
    assert {("台积电", "COMPANY"), ("刘德音", "PERSON")} <= surfaces(backend, TEXTS[0])
    assert {("赖清德", "PERSON"), ("立法院", "ORG")} <= surfaces(backend, TEXTS[2])
    assert ("王大明", "PERSON") in surfaces(backend, TEXTS[3])
    assert surfaces(backend, TEXTS[5]) == set()


def test_batches_change_nothing(backend: Backend) -> None:
    assert backend.predict(TEXTS * 7) == [backend.predict([text])[0] for text in TEXTS] * 7
    small = build(NerConfig(backend="onnx", batch_size=2))
    assert small.predict(TEXTS) == backend.predict(TEXTS)


def test_spans_are_sorted_disjoint_and_scored(backend: Backend) -> None:
    for text, spans in zip(TEXTS, backend.predict(TEXTS), strict=True):
        at = 0
        for span in spans:
            assert at <= span.start < span.end <= len(text)
            assert 0 < span.score <= 1
            assert span.label in backend.labels
            at = span.end


def test_odd_input_passes(backend: Backend) -> None:
    texts = ["", " ", "\ud800", "\U0010ffff" * 3, "a" * 3000, "\n\t\u3000"]
    assert len(backend.predict(texts)) == len(texts)
    assert backend.predict([]) == []


def test_label_map_renames_and_drops() -> None:
    mapped = build(NerConfig(backend="onnx", label_map={"LOC": "", "COMPANY": "ORG"}))
    assert mapped.labels == {"PERSON", "ORG"}
    assert {s.label for s in mapped.predict([TEXTS[0]])[0]} == {"PERSON", "ORG"}
    assert mapped.fingerprint != build(NerConfig(backend="onnx")).fingerprint


def test_the_folder_is_small() -> None:
    assert sum(path.stat().st_size for path in model_folder().iterdir()) < 25_000_000


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"model\.toml is missing"):
        build(NerConfig(backend="onnx", model=str(tmp_path)))


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder(), folder)
    (folder / "crf.npz").write_bytes(b"x")
    with pytest.raises(BackendError, match="differs from the hash"):
        build(NerConfig(backend="onnx", model=str(folder)))
    (folder / "crf.npz").unlink()
    with pytest.raises(BackendError, match=r"lacks crf\.npz"):
        build(NerConfig(backend="onnx", model=str(folder)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("format = 99", "reads 1"),
        ("not toml", "no TOML"),
        ('format = 1\nname = "x"', "lacks or misstates"),
    ],
)
def test_bad_settings_are_told(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "model.toml").write_text(content, encoding="utf-8")
    with pytest.raises(BackendError, match=message):
        read_settings(tmp_path)
