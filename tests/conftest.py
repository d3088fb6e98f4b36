"""Shared fixtures: where the real data is, a config that needs no model, a small article."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.config import Config, load_config

REPO = Path(__file__).resolve().parent.parent

ARTICLE = """熱門資訊> 正文
2025-09-26 08:24
原標題:兩家新創的十年

前百度副總裁陳默創辦的晨曦科技有限公司(以下簡稱「晨曦科技」)去年營收同比增長17%，存活率不足20%。
2023年至今，公司拿到2000萬美元融資。
"""


@pytest.fixture
def repo() -> Path:
    return REPO


@pytest.fixture
def data_folder() -> Path:
    folder = Path(os.environ.get("ZHNEWS_DATA", REPO.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("ZHNEWS_DATA is not here")
    return folder


@pytest.fixture
def light_config() -> Config:
    """The quantity stages only: no model is loaded."""
    return load_config(None, {"stages": ("percent", "year", "money")})


@pytest.fixture
def article_text() -> str:
    return ARTICLE
