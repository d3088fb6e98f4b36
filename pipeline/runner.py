"""A run: compare the input with the manifest, process what is new, assemble the tables.

Same input and config, same table bytes, whatever the number of workers, the cut into shards, and
the runs that came before: final tables hold the live rows in the order of the input, and nothing
in them tells of time or process. The output folder:

    OUT/<table>.parquet ...    the tables            OUT/run.json   what made them
    OUT/.zhnews/manifest.sqlite   one row per article
    OUT/.zhnews/parts/            rows of each shard, from which tables are assembled
    OUT/.zhnews/lock              held while a run is on
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from pipeline.assemble import FORMATS, assemble
from pipeline.config import Config
from pipeline.engines.local import run_shards
from pipeline.errors import ConfigError, InputError
from pipeline.manifest import Manifest
from pipeline.output import OutputFolder, tables_present
from pipeline.plan import Plan, make_plan
from pipeline.provenance import config_changes, provenance, row_settings
from pipeline.readers import list_sources
from pipeline.shard import Shard, Summary


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


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run came to; ``run.json`` holds the same."""

    out_dir: Path
    articles: int
    """Articles processed by this run, failed ones included."""
    failed: int
    """Articles in the output that failed, in this run or an earlier one."""
    unchanged: int
    """Articles that an earlier run had done."""
    vanished: int
    """Articles whose source is gone; dropped if ``prune`` was given."""
    chars: int
    seconds: float
    rows: dict[str, int] = field(default_factory=dict)
    step_seconds: dict[str, float] = field(default_factory=dict)


def run(
    config: Config,
    inputs: Sequence[str],
    out_dir: Path,
    progress: Progress | None = None,
    options: Options | None = None,
) -> RunReport:
    """Turn the articles of ``inputs`` into tables under ``out_dir``; only what is new is done.

    Raises ``InputError`` where input or output are unusable as a whole, ``ConfigError`` where a
    format is unknown, ``LockedError`` where another run holds the output, ``StaleError`` where the
    output was made with another configuration. A bad article is a row of the ``errors`` table.
    """
    options = options or Options()
    begin = time.perf_counter()
    _check_formats(config)
    sources = list_sources(inputs, config.input)
    settings = row_settings(config)
    with OutputFolder(out_dir).held() as folder, _manifest(folder) as manifest:
        config_hash = config_changes(manifest, settings, rebuild=options.rebuild, folder=folder)
        retry = manifest.to_retry(quarantined=options.retry_failed)
        plan = make_plan(manifest, sources, config.run.shard_bytes, retry)
        for name in retry:
            manifest.forget_failures(name, quarantined=options.retry_failed)
        if progress is not None:
            progress.begin(len(plan.source_shas), plan.size)
        if options.dry_run:
            return _report(manifest, out_dir, [], begin, {})
        manifest.mark_removed(plan.vanished)
        summaries = list(_process(config, plan, manifest, folder, config_hash, progress))
        vanished = manifest.counts().get("removed", 0)
        if options.prune:
            manifest.prune()
        rows = _tables(config, manifest, folder)
        report = replace(_report(manifest, out_dir, summaries, begin, rows), vanished=vanished)
        if summaries or not (out_dir / "run.json").exists():
            _write_run_json(config, inputs, settings, report)
    return report


def plan_only(config: Config, inputs: Sequence[str], out_dir: Path) -> tuple[int, int, int]:
    """What a run would do: (sources to process, their bytes, sources that vanished).

    Raises as ``run`` does. Nothing but the manifest's record of file times is written.
    """
    sources = list_sources(inputs, config.input)
    if not OutputFolder(out_dir).manifest_path.exists():
        return len(sources), sum(source.size for source in sources), 0
    with OutputFolder(out_dir).held() as folder, _manifest(folder) as manifest:
        retry = manifest.to_retry(quarantined=False)
        plan = make_plan(manifest, sources, config.run.shard_bytes, retry)
        return len(plan.source_shas), plan.size, len(plan.vanished)


def _check_formats(config: Config) -> None:
    unknown = sorted(set(config.output.formats) - set(FORMATS))
    if unknown or not config.output.formats:
        named = ", ".join(unknown) or "(none)"
        raise ConfigError(f"unknown format {named}: use {', '.join(FORMATS)}")


@contextmanager
def _manifest(folder: OutputFolder) -> Iterator[Manifest]:
    with Manifest(folder.manifest_path) as manifest:
        yield manifest


