"""What a scheduler sees of a run: a summary, JSON logs, metrics, exit on SIGTERM, status."""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pipeline.config import Config
from pipeline.errors import OutputError
from pipeline.logs import log_to_stderr
from pipeline.progress import counted, run_progress
from pipeline.runner import Options, Progress, RunReport, open_manifest, run
from pipeline.shard import Shard, Summary

TERMINATED = 128 + signal.SIGTERM

_log = logging.getLogger("pipeline.run")


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What the command line asks for beside the configuration."""

    inputs: Sequence[str]
    output: Path | str
    options: Options = field(default_factory=Options)
    metrics: Path | None = None


def run_and_tell(config: Config, order: RunOrder) -> RunReport:
    """Run, with progress and a summary on standard error and the metrics file if one is wanted.

    Raises as ``run`` does, and ``SystemExit(143)`` on SIGTERM: workers are ended, what is recorded
    stays, and the same command goes on from there.
    """
    log_to_stderr(as_json=config.run.log_json)
    with _ends_on_sigterm(), _progress(as_json=config.run.log_json) as progress:
        report = run(config, order.inputs, order.output, progress, order.options)
    if config.run.log_json:
        _log.info("run finished", extra={"fields": summary_fields(report)})
    else:
        sys.stderr.write("\n".join(summary_lines(report, order.options)) + "\n")
    if order.metrics is not None and not order.options.dry_run:
        write_metrics(order.metrics, report)
    return report


def summary_lines(report: RunReport, options: Options) -> list[str]:
    """What is said at the end of a run, for people."""
    if options.dry_run:
        lines = [f"would process {counted(report.pending, 'file')}; nothing was written"]
        if report.vanished:
            told = "their rows would be dropped" if options.prune else "their rows would stay"
            lines.append(f"gone from the input: {counted(report.vanished, 'file')}; {told}")
        if report.failed:
            lines.append(f"{counted(report.failed, 'article')} failed so far")
        return lines
    lines = [_processed(report)]
    if report.failed:
        reasons = ", ".join(f"{n} {reason}" for reason, n in report.reasons.items())
        lines.append(
            f"{counted(report.failed, 'article')} failed ({reasons}); "
            f"which and why: zhnews status {report.place}"
        )
    lines.append("rows: " + ", ".join(f"{name} {count}" for name, count in report.rows.items()))
    lines.append(f"tables are in {report.place}")
    if report.vanished and options.prune:
        lines.append(
            f"gone from the input: {counted(report.vanished, 'article')}; their rows were dropped"
        )
    elif report.vanished:
        lines.append(
            f"note: the tables still hold {counted(report.vanished, 'article')} of earlier runs, "
            "not in this input; --prune drops such rows"
        )
    if report.pending:
        lines.append(f"not done yet: {counted(report.pending, 'file')}; run again to go on")
    return lines


def _processed(report: RunReport) -> str:
    if not report.articles:
        return f"nothing new: {counted(report.unchanged, 'article')} done by earlier runs"
    rate = report.articles / report.seconds if report.seconds else 0.0
    known = f", {report.unchanged} more by earlier runs" if report.unchanged else ""
    return (
        f"{counted(report.articles, 'article')}, {report.chars:,} characters "
        f"in {report.seconds:.1f} s ({rate:.1f} articles/s){known}"
    )


def summary_fields(report: RunReport) -> dict[str, object]:
    """The same as fields of a log line."""
    return {
        "output": report.place,
        "articles": report.articles,
        "failed": report.failed,
        "reasons": report.reasons,
        "unchanged": report.unchanged,
        "vanished": report.vanished,
        "pending_files": report.pending,
        "characters": report.chars,
        "seconds": round(report.seconds, 3),
        "rows": report.rows,
        "step_seconds": {name: round(spent, 3) for name, spent in report.step_seconds.items()},
    }


def write_metrics(path: Path, report: RunReport) -> None:
    """Write a run's figures in the Prometheus text format, for node_exporter's textfile collector.

    The file is exchanged in one step, so that a reader never sees half of it.
    """
    lines: list[str] = []

    def gauge(name: str, about: str, samples: dict[str, float]) -> None:
        lines.append(f"# HELP zhnews_{name} {about}")
        lines.append(f"# TYPE zhnews_{name} gauge")
        lines.extend(f"zhnews_{name}{labels} {value:g}" for labels, value in samples.items())

    gauge("articles", "Articles processed by the last run.", {"": report.articles})
    gauge("articles_unchanged", "Articles that earlier runs had done.", {"": report.unchanged})
    gauge("articles_vanished", "Articles gone from the input.", {"": report.vanished})
    gauge("characters", "Characters processed by the last run.", {"": report.chars})
    gauge("files_pending", "Files not processed yet.", {"": report.pending})
    gauge(
        "articles_failed",
        "Articles in the output that failed, by reason.",
        {f'{{reason="{_escaped(reason)}"}}': n for reason, n in report.reasons.items()} or {"": 0},
    )
    gauge("run_seconds", "Duration of the last run.", {"": round(report.seconds, 3)})
    gauge(
        "step_seconds",
        "Seconds that a step took in the last run, summed over workers.",
        {f'{{step="{_escaped(s)}"}}': round(t, 3) for s, t in report.step_seconds.items()},
    )
    gauge(
        "rows",
        "Rows of the tables.",
        {f'{{table="{name}"}}': count for name, count in report.rows.items()},
    )
    staging = path.with_name(f".{path.name}.new")
    try:
        staging.write_text("\n".join(lines) + "\n", encoding="utf-8")
        staging.replace(path)
    except OSError as error:
        raise OutputError(f"the run is done, but {path} cannot be written: {error}") from error


def status_json(out_dir: Path | str) -> Iterator[str]:
    """The manifest of an output, one JSON object an article."""
    with open_manifest(out_dir) as manifest:
        for item in manifest.items():
            yield json.dumps(
                {
                    "article_id": item.article_id,
                    "source_path": item.source_path,
                    "status": item.status,
                    "reason": item.reason,
                    "attempts": item.attempts,
                    "content_hash": item.content_hash,
                    "config_hash": item.config_hash,
                    "shard": item.shard,
                },
                ensure_ascii=False,
            )


def status_lines(out_dir: Path | str, most: int = 20) -> Iterator[str]:
    """The manifest of an output for people: counts, and the articles that failed."""
    with open_manifest(out_dir) as manifest:
        counts = manifest.counts()
        yield ", ".join(f"{n} {status}" for status, n in counts.items()) or "no articles"
        pending = manifest.pending_sources()
        if pending:
            yield f"{pending} files are not done yet"
        for reason, n in manifest.reasons().items():
            yield f"  {reason}: {n}"
        bad = (item for item in manifest.items() if item.status in {"failed", "quarantined"})
        for item in islice(bad, most):
            yield f"  {item.status} {item.article_id}: {item.reason}, tried {item.attempts}x"
        if next(bad, None) is not None:
            yield "  ... (--json lists all)"
        if counts.keys() & {"failed", "quarantined"}:
            yield "the errors table has the messages in full"
        if counts.get("quarantined"):
            yield "quarantined: tried again when the file changes, or with --retry-failed"


@contextmanager
def _ends_on_sigterm() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _JsonProgress:
    def begin(self, sources: int, size: int) -> None:
        _log.info("run began", extra={"fields": {"files": sources, "bytes": size}})

    def advance(self, shard: Shard, summary: Summary) -> None:
        fields = {
            "shard": shard.number,
            "articles": summary.articles,
            "failed": summary.failed,
            "characters": summary.chars,
            "seconds": round(sum(summary.seconds.values()), 3),
        }
        _log.info("shard done", extra={"fields": fields})


@contextmanager
def _json_progress() -> Iterator[Progress]:
    yield _JsonProgress()


def _progress(*, as_json: bool) -> AbstractContextManager[Progress]:
    return _json_progress() if as_json else run_progress()


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
