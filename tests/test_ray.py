"""The Ray engine on a local cluster of two nodes: same bytes, and poison articles.

Runs where Ray is installed (``pip install zhnews[ray]``).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Config
from pipeline.document import Document
from pipeline.errors import ConfigError
from pipeline.output import read_table
from pipeline.runner import run
from tests.conftest import REPO
from tests.runs import command, light, record_of, table_hashes, text_of, write_tree, zhnews

HAS_RAY = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not HAS_RAY, reason="ray is not installed")
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    files = {f"a{n:03d}.txt": text_of(n) for n in range(80)}
    write_tree(tmp_path / "in", files | {"r.jsonl": "".join(record_of(n) for n in range(40))})
    run(light(), [str(tmp_path / "in")], tmp_path / "wanted")
    return tmp_path


@pytest.fixture
def cluster() -> Iterator[Any]:
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    ray.init(address=made.address)
    made.add_node(num_cpus=1)
    made.wait_for_nodes()
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.mark.skipif(HAS_RAY, reason="ray is installed")
def test_without_ray_the_fix_is_named(base: Path) -> None:
    with pytest.raises(ConfigError, match=r"zhnews\[ray\]"):
        run(light(run__engine="ray"), [str(base / "in")], base / "out")


@needs_ray
@pytest.mark.slow
def test_two_nodes_give_the_same_bytes(base: Path, cluster: Any) -> None:
    config = light(run__engine="ray", run__workers=2, run__shard_bytes=300)
    run(config, [str(base / "in")], base / "out")
    assert table_hashes(base / "out") == table_hashes(base / "wanted")
    (base / "in" / "r.jsonl").write_text("".join(record_of(n) for n in range(35, 45)))
    assert run(config, [str(base / "in")], base / "out").articles == 5
    run(light(), [str(base / "in")], base / "fresh")
    assert table_hashes(base / "out") == table_hashes(base / "fresh")


@needs_ray
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["segfault", "loop"])
def test_a_poison_article_costs_itself_alone(
    base: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from pipeline.engines import ray as engine

    poison = {"ZHNEWS_POISON": f"{kind}=a003.txt"}
    monkeypatch.setattr(engine, "_ONE_THREAD", engine._ONE_THREAD | poison)
    timeout = 5.0 if kind == "loop" else None
    config = light(run__engine="ray", run__workers=1, run__article_timeout=timeout)
    report = run(config, [str(base / "in")], base / "out")
    assert report.failed == 1
    assert list(read_table(base / "out", "errors").article_id) == ["a003.txt"]
    assert len(read_table(base / "out", "articles")) == 119


class Slow:
    """A stage that takes its time, so that a node can be killed in the middle of a shard."""

    name = "slow"

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        time.sleep(0.1 * len(documents))
        return list(documents)


def build(config: Config) -> Slow:
    return Slow()


class Nodes:
    """A cluster of two nodes that are processes of their own, as on two machines."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        # Without Ray's tokens, which would be written to the home folder; a lost node is noticed
        # within seconds.
        self.env = {
            **os.environ,
            "RAY_AUTH_MODE": "disabled",
            "RAY_health_check_initial_delay_ms": "1000",
            "RAY_health_check_period_ms": "1000",
            "RAY_health_check_failure_threshold": "3",
            "PYTHONPATH": str(REPO),
        }
        self.nodes: list[subprocess.Popen[bytes]] = []
        self._start(folder, "--head", f"--port={port}", f"--temp-dir={folder}")
        self._start(folder, f"--address={self.address}")

    def _start(self, folder: Path, *where: str) -> None:
        log = folder / f"node-{len(self.nodes)}.log"
        ray = [sys.executable, "-m", "ray.scripts.scripts", "start", *where, "--num-cpus=1"]
        ray += ["--block", "--disable-usage-stats", "--object-store-memory=100000000"]
        with log.open("wb") as out:
            node = subprocess.Popen(
                ray, env=self.env, stdout=out, stderr=subprocess.STDOUT, cwd=folder
            )
        self.nodes.append(node)
        until = time.monotonic() + 90
        while b"runtime started" not in log.read_bytes():
            assert node.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)

    def works(self, number: int) -> bool:
        """Whether an actor of ours has a shard in hand on a node."""
        below = descendants(self.nodes[number].pid)
        return any(command_line(pid).startswith("ray::_Worker.process") for pid in below)

    def kill(self, number: int) -> None:
        """All of a node's processes, at once."""
        node = self.nodes[number]
        for pid in [*reversed(descendants(node.pid)), node.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        node.wait(30)


def descendants(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [below for child in map(int, listed) for below in (child, *descendants(child))]


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    folder = Path(tempfile.mkdtemp(prefix="ray-"))  # short: sockets lie below it
    made = Nodes(folder)
    yield made
    for number in (1, 0):
        made.kill(number)
    shutil.rmtree(folder, ignore_errors=True)


@needs_ray
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_node_killed_in_mid_run_costs_no_row(base: Path, nodes: Nodes) -> None:
    toml = base / "zhnews.toml"
    toml.write_text(
        'stages = ["percent", "year", "tests.test_ray:build"]\n'
        f'[run]\nshard_bytes = 2000\naddress = "{nodes.address}"\n',
        encoding="utf-8",
    )
    order = ["run", str(base / "in"), "-o", str(base / "out"), "-c", str(toml)]
    driver = subprocess.Popen(
        command([*order, "--engine", "ray", "-w", "2"]), stderr=subprocess.PIPE, env=nodes.env
    )
    parts = base / "out" / ".zhnews" / "parts"
    until = time.monotonic() + 120
    while not (nodes.works(1) and len(list(parts.glob("shard-*"))) > 2):
        assert driver.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    nodes.kill(1)
    try:
        _, said = driver.communicate(timeout=240)
    finally:
        driver.kill()
        driver.wait()
    assert driver.returncode == 0, said.decode()
    assert b"a node is lost; shard " in said
    done = zhnews(*order[:2], "-o", str(base / "again"), "-c", str(toml))
    assert done.returncode == 0, done.stderr
    assert table_hashes(base / "out") == table_hashes(base / "again")
    assert len(read_table(base / "out", "articles")) == 120
