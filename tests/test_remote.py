"""Input and output behind URLs: the same bytes as from and to this machine, whatever happens.

In this process against fsspec's memory storage; ``tests/test_s3.py`` does it with a server.
"""

from __future__ import annotations

import gzip
import io
import json
import multiprocessing
import os
import shutil
import signal
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError, InputError, OutputError
from pipeline.output import read_table
from pipeline.readers import list_sources
from pipeline.runner import Options, open_manifest, run
from pipeline.tables import TABLE_NAMES
from tests.runs import light, record_of, table_hashes, text_of, write_tree, zhnews

pytest.importorskip("fsspec")

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pipeline.runner", "pipeline.engines.serial", "pipeline.extractor"])
IN = "memory://store/in"
OUT = "memory://store/out"


@pytest.fixture
def memory() -> Iterator[Any]:
    import fsspec

    fs = fsspec.filesystem("memory")
    fs.store.clear()
    yield fs
    fs.store.clear()


@pytest.fixture
def base(tmp_path: Path) -> Path:
    write_tree(tmp_path / "in", files())
    return tmp_path


def files() -> dict[str, str | bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    records = "".join(record_of(n) for n in range(24))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"新聞{number}.txt", text_of(40 + number))
    rows = io.BytesIO()
    texts = [text_of(n) for n in range(20)]
    pq.write_table(pa.table({"id": [f"p{n}" for n in range(20)], "text": texts}), rows)
    cells = "".join(f'c{n},"{text_of(n)}"\r\n' for n in range(12))
    return {
        "a.txt": text_of(1),
        "子/b c#1?.txt": text_of(2),
        "r.jsonl": records,
        "z.jsonl.gz": gzip.compress(records.encode(), mtime=0),
        "p.parquet": rows.getvalue(),
        "m.zip": packed.getvalue(),
        "s.csv": "id,text\r\n" + cells,
        "empty.txt": "",
        ".hidden.txt": text_of(3),
        "picture.png": b"\x89PNG",
    }


def put(fs: Any, root: str, tree: dict[str, str | bytes]) -> None:
    for name, content in tree.items():
        raw = content.encode() if isinstance(content, str) else content
        fs.pipe_file(f"{root}/{name}", raw)


def remote_hashes(fs: Any, out: str = "/store/out") -> dict[str, str]:
    """Hash of every table that ``run.json`` names."""
    import hashlib

    folder = json.loads(fs.cat_file(f"{out}/run.json"))["tables"]
    root = f"{out}/{folder}/"
    return {
        path.removeprefix(root): hashlib.sha256(fs.cat_file(path)).hexdigest()
        for path in fs.find(root)
    }


def config(base: Path, **more: object) -> Any:
    return light(run__work=str(base / "work"), run__shard_bytes=700, **more)


def test_input_behind_a_url_gives_the_rows_of_local_files(base: Path, memory: Any) -> None:
    put(memory, "/store/in", files())
    run(config(base), [str(base / "in")], base / "wanted")
    report = run(config(base), [IN], base / "out")
    assert (report.articles, report.failed) == (86, 1)
    for table in TABLE_NAMES:
        wanted, found = read_table(base / "wanted", table), read_table(base / "out", table)
        if "source_path" in wanted:
            local = wanted.source_path.str.replace(f"{base}/in/", f"{IN}/", regex=False)
            wanted = wanted.assign(source_path=local)
        assert found.equals(wanted), table


def test_a_url_of_one_file(base: Path, memory: Any) -> None:
    put(memory, "/store/in", files())
    assert run(config(base), [f"{IN}/r.jsonl"], base / "out").articles == 24
    (source,) = list_sources([f"{IN}/r.jsonl"], light().input)
    assert source.id == "r.jsonl"
    assert len(list_sources([IN], light(input__glob="*.jsonl").input)) == 1


