"""A Dagster asset around ``zhnews run``: the tables, with their row counts as metadata.

``ZHNEWS`` names the command (default: ``zhnews`` on the path); ``ZHNEWS_ARTICLES`` and
``ZHNEWS_TABLES`` the folders.

    dagster asset materialize --select zhnews_tables -f examples/dagster_assets.py
"""

import json
import os
import shlex
import subprocess
from pathlib import Path

from dagster import (
    AssetExecutionContext,
    Definitions,
    MaterializeResult,
    RetryPolicy,
    ScheduleDefinition,
    asset,
    define_asset_job,
)

SOME_ARTICLES_FAILED = 3


@asset(retry_policy=RetryPolicy(max_retries=2, delay=30), description="The tables of zhnews.")
def zhnews_tables(context: AssetExecutionContext) -> MaterializeResult:
    """Bring the tables up to date with the articles."""
    articles, tables = os.environ["ZHNEWS_ARTICLES"], os.environ["ZHNEWS_TABLES"]
    command = shlex.split(os.environ.get("ZHNEWS", "zhnews"))
    done = subprocess.run(
        [*command, "run", articles, "-o", tables, "--prune", "--log-json"],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in done.stderr.splitlines():
        context.log.info(line)
    if done.returncode not in {0, SOME_ARTICLES_FAILED}:
        raise RuntimeError(f"zhnews ended with {done.returncode}")
    told = json.loads(Path(tables, "run.json").read_text(encoding="utf-8"))
    return MaterializeResult(metadata=told["counts"]["rows"])


zhnews_job = define_asset_job("zhnews", selection=[zhnews_tables])

defs = Definitions(
    assets=[zhnews_tables],
    jobs=[zhnews_job],
    schedules=[ScheduleDefinition(job=zhnews_job, cron_schedule="*/15 * * * *")],
)
