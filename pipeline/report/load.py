"""The tables of a finished run, read back from whichever format it was written in."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.tables import TABLES, Rows, Table

RowDict = dict[str, Any]

_BY_NAME = {table.name: table for table in TABLES}
_BY_ARTICLE = tuple(name for name in _BY_NAME if name not in {"articles", "sentences", "errors"})


@dataclass(frozen=True, slots=True)
class ArticleRows:
    """The rows of one article: its ``articles`` row, its sentences, and the rest by table name."""

    article: RowDict
    sentences: list[RowDict]
    tables: dict[str, list[RowDict]]

    @property
    def id(self) -> str:
        """The article's id."""
        return str(self.article["article_id"])


@dataclass(frozen=True, slots=True)
class RunRows:
    """What a report is made of. ``articles()`` yields in table order and may be called again."""

    name: str
    n_articles: int
    n_chars: int
    articles: Callable[[], Iterator[ArticleRows]]
    errors: list[RowDict] = field(default_factory=list)
    facts: RowDict = field(default_factory=dict)
    """What ``run.json`` says: inputs, config, counts; empty where there is none."""
    texts: dict[str, str] = field(default_factory=dict)
    """Original texts that are at hand, by article id."""
    folder: Path | None = None
    """Where the tables are."""


def headline(rows: ArticleRows) -> tuple[str, str]:
    """Title as the article has it and simplified; without one, how its text begins, or its id."""
    row = rows.article
    if row["title_raw"]:
        return row["title_raw"], row["title"] or row["title_raw"]
    if rows.sentences:
        first = rows.sentences[0]
        return shortened(first["text_raw"], 32), shortened(first["text"], 32)
    return rows.id, rows.id


def raw_at(rows: ArticleRows, start: int | None, end: int | None) -> str | None:
    """The article's own characters of a stretch within one sentence; None where there is none."""
    if start is None or end is None:
        return None
    for sentence in rows.sentences:
        if sentence["start"] <= start and end <= sentence["end"]:
            return str(sentence["text_raw"][start - sentence["start"] : end - sentence["start"]])
    return None


def shortened(text: str, size: int) -> str:
    """At most ``size`` characters on one line; what is cut ends in an ellipsis."""
    text = " ".join(text.split())
    return text if len(text) <= size else text[: size - 1] + "…"


def open_run(out: Path) -> RunRows:
    """The rows of the run in folder ``out``.

    Sentences, by far the largest table, are streamed; the others are held. Raises ``InputError``
    where the folder holds no tables, or not all of them.
    """
    read = _reader(out)
    held = {name: list(read(_BY_NAME[name])) for name in _BY_ARTICLE}
    articles = list(read(_BY_NAME["articles"]))
    grouped = {name: _grouped(rows) for name, rows in held.items()}

    def each() -> Iterator[ArticleRows]:
        groups = groupby(read(_BY_NAME["sentences"]), key=lambda row: row["article_id"])
        waiting = next(groups, None)
        for article in articles:
            key = article["article_id"]
            sentences: list[RowDict] = []
            if waiting is not None and waiting[0] == key:
                sentences = list(waiting[1])
                waiting = next(groups, None)
            yield ArticleRows(
                article, sentences, {name: rows.get(key, []) for name, rows in grouped.items()}
            )

    return RunRows(
        out.resolve().name,
        len(articles),
        sum(row["n_chars"] for row in articles),
        each,
        list(read(_BY_NAME["errors"])),
        _facts(out / "run.json"),
        folder=out,
    )


def rows_in_memory(name: str, rows: Rows, texts: dict[str, str]) -> RunRows:
    """The same over rows that were just extracted from ``texts`` (by article id)."""
    tables: dict[str, list[RowDict]] = {
        table.name: [dict(zip(table.column_names, row, strict=True)) for row in rows[table.name]]
        for table in TABLES
    }
    grouped = {key: _grouped(tables[key]) for key in (*_BY_ARTICLE, "sentences")}

    def each() -> Iterator[ArticleRows]:
        for article in tables["articles"]:
            key = article["article_id"]
            yield ArticleRows(
                article,
                grouped["sentences"].get(key, []),
                {name: grouped[name].get(key, []) for name in _BY_ARTICLE},
            )

    chars = sum(row["n_chars"] for row in tables["articles"])
    return RunRows(name, len(tables["articles"]), chars, each, tables["errors"], texts=texts)


