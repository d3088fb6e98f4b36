"""Whatever ends a run, the same command completes it, and the tables are as if nothing had been."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.config import Config
from pipeline.engines.watch import TIMEOUT, after_death
from pipeline.output import OutputFolder, read_table
from pipeline.readers import Source
from pipeline.runner import run
from pipeline.shard import Shard, Slice, process_shard
from tests.runs import command, light, record_of, table_hashes, text_of, write_tree, zhnews

POINTS = (
    "before-rename",
    "after-rename",
    "before-commit",
    "after-commit",
    "before-tables",
    "between-tables",
    "before-upsert",
)
SETTINGS = 'stages = ["percent", "year"]\n[run]\nshard_bytes = 400\n'

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pipeline.runner", "pipeline.engines.serial", "pipeline.extractor"])


@pytest.fixture
def base(tmp_path: Path) -> Path:
    files = {f"a{n}.txt": text_of(n) for n in range(6)}
    files |= {"r.jsonl": "".join(record_of(n) for n in range(12)), "t.jsonl": record_of(3)}
    write_tree(tmp_path / "in", files)
    (tmp_path / "zhnews.toml").write_text(SETTINGS, encoding="utf-8")
    run(light(run__shard_bytes=400), [str(tmp_path / "in")], tmp_path / "wanted")
    return tmp_path


def arguments(base: Path, *more: str) -> list[str]:
    toml = str(base / "zhnews.toml")
    return ["run", str(base / "in"), "-o", str(base / "out"), "-c", toml, *more]


def run_here(config: Config, folder: str, out: str, environment: dict[str, str]) -> None:
    """What a forked process does."""
    os.environ.update(environment)
    run(config, [folder], Path(out))


def forked(base: Path, **environment: str) -> multiprocessing.process.BaseProcess:
    config = light(run__shard_bytes=400, output__into=str(base / "all.sqlite"))
    process = FORKS.Process(
        target=run_here, args=(config, str(base / "in"), str(base / "out"), environment)
    )
    process.start()
    return process


def completes(base: Path) -> None:
    process = forked(base)
    process.join(60)
    assert process.exitcode == 0
    assert table_hashes(base / "out") == table_hashes(base / "wanted")
    left = {path.name for path in (base / "out" / ".zhnews").iterdir()}
    assert left <= {"manifest.sqlite", "parts", "lock"}


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(base: Path, point: str, number: int) -> None:
    process = forked(base, ZHNEWS_FAULT=f"{point}:{number}")
    process.join(60)
    once = {"before-tables", "before-upsert"}
    assert process.exitcode == (0 if number > 1 and point in once else -signal.SIGKILL)
    if process.exitcode and point not in {"before-upsert", "between-tables"}:
        assert not (base / "out" / "run.json").exists()
    completes(base)


@pytest.mark.parametrize("kills", [6, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_at_any_moment_again_and_again(base: Path, kills: int) -> None:
    chance = random.Random(kills)
    begin = time.monotonic()
    process = forked(base)
    process.join(60)
    usual = time.monotonic() - begin
    shutil.rmtree(base / "out")
    killed = 0
    for _ in range(kills):
        process = forked(base)
        time.sleep(chance.uniform(0.05, usual))
        process.kill()
        process.join(60)
        killed += process.exitcode == -signal.SIGKILL
        if process.exitcode == 0:
            assert table_hashes(base / "out") == table_hashes(base / "wanted")
            shutil.rmtree(base / "out")
    assert killed > kills / 4
    completes(base)


def wait_for_parts(base: Path, process: subprocess.Popen[bytes]) -> None:
    parts = base / "out" / ".zhnews" / "parts"
    while process.poll() is None and not any(parts.glob("shard-*")):
        time.sleep(0.01)


@pytest.mark.parametrize("whole_group", [True, False])
def test_the_command_killed_with_or_without_its_workers(base: Path, whole_group: bool) -> None:
    process = subprocess.Popen(
        command(arguments(base, "-w", "2")), start_new_session=True, stderr=subprocess.DEVNULL
    )
    wait_for_parts(base, process)
    if whole_group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait(60)
    done = zhnews(*arguments(base, "-w", "2"))
    assert done.returncode == 0, done.stderr
    assert table_hashes(base / "out") == table_hashes(base / "wanted")


def test_sigterm_ends_with_143_and_a_state_that_goes_on(base: Path) -> None:
    files = {f"a{n}.txt": text_of(n) for n in range(300)}
    write_tree(base / "in", files)
    process = subprocess.Popen(command(arguments(base)), stderr=subprocess.PIPE)
    wait_for_parts(base, process)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143, said
    assert b"Traceback" not in said
    assert not (base / "out" / "run.json").exists()
    with OutputFolder(base / "out").held():
        pass
    done = zhnews(*arguments(base))
    assert done.returncode == 0, done.stderr
    run(light(), [str(base / "in")], base / "wanted")
    shutil.rmtree(base / "wanted")
    run(light(), [str(base / "in")], base / "wanted")
    assert table_hashes(base / "out") == table_hashes(base / "wanted")


def test_two_commands_at_once(base: Path) -> None:
    with OutputFolder(base / "out").held():
        done = zhnews(*arguments(base))
    assert done.returncode == 2
    assert f"process {os.getpid()} on " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        ("segfault", "a3.txt", "killed_SIGSEGV"),
        ("memory", "r.jsonl#r5", "killed_SIGKILL"),
        ("loop", "a3.txt", "timeout"),
    ],
)
def test_a_poison_article_costs_itself_alone(base: Path, kind: str, name: str, reason: str) -> None:
    poison = {"ZHNEWS_POISON": f"{kind}={name}"}
    timeout = ("--article-timeout", "3") if kind == "loop" else ()
    (base / "zhnews.toml").write_text(SETTINGS.replace("400", "100000"), encoding="utf-8")
    done = zhnews(*arguments(base, "-w", "2", *timeout), env=poison)
    assert done.returncode == 3, done.stderr
    errors = read_table(base / "out", "errors")
    assert list(zip(errors.article_id, errors.error, strict=True)) == [(name, reason)]
    assert len(read_table(base / "out", "articles")) == 18
    status = [
        json.loads(line)
        for line in zhnews("status", str(base / "out"), "--json").stdout.splitlines()
    ]
    assert [s["status"] for s in status if s["article_id"] == name] == ["failed"]
    done = zhnews(*arguments(base))
    assert done.returncode == 0, done.stderr
    assert table_hashes(base / "out") == table_hashes(base / "wanted")


def test_who_is_blamed_for_a_death() -> None:
    shard = Shard(7, ())
    assert after_death(shard, (), "killed_SIGKILL") == shard
    careful = after_death(shard, ("a", "b"), "killed_SIGKILL")
    assert (careful.careful, careful.poisoned) == (True, {})
    suspected = after_death(careful, ("a",), "killed_SIGKILL")
    assert (suspected.suspects, suspected.poisoned) == (frozenset({"a"}), {})
    assert after_death(suspected, ("b",), "exit_1").poisoned == {}
    assert after_death(suspected, ("a",), "exit_1").poisoned == {"a": "exit_1"}
    assert after_death(shard, ("a",), TIMEOUT).poisoned == {"a": TIMEOUT}


def test_a_shard_tells_what_it_has_in_hand(base: Path) -> None:
    told: list[tuple[str, ...]] = []
    source = Source("a1.txt", str(base / "in" / "a1.txt"), 1)
    part = Slice(source)
    process_shard(light(), Shard(0, (part,)), str(base / "parts"), told.append)
    assert told == [(part.name,), ("a1.txt",), ()]


def test_quarantine_after_so_many_tries(base: Path) -> None:
    (base / "in" / "a3.txt").write_text(text_of(3) + "定時炸彈", encoding="utf-8")
    (base / "in" / "empty.txt").write_bytes(b"")
    stages = ("percent", "tests.test_crashes:build")
    config = light(stages=stages, run__max_attempts=2)
    out = base / "out"

    def status() -> dict[str, tuple[str, int]]:
        from pipeline.runner import open_manifest

        with open_manifest(out) as manifest:
            bad = [item for item in manifest.items() if item.status != "done"]
            return {item.article_id: (item.status, item.attempts) for item in bad}

    def again(retry_failed: bool = False) -> int:
        from pipeline.runner import Options

        options = Options(retry_failed=retry_failed)
        return run(config, [str(base / "in")], out, None, options).articles

    assert again() == 20
    assert status() == {"a3.txt": ("failed", 1), "empty.txt": ("quarantined", 1)}
    assert again() == 1
    assert status()["a3.txt"] == ("quarantined", 2)
    assert again() == 0
    assert again(retry_failed=True) == 2
    assert status()["a3.txt"] == ("failed", 1)
    told = zhnews("status", str(out))
    assert "18 done" in told.stdout
    assert "failed a3.txt: ZeroDivisionError, tried 1x" in told.stdout


class Explodes:
    """A stage with a defect."""

    name = "explodes"

    def __call__(self, documents: list[object]) -> list[object]:
        for document in documents:
            if "定时炸弹" in document.text:  # type: ignore[attr-defined]
                raise ZeroDivisionError("a defect in a stage")
        return list(documents)


def build(config: Config) -> Explodes:
    return Explodes()


def test_workers_that_cannot_start_say_so(base: Path) -> None:
    (base / "broken.py").write_text("import os\ndef build(config):\n    os._exit(7)\n")
    toml = base / "zhnews.toml"
    toml.write_text('stages = ["broken:build"]\n', encoding="utf-8")
    done = zhnews(*arguments(base), env={"PYTHONPATH": str(base)})
    assert done.returncode == 1
    assert "workers die before any article (exit_7)" in done.stderr


def test_a_config_that_only_workers_can_judge_is_a_usage_error(base: Path) -> None:
    toml = base / "zhnews.toml"
    toml.write_text('stages = ["nosuch"]\n', encoding="utf-8")
    done = zhnews(*arguments(base))
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounts need root")
def test_a_full_disk(base: Path) -> None:
    small = base / "out"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=350k", "tmpfs", str(small)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        done = zhnews(*arguments(base))
        assert done.returncode == 1, done.stderr
        assert "cannot" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (small / "run.json").exists()
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        done = zhnews(*arguments(base))
        assert done.returncode == 0, done.stderr
        assert table_hashes(small) == table_hashes(base / "wanted")
    finally:
        subprocess.run(["umount", str(small)], check=False)


def test_a_reader_that_leaves_early_gets_no_traceback(base: Path) -> None:
    run(light(), [str(base / "in")], base / "out")
    status = " ".join(command(["status", str(base / "out"), "--json"]))
    done = subprocess.run(
        f"{status} | head -1", shell=True, capture_output=True, text=True, check=False
    )
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr
