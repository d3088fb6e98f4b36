"""The examples: loaded and run by the real schedulers where their environments are given.

``ZHNEWS_PREFECT``, ``ZHNEWS_DAGSTER`` and ``ZHNEWS_AIRFLOW`` name Python interpreters that have
them (see examples/README.md); they share nothing with this project's environment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.output import read_table
from tests.runs import STAGES, text_of, write_tree


@pytest.fixture
def base(tmp_path: Path) -> Path:
    write_tree(tmp_path / "in", {f"a{n}.txt": text_of(n) for n in range(3)} | {"bad.txt": b""})
    stages = json.dumps(list(STAGES))
    (tmp_path / "zhnews.toml").write_text(f"stages = {stages}\n", encoding="utf-8")
    return tmp_path


def python_with(name: str) -> str:
    found = os.environ.get(f"ZHNEWS_{name.upper()}")
    if not found:
        pytest.skip(f"ZHNEWS_{name.upper()} names no Python with {name}")
    return found


def run_in(base: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(base),
        "ZHNEWS": f"{sys.executable} -m pipeline.cli",
        "ZHNEWS_ARTICLES": str(base / "in"),
        "ZHNEWS_TABLES": str(base / "out"),
        "DAGSTER_HOME": str(base),
        "AIRFLOW_HOME": str(base / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PREFECT_HOME": str(base / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "DO_NOT_TRACK": "1",
    }
    return subprocess.run(
        command, cwd=base, env=environment, capture_output=True, text=True, check=False
    )


def check(base: Path, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(read_table(base / "out", "articles")) == 3
    assert list(read_table(base / "out", "errors").article_id) == ["bad.txt"]


@pytest.mark.slow
def test_prefect(base: Path, repo: Path) -> None:
    flow = repo / "examples" / "prefect_flow.py"
    check(base, run_in(base, python_with("prefect"), str(flow), "in", "out"))


@pytest.mark.slow
def test_dagster(base: Path, repo: Path) -> None:
    (base / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    assets = repo / "examples" / "dagster_assets.py"
    command = (python_with("dagster"), "-m", "dagster", "asset", "materialize")
    check(base, run_in(base, *command, "--select", "zhnews_tables", "-f", str(assets)))


@pytest.mark.slow
def test_airflow(base: Path, repo: Path) -> None:
    python = python_with("airflow")
    dags = base / "airflow" / "dags"
    dags.mkdir(parents=True)
    shutil.copy(repo / "examples" / "airflow_dag.py", dags)
    migrated = run_in(base, python, "-m", "airflow", "db", "migrate")
    assert migrated.returncode == 0, migrated.stderr
    done = run_in(base, python, "-m", "airflow", "dags", "test", "zhnews")
    assert "some articles failed" in done.stdout + done.stderr
    check(base, done)


def test_the_cron_lines_name_real_options(repo: Path) -> None:
    lines = (repo / "examples" / "cron" / "zhnews.cron").read_text(encoding="utf-8")
    lines += (repo / "examples" / "systemd" / "zhnews.service").read_text(encoding="utf-8")
    wanted = {word for word in lines.split() if word.startswith("--")}
    helped = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "run", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert len(wanted) > 4
    assert all(option in helped.stdout for option in wanted)


def test_the_systemd_units_are_valid(repo: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    for unit in ("zhnews.service", "zhnews.timer"):
        text = (repo / "examples" / "systemd" / unit).read_text(encoding="utf-8")
        text = text.replace("/usr/local/bin/zhnews", "/bin/true").replace("User=news\n", "")
        (tmp_path / unit).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            "systemd-analyze",
            "verify",
            str(tmp_path / "zhnews.service"),
            str(tmp_path / "zhnews.timer"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