def read_table(out: Path, name: str) -> Iterator[RowDict]:
    """The rows of one table of the run in ``out``. Raises ``InputError`` as ``open_run`` does."""
    return _reader(out)(_BY_NAME[name])


def _grouped(rows: list[RowDict]) -> dict[str, list[RowDict]]:
    found: dict[str, list[RowDict]] = {}
    for row in rows:
        found.setdefault(row["article_id"], []).append(row)
    return found


def _facts(path: Path) -> RowDict:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _reader(out: Path) -> Callable[[Table], Iterator[RowDict]]:
    if not out.is_dir():
        raise InputError(f"{out} is no folder; give the folder that `zhnews run -o` wrote")
    for suffix, read in _FILES.items():
        present = [name for name in _BY_NAME if (out / f"{name}.{suffix}").is_file()]
        if len(present) == len(_BY_NAME):
            return lambda table, s=suffix, r=read: r(out / f"{table.name}.{s}", table)  # type: ignore[misc]
    for name, fetch in (("zhnews.duckdb", _duckdb), ("zhnews.sqlite", _sqlite)):
        if (out / name).is_file():
            return lambda table, n=name, f=fetch: f(out / n, table)  # type: ignore[misc]
    raise InputError(f"{out} does not hold the tables of a run; run `zhnews run INPUT -o {out}`")


def _parquet(path: Path, table: Table) -> Iterator[RowDict]:
    from pipeline.writers.parquet import read_parquet

    try:
        for batch in read_parquet(path):
            yield from _fitting(batch.to_pylist(), table, path)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from error


def _csv(path: Path, table: Table) -> Iterator[RowDict]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _fitting(csv.DictReader(file), table, path)
    except csv.Error as error:
        raise InputError(f"cannot read {path}: {error}") from error


def _jsonl(path: Path, table: Table) -> Iterator[RowDict]:
    with path.open(encoding="utf-8") as file:
        yield from _fitting((json.loads(line) for line in file), table, path)


def _duckdb(path: Path, table: Table) -> Iterator[RowDict]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(f'SELECT * FROM "{table.name}"')
        names = [column[0] for column in found.description or ()]
        rows = (dict(zip(names, row, strict=True)) for row in iter(found.fetchone, None))
        yield from _fitting(rows, table, path)


def _sqlite(path: Path, table: Table) -> Iterator[RowDict]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(f'SELECT * FROM "{table.name}" ORDER BY rowid')
        yield from _fitting((dict(row) for row in rows), table, path)


_FILES: dict[str, Callable[[Path, Table], Iterator[RowDict]]] = {
    "parquet": _parquet,
    "csv": _csv,
    "jsonl": _jsonl,
}


def _fitting(rows: Any, table: Table, path: Path) -> Iterator[RowDict]:
    """Rows with the cells that the schema promises; text cells of CSV and SQLite are cast."""
    for row in rows:
        try:
            yield {c.name: _cast(row[c.name], c.type, c.null) for c in table.columns}
        except (KeyError, ValueError) as error:
            raise InputError(
                f"{path} does not fit this version's schema ({error}); make the tables again"
            ) from error


def _cast(cell: Any, kind: str, null: bool) -> Any:
    if cell is None or (cell == "" and (null or kind != "string")):
        return None
    match kind:
        case "int":
            return int(cell)
        case "float":
            return float(cell)
        case "bool":
            return cell in {True, "True", "true", "1"}
        case "date":
            return cell if isinstance(cell, date) else date.fromisoformat(cell)
        case _:
            return cell
