"""Scores of the default configuration may not fall below tests/floors.json."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.evaluate import floors
from pipeline.evaluate.floors import Corpus, Floors, Measured
from pipeline.evaluate.gold import corpus_sha256

FLOORS = Path(__file__).resolve().parent / "floors.json"


def held(name: str) -> list[str]:
    from pipeline.extractor import Extractor

    corpus = floors.read_floors(FLOORS).corpora[name]
    path = corpus.located(FLOORS.parent)
    assert path is not None, f"{corpus.path} is not here"
    assert corpus.scores, "no floors are set: zhnews floors --update"
    return floors.shortfalls(corpus, corpus_sha256(path), floors.measure(Extractor(), path))


def test_the_sample_corpus_holds_its_floors() -> None:
    assert held("sample") == []


@pytest.mark.real
def test_the_dev_corpus_holds_its_floors(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHNEWS_DATA", str(data_folder.resolve()))
    assert held("dev") == []


PINNED = Corpus("a.jsonl", "aa", {"strict PERSON": 0.9, "value YEAR": 0.8})


def test_a_fall_beyond_the_tolerance_is_told() -> None:
    good = {"strict PERSON": 0.8951, "value YEAR": 0.81}
    assert floors.shortfalls(PINNED, "aa", good) == []
    fallen = floors.shortfalls(PINNED, "aa", {"strict PERSON": 0.8949, "value YEAR": 0.9})
    assert fallen == ["a.jsonl: strict PERSON is 0.8949, its floor 0.9000"]
    assert len(floors.shortfalls(PINNED, "aa", {})) == 2
    assert "hash" in floors.shortfalls(PINNED, "bb", good)[0]


def test_floors_rise_by_themselves_and_fall_with_a_reason() -> None:
    old = Floors({"a": PINNED})
    risen = floors.updated(
        old, [Measured("a", "aa", {"strict PERSON": 0.899, "value YEAR": 0.85, "new": 0.1})], None
    )
    assert risen.corpora["a"].scores == {"strict PERSON": 0.9, "value YEAR": 0.85, "new": 0.1}
    fallen = [Measured("a", "aa", {"strict PERSON": 0.5})]
    with pytest.raises(InputError, match=r"strict PERSON would fall from 0\.9 to 0\.5"):
        floors.updated(old, fallen, None)
    lowered = floors.updated(old, fallen, "guidelines changed")
    assert lowered.corpora["a"].scores == {"strict PERSON": 0.5}
    assert [(row["score"], row["to"], row["reason"]) for row in lowered.lowered] == [
        ("strict PERSON", 0.5, "guidelines changed"),
        ("value YEAR", None, "guidelines changed"),
    ]


def test_a_changed_corpus_needs_a_reason_even_where_scores_rise() -> None:
    risen = [Measured("a", "bb", {"strict PERSON": 0.95, "value YEAR": 0.9})]
    with pytest.raises(InputError, match="corpus itself changed"):
        floors.updated(Floors({"a": PINNED}), risen, None)
    kept = floors.updated(Floors({"a": PINNED}), risen, "two articles mended")
    assert kept.corpora["a"].sha256 == "bb"


def test_floors_files_round_trip_and_absent_corpora_are_told(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    floors.write_floors(path, Floors({"a": PINNED}))
    assert floors.read_floors(path) == Floors({"a": PINNED})
    assert PINNED.located(tmp_path) is None
    assert Corpus("$NO_SUCH_VARIABLE/a.jsonl", "", {}).located(tmp_path) is None
    (tmp_path / "a.jsonl").write_text("", encoding="utf-8")
    assert PINNED.located(tmp_path) == tmp_path / "a.jsonl"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="no floors file"):
        floors.read_floors(path)
