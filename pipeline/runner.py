"""A run: compare the input with the manifest, process what is new, assemble the tables.

Same input and config, same table bytes, whatever the number of workers, the cut into shards, and
the runs that came before: final tables hold the live rows in the order of the input, and nothing
in them tells of time or process. The output folder:

    OUT/<table>.parquet ...    the tables
    OUT/run.json               what made them; there only while the tables are complete
    OUT/.zhnews/manifest.sqlite   one row per article
    OUT/.zhnews/parts/            rows of each shard, from which tables are assembled
    OUT/.zhnews/lock              held while a run is on
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.assemble import FORMATS, PARTITIONS, Wanted, assemble, live_rows, put_in_place
from pipeline.config import Config
from pipeline.engines import load_engine
from pipeline.errors import ConfigError, InputError, OutputError, StaleError
from pipeline.known import write_known
from pipeline.manifest import Manifest, ShardRecord
from pipeline.output import OutputFolder, final_names
from pipeline.plan import Plan, cut_shards, is_as_planned, make_plan
from pipeline.provenance import config_changes, provenance, row_settings
from pipeline.readers import Source, list_sources
from pipeline.remote import fetch_manifest, open_output
from pipeline.shard import Shard, Summary
from pipeline.spool import spooled
from pipeline.storage import is_url, local_path, protocol_of

_log = logging.getLogger(__name__)


class Progress(Protocol):
    """Who is told how a run goes on."""

    def begin(self, sources: int, size: int) -> None:
        """So many sources will be processed, of so many bytes."""

    def advance(self, shard: Shard, summary: Summary) -> None:
        """A shard is done."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run treats what earlier runs left: none of it can change a row."""

    prune: bool = False
    """Drop the rows of articles that are no longer in the input."""
    rebuild: bool = False
    """Start anew where the configuration differs from the one that made the output."""
    retry_failed: bool = False
    """Try quarantined articles again."""
    dry_run: bool = False
    """Say what would be done; write nothing."""
    since: datetime | None = None
    """Leave files that were last changed before this as they are."""


@dataclass(slots=True)
class RunReport:
    """What a run came to; ``run.json`` holds the same."""

    out_dir: Path
    """Where the run worked: the output folder, or the work folder of an output behind a URL."""
    place: str = ""
    """The output as it was given."""
    articles: int = 0
    """Articles processed by this run, failed ones included."""
    failed: int = 0
    """Articles in the output that failed, in this run or an earlier one."""
    reasons: dict[str, int] = field(default_factory=dict)
    """The same by reason."""
    unchanged: int = 0
    """Articles that an earlier run had done."""
    vanished: int = 0
    """Articles whose source is gone; dropped if ``prune`` was given."""
    pending: int = 0
    """Sources not processed yet: those that a dry run would process, or a limit has left."""
    chars: int = 0
    seconds: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    step_seconds: dict[str, float] = field(default_factory=dict)

    def add(self, summary: Summary) -> None:
        """Count a shard."""
        self.articles += summary.articles
        self.chars += summary.chars
        for name, spent in summary.seconds.items():
            self.step_seconds[name] = self.step_seconds.get(name, 0.0) + spent


def run(
    config: Config,
    inputs: Sequence[str],
    out_dir: Path | str,
    progress: Progress | None = None,
    options: Options | None = None,
) -> RunReport:
    """Turn the articles of ``inputs`` into tables under ``out_dir``; only what is new is done.

    Both may be URLs (``s3://bucket/folder``): see ``pipeline/storage.py`` and
    ``pipeline/remote.py``.

    Raises ``InputError`` where input or output are unusable as a whole, ``ConfigError`` where a
    format or engine is unknown, ``LockedError`` where another run holds the output, ``StaleError``
    where the output was made with another configuration, ``OutputError`` where it cannot be
    written. A bad article is a row of the ``errors`` table.
    """
    options = options or Options()
    _check_config(config)
    settings = row_settings(config)
    if options.dry_run:
        return _dry_run(config, inputs, out_dir, settings, options)
    begin = time.perf_counter()
    output = open_output(out_dir, config.run.work)
    report = RunReport(output.root, output.name)
    with output.held() as folder, _writing(folder.name):
        given = list_sources(inputs, config.input, own=folder.root)
        sources = [spooled(s, folder.work) for s in given]
        _check_reach(config, sources)
        with _manifest(folder, rebuild=options.rebuild) as manifest:
            state = config_changes(manifest, settings, rebuild=options.rebuild, folder=folder)
            run_of = _Run(config, folder, manifest, state)
            run_of.process(sources, options, progress, report)
            report.vanished = manifest.prune() if options.prune else 0
            names = run_of.tables(report)
            _finish(report, manifest, begin)
            if report.articles or not folder.run_json.exists():
                _write_run_json(folder, provenance(config, inputs, settings), report)
            folder.publish(manifest, names)
            report.seconds = time.perf_counter() - begin
    return report


