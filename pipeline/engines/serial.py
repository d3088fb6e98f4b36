"""This very process, one shard after the other: for notebooks, debuggers and tests.

Nothing watches it: an article that kills its worker ends the run, and ``article_timeout`` has no
effect.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable

from pipeline.config import Config
from pipeline.shard import Shard, Summary, process_shard


def run_shards(
    config: Config, shards: Iterable[Shard], out_dir: str
) -> Generator[Summary, None, None]:
    """Process the shards here."""
    for shard in shards:
        yield process_shard(config, shard, out_dir)
