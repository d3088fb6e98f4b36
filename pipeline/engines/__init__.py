"""Engines: who calls ``process_shard``. One file an engine; the runner does the rest.

An engine is a function ``run_shards(config, shards, out_dir)`` that yields one ``Summary`` for
each shard, in any order, and takes the next shard only when it has room for it. It must end
everything that it started when its caller stops listening, and see to it that an article which
kills a worker costs that article alone (``Shard.careful`` and ``Shard.poisoned``).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Iterable

from pipeline.config import Config
from pipeline.errors import ConfigError
from pipeline.shard import Shard, Summary

Engine = Callable[[Config, Iterable[Shard], str], Generator[Summary, None, None]]
ENGINES = ("local", "serial", "ray")


def load_engine(name: str) -> Engine:
    """The engine called ``name``, or a third party's as ``package.module:run_shards``.

    Raises ``ConfigError`` where there is no such engine or its package is not installed.
    """
    module_name, _, attribute = name.partition(":")
    if not attribute:
        if name not in ENGINES:
            raise ConfigError(f"no engine {name!r}: use {', '.join(ENGINES)}")
        module_name, attribute = f"pipeline.engines.{name}", "run_shards"
    try:
        engine: Engine = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        needs = f"; pip install 'zhnews[{name}]'" if name in ENGINES else ""
        raise ConfigError(f"engine {name!r} cannot be loaded: {error}{needs}") from error
    return engine
