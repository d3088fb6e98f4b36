"""The default configuration over real articles: what the README promises, on a sample.

``ZHNEWS_REAL_ARTICLES`` sets how many files of each folder are taken (0: all of them).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline.config import Config, InputConfig
from pipeline.readers import ReadFailure, list_sources, read_source
from pipeline.runner import run
from pipeline.tables import TABLES

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = Path(os.environ.get("ZHNEWS_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (data / "articles").is_dir():
        pytest.skip("ZHNEWS_DATA is not here")
    most = int(os.environ.get("ZHNEWS_REAL_ARTICLES", "15")) or None
    root = tmp_path_factory.mktemp("real")
    for folder in sorted((data / "articles").iterdir()):
        target = root / "articles" / folder.name
        target.mkdir(parents=True)
        for path in sorted(folder.iterdir())[:most]:
            shutil.copy(path, target / path.name)
    run(Config(), [str(root / "articles")], root / "out")
    return root


@pytest.fixture(scope="module")
def tables(sample: Path) -> dict[str, pd.DataFrame]:
    return {t.name: pd.read_parquet(sample / "out" / f"{t.name}.parquet") for t in TABLES}


def test_every_file_is_an_article_or_an_error(
    sample: Path, tables: dict[str, pd.DataFrame]
) -> None:
    files = sum(1 for path in (sample / "articles").rglob("*") if path.is_file())
    assert len(tables["articles"]) + len(tables["errors"]) == files
    assert len(tables["errors"]) == 0


def test_every_mention_is_what_the_article_has(
    sample: Path, tables: dict[str, pd.DataFrame]
) -> None:
    texts = {}
    for source in list_sources([str(sample / "articles")], InputConfig()):
        for article in read_source(source, InputConfig()):
            assert not isinstance(article, ReadFailure)
            texts[article.id] = article.text
    for name in ("mentions", "sentences"):
        frame = tables[name][["article_id", "start", "end", "text_raw"]]
        for article_id, start, end, text_raw in frame.itertuples(index=False, name=None):
            assert texts[str(article_id)][int(start) : int(end)] == text_raw
    assert len(tables["mentions"]) > len(texts)


def test_every_key_resolves(tables: dict[str, pd.DataFrame]) -> None:
    for table in TABLES:
        frame = tables[table.name]
        if table.key is not None:
            assert frame[table.key].is_unique
        for column in table.columns:
            if column.ref is not None:
                target, _, key = column.ref.partition(".")
                found = set(frame[column.name].dropna())
                assert found <= set(tables[target][key]), f"{table.name}.{column.name}"


def test_no_two_mentions_overlap(tables: dict[str, pd.DataFrame]) -> None:
    for _, mentions in tables["mentions"].groupby("article_id"):
        ordered = mentions.sort_values("start")
        assert (ordered["end"].iloc[:-1].to_numpy() <= ordered["start"].iloc[1:].to_numpy()).all()


def test_a_second_run_gives_the_same_bytes(sample: Path) -> None:
    run(Config(), [str(sample / "articles")], sample / "again")
    for table in TABLES:
        name = f"{table.name}.parquet"
        assert (sample / "out" / name).read_bytes() == (sample / "again" / name).read_bytes(), name
