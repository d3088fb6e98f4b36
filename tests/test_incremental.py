"""Runs after runs: what is done again, what is kept, and that the tables are always the same."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline.errors import ConfigError, InputError, LockedError, StaleError
from pipeline.manifest import Manifest
from pipeline.output import OutputFolder, read_table
from pipeline.plan import Plan
from pipeline.runner import Options, run
from tests.runs import light, record_of, table_hashes, text_of, write_tree

PRUNE = Options(prune=True)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    files = {f"a{n}.txt": text_of(n) for n in range(4)}
    write_tree(tmp_path / "in", files | {"r.jsonl": "".join(record_of(n) for n in range(6))})
    return tmp_path


def done(base: Path, out: str = "out", options: Options | None = None, **overrides: object) -> int:
    """Run, and answer how many articles were processed."""
    return run(light(**overrides), [str(base / "in")], base / out, None, options).articles


def test_a_second_run_does_nothing(base: Path) -> None:
    assert done(base) == 10
    times = {p: p.stat().st_mtime_ns for p in (base / "out").glob("*.*")}
    assert done(base) == 0
    del times[base / "out" / ".zhnews"]
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_a_touched_file_is_not_done_again(base: Path) -> None:
    done(base)
    os.utime(base / "in" / "a1.txt")
    assert done(base) == 0


def test_only_changed_records_are_done_again(base: Path) -> None:
    done(base)
    lines = [record_of(n) for n in range(6)]
    lines[2] = record_of(50, "r2")
    del lines[4]
    (base / "in" / "r.jsonl").write_text("".join([*lines, record_of(7)]), encoding="utf-8")
    assert done(base) == 2
    done(base, "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_a_changed_field_of_a_record_is_a_change(base: Path) -> None:
    done(base)
    path = base / "in" / "r.jsonl"
    path.write_text(path.read_text("utf-8").replace("2024-05-06", "2024-05-07", 1), "utf-8")
    assert done(base) == 1
    done(base, "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_vanished_articles_stay_until_pruned(base: Path) -> None:
    done(base)
    (base / "in" / "a1.txt").unlink()
    report = run(light(), [str(base / "in")], base / "out")
    assert report.vanished == 1
    assert "a1.txt" in set(read_table(base / "out", "articles").article_id)
    done(base, options=PRUNE)
    done(base, "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")
    assert "a1.txt" not in set(read_table(base / "out", "articles").article_id)


def test_a_file_that_comes_back_half_done_is_finished(base: Path) -> None:
    path = base / "in" / "r.jsonl"
    content = path.read_text("utf-8")
    done(base, run__shard_bytes=300, input__limit=6)
    path.unlink()
    done(base)
    path.write_text(content, encoding="utf-8")
    done(base)
    done(base, "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


@pytest.mark.parametrize("shard_bytes", [1, 300, 100_000])
def test_limit_takes_the_first_and_goes_on(base: Path, shard_bytes: int) -> None:
    assert done(base, input__limit=7, run__shard_bytes=shard_bytes) == 7
    ids = list(read_table(base / "out", "articles").article_id)
    assert ids == [f"a{n}.txt" for n in range(4)] + [f"r.jsonl#r{n}" for n in range(3)]
    assert done(base, input__limit=2, run__shard_bytes=shard_bytes) == 2
    assert done(base) == 1
    done(base, "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_other_settings_are_refused_and_named(base: Path) -> None:
    done(base)
    with pytest.raises(StaleError, match=r'config\.region: null -> "TW"(.|\n)*--rebuild'):
        done(base, region="TW")
    with pytest.raises(StaleError):
        done(base, options=Options(dry_run=True), region="TW")
    assert done(base, options=Options(rebuild=True), region="TW") == 10
    assert done(base, options=Options(rebuild=True), region="TW") == 0
    done(base, "fresh", region="TW")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_settings_that_change_no_row_are_free_to_change(base: Path) -> None:
    done(base)
    assert done(base, run__shard_bytes=1, run__max_attempts=9, ner__batch_size=1) == 0


def test_a_dry_run_writes_nothing(base: Path) -> None:
    report = run(light(), [str(base / "in")], base / "out", None, Options(dry_run=True))
    assert report.pending == 5
    assert not (base / "out").exists()
    done(base)
    (base / "in" / "a1.txt").write_text(text_of(77), encoding="utf-8")
    (base / "in" / "a2.txt").unlink()
    before = {p: p.read_bytes() for p in (base / "out").rglob("*") if p.is_file()}
    report = run(light(), [str(base / "in")], base / "out", None, Options(dry_run=True))
    assert (report.pending, report.vanished) == (1, 1)
    after = {p: p.read_bytes() for p in (base / "out").rglob("*") if p.is_file()}
    assert {p.name for p in after} - {p.name for p in before} <= {
        "manifest.sqlite-wal",
        "manifest.sqlite-shm",
    }
    assert all(after[path] == content for path, content in before.items())


def test_since_leaves_older_files_alone(base: Path) -> None:
    from datetime import datetime

    for path in (base / "in").iterdir():
        os.utime(path, (1_600_000_000, 1_600_000_000))
    os.utime(base / "in" / "a3.txt", (1_700_000_000, 1_700_000_000))
    since = Options(since=datetime.fromtimestamp(1_650_000_000), prune=True)
    assert done(base, options=since) == 1
    assert done(base) == 9
    assert done(base, options=since) == 0
    assert len(read_table(base / "out", "articles")) == 10


def test_ids_that_repeat_anywhere_are_errors(base: Path) -> None:
    lines = [record_of(n, f"x{n % 3}") for n in range(5)]
    (base / "in" / "r.jsonl").write_text("".join(lines), encoding="utf-8")
    (base / "in" / "r.jsonl#x2").with_suffix(".txt").write_text(text_of(3), encoding="utf-8")
    write_tree(base / "in2", {"in.txt": text_of(1)})
    for name, size in (("big", 100_000), ("small", 1)):
        report = run(light(run__shard_bytes=size), [str(base / "in")], base / name)
        assert (report.failed, report.reasons) == (2, {"duplicate_id": 2})
    errors = read_table(base / "big", "errors")
    assert list(errors.article_id) == ["r.jsonl#x0", "r.jsonl#x1"]
    assert errors.message[0] == (
        "record 4: the id of record 1 is repeated; the second one is left out"
    )
    assert table_hashes(base / "big") == table_hashes(base / "small")
    assert read_table(base / "big", "articles").article_id.is_unique


def test_paths_in_tables_follow_the_input(base: Path) -> None:
    done(base)
    (base / "in").rename(base / "moved")
    report = run(light(), [str(base / "moved")], base / "out")
    assert report.articles == 0
    run(light(), [str(base / "moved")], base / "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_lost_parts_are_made_again(base: Path) -> None:
    import shutil

    done(base, run__shard_bytes=1)
    shutil.rmtree(sorted((base / "out/.zhnews/parts").iterdir())[1])
    shutil.rmtree(sorted((base / "out/.zhnews/parts").iterdir())[-1])
    (base / "in" / "new.txt").write_text(text_of(44), encoding="utf-8")
    done(base)
    done(base, "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_lost_tables_are_put_back(base: Path) -> None:
    done(base)
    wanted = table_hashes(base / "out")
    (base / "out" / "years.parquet").unlink()
    assert done(base) == 0
    assert table_hashes(base / "out") == wanted


def test_tables_of_formats_no_longer_asked_for_go(base: Path) -> None:
    done(base, output__formats=("csv", "parquet"))
    (base / "out" / "mine.csv").write_text("x", encoding="utf-8")
    done(base, output__formats=("parquet",))
    assert [p.name for p in (base / "out").glob("*.csv")] == ["mine.csv"]


def test_a_second_run_at_once_is_refused_with_its_holder(base: Path) -> None:
    with (
        OutputFolder(base / "out").held(),
        pytest.raises(LockedError, match=rf"process {os.getpid()} on "),
    ):
        done(base)
    assert done(base) == 10


def test_a_file_that_changes_while_it_is_read_is_read_again(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline import plan as planning
    from pipeline import runner

    def plan_then_change(*args: object) -> Plan:
        plan = original(*args)  # type: ignore[arg-type]
        (base / "in" / "a1.txt").write_text(text_of(60), encoding="utf-8")
        return plan

    original = planning.make_plan
    monkeypatch.setattr(runner, "make_plan", plan_then_change)
    report = run(light(), [str(base / "in")], base / "out")
    assert report.pending == 1
    monkeypatch.undo()
    done(base)
    done(base, "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_another_manifest_version_asks_for_a_rebuild(base: Path) -> None:
    done(base)
    with Manifest(base / "out/.zhnews/manifest.sqlite") as manifest:
        manifest.put(manifest_version="0")
    with pytest.raises(StaleError, match="--rebuild"):
        done(base)
    assert done(base, options=Options(rebuild=True)) == 10


def test_tables_of_another_schema_are_not_read(base: Path) -> None:
    import pyarrow.parquet as pq

    with pytest.raises(InputError, match="no finished run"):
        read_table(base / "out", "years")
    done(base)
    path = base / "out" / "years.parquet"
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({"zhnews_schema_version": "0"}), path)
    with pytest.raises(StaleError, match=r"schema version 0(.|\n)*--rebuild"):
        read_table(base / "out", "years")


def test_months(base: Path) -> None:
    for size in (1, 100_000):
        done(base, f"p{size}", output__partition="published_month", run__shard_bytes=size)
    assert table_hashes(base / "p1") == table_hashes(base / "p100000")
    done(base)
    folders = sorted(p.name for p in (base / "p1" / "years").iterdir())
    assert folders == ["published_month=2024-05", "published_month=2025-03"]
    whole = read_table(base / "out", "years")
    cut = pd.read_parquet(base / "p1" / "years").drop(columns="published_month")
    assert sorted(cut.mention_id) == sorted(whole.mention_id)
    assert list(read_table(base / "p1", "errors").article_id) == []
    with pytest.raises(ConfigError, match="unknown partition"):
        done(base, output__partition="day")


@pytest.mark.parametrize("name", ["all.duckdb", "all.sqlite"])
def test_a_database_is_kept_up_to_date(base: Path, name: str) -> None:
    import sqlite3

    into = base / name

    def rows(query: str) -> list[tuple[object, ...]]:
        if into.suffix == ".duckdb":
            with duckdb.connect(str(into)) as db:
                return db.execute(query).fetchall()
        connection = sqlite3.connect(into)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def same_as_tables() -> None:
        for table in ("articles", "years", "percentages", "errors", "sentences"):
            held = rows(f"SELECT article_id FROM {table} ORDER BY article_id")
            wanted = sorted(read_table(base / "out", table).article_id)
            assert [row[0] for row in held] == wanted

    done(base, output__into=str(into))
    same_as_tables()
    (base / "in" / "a1.txt").write_text(text_of(70), encoding="utf-8")
    (base / "in" / "a2.txt").unlink()
    (base / "in" / "a9.txt").write_bytes(b"")
    done(base, options=PRUNE, output__into=str(into))
    same_as_tables()
    assert rows("SELECT title FROM articles WHERE article_id = 'a1.txt'") == [("公司70的年报",)]
    write_tree(base / "in2", {"other.txt": text_of(1)})
    run(light(output__into=str(into)), [str(base / "in2")], base / "out2")
    assert len(rows("SELECT * FROM articles")) == len(read_table(base / "out", "articles")) + 1
    with pytest.raises(InputError, match="what database"):
        done(base, output__into=str(base / "x.mdb"))


def test_run_json_stands_only_beside_complete_tables(base: Path) -> None:
    done(base)
    told = json.loads((base / "out" / "run.json").read_text(encoding="utf-8"))
    assert told["schema_version"] == 1
    assert told["counts"]["rows"]["articles"] == 10


@pytest.mark.parametrize("length", [1, 3])
def test_tables_do_not_depend_on_how_many_articles_are_sorted_at_a_time(
    base: Path, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline import assemble

    for name in ("a0.txt", "a4.txt"):  # now their rows lie apart from their neighbours'
        (base / "in" / name).write_text(text_of(50), encoding="utf-8")
        run(light(run__shard_bytes=100), [str(base / "in")], base / "out")
    run(light(), [str(base / "in")], base / "wanted")
    monkeypatch.setattr(assemble, "_SPAN", length)
    monkeypatch.setattr(assemble, "_READS", 100)
    run(light(run__shard_bytes=100), [str(base / "in")], base / "short")
    assert table_hashes(base / "short") == table_hashes(base / "wanted")
    (base / "in" / "a0.txt").write_text(text_of(51), encoding="utf-8")
    for out in ("out", "fresh"):
        run(light(run__shard_bytes=100), [str(base / "in")], base / out)
    assert table_hashes(base / "out") == table_hashes(base / "fresh")