def _process(
    config: Config,
    plan: Plan,
    manifest: Manifest,
    folder: OutputFolder,
    config_hash: str,
    progress: Progress | None,
) -> Iterator[Summary]:
    """Run the shards, recording each as it finishes; a source is done when its last slice is."""
    shards = {shard.number: shard for shard in plan.shards}
    left = dict(plan.slices_left)
    folder.remove_parts(keep=manifest.live_shards())
    if config.input.limit is not None:
        yield from _limited(config, plan, manifest, folder, config_hash, progress)
        return
    for summary in run_shards(config, plan.shards, str(folder.parts)):
        manifest.record(
            summary.shard,
            summary.outcomes,
            plan.source_shas,
            config_hash,
            config.run.max_attempts,
        )
        shard = shards[summary.shard]
        for part in shard.slices:
            left[part.source.id] -= 1
            if left[part.source.id] == 0:
                manifest.finish_source(part.source.id)
        if progress is not None:
            progress.advance(shard, summary)
        yield summary


def _limited(
    config: Config,
    plan: Plan,
    manifest: Manifest,
    folder: OutputFolder,
    config_hash: str,
    progress: Progress | None,
) -> Iterator[Summary]:
    """As ``_process``, shard by shard until ``input.limit`` articles are done.

    A source that the limit cuts stays pending, so that a later run without it goes on.
    """
    wanted = config.input.limit or 0
    for shard in plan.shards:
        if wanted <= 0:
            return
        for summary in run_shards(config, [replace(shard, limit=wanted)], str(folder.parts)):
            wanted -= summary.articles
            manifest.record(
                summary.shard,
                summary.outcomes,
                plan.source_shas,
                config_hash,
                config.run.max_attempts,
            )
            if wanted > 0:
                for part in shard.slices:
                    if plan.slices_left[part.source.id] == 1:
                        manifest.finish_source(part.source.id)
            if progress is not None:
                progress.advance(shard, summary)
            yield summary


def _tables(config: Config, manifest: Manifest, folder: OutputFolder) -> dict[str, int]:
    """Assemble the final tables unless they already are those of the manifest."""
    formats = sorted(set(config.output.formats))
    state = f"{manifest.generation} {' '.join(formats)}"
    counted = manifest.get("rows")
    if manifest.get("assembled") == state and counted and tables_present(folder.root, formats):
        rows: dict[str, int] = json.loads(counted)
        return rows
    manifest.put(assembled="")
    rows = assemble(folder.parts, manifest.live_shards(), manifest.places(), folder.root, formats)
    manifest.put(assembled=state, rows=json.dumps(rows))
    folder.remove_parts(keep=manifest.live_shards())
    return rows


def _report(
    manifest: Manifest,
    out_dir: Path,
    summaries: Sequence[Summary],
    begin: float,
    rows: dict[str, int],
) -> RunReport:
    steps: dict[str, float] = {}
    for summary in summaries:
        for name, spent in summary.seconds.items():
            steps[name] = steps.get(name, 0.0) + spent
    counts = manifest.counts()
    articles = sum(summary.articles for summary in summaries)
    return RunReport(
        out_dir=out_dir,
        articles=articles,
        failed=counts.get("failed", 0) + counts.get("quarantined", 0),
        unchanged=sum(counts.values()) - articles,
        vanished=counts.get("removed", 0),
        chars=sum(summary.chars for summary in summaries),
        seconds=time.perf_counter() - begin,
        rows=rows,
        step_seconds=steps,
    )


def _write_run_json(
    config: Config, inputs: Sequence[str], settings: dict[str, str], report: RunReport
) -> None:
    content = provenance(config, inputs, settings) | {
        "counts": {
            "articles": report.articles,
            "failed": report.failed,
            "unchanged": report.unchanged,
            "characters": report.chars,
            "rows": report.rows,
        },
        "seconds": {
            "total": round(report.seconds, 3),
            "steps": {name: round(spent, 3) for name, spent in report.step_seconds.items()},
        },
    }
    path = report.out_dir / "run.json"
    staging = report.out_dir / ".zhnews" / "run.json"
    staging.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    staging.replace(path)


def check_output(out_dir: Path) -> Manifest:
    """The manifest of an output folder. Raises ``InputError`` where there is none."""
    path = OutputFolder(out_dir).manifest_path
    if not path.is_file():
        raise InputError(f"{out_dir} holds no run (no {path.relative_to(out_dir)})")
    return Manifest(path)
