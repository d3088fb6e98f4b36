"""The commands of evaluation and annotation, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.errors import ConfigError, InputError
from pipeline.interop import read_corpus

SAMPLE = Path(__file__).resolve().parent.parent / "corpus" / "gold" / "sample.jsonl"


@pytest.fixture
def light(tmp_path: Path) -> str:
    path = tmp_path / "light.toml"
    path.write_text('stages = ["percent", "year", "money"]\n', encoding="utf-8")
    return str(path)


def zhnews(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize(
    "command", ["evaluate", "floors", "convert", "export", "agreement", "train"]
)
def test_help_has_an_example(command: str) -> None:
    told = " ".join(zhnews(command, "--help").stdout.split())
    assert f"Example: zhnews {command}" in told


def test_evaluate_prints_tables_json_and_a_page(light: str, tmp_path: Path) -> None:
    page = tmp_path / "errors.html"
    chosen = ("evaluate", str(SAMPLE), "-c", light, "--labels", "PERCENT,YEAR", "--resamples", "50")
    done = zhnews(*chosen, "--report", str(page))
    assert "PERCENT" in done.stdout
    assert "f1_low" in done.stdout
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    frames = json.loads(zhnews(*chosen, "--json", "--thresholds", "--errors").stdout)
    assert set(frames) == {
        "spans", "values", "entities", "affiliations", "slices", "confusion", "calibration",
        "differences", "thresholds",
    }  # fmt: skip
    strict = {r["label"]: r for r in frames["spans"] if r["measure"] == "strict"}
    assert strict["PERCENT"]["f1"] > 0.9
    assert strict["PERCENT"]["f1_low"] <= strict["PERCENT"]["f1"]
    assert frames["entities"] == []


def test_evaluate_compares_a_config_with_a_file(light: str) -> None:
    done = zhnews(
        "evaluate", str(SAMPLE), "--compare", light, str(SAMPLE),
        "--labels", "PERCENT", "--resamples", "50", "--json",
    )  # fmt: skip
    rows = json.loads(done.stdout)["comparison"]
    row = next(r for r in rows if (r["measure"], r["label"]) == ("strict", "PERCENT"))
    assert row[f"B: {SAMPLE}"] == 1.0
    assert 0 < row["p"] <= 1


def test_convert_and_agreement(tmp_path: Path) -> None:
    target = tmp_path / "sample.conll"
    assert zhnews("convert", str(SAMPLE), str(target), "--to", "bioes").exit_code == 0
    back = tmp_path / "back.jsonl"
    zhnews("convert", str(target), str(back), "--from", "bioes")
    assert [a.text for a in read_corpus(back)] == [a.text for a in read_corpus(SAMPLE)]
    rows = json.loads(zhnews("agreement", str(SAMPLE), str(back), "--json").stdout)["agreement"]
    assert rows[-1]["label"] == "all"
    assert rows[-1]["f1"] > 0.99
    with pytest.raises(ConfigError, match="no format"):
        zhnews("convert", str(SAMPLE), str(back), "--to", "xml")


def test_floors_are_held_and_told(light: str, tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    told = {"corpora": {"sample": {"path": str(SAMPLE)}, "gone": {"path": "$NO_SUCH/gold.jsonl"}}}
    path.write_text(json.dumps(told), encoding="utf-8")
    zhnews("floors", str(path), "-c", light, "--update")
    assert zhnews("floors", str(path), "-c", light).exit_code == 0
    pinned = json.loads(path.read_text(encoding="utf-8"))
    pinned["corpora"]["sample"]["scores"]["strict PERSON"] = 0.5
    path.write_text(json.dumps(pinned), encoding="utf-8")
    fallen = zhnews("floors", str(path), "-c", light)
    assert fallen.exit_code == 1
    with pytest.raises(InputError, match=r"strict PERSON would fall from 0\.5 to 0\.0"):
        zhnews("floors", str(path), "-c", light, "--update")
    zhnews("floors", str(path), "-c", light, "--lower", "a test")
    lowered = json.loads(path.read_text(encoding="utf-8"))["lowered"]
    assert [(row["score"], row["reason"]) for row in lowered] == [("strict PERSON", "a test")]
