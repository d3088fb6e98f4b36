"""A Prefect 3 flow around ``zhnews run``.

``zhnews`` is called as a command, so that it may live in an environment of its own (``ZHNEWS``
names it; the default is ``zhnews`` on the path). A retry costs nothing that was done: the same
command goes on where the last one ended.

    python examples/prefect_flow.py articles/ tables/
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from prefect import flow, get_run_logger, task

SOME_ARTICLES_FAILED = 3


@task(retries=2, retry_delay_seconds=30)
def extract(articles: str, tables: str) -> dict[str, object]:
    """Run zhnews and return what ``run.json`` says."""
    command = shlex.split(os.environ.get("ZHNEWS", "zhnews"))
    done = subprocess.run(
        [*command, "run", articles, "-o", tables, "--prune", "--log-json"],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    logger = get_run_logger()
    for line in done.stderr.splitlines():
        logger.info(line)
    if done.returncode not in {0, SOME_ARTICLES_FAILED}:
        raise RuntimeError(f"zhnews ended with {done.returncode}")
    told: dict[str, object] = json.loads(Path(tables, "run.json").read_text(encoding="utf-8"))
    return told


@flow(name="zhnews")
def zhnews_flow(articles: str, tables: str) -> dict[str, object]:
    """New and changed articles to tables."""
    return extract(articles, tables)


if __name__ == "__main__":
    print(json.dumps(zhnews_flow(sys.argv[1], sys.argv[2])["counts"]))  # noqa: T201
