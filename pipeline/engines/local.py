"""This machine's processes: a few workers, each with its own model, watched by this process.

A worker that dies (killed by the kernel, a crash in native code) or stalls takes only the article
that it had in hand: its shard is done again one article at a time, the one that kills again is
named in ``Shard.poisoned``, and the rest of the shard is processed without it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from pipeline.config import Config
from pipeline.engines.watch import TIMEOUT, after_death
from pipeline.errors import EngineError, OutputError, ZhnewsError
from pipeline.logs import log_to_stderr
from pipeline.shard import Shard, Summary, process_shard

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT")
_START_DEATHS = 3
_SLOWEST_READ = 20_000_000
"""Bytes a second that reading is allowed to be as slow as, when a timeout is set."""

_log = logging.getLogger(__name__)


def run_shards(
    config: Config, shards: Iterable[Shard], out_dir: str
) -> Generator[Summary, None, None]:
    """Process the shards in ``config.run.workers`` processes; summaries come as they finish.

    Raises ``EngineError`` where workers die outside any article, and whatever ``ZhnewsError`` a
    worker meets (a config that cannot be honoured, a full disk). Workers are spawned, keep to one
    thread each, and are ended when the caller stops listening.
    """
    queue = _Queue(shards)
    workers: list[_Worker] = []
    deaths = 0
    try:
        while len(workers) < config.run.workers and (shard := queue.take()) is not None:
            workers.append(_Worker(config, out_dir))
            workers[-1].give(shard)
        while any(worker.shard is not None for worker in workers):
            for worker in _ready(workers, config.run.article_timeout):
                answer = worker.hear()
                if isinstance(answer, Summary):
                    worker.shard = None
                    deaths = 0
                    yield answer
                elif isinstance(answer, Exception):
                    raise answer
                elif answer is False:
                    deaths = 0 if worker.in_hand else deaths + 1
                    if deaths >= _START_DEATHS:
                        raise EngineError(_no_start(worker.cause()))
                    queue.put_back(worker.bury())
                    worker.start()
                if worker.shard is None and (shard := queue.take()) is not None:
                    worker.give(shard)
    finally:
        for worker in workers:
            worker.stop()


class _Queue:
    """Shards to do: those given back first, then the others as they come."""

    def __init__(self, shards: Iterable[Shard]) -> None:
        self._fresh = iter(shards)
        self._again: list[Shard] = []

    def take(self) -> Shard | None:
        return self._again.pop() if self._again else next(self._fresh, None)

    def put_back(self, shard: Shard) -> None:
        self._again.append(shard)


class _Worker:
    """A process with one shard in hand; ``in_hand`` is what it works on within the shard."""

    def __init__(self, config: Config, out_dir: str) -> None:
        self._config = config
        self._out_dir = out_dir
        self.start()

    def start(self) -> None:
        self.shard: Shard | None = None
        self.in_hand: tuple[str, ...] = ()
        self.since = 0.0
        self._stalled = False
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=_work, args=(theirs, self._config, self._out_dir), daemon=True
        )
        with _one_thread():
            self.process.start()
        theirs.close()

    def give(self, shard: Shard) -> None:
        self.shard = shard
        self.in_hand = ()
        self.since = time.monotonic()
        # Where it has died in between, hearing from it will tell.
        with suppress(BrokenPipeError, OSError):
            self.pipe.send(shard)

    def hear(self) -> Summary | Exception | bool:
        """A summary, a failure, True for news of what is in hand, False for a death."""
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

    def overdue(self, article_timeout: float) -> bool:
        """Whether it is longer on the same batch than one article may take.

        A batch that merely is slow loses nothing by this: its articles are taken one by one then.
        """
        if not self.in_hand or self.shard is None:
            return False
        allowed = article_timeout
        if self.in_hand[0].startswith("\0"):
            allowed += max(part.source.size for part in self.shard.slices) / _SLOWEST_READ
        return time.monotonic() - self.since > allowed

    def end_stalled(self) -> None:
        self._stalled = True
        self.process.kill()

    def cause(self) -> str:
        if self._stalled:
            return TIMEOUT
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"killed_{signal.Signals(-code).name}"
        return f"exit_{code}"

    def bury(self) -> Shard:
        """The shard as it must be given again."""
        assert self.shard is not None
        cause = self.cause()
        named = ", ".join(name.replace("\0", " ").strip() for name in self.in_hand[:3])
        _log.error(
            "a worker died (%s) at shard %d with %d in hand (%s)",
            *(cause, self.shard.number, len(self.in_hand), named),
        )
        self.pipe.close()
        return after_death(self.shard, self.in_hand, cause)

    def stop(self) -> None:
        self.pipe.close()
        if self.process.is_alive():
            self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Processes that are started within take one thread each for their arithmetic."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _ready(workers: Sequence[_Worker], article_timeout: float | None) -> list[_Worker]:
    """Workers that have said something or died; those that stall too long are killed."""
    busy = {worker.pipe: worker for worker in workers if worker.shard is not None}
    heard = wait(list(busy), timeout=min(0.5, article_timeout) if article_timeout else None)
    if article_timeout:
        for pipe, worker in busy.items():
            if pipe not in heard and worker.overdue(article_timeout):
                worker.end_stalled()
    return [busy[pipe] for pipe in heard if isinstance(pipe, Connection)]


def _no_start(cause: str) -> str:
    return (
        f"workers die before any article ({cause}); what they wrote above may say why. "
        'In a script, call run() under `if __name__ == "__main__":`, or use the engine "serial"'
    )


def _work(pipe: Connection, config: Config, out_dir: str) -> None:
    """A worker's life: shards in; what is in hand, summaries or a failure out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    log_to_stderr(as_json=config.run.log_json)
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
            pipe.send(as_our_own(error))


def as_our_own(error: Exception) -> ZhnewsError:
    """A worker's failure as an error that can be sent, and told in one message."""
    import traceback

    if isinstance(error, ZhnewsError):
        return error
    if isinstance(error, OSError):
        return OutputError(f"a worker cannot write its rows: {error}")
    return EngineError(f"a worker failed outside any article:\n{traceback.format_exc()}")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
