"""A record file read in windows gives what it gives as a whole."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config import InputConfig
from pipeline.readers import Source
from pipeline.readers.read import read_window
from pipeline.readers.windows import cut_source

CONFIG = InputConfig()
TEXTS = st.lists(
    st.text(alphabet='營收下降,"\n\r a1é', min_size=0, max_size=30).map(lambda s: "新聞" + s),
    min_size=1,
    max_size=30,
)
COMMON = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def same_in_windows(path: Path, size: int, *, cut: bool | None = None) -> None:
    source = Source(path.name, str(path), path.stat().st_size)
    whole = list(read_window(source, CONFIG))
    windows = cut_source(source, CONFIG, size)
    if cut is not None:
        assert (len(windows) > 1) == cut
    pieces = [item for window in windows for item in read_window(source, CONFIG, window)]
    assert pieces == whole


@given(TEXTS, st.integers(1, 200), st.sampled_from(["\n", "\r\n", "\n\n"]), st.booleans())
@COMMON
def test_jsonl(tmp_path: Path, texts: list[str], size: int, end: str, packed: bool) -> None:
    raw = "".join(json.dumps({"text": t}, ensure_ascii=False) + end for t in texts).encode()
    path = tmp_path / ("a.jsonl.gz" if packed else "a.jsonl")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    same_in_windows(path, size)


@given(TEXTS, st.integers(1, 200), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
@COMMON
def test_csv(tmp_path: Path, texts: list[str], size: int, encoding: str) -> None:
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(["id", "text"])
    rows.writerows((f"r{n}", text) for n, text in enumerate(texts))
    path = tmp_path / "a.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    same_in_windows(path, size)


@given(TEXTS, st.integers(1, 200), st.integers(1, 10))
@COMMON
def test_parquet(tmp_path: Path, texts: list[str], size: int, group: int) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": texts}), path, row_group_size=group)
    same_in_windows(path, size)


@pytest.mark.parametrize(
    ("name", "content", "cut"),
    [
        ("a.jsonl", b'{"text": "a"}\n' * 20, True),
        ("a.jsonl", b'{"text": "a"}\r' * 20, False),
        ("a.csv", b"text\n" + b'"x\ny"\n' * 20, True),
        ("a.csv", b"wrong\n" + b"x\n" * 40, False),
        ("a.csv", "text\n中文字\n".encode("utf-16") * 10, False),
        ("a.txt", b"text\n" * 40, False),
    ],
)
def test_what_is_cut(tmp_path: Path, name: str, content: bytes, cut: bool) -> None:
    (tmp_path / name).write_bytes(content)
    same_in_windows(tmp_path / name, 30, cut=cut)
