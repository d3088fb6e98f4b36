"""Runs over folders that are not as they should be, and into folders that will not have them."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError
from pipeline.output import read_table
from pipeline.readers import list_sources
from pipeline.runner import Options, run
from tests.runs import light, table_hashes, text_of, write_tree, zhnews

SETTINGS = 'stages = ["percent", "year"]\n'


@pytest.fixture
def base(tmp_path: Path) -> Path:
    write_tree(tmp_path / "in", {f"a{n}.txt": text_of(n) for n in range(4)})
    (tmp_path / "zhnews.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def command(base: Path, *more: str) -> Any:
    return zhnews(*more, "-c", str(base / "zhnews.toml"), timeout=60)


def test_an_output_within_the_input_is_no_input(base: Path) -> None:
    formats = ("parquet", "csv", "jsonl")
    for articles in (4, 0):
        report = run(light(output__formats=formats), [str(base / "in")], base / "in" / "out")
        assert report.articles == articles
    with pytest.raises(InputError, match="input and output at once"):
        run(light(), [str(base / "in")], base / "in")


def test_a_preview_of_partitions(base: Path) -> None:
    done = command(
        base,
        *("run", str(base / "in"), "-o", str(base / "out")),
        *("--partition", "published_month", "--preview", "2"),
    )
    assert done.returncode == 0, done.stderr
    assert "articles: a row is" in done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_pipe_in_a_folder_holds_nothing_up(base: Path) -> None:
    os.mkfifo(base / "in" / "pipe.txt")
    assert [source.id for source in list_sources([str(base / "in")], light().input)] == [
        f"a{n}.txt" for n in range(4)
    ]
    with pytest.raises(InputError, match="send it to -"):
        list_sources([str(base / "in" / "pipe.txt")], light().input)


def test_links_that_lead_in_circles_or_nowhere(base: Path, caplog: Any) -> None:
    (base / "in" / "loop").symlink_to(".")
    (base / "in" / "self.txt").symlink_to("self.txt")
    (base / "in" / "nowhere.txt").symlink_to("gone.txt")
    report = run(light(), [str(base / "in")], base / "out")
    assert (report.articles, report.reasons) == (6, {"unreadable": 2})
    assert "links to folders are not followed" in caplog.text


def test_names_that_no_one_should_give(base: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("names are bytes on Linux only")
    root = os.fsencode(base / "in")
    names = (
        b"new\nline.txt",
        "表情😀.txt".encode(),
        b"no utf-8 \xff.txt",
        b"-dash.txt",
        b"q'\".txt",
    )
    for name in names:
        Path(os.fsdecode(os.path.join(root, name))).write_text(text_of(9))  # noqa: PTH118
    config = light(output__formats=("parquet", "csv", "sqlite", "duckdb"))
    assert run(config, [str(base / "in")], base / "out").failed == 0
    ids = set(read_table(base / "out", "articles").article_id)
    assert {"new\nline.txt", "表情😀.txt", "no utf-8 \\xff.txt", "-dash.txt", "q'\".txt"} < ids
    assert run(config, [str(base / "in")], base / "out").articles == 0


def test_a_file_system_without_locks(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import filelock

    def refuse(error: Exception) -> Any:
        def acquire(*given: object, **options: object) -> None:
            raise error

        return acquire

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse(NotImplementedError("no flock")))
    with pytest.raises(InputError, match="without locks"):
        run(light(), [str(base / "in")], base / "out")
    io_error = OSError(errno.EROFS, "Read-only file system")
    monkeypatch.setattr(filelock.FileLock, "acquire", refuse(io_error))
    with pytest.raises(InputError, match=r"cannot write to .*Read-only"):
        run(light(), [str(base / "in")], base / "out")


def test_a_damaged_manifest(base: Path) -> None:
    order = ("run", str(base / "in"), "-o", str(base / "out"))
    assert command(base, *order).returncode == 0
    wanted = table_hashes(base / "out")
    (base / "out" / ".zhnews" / "manifest.sqlite").write_bytes(b"no database" * 500)
    told = zhnews("status", str(base / "out"))
    assert told.returncode == 2
    assert "cannot be opened" in told.stderr
    done = command(base, *order)
    assert done.returncode == 2
    assert "run with --rebuild" in done.stderr
    done = command(base, *order, "--rebuild")
    assert done.returncode == 0, done.stderr
    assert table_hashes(base / "out") == wanted


@pytest.mark.parametrize("place", ["sub", "."])
def test_a_folder_that_cannot_be_opened_has_not_vanished(
    base: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(
        base / "in", {"a.txt": text_of(1), "sub/b.txt": text_of(2), "sub/c/d.txt": text_of(3)}
    )
    run(light(), [str(base / "in")], base / "out")
    closed = os.path.normpath(base / "in" / place)
    scandir = os.scandir

    def refuse(folder: Any) -> Iterator[Any]:
        if not isinstance(folder, int) and os.path.normpath(folder) == closed:
            raise OSError(errno.EIO, "Input/output error", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    report = run(light(), [str(base / "in")], base / "out", None, Options(prune=True))
    assert (report.vanished, report.reasons) == (0, {"unreadable": 1})
    monkeypatch.undo()
    run(light(), [str(base / "in")], base / "out", None, Options(prune=True))
    run(light(), [str(base / "in")], base / "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_members_of_a_torn_archive_have_not_vanished(base: Path) -> None:
    path = base / "in" / "m.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3):
            archive.writestr(f"z{number}.txt", text_of(number))
    whole = path.read_bytes()
    run(light(), [str(base / "in")], base / "out")
    wanted = table_hashes(base / "out")
    path.write_bytes(whole[:100])
    report = run(light(), [str(base / "in")], base / "out", None, Options(prune=True))
    assert (report.vanished, report.reasons) == (0, {"bad_zip": 1})
    assert len(read_table(base / "out", "articles")) == 7
    path.write_bytes(whole)
    run(light(), [str(base / "in")], base / "out", None, Options(prune=True))
    assert table_hashes(base / "out") == wanted


class Vanishes:
    """The input folder goes while it is processed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, sources: int, size: int) -> None:
        shutil.rmtree(self.folder)

    def advance(self, shard: object, summary: object) -> None:
        pass


