"""The runner on a small folder, with the quantity stages only (no model)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline.assemble import FORMATS
from pipeline.config import Config, load_config
from pipeline.document import Document
from pipeline.errors import ConfigError, InputError
from pipeline.plan import cut_shards
from pipeline.readers import list_sources
from pipeline.runner import run
from pipeline.shard import Slice
from pipeline.stage import Stage
from pipeline.tables import TABLE_NAMES, TABLES


@pytest.fixture
def folder(tmp_path: Path, article_text: str) -> Path:
    root = tmp_path / "articles"
    (root / "b").mkdir(parents=True)
    for number in range(6):
        text = article_text.replace("17%", f"{17 + number}%")
        (root / f"a{number}.txt").write_text(text, encoding="utf-8")
    (root / "b" / "c.jsonl").write_text(
        "".join(
            json.dumps({"id": f"r{n}", "text": f"2023年營收下降{n}成。"}, ensure_ascii=False) + "\n"
            for n in range(2, 6)
        ),
        encoding="utf-8",
    )
    (root / "empty.txt").write_bytes(b"")
    return root


def tables_of(out: Path) -> dict[str, bytes]:
    return {name: (out / f"{name}.parquet").read_bytes() for name in TABLE_NAMES}


def test_every_article_is_a_row_somewhere(
    folder: Path, tmp_path: Path, light_config: Config
) -> None:
    report = run(light_config, [str(folder)], tmp_path / "out")
    assert (report.articles, report.failed) == (11, 1)
    articles = pd.read_parquet(tmp_path / "out" / "articles.parquet")
    errors = pd.read_parquet(tmp_path / "out" / "errors.parquet")
    assert list(articles.article_id) == [f"a{n}.txt" for n in range(6)] + [
        f"b/c.jsonl#r{n}" for n in range(2, 6)
    ]
    assert list(errors.article_id) == ["empty.txt"]
    assert list(errors.error) == ["empty"]


def test_same_input_same_bytes_for_any_workers_and_shards(
    folder: Path, tmp_path: Path, light_config: Config
) -> None:
    run(light_config, [str(folder)], tmp_path / "one")
    many = light_config.model_copy(
        update={"run": light_config.run.model_copy(update={"workers": 2, "shard_bytes": 1})}
    )
    run(many, [str(folder)], tmp_path / "many")
    assert tables_of(tmp_path / "one") == tables_of(tmp_path / "many")


def test_all_formats_hold_the_same_rows(folder: Path, tmp_path: Path, light_config: Config) -> None:
    out = tmp_path / "out"
    config = light_config.model_copy(
        update={"output": light_config.output.model_copy(update={"formats": FORMATS})}
    )
    run(config, [str(folder)], out)
    sqlite = sqlite3.connect(out / "zhnews.sqlite")
    duck = duckdb.connect(str(out / "zhnews.duckdb"), read_only=True)
    for table in TABLES:
        rows = len(pd.read_parquet(out / f"{table.name}.parquet"))
        assert (out / f"{table.name}.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        frame = pd.read_csv(out / f"{table.name}.csv", encoding="utf-8-sig")
        assert list(frame.columns) == table.column_names
        assert len(frame) == rows
        lines = (out / f"{table.name}.jsonl").read_text(encoding="utf-8").splitlines()
        assert len(lines) == rows
        query = f'SELECT count(*) FROM "{table.name}"'
        assert sqlite.execute(query).fetchone() == (rows,)
        assert duck.execute(query).fetchone() == (rows,)
    sqlite.close()
    duck.close()


def test_run_json_tells_what_was_run(folder: Path, tmp_path: Path, light_config: Config) -> None:
    run(light_config, [str(folder)], tmp_path / "out")
    told = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert told["config"]["stages"] == ["percent", "year", "money"]
    assert told["counts"]["articles"] == 11
    assert told["counts"]["rows"]["errors"] == 1
    assert any(name.startswith("lexicon.") for name in told["hashes"])


def test_limit(folder: Path, tmp_path: Path, light_config: Config) -> None:
    config = load_config(None, {"stages": light_config.stages, "input.limit": 7})
    assert run(config, [str(folder)], tmp_path / "out").articles == 7


class Explodes:
    name = "explodes"

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        for document in documents:
            if "19%" in document.text:
                raise ZeroDivisionError("a defect in a stage")
        return list(documents)


def build(config: Config) -> Stage:
    return Explodes()


def test_an_article_that_breaks_a_stage_costs_only_itself(folder: Path, tmp_path: Path) -> None:
    config = load_config(None, {"stages": ("percent", "tests.test_runner:build")})
    report = run(config, [str(folder)], tmp_path / "out")
    assert (report.articles, report.failed) == (11, 2)
    errors = pd.read_parquet(tmp_path / "out" / "errors.parquet")
    assert dict(zip(errors.article_id, errors.error, strict=True)) == {
        "a2.txt": "ZeroDivisionError",
        "empty.txt": "empty",
    }
    assert len(pd.read_parquet(tmp_path / "out" / "articles.parquet")) == 9


def test_an_output_that_is_a_file_is_refused(
    folder: Path, tmp_path: Path, light_config: Config
) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="is a file"):
        run(light_config, [str(folder)], tmp_path / "out")


def test_an_unknown_format_is_refused(folder: Path, tmp_path: Path) -> None:
    config = load_config(None, {"output.formats": ("xlsx",)})
    with pytest.raises(ConfigError, match="xlsx"):
        run(config, [str(folder)], tmp_path / "out")


def test_a_missing_input_is_refused(tmp_path: Path, light_config: Config) -> None:
    with pytest.raises(InputError, match="nosuch"):
        run(light_config, [str(tmp_path / "nosuch")], tmp_path / "out")


def test_shards_keep_order_and_every_source(folder: Path, light_config: Config) -> None:
    slices = [Slice(s, size=s.size) for s in list_sources([str(folder)], light_config.input)]
    for size in (1, 500, 10**9):
        shards = list(cut_shards(slices, size, 7, None))
        assert [part for shard in shards for part in shard.slices] == slices
        assert [shard.number for shard in shards] == list(range(7, 7 + len(shards)))
