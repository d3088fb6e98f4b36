"""This machine's processes: a few workers, each with its own model, watched by this process.

A worker that dies (killed by the kernel, a crash in native code) or stalls takes only the article
that it had in hand: its shard is done again one article at a time, the one that kills again is
named in ``Shard.poisoned``, and the rest of the shard is processed without it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from typing import Any

from pipeline.config import Config
from pipeline.errors import EngineError
from pipeline.shard import Shard, Summary, process_shard

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT")
_START_DEATHS = 3


def run_shards(config: Config, shards: Sequence[Shard], out_dir: str) -> Iterator[Summary]:
    """Process the shards in ``config.run.workers`` processes; summaries come as they finish.

    Raises ``EngineError`` where a worker fails outside any article. Workers are spawned, keep to
    one thread each, and are ended when the caller stops listening.
    """
    queue = deque(shards)
    workers = [_Worker(config, out_dir) for _ in range(min(config.run.workers, len(shards)))]
    deaths = 0
    try:
        for worker in workers:
            worker.give(queue.popleft())
        while any(worker.shard is not None for worker in workers):
            for worker in _ready(workers, config.run.article_timeout):
                answer = worker.hear()
                if isinstance(answer, Summary):
                    worker.shard = None
                    yield answer
                elif isinstance(answer, str):
                    raise EngineError(answer)
                elif answer is False:
                    deaths = 0 if worker.in_hand else deaths + 1
                    if deaths >= _START_DEATHS:
                        raise EngineError(f"workers die before any article ({worker.cause()})")
                    queue.appendleft(_after_death(worker))
                    worker.start()
                if worker.shard is None and queue:
                    worker.give(queue.popleft())
    finally:
        for worker in workers:
            worker.stop()


class _Worker:
    """A process with one shard in hand; ``in_hand`` are the ids of the articles it works on."""

    def __init__(self, config: Config, out_dir: str) -> None:
        self._config = config
        self._out_dir = out_dir
        self.shard: Shard | None = None
        self.in_hand: tuple[str, ...] = ()
        self.since = 0.0
        self._stalled = False
        self.start()

    def start(self) -> None:
        self.shard = None
        self.in_hand = ()
        self._stalled = False
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        before = {name: os.environ.get(name) for name in _ONE_THREAD}
        os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
        try:
            self.process = context.Process(
                target=_work, args=(theirs, self._config, self._out_dir), daemon=True
            )
            self.process.start()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        theirs.close()

    def give(self, shard: Shard) -> None:
        self.shard = shard
        self.in_hand = ()
        self.since = time.monotonic()
        # Where it has died in between, hearing from it will tell.
        with suppress(BrokenPipeError, OSError):
            self.pipe.send(shard)

    def hear(self) -> Summary | str | bool:
        """A summary, the text of a failure, True for news of articles, False for a death."""
        try:
            message: Any = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            return False
        if isinstance(message, tuple):
            self.in_hand = message
            self.since = time.monotonic()
            return True
        return message  # type: ignore[no-any-return]

    def stall(self) -> None:
        self._stalled = True
        self.process.kill()

    def cause(self) -> str:
        if self._stalled:
            return "timeout"
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"killed_{signal.Signals(-code).name}"
        return f"exit_{code}"

    def stop(self) -> None:
        self.pipe.close()
        if self.process.is_alive():
            self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _after_death(worker: _Worker) -> Shard:
    """The shard that a dead worker had, changed so that the same death is not repeated."""
    shard = worker.shard
    assert shard is not None
    if not worker.in_hand:
        return shard
    if len(worker.in_hand) == 1:
        return replace(shard, poisoned={**shard.poisoned, worker.in_hand[0]: worker.cause()})
    return replace(shard, careful=True)


def _ready(workers: Sequence[_Worker], article_timeout: float | None) -> list[_Worker]:
    """Workers that have said something or died; those that stall too long are killed."""
    busy = {worker.pipe: worker for worker in workers if worker.shard is not None}
    heard = wait(list(busy), timeout=0.5 if article_timeout else None)
    if article_timeout:
        for pipe, worker in busy.items():
            allowed = article_timeout * max(len(worker.in_hand), 1)
            if pipe not in heard and worker.in_hand and time.monotonic() - worker.since > allowed:
                worker.stall()
    return [busy[pipe] for pipe in heard if isinstance(pipe, Connection)]


def _work(pipe: Connection, config: Config, out_dir: str) -> None:
    """A worker's life: shards in; ids in hand, summaries or a failure's text out."""
    import traceback

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            shard = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(process_shard(config, shard, out_dir, pipe.send))
        except BrokenPipeError:
            return
        except Exception as error:
            from pipeline.errors import ZhnewsError

            known = isinstance(error, ZhnewsError)
            pipe.send(str(error) if known else traceback.format_exc())