def test_an_input_that_goes_away_in_mid_run(base: Path) -> None:
    run(light(), [str(base / "in")], base / "wanted")
    report = run(light(), [str(base / "in")], base / "out", Vanishes(base / "in"))
    assert report.failed == 4 or report.pending == 4
    with pytest.raises(InputError, match="does not exist"):
        run(light(), [str(base / "in")], base / "out", None, Options(prune=True))
    write_tree(base / "in", {f"a{n}.txt": text_of(n) for n in range(4)})
    run(light(), [str(base / "in")], base / "out")
    assert table_hashes(base / "out") == table_hashes(base / "wanted")


@pytest.mark.parametrize("change", ["grows", "shrinks"])
def test_a_file_that_changes_while_it_is_read(base: Path, change: str) -> None:
    path = base / "in" / "a1.txt"

    class Changes(Vanishes):
        def begin(self, sources: int, size: int) -> None:
            text = path.read_text(encoding="utf-8")
            path.write_text(
                text + "淨利率5%。" if change == "grows" else text[:30], encoding="utf-8"
            )

    run(light(), [str(base / "in")], base / "out", Changes(path))
    run(light(), [str(base / "in")], base / "out")
    run(light(), [str(base / "in")], base / "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_a_clock_that_went_back(base: Path) -> None:
    run(light(), [str(base / "in")], base / "out")
    path = base / "in" / "a1.txt"
    path.write_text(text_of(8), encoding="utf-8")
    os.utime(path, (0, 0))
    os.utime(base / "in" / "a2.txt", (2**33, 2**33))
    assert run(light(), [str(base / "in")], base / "out").articles == 1
    run(light(), [str(base / "in")], base / "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


def test_a_database_or_metrics_file_that_cannot_be_written_is_named(base: Path) -> None:
    order = ("run", str(base / "in"), "-o", str(base / "out"))
    done = command(base, *order, "--into", str(base / "x.xlsx"))
    assert done.returncode == 2
    assert not (base / "out").exists()
    (base / "text.sqlite").write_text("no database", encoding="utf-8")
    done = command(base, *order, "--into", str(base / "text.sqlite"))
    assert done.returncode == 1
    assert "text.sqlite cannot be written: file is not a database" in done.stderr
    done = command(base, *order, "--metrics", str(base / "nosuch" / "zhnews.prom"))
    assert done.returncode == 1
    assert "the run is done, but" in done.stderr
    assert "Traceback" not in done.stderr