class _Run:
    """One run's work on one output folder, which is held."""

    def __init__(
        self, config: Config, folder: OutputFolder, manifest: Manifest, config_hash: str
    ) -> None:
        self._config = config
        self._folder = folder
        self._manifest = manifest
        self._config_hash = config_hash

    def process(
        self,
        sources: Sequence[Source],
        options: Options,
        progress: Progress | None,
        report: RunReport,
    ) -> None:
        """Plan, run the shards and record each as it finishes."""
        manifest, folder = self._manifest, self._folder
        lost = folder.lost_parts(manifest.live_shards())
        if lost:
            _log.warning("parts of %d shards are lost; their articles are done again", len(lost))
            manifest.forget_shards(lost)
        folder.remove_parts(keep=manifest.live_shards())
        plan = make_plan(
            manifest, sources, self._config, manifest.to_retry(options.retry_failed), options.since
        )
        if options.retry_failed:
            manifest.forget_attempts()
        if progress is not None:
            progress.begin(len(plan.slices_left), plan.size)
        shards = self._shards(plan, retry_failed=options.retry_failed)
        by_number = {shard.number: shard for shard in shards}
        for summary in self._summaries(shards):
            shard = by_number.pop(summary.shard)
            self._record(shard, summary, plan)
            report.add(summary)
            if progress is not None:
                progress.advance(shard, summary)

    def _shards(self, plan: Plan, *, retry_failed: bool) -> list[Shard]:
        size = self._config.run.shard_bytes
        count = sum(1 for _ in cut_shards(plan.slices, size, 0, None))
        number = self._manifest.begin(plan.states, plan.vanished, count)
        known: str | None = None
        if plan.redone:
            path = self._folder.work / f"known-{number}.bin"
            hashes = self._manifest.known(plan.slices_left, quarantined=not retry_failed)
            known = str(path) if write_known(path, hashes) else None
        return list(cut_shards(plan.slices, size, number, known))

    def _summaries(self, shards: Sequence[Shard]) -> Iterator[Summary]:
        """Summaries as they come; with ``input.limit``, in order until it is reached."""
        config, parts = self._config, str(self._folder.parts)
        run_shards = load_engine(config.run.engine)
        if config.input.limit is None:
            with closing(run_shards(config, shards, parts)) as found:
                yield from found
            return
        left = config.input.limit
        one = config.model_copy(update={"run": config.run.model_copy(update={"workers": 1})})

        def limited() -> Iterator[Shard]:
            for shard in shards:
                if left > 0:
                    yield replace(shard, limit=left)

        with closing(run_shards(one, limited(), parts)) as found:
            for summary in found:
                left -= summary.articles
                yield summary

    def _record(self, shard: Shard, summary: Summary, plan: Plan) -> None:
        states = {state.source_id: state for state in plan.states}
        finished, windows = [], []
        for part in shard.slices[: summary.complete]:
            name = part.source.id
            if not is_as_planned(part, states[name]):
                _log.warning("%s changed while it was read; the next run reads it again", name)
                continue
            windows.append((name, part.window.first, part.window.stop))
            plan.slices_left[name] -= 1
            if plan.slices_left[name] == 0:
                finished.append(name)
        self._manifest.record(
            ShardRecord(summary.shard, summary.outcomes, windows, finished),
            plan.source_shas,
            self._config_hash,
            self._config.run.max_attempts,
        )

    def tables(self, report: RunReport) -> list[str]:
        """Assemble the final tables unless they already are those of the manifest; their names."""
        manifest, folder, output = self._manifest, self._folder, self._config.output
        wanted = Wanted(tuple(sorted(set(output.formats))), output.partition)
        state = f"{manifest.generation} {wanted}"
        written = json.loads(manifest.get("written") or "[]")
        names = final_names(wanted.formats, wanted.partition is not None)
        ready = manifest.get("assembled") == state and folder.are_written(names)
        if ready and output.into is None:
            report.rows = json.loads(manifest.get("rows") or "{}")
            return names
        manifest.find_repeats()
        folder.bring_parts(manifest.live_shards())
        by_month = wanted.partition is not None
        with live_rows(folder.parts, manifest.live_shards(), manifest.places(), by_month) as rows:
            if ready:
                report.rows = json.loads(manifest.get("rows") or "{}")
            else:
                staging, report.rows = assemble(rows, folder.work, wanted)
                folder.run_json.unlink(missing_ok=True)
                manifest.put(assembled="", written=json.dumps(sorted({*written, *names})))
                put_in_place(staging, folder.root, written)
            if output.into is not None:
                from pipeline.writers.upsert import upsert

                upsert(Path(output.into), rows, folder.identity)
        manifest.put(assembled=state, rows=json.dumps(report.rows), written=json.dumps(names))
        folder.remove_parts(keep=manifest.live_shards())
        return names


