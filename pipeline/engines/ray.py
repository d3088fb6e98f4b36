"""A Ray cluster: actors that hold the model, on any of its nodes (``pip install zhnews[ray]``).

Ray schedules; this file only hands shards to actors and takes lost ones back. Every node must see
the input and the output folder under the same path (a shared file system). ``run.address`` names
the cluster; without it a local one is started. Ray knows that an actor was lost, not what it had
in hand: a small actor on the driver's side keeps notes of that.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayError

from pipeline.config import Config
from pipeline.engines.local import as_our_own
from pipeline.engines.watch import TIMEOUT, after_death
from pipeline.errors import EngineError
from pipeline.logs import log_to_stderr
from pipeline.shard import Shard, Summary, process_shard

_LOST = "killed_on_cluster"
_START_DEATHS = 5
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def run_shards(
    config: Config, shards: Iterable[Shard], out_dir: str
) -> Generator[Summary, None, None]:
    """Process the shards on ``config.run.workers`` actors; summaries come as they finish.

    Raises ``EngineError`` where actors keep dying outside any article, and whatever
    ``ZhnewsError`` an actor meets.
    """
    ours = not ray.is_initialized()
    if ours:
        ray.init(address=config.run.address or "local", log_to_driver=True, include_dashboard=False)
    cluster = _Cluster(config, out_dir)
    try:
        yield from cluster.run(iter(shards))
    finally:
        cluster.stop()
        if ours:
            ray.shutdown()


class _Notes:
    """What each shard has in hand, and since when."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[tuple[str, ...], float]] = {}

    def note(self, shard: int, in_hand: tuple[str, ...]) -> None:
        self._held[shard] = (in_hand, time.monotonic())

    def of(self, shard: int) -> tuple[tuple[str, ...], float]:
        in_hand, since = self._held.get(shard, ((), time.monotonic()))
        return in_hand, time.monotonic() - since


class _Worker:
    """An actor: the model is loaded with the first shard and kept."""

    def __init__(self, config: Config, out_dir: str, notes: Any) -> None:
        self._config = config
        self._out_dir = out_dir
        self._notes = notes
        log_to_stderr(as_json=config.run.log_json)

    def process(self, shard: Shard) -> Summary | Exception:
        def beat(in_hand: tuple[str, ...]) -> None:
            ray.get(self._notes.note.remote(shard.number, in_hand))

        try:
            return process_shard(self._config, shard, self._out_dir, beat)
        except RayError:
            raise
        except Exception as error:
            return as_our_own(error)


class _Cluster:
    def __init__(self, config: Config, out_dir: str) -> None:
        self._config = config
        self._out_dir = out_dir
        here = ray.get_runtime_context().get_node_id()
        pinned = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(here, soft=False)
        self._notes = ray.remote(_Notes).options(num_cpus=0, scheduling_strategy=pinned).remote()
        self._busy: dict[Any, tuple[Any, Shard]] = {}
        self._again: list[Shard] = []
        self._deaths = 0

    def run(self, shards: Iterable[Shard]) -> Generator[Summary, None, None]:
        fresh = iter(shards)
        for _ in range(self._config.run.workers):
            self._give(None, fresh)
        while self._busy:
            refs, _ = ray.wait(list(self._busy), num_returns=1, timeout=0.5)
            self._end_stalled(refs)
            for ref in refs:
                actor, shard = self._busy.pop(ref)
                try:
                    answer = ray.get(ref)
                except RayActorError:
                    self._take_back(shard, _LOST)
                    self._give(None, fresh)
                    continue
                if isinstance(answer, Exception):
                    raise answer
                self._deaths = 0
                yield answer
                self._give(actor, fresh)

    def stop(self) -> None:
        for actor, _ in self._busy.values():
            ray.kill(actor)
        ray.kill(self._notes)

    def _give(self, actor: Any, fresh: Iterable[Shard]) -> None:
        shard = self._again.pop() if self._again else next(iter(fresh), None)
        if shard is None:
            return
        if actor is None:
            made = ray.remote(_Worker).options(
                num_cpus=1, max_restarts=0, runtime_env={"env_vars": _ONE_THREAD}
            )
            actor = made.remote(self._config, self._out_dir, self._notes)
        self._busy[actor.process.remote(shard)] = (actor, shard)

    def _take_back(self, shard: Shard, cause: str) -> None:
        try:
            in_hand, _ = ray.get(self._notes.of.remote(shard.number), timeout=60)
            ray.get(self._notes.note.remote(shard.number, ()), timeout=60)
        except (RayActorError, GetTimeoutError) as error:
            raise EngineError(f"the driver's node is lost: {error}") from error
        self._deaths = 0 if in_hand else self._deaths + 1
        if self._deaths >= _START_DEATHS:
            raise EngineError("actors die before any article; Ray's logs may say why")
        self._again.append(after_death(shard, in_hand, cause))

    def _end_stalled(self, finished: list[Any]) -> None:
        timeout = self._config.run.article_timeout
        if timeout is None:
            return
        for ref, (actor, shard) in list(self._busy.items()):
            in_hand, spent = ray.get(self._notes.of.remote(shard.number))
            if ref not in finished and in_hand and spent > timeout:
                ray.kill(actor)
                del self._busy[ref]
                self._take_back(shard, TIMEOUT)
                self._give(None, ())
