"""A Ray cluster: actors that hold the model, on any of its nodes (``pip install zhnews[ray]``).

Ray schedules; this file only hands shards to actors and takes lost ones back. Every node must see
the input (a shared file system, or a URL such as ``s3://bucket/articles``); the parts come back
with the summaries, so only the driver writes to the output. ``run.address`` names the cluster;
without it a local one is started.

Ray knows that an actor was lost, not what it had in hand: a small actor on the driver's side keeps
notes of that. Where a whole node was lost no article is to blame, and its shard is given again as
it was.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import (
    GetTimeoutError,
    ObjectLostError,
    RayActorError,
    RayError,
    WorkerCrashedError,
)

from pipeline.config import Config
from pipeline.engines.local import as_our_own
from pipeline.engines.watch import TIMEOUT, after_death
from pipeline.errors import EngineError
from pipeline.logs import log_to_stderr
from pipeline.shard import Shard, Summary, process_shard
from pipeline.writers.parts import pack_parts, part_folder, unpack_parts

_log = logging.getLogger(__name__)

_LOST = "killed_on_cluster"
_LOSSES = (RayActorError, ObjectLostError, WorkerCrashedError)
"""The actor died, or its answer was lost with the node that held it."""
_START_DEATHS = 5
_NODE_DEATH_SECONDS = 60.0
"""How long Ray may take to notice that a node is gone (its health check: 5 times 3 to 10 s)."""
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

    def __init__(self, config: Config, notes: Any) -> None:
        self._config = config
        self._notes = notes
        self._folder = Path(tempfile.mkdtemp(prefix="zhnews-"))
        log_to_stderr(as_json=config.run.log_json)

    def node(self) -> str:
        return str(ray.get_runtime_context().get_node_id())

    def process(self, shard: Shard, known: bytes | None) -> tuple[Summary, bytes] | Exception:
        """The summary of a shard and its packed parts. ``known`` is what ``shard.known`` holds."""

        def beat(in_hand: tuple[str, ...]) -> None:
            ray.get(self._notes.note.remote(shard.number, in_hand))

        try:
            if shard.known is not None and known is not None:
                shard = replace(shard, known=self._kept(Path(shard.known).name, known))
            summary = process_shard(self._config, shard, str(self._folder), beat)
            packed = self._folder / "packed.tar"
            pack_parts(str(self._folder), shard.number, packed)
            shutil.rmtree(part_folder(str(self._folder), shard.number))
            return summary, packed.read_bytes()
        except RayError:
            raise
        except Exception as error:
            return as_our_own(error)

    def _kept(self, name: str, content: bytes) -> str:
        path = self._folder / name
        if not path.exists():
            path.write_bytes(content)
        return str(path)


@dataclass(frozen=True, slots=True)
class _Actor:
    """An actor and the node on which it runs."""

    handle: Any
    node: str = ""


class _Cluster:
    def __init__(self, config: Config, out_dir: str) -> None:
        self._config = config
        self._out_dir = out_dir
        here = ray.get_runtime_context().get_node_id()
        pinned = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(here, soft=False)
        self._notes = ray.remote(_Notes).options(num_cpus=0, scheduling_strategy=pinned).remote()
        self._starting: dict[Any, Any] = {}
        self._idle: list[_Actor] = []
        self._busy: dict[Any, tuple[_Actor, Shard]] = {}
        self._again: list[Shard] = []
        self._known: dict[str, Any] = {}
        self._deaths = 0

    def run(self, fresh: Iterator[Shard]) -> Generator[Summary, None, None]:
        for _ in range(self._config.run.workers):
            self._start()
        while True:
            while self._idle and (shard := self._next(fresh)) is not None:
                self._give(self._idle.pop(), shard)
            if self._idle and not self._busy:
                return
            # An actor may wait for a free processor while others work: each is asked when it can.
            refs, _ = ray.wait([*self._busy, *self._starting], num_returns=1, timeout=0.5)
            self._end_stalled(refs)
            for ref in refs:
                if ref in self._starting:
                    self._begin(ref)
                elif (summary := self._hear(ref)) is not None:
                    yield summary

    def stop(self) -> None:
        handles = [actor.handle for actor, _ in self._busy.values()]
        handles += [actor.handle for actor in self._idle]
        for handle in [*handles, *self._starting.values(), self._notes]:
            _end(handle)

    def _next(self, fresh: Iterator[Shard]) -> Shard | None:
        return self._again.pop() if self._again else next(fresh, None)

    def _start(self) -> None:
        made = ray.remote(_Worker).options(
            num_cpus=1, max_restarts=0, runtime_env={"env_vars": _ONE_THREAD}
        )
        handle = made.remote(self._config, self._notes)
        self._starting[handle.node.remote()] = handle

    def _begin(self, ref: Any) -> None:
        handle = self._starting.pop(ref)
        try:
            self._idle.append(_Actor(handle, ray.get(ref)))
        except _LOSSES as error:
            self._count_death(error)
            self._start()

    def _give(self, actor: _Actor, shard: Shard) -> None:
        known = None
        if shard.known is not None:
            if shard.known not in self._known:
                self._known[shard.known] = ray.put(Path(shard.known).read_bytes())
            known = self._known[shard.known]
        self._busy[actor.handle.process.remote(shard, known)] = (actor, shard)

    def _hear(self, ref: Any) -> Summary | None:
        """The summary of a finished shard; None where its actor or answer is lost."""
        actor, shard = self._busy.pop(ref)
        try:
            answer = ray.get(ref)
        except _LOSSES as error:
            _end(actor.handle)
            if _node_is_lost(actor.node, error):
                _log.warning("a node is lost; shard %d is done again", shard.number)
                self._again.append(shard)
            else:
                self._take_back(shard, _LOST)
            self._start()
            return None
        if isinstance(answer, Exception):
            raise answer
        self._deaths = 0
        self._idle.append(actor)
        summary, packed = answer
        self._put_in_place(shard.number, packed)
        return summary  # type: ignore[no-any-return]

    def _put_in_place(self, number: int, packed: bytes) -> None:
        path = Path(self._out_dir) / f"shard-{number:08d}.tar"
        path.write_bytes(packed)
        unpack_parts(path, self._out_dir, number)
        path.unlink()

    def _take_back(self, shard: Shard, cause: str) -> None:
        try:
            in_hand, _ = ray.get(self._notes.of.remote(shard.number), timeout=60)
            ray.get(self._notes.note.remote(shard.number, ()), timeout=60)
        except (RayActorError, GetTimeoutError) as error:
            raise EngineError(f"the driver's node is lost: {error}") from error
        if in_hand:
            self._deaths = 0
        else:
            self._count_death(None)
        self._again.append(after_death(shard, in_hand, cause))

    def _count_death(self, error: Exception | None) -> None:
        self._deaths += 1
        if self._deaths >= _START_DEATHS:
            told = f": {error}" if error is not None else "; Ray's logs may say why"
            raise EngineError(f"actors die before any article{told}")

    def _end_stalled(self, finished: list[Any]) -> None:
        timeout = self._config.run.article_timeout
        if timeout is None:
            return
        for ref, (actor, shard) in list(self._busy.items()):
            in_hand, spent = ray.get(self._notes.of.remote(shard.number))
            if ref not in finished and in_hand and spent > timeout:
                _end(actor.handle)
                del self._busy[ref]
                self._take_back(shard, TIMEOUT)
                self._start()


def _end(handle: Any) -> None:
    with contextlib.suppress(RayError, ValueError):  # it may be gone with its node
        ray.kill(handle)


def _node_is_lost(node: str, error: Exception) -> bool:
    """Whether an actor was lost with its node, which Ray may notice later than the actor's death.

    Where Ray says of what the actor died, that settles it; else the node is watched for a while.
    """
    told = str(error).lower()
    if "node has died" in told or "node died" in told:
        return True
    if isinstance(error, RayActorError) and "worker process has died" in told:
        return not _is_alive(node)
    until = time.monotonic() + _NODE_DEATH_SECONDS
    while _is_alive(node):
        if time.monotonic() > until:
            return False
        time.sleep(1)
    return True


def _is_alive(node: str) -> bool:
    return any(found["NodeID"] == node and found["Alive"] for found in ray.nodes())
