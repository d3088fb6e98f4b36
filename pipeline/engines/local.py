"""This machine's processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from pipeline.config import Config
from pipeline.shard import Shard, Summary, process_shard

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run_shards(config: Config, shards: Sequence[Shard], out_dir: str) -> Iterator[Summary]:
    """Process the shards, in this process or in ``config.run.workers`` others, as they finish.

    Workers are spawned, load their model once, and keep to one thread each.
    """
    workers = min(config.run.workers, len(shards))
    if workers <= 1:
        for shard in shards:
            yield process_shard(config, shard, out_dir)
        return
    os.environ.update({k: v for k, v in _ONE_THREAD.items() if k not in os.environ})
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        pending = [pool.submit(process_shard, config, shard, out_dir) for shard in shards]
        for future in as_completed(pending):
            yield future.result()