def test_what_is_unchanged_is_not_read_again(base: Path, memory: Any) -> None:
    put(memory, "/store/in", files())
    run(config(base), [IN], base / "out")
    assert run(config(base), [IN], base / "out").articles == 0
    memory.pipe_file("/store/in/a.txt", text_of(5).encode())
    memory.rm_file("/store/in/s.csv")
    report = run(config(base), [IN], base / "out", None, Options(prune=True))
    assert (report.articles, report.vanished) == (1, 12)
    run(config(base), [IN], base / "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_since_asks_the_storage_for_times(base: Path, memory: Any) -> None:
    put(memory, "/store/in", {"a.txt": text_of(1)})
    later = datetime.now(UTC) + timedelta(hours=1)
    options = Options(since=later)
    assert run(config(base), [IN], base / "out", None, options).articles == 0
    options = Options(since=later - timedelta(hours=2))
    assert run(config(base), [IN], base / "out", None, options).articles == 1


@pytest.mark.parametrize("partition", [None, "published_month"])
def test_output_behind_a_url_has_the_bytes_of_a_local_one(
    base: Path, memory: Any, partition: str | None
) -> None:
    wanted = config(base, output__formats=("parquet", "csv"), output__partition=partition)
    run(wanted, [str(base / "in")], base / "wanted")
    report = run(wanted, [str(base / "in")], OUT)
    assert report.place == OUT
    assert remote_hashes(memory) == table_hashes(base / "wanted")
    assert read_table(OUT, "years").equals(read_table(base / "wanted", "years"))
    with open_manifest(OUT) as manifest:
        assert manifest.counts() == {"done": 85, "quarantined": 1}


@pytest.mark.parametrize("kept", [True, False])
def test_runs_go_on_with_and_without_the_work_folder(base: Path, memory: Any, kept: bool) -> None:
    def again(**more: object) -> int:
        if not kept:
            shutil.rmtree(base / "work", ignore_errors=True)
        return run(
            config(base, **more), [str(base / "in")], OUT, None, Options(prune=True)
        ).articles

    assert again() == 86
    pointer = memory.cat_file("/store/out/run.json")
    objects = set(memory.find("/store/out"))
    assert again() == 0
    assert memory.cat_file("/store/out/run.json") == pointer
    assert set(memory.find("/store/out")) == objects
    write_tree(base / "in", files() | {"a.txt": text_of(7), "new.txt": text_of(8)})
    (base / "in" / "s.csv").unlink()
    assert again() == 2
    run(config(base), [str(base / "in")], base / "fresh")
    assert remote_hashes(memory) == table_hashes(base / "fresh")
    assert again(output__formats=("csv",)) == 0
    assert set(remote_hashes(memory)) == {f"{name}.csv" for name in TABLE_NAMES}


def test_a_dry_run_writes_nothing(base: Path, memory: Any) -> None:
    options = Options(dry_run=True)
    report = run(config(base), [str(base / "in")], OUT, None, options)
    assert report.pending == 10
    run(config(base), [str(base / "in")], OUT)
    objects = set(memory.find("/store/out"))
    (base / "in" / "new.txt").write_text(text_of(9))
    report = run(config(base), [str(base / "in")], OUT, None, options)
    assert report.pending == 1
    assert set(memory.find("/store/out")) == objects


def test_only_this_set_of_tables_and_the_one_before_are_kept(base: Path, memory: Any) -> None:
    sets = []
    for number in range(4):
        (base / "in" / "a.txt").write_text(text_of(number + 20), encoding="utf-8")
        run(config(base), [str(base / "in")], OUT)
        sets.append(json.loads(memory.cat_file("/store/out/run.json"))["tables"])
        there = {path.split("/")[4] for path in memory.find("/store/out/tables")}
        assert there == {name.split("/")[1] for name in sets[-2:]}
    run(config(base), [str(base / "in")], base / "fresh")
    assert remote_hashes(memory) == table_hashes(base / "fresh")
    states = [path for path in memory.find("/store/out/.zhnews") if "/state-" in path]
    assert len(states) == 2


@pytest.mark.parametrize(
    ("point", "kept"),
    [
        ("between-uploads:1", False),
        ("between-uploads:9", True),
        ("before-pointer", True),
        ("before-pointer", False),
        ("after-pointer", True),
    ],
)
def test_killed_while_it_publishes(base: Path, point: str, kept: bool) -> None:
    place = base / "store"
    first, second = {"a.txt": text_of(1)}, {"a.txt": text_of(2), "b.txt": text_of(3)}
    write_tree(base / "in", first)
    publish_in_a_process(base, place, {})
    before, tables = (place / "run.json").read_bytes(), disk_hashes(place)
    write_tree(base / "in", second)
    assert publish_in_a_process(base, place, {"ZHNEWS_FAULT": point}) == -signal.SIGKILL
    if point != "after-pointer":
        assert (place / "run.json").read_bytes() == before
        assert disk_hashes(place) == tables
    if not kept:
        shutil.rmtree(base / "work")
    assert publish_in_a_process(base, place, {}) == 0
    run(config(base), [str(base / "in")], base / "wanted")
    assert disk_hashes(place) == table_hashes(base / "wanted")
    if not kept:
        return
    uploads = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}
    assert publish_in_a_process(base, place, {}) == 0
    begun = place / ".zhnews" / "begun.json"
    assert uploads.pop(begun) != begun.stat().st_mtime_ns
    assert uploads == {path: path.stat().st_mtime_ns for path in uploads}


