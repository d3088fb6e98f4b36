from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.config import Config
from pipeline.document import Document
from pipeline.errors import StageError
from pipeline.stage import Stage, load_stage, stage_names


class Quiet:
    name = "quiet"

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        return list(documents)


def build(config: Config) -> Stage:
    return Quiet()


def build_wrongly(config: Config) -> object:
    return object()


def test_the_shipped_stages_are_files() -> None:
    assert {"ner", "organisations", "percent", "year", "money"} <= set(stage_names())


def test_a_stage_of_a_third_party() -> None:
    assert load_stage("tests.test_stage:build", Config()).name == "quiet"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nosuch", "no stage 'nosuch': known are"),
        ("tests.nosuch:build", "no stage 'tests.nosuch:build'"),
        ("tests.test_stage:nosuch", "has no 'nosuch'"),
        ("tests.test_stage:build_wrongly", "no Stage"),
    ],
)
def test_what_cannot_be_loaded_is_named(name: str, message: str) -> None:
    with pytest.raises(StageError, match=message):
        load_stage(name, Config())
