"""One frozen configuration for a run, from ``zhnews.toml`` and command-line flags.

The tree of models below is the reference: every key, its type and default stand here, and an
unknown key is an error that names the nearest valid one.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ConfigError

DEFAULT_STAGES = ("ner", "organisations", "percent", "year", "money", "second_pass")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InputConfig(_Frozen):
    """What is read, and how record files are laid out."""

    glob: str = "**/*"
    """Which files of a folder are read; a pattern without ``/`` matches names at any depth."""
    encoding: str | None = None
    """Force an encoding instead of detecting it."""
    text_column: str | None = None
    """Column of the article text in record files; unset: tries text, content, 正文, 內文 ..."""
    id_column: str | None = None
    """Column of the id; unset: tries id, article_id, 編號 ..., else records are numbered."""
    title_column: str | None = None
    """Column of the title; unset: tries title, headline, 標題 ..., else the head of the text."""
    date_column: str | None = None
    """Column of the date; unset: tries date, published, 日期 ..., else the head of the text."""
    byline_column: str | None = None
    """Column of the author; unset: tries author, byline, 作者 ..., else the head of the text."""
    site_column: str | None = None
    """Column of the paper or site; unset: tries source, site, 來源 ..., else the text itself."""
    limit: int | None = Field(default=None, ge=1)
    """Process at most so many articles."""


class NerConfig(_Frozen):
    """Which NER engine runs, and with which model."""

    backend: str = "onnx"
    """Engine that finds names: onnx, lac, jieba, spacy, transformers, or ``package.module:build``.
    """
    model: str | None = None
    """Path or id of the model, for backends that need one."""
    batch_size: int = Field(default=32, ge=1)
    """Texts per call of the engine; changes speed, never results."""
    window: int = Field(default=200, ge=32)
    """Longest text given to the engine, in characters; longer sentences are cut with overlap."""
    overlap: int = Field(default=40, ge=8)
    """Characters shared by neighbouring windows of one long sentence."""
    label_map: dict[str, str] = Field(default_factory=dict)
    """Model label -> project label; an empty string drops the label. Adds to built-in tables."""


class LexiconConfig(_Frozen):
    """Lexicons of the user's own, added to those that ship."""

    companies: tuple[str, ...] = ()
    """TSV files of companies to link: term, value (an id), and if wanted name and aliases."""
    words: tuple[str, ...] = ()
    """Files with one word a line, added to the segmenter."""


class OutputConfig(_Frozen):
    """What is written."""

    formats: tuple[str, ...] = ("parquet",)
    """Forms of the tables: any of parquet, csv, jsonl, duckdb, sqlite."""
    partition: str | None = None
    """``published_month`` cuts the Parquet tables into folders by month, as Hive does."""
    into: str | None = None
    """A DuckDB or SQLite file of the user's, kept up to date with the tables."""


class RunConfig(_Frozen):
    """How a run is executed; nothing here may change a row."""

    engine: str = "local"
    """Who runs the shards: local (watched processes), serial (this process), ray."""
    address: str | None = None
    """Address of the Ray cluster; unset: starts a local one."""
    workers: int = Field(default=1, ge=1)
    """Processes that work at the same time, each with the model in memory (about 250 MB)."""
    shard_bytes: int = Field(default=500_000, ge=1)
    """Input files are grouped into shards of about so many bytes."""
    work: str | None = None
    """Where work folders of outputs behind URLs are kept; None: the user's cache folder."""
    log_json: bool = False
    """Logs as one JSON object a line."""
    article_timeout: float | None = Field(default=None, gt=0)
    """Seconds after which a worker that is still on the same article is ended."""
    max_attempts: int = Field(default=3, ge=1)
    """An article that failed in so many runs is quarantined."""


class Config(_Frozen):
    """Everything that a run needs to know."""

    stages: tuple[str, ...] = DEFAULT_STAGES
    """Steps of the extraction, in order; a name that ships, or ``package.module:build``."""
    region: str | None = None
    """Place of all articles (TW, HK, CN) where you know it; unset: judged for each article."""
    input: InputConfig = InputConfig()
    ner: NerConfig = NerConfig()
    lexicons: LexiconConfig = LexiconConfig()
    output: OutputConfig = OutputConfig()
    run: RunConfig = RunConfig()


def load_config(path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Config:
    """Read a TOML file and lay dotted overrides (``{"ner.backend": "jieba"}``) over it.

    Raises ``ConfigError`` where the file is missing or no TOML, a key is unknown, or a value does
    not fit. None values in ``overrides`` mean "not given".
    """
    tree: dict[str, Any] = {}
    if path is not None:
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"cannot read config {path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} is not valid TOML: {error}") from error
    for dotted, value in (overrides or {}).items():
        if value is None:
            continue
        *parents, leaf = dotted.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = value
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_explain(error, path)) from error


def config_keys(model: type[BaseModel] = Config, prefix: str = "") -> list[str]:
    """All valid dotted keys, in declaration order."""
    keys: list[str] = []
    for name, spec in model.model_fields.items():
        inner = spec.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            keys.extend(config_keys(inner, f"{prefix}{name}."))
        else:
            keys.append(f"{prefix}{name}")
    return keys


def _explain(error: ValidationError, path: Path | None) -> str:
    where = f"{path}: " if path is not None else ""
    lines = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, config_keys(), n=1, cutoff=0.0)
            lines.append(f"{where}unknown key {key!r}; the nearest valid key is {near[0]!r}")
        else:
            lines.append(f"{where}{key}: {item['msg']} (given: {item['input']!r})")
    return "\n".join(lines)