def disk_hashes(place: Path) -> dict[str, str]:
    return table_hashes(place / json.loads((place / "run.json").read_bytes())["tables"])


def publish_in_a_process(base: Path, place: Path, environment: dict[str, str]) -> int | None:
    process = FORKS.Process(target=publish, args=(base, place, environment))
    process.start()
    process.join(120)
    return process.exitcode


def publish(base: Path, place: Path, environment: dict[str, str]) -> None:
    """Run in a process of its own; ``disk://`` is a folder, seen as an object store."""
    os.environ.update(environment)
    register_disk()
    run(config(base), [str(base / "in")], f"disk://{place}")


def register_disk() -> None:
    import fsspec
    from fsspec.implementations.local import LocalFileSystem

    class Disk(LocalFileSystem):  # type: ignore[misc]
        protocol = "disk"

        def __init__(self, **options: Any) -> None:
            super().__init__(auto_mkdir=True, **options)

        @classmethod
        def _strip_protocol(cls, path: Any) -> str:
            plain = os.fspath(path).removeprefix("disk://")
            return str(LocalFileSystem._strip_protocol(plain))

    fsspec.register_implementation("disk", Disk, clobber=True)


def test_the_second_of_two_runs_at_once_is_refused(base: Path, memory: Any) -> None:
    run(config(base), [str(base / "in")], OUT)

    class Meanwhile:
        def begin(self, sources: int, size: int) -> None:
            other = light(run__work=str(base / "other"))
            run(other, [str(base / "more")], OUT)

        def advance(self, shard: object, summary: object) -> None:
            pass

    write_tree(base / "in", {"a.txt": text_of(30)})
    write_tree(base / "more", {"b.txt": text_of(31)})
    with pytest.raises(OutputError, match="another run has published"):
        run(config(base), [str(base / "in")], OUT, Meanwhile())
    assert "b.txt" in set(read_table(OUT, "articles").article_id)
    run(config(base), [str(base / "in"), str(base / "more")], OUT, None, Options(prune=True))
    run(config(base), [str(base / "in"), str(base / "more")], base / "fresh")
    assert remote_hashes(memory) == table_hashes(base / "fresh")


def test_parts_that_the_storage_lost_are_made_again(base: Path, memory: Any) -> None:
    run(config(base), [str(base / "in")], OUT)
    shutil.rmtree(base / "work")
    for path in memory.find("/store/out/.zhnews/parts")[:3]:
        memory.rm_file(path)
    (base / "in" / "new.txt").write_text(text_of(9), encoding="utf-8")
    run(config(base), [str(base / "in")], OUT)
    run(config(base), [str(base / "in")], base / "fresh")
    assert remote_hashes(memory) == table_hashes(base / "fresh")


