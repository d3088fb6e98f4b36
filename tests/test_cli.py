"""The command: exit codes, streams, help."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LIGHT = 'stages = ["percent", "year", "money"]\n'


@pytest.fixture
def light(tmp_path: Path) -> str:
    path = tmp_path / "light.toml"
    path.write_text(LIGHT, encoding="utf-8")
    return str(path)


def zhnews(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from pipeline.cli import app;"
        "r = CliRunner().invoke(app, ['--help']); assert r.exit_code == 0, r.output;"
        "heavy = {'pandas', 'numpy', 'spacy', 'jieba', 'onnxruntime', 'pyarrow', 'pydantic',"
        " 'transformers', 'torch', 'opencc', 'trafilatura', 'duckdb'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    version = zhnews("--version")
    assert version.returncode == 0
    assert version.stdout.startswith("zhnews 0.")


def test_every_command_has_help_with_an_example() -> None:
    for command in ("run", "extract", "backends", "schema", "evaluate"):
        done = zhnews(command, "--help")
        assert done.returncode == 0
        assert f"Example: zhnews {command}" in " ".join(done.stdout.split())


def test_run_and_its_exit_codes(tmp_path: Path, light: str, article_text: str) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "a.txt").write_text(article_text, encoding="utf-8")
    good = zhnews("run", str(articles), "-o", str(tmp_path / "out"), "-c", light)
    assert (good.returncode, good.stdout) == (0, ""), good.stderr
    assert "1 article, " in good.stderr
    assert "failed" not in good.stderr
    (articles / "b.txt").write_bytes(b"")
    some = zhnews("run", str(articles), "-o", str(tmp_path / "out"), "-c", light)
    assert some.returncode == 3
    assert "1 article failed (1 empty)" in some.stderr
    assert f"zhnews status {tmp_path / 'out'}" in some.stderr


def test_usage_errors_are_two_and_one_line(tmp_path: Path, light: str) -> None:
    done = zhnews("run", str(tmp_path / "nosuch"), "-o", str(tmp_path / "out"), "-c", light)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    bad = tmp_path / "bad.toml"
    bad.write_text("[ner]\nbakend = 'x'\n", encoding="utf-8")
    done = zhnews("run", str(tmp_path), "-o", str(tmp_path / "out"), "-c", str(bad))
    assert done.returncode == 2
    assert "nearest valid key is 'ner.backend'" in done.stderr
    done = zhnews("extract", "-", "--backend", "nosuch", stdin="2023年")
    assert done.returncode == 2
    assert "no NER backend 'nosuch'" in done.stderr


def test_extract_reads_standard_input(light: str, article_text: str) -> None:
    done = zhnews("extract", "-", "--json", "-c", light, stdin=article_text)
    assert done.returncode == 0, done.stderr
    tables = json.loads(done.stdout)
    assert [row["text_raw"] for row in tables["mentions"] if row["label"] == "PERCENT"] == [
        "17%",
        "20%",
    ]
    plain = zhnews("extract", "-", "-c", light, stdin=article_text)
    assert "17%" in plain.stdout


def test_schema_and_backends() -> None:
    assert "## mentions" in zhnews("schema").stdout
    assert json.loads(zhnews("schema", "--format", "json").stdout)["schema_version"] == 1
    listed = zhnews("backends")
    assert listed.returncode == 0, listed.stderr
    assert {line.split("\t")[0] for line in listed.stdout.splitlines()} >= {"lac", "jieba"}


def test_one_article_is_told_with_names_amounts_and_roles(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from pipeline.progress import counted, print_extraction
    from tests.report_runs import PLAIN, light_extractor, with_names

    monkeypatch.setenv("COLUMNS", "200")
    extraction = with_names(light_extractor().extract(PLAIN))
    firm = replace(extraction.entities[1], name="晨曦科技集团", link_id="TWSE:9999")
    print_extraction(replace(extraction, entities=(extraction.entities[0], firm)))
    told = capsys.readouterr().out
    assert "晨曦科技集团 TWSE:9999" in told
    assert "20,000,000 USD" in told
    assert "< 20 percent" in told
    assert told.index("roles") < told.index("董事长")
    assert (counted(1, "file"), counted(2084, "file")) == ("1 file", "2,084 files")