def _dry_run(
    config: Config,
    inputs: Sequence[str],
    out_dir: Path | str,
    settings: dict[str, str],
    options: Options,
) -> RunReport:
    """What a run would do; nothing is written."""
    begin = time.perf_counter()
    folder = open_output(out_dir, config.run.work)
    report = RunReport(folder.root, folder.name)
    sources = list_sources(inputs, config.input, own=folder.root)
    with _manifest_there(out_dir) as path:
        if path is None:
            plan = make_plan(None, sources, config, {}, options.since)
        else:
            with open_manifest(out_dir) as manifest:
                config_changes(
                    manifest, settings, rebuild=options.rebuild, folder=folder, only_check=True
                )
                retry = manifest.to_retry(options.retry_failed)
                plan = make_plan(manifest, sources, config, retry, options.since)
                counts = manifest.counts()
                report.failed = counts.get("failed", 0) + counts.get("quarantined", 0)
    report.pending = len(plan.slices_left)
    report.vanished = len(plan.vanished)
    report.seconds = time.perf_counter() - begin
    return report


@contextmanager
def _manifest_there(out: Path | str) -> Iterator[Path | None]:
    """The manifest of an output, or a copy of the published one; None where there is none."""
    if not isinstance(out, Path) and is_url(out):
        with tempfile.TemporaryDirectory() as folder:
            yield fetch_manifest(out, Path(folder))
        return
    path = OutputFolder(Path(local_path(str(out)))).manifest_path
    yield path if path.is_file() else None


def _check_reach(config: Config, sources: Sequence[Source]) -> None:
    hidden = next((s.path for s in sources if protocol_of(s.path) == "memory"), None)
    if hidden is not None and config.run.engine != "serial":
        raise ConfigError(f"{hidden} is known to this process only: use the engine serial")


def _check_config(config: Config) -> None:
    into = config.output.into
    if into is not None and re.match(r"\w[\w+.-]+:/", into):
        raise ConfigError(f"output.into {into!r}: a database must be a file of this machine")
    if into is not None:
        from pipeline.writers.upsert import check_suffix

        check_suffix(Path(into))
    unknown = sorted(set(config.output.formats) - set(FORMATS))
    if unknown or not config.output.formats:
        named = ", ".join(unknown) or "(none)"
        raise ConfigError(f"unknown format {named}: use {', '.join(FORMATS)}")
    partition = config.output.partition
    if partition is not None and partition not in PARTITIONS:
        raise ConfigError(f"unknown partition {partition!r}: use {', '.join(PARTITIONS)}")
    load_engine(config.run.engine)


@contextmanager
def _manifest(folder: OutputFolder, *, rebuild: bool) -> Iterator[Manifest]:
    try:
        manifest = Manifest(folder.manifest_path)
    except (StaleError, sqlite3.DatabaseError) as error:
        if isinstance(error, sqlite3.OperationalError):  # it is the disk, not the file
            raise
        if not rebuild:
            if isinstance(error, StaleError):
                raise
            raise StaleError(
                f"the manifest of {folder.name} is damaged ({error}): run with --rebuild"
            ) from error
        for suffix in ("", "-wal", "-shm"):
            Path(f"{folder.manifest_path}{suffix}").unlink(missing_ok=True)
        manifest = Manifest(folder.manifest_path)
    with manifest:
        yield manifest


@contextmanager
def _writing(name: str) -> Iterator[None]:
    """What storage refuses becomes one error that says so; the next run goes on from there."""
    import duckdb

    try:
        yield
    except BrokenPipeError:  # nobody listens to the progress any more
        raise
    except (OSError, sqlite3.Error, duckdb.Error) as error:
        raise OutputError(
            f"{name} cannot be written: {error}; when that is mended, the same command goes on "
            "where this run ended"
        ) from error


def _finish(report: RunReport, manifest: Manifest, begin: float) -> None:
    counts = manifest.counts()
    report.failed = counts.get("failed", 0) + counts.get("quarantined", 0)
    report.reasons = manifest.reasons()
    report.vanished = report.vanished or counts.get("removed", 0)
    report.unchanged = max(sum(counts.values()) - report.articles, 0)
    report.pending = manifest.pending_sources()
    report.seconds = time.perf_counter() - begin


def _write_run_json(folder: OutputFolder, made_by: dict[str, object], report: RunReport) -> None:
    content = made_by | {
        "counts": {
            "articles": report.articles,
            "failed": report.failed,
            "reasons": report.reasons,
            "unchanged": report.unchanged,
            "characters": report.chars,
            "rows": report.rows,
        },
        "seconds": {
            "total": round(report.seconds, 3),
            "steps": {name: round(spent, 3) for name, spent in report.step_seconds.items()},
        },
    }
    staging = folder.work / "run.json"
    staging.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    staging.replace(folder.run_json)


@contextmanager
def open_manifest(out: Path | str) -> Iterator[Manifest]:
    """The manifest of an output. Raises ``InputError`` where there is none."""
    with _manifest_there(out) as path:
        if path is None:
            raise InputError(f"{out} holds no run (no manifest)")
        try:
            manifest = Manifest(path)
        except sqlite3.Error as error:
            raise InputError(f"the manifest of {out} cannot be opened: {error}") from error
        with manifest:
            yield manifest