def test_an_emptied_output_is_published_again(base: Path, memory: Any) -> None:
    run(config(base), [str(base / "in")], OUT)
    memory.store.clear()
    assert run(config(base), [str(base / "in")], OUT).articles == 0
    run(config(base), [str(base / "in")], base / "fresh")
    assert remote_hashes(memory) == table_hashes(base / "fresh")


def test_a_run_json_of_someone_else_is_not_written_over(base: Path, memory: Any) -> None:
    memory.pipe_file("/store/out/run.json", b"{}")
    with pytest.raises(InputError, match="not published by zhnews"):
        run(config(base), [str(base / "in")], OUT)
    assert memory.cat_file("/store/out/run.json") == b"{}"


def test_a_database_notes_the_url_of_the_output(base: Path, memory: Any) -> None:
    import sqlite3

    into = base / "all.sqlite"
    for _ in range(2):
        run(config(base, output__into=str(into)), [str(base / "in")], OUT)
        shutil.rmtree(base / "work")
    with sqlite3.connect(into) as db:
        assert db.execute("SELECT DISTINCT output FROM zhnews_articles").fetchall() == [(OUT,)]
    db.close()
    with pytest.raises(ConfigError, match="file of this machine"):
        run(config(base, output__into="s3:/b/x.duckdb"), [str(base / "in")], OUT)


def test_file_urls_are_paths(base: Path) -> None:
    run(config(base), [str(base / "in")], base / "wanted")
    done = zhnews(
        *("run", f"file://{base}/in", "-o", f"file://{base}/out", "-c", str(base / "none.toml"))
    )
    assert done.returncode == 2
    toml = base / "zhnews.toml"
    toml.write_text('stages = ["percent", "year"]\n', encoding="utf-8")
    done = zhnews("run", f"file://{base}/in", "-o", f"file://{base}/out", "-c", str(toml))
    assert done.returncode == 3, done.stderr
    assert table_hashes(base / "out") == table_hashes(base / "wanted")


def test_what_cannot_work_says_why(base: Path, memory: Any, monkeypatch: Any) -> None:
    with pytest.raises(InputError, match="does not exist, or holds no file"):
        run(config(base), ["memory://store/nothing"], base / "out")
    put(memory, "/store/in", {"a.txt": text_of(1)})
    with pytest.raises(ConfigError, match="use the engine serial"):
        run(config(base, run__engine="local"), [IN], base / "out")
    with pytest.raises(ConfigError, match="nosuch"):
        run(config(base), ["nosuch://bucket/x"], base / "out")
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(ConfigError, match="gcsfs"):
        run(config(base), ["gcs://bucket/x"], base / "out")
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(ConfigError, match=r"zhnews\[remote\]"):
        run(config(base), [IN], base / "out")


def test_storage_that_refuses_is_one_error(base: Path, memory: Any, monkeypatch: Any) -> None:
    class NoCredentialsError(Exception):
        pass

    def refuse(*given: object, **options: object) -> None:
        raise NoCredentialsError("Unable to locate credentials")

    put(memory, "/store/in", {"a.txt": text_of(1), "b.txt": text_of(2)})
    monkeypatch.setattr(type(memory), "put_file", refuse)
    with pytest.raises(InputError, match=r"out/.*locate credentials \(set the credentials"):
        run(config(base), [str(base / "in")], OUT)
    monkeypatch.setattr(type(memory), "cat_file", refuse)
    report = run(config(base), [IN], base / "out")
    assert report.reasons == {"unreadable": 2}
    monkeypatch.undo()
    assert run(config(base), [IN], base / "out").failed == 0


def test_passwords_in_urls_stay_out_of_tables(base: Path) -> None:
    from pipeline.readers.source import Source, shown_path
    from pipeline.storage import shown_url

    secret = "sftp://someone:hunter2@host/x/a.txt"
    assert shown_url(secret) == "sftp://host/x/a.txt"
    assert shown_path(Source("a.txt", secret, 1)) == "sftp://host/x/a.txt"
