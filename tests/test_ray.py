"""The Ray engine on a local cluster of two nodes: same bytes, and poison articles.

Runs where Ray is installed (``pip install zhnews[ray]``).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.output import read_table
from pipeline.runner import run
from tests.runs import light, record_of, table_hashes, text_of, write_tree

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
