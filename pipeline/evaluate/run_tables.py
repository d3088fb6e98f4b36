"""The tables of a run, read back into gold terms."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.evaluate.clusters import Fact
from pipeline.evaluate.gold import GoldMention, Norm, norm_from_json
from pipeline.evaluate.system import Place, Prediction

Record = dict[str, Any]


class RunTables:
    """Tables of an output folder by article.

    Raises ``InputError`` where the folder has none in parquet, CSV or JSON lines.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.articles = {row["article_id"]: row for row in read_table(folder, "articles")}
        self._by_hash = {row["content_sha256"]: key for key, row in self.articles.items()}
        self._names = {row["person_id"]: row["name"] for row in read_table(folder, "people")} | {
            row["company_id"]: row["name"] for row in read_table(folder, "companies")
        }
        self._norms: dict[str, Norm] = {}
        self._relative: set[str] = set()
        self._read_values()
        self._mentions = self._grouped("mentions")
        self._affiliations = self._grouped("affiliations")

    def article_id(self, content_sha256: str) -> str | None:
        """The article of the run that has this text."""
        return self._by_hash.get(content_sha256)

    def prediction(self, article_id: str) -> Prediction:
        """Mentions, entities and affiliations of one article."""
        rows = self._mentions[article_id]
        clusters: list[tuple[Place, str]] = [
            ((row["start"], row["end"]), row["entity_id"]) for row in rows if row["entity_id"]
        ]
        stated = [
            Fact(
                self._names[row["person_id"]],
                self._names[row["company_id"]],
                row["title"] or "",
                row["status"],
            )
            for row in self._affiliations[article_id]
            if row["person_id"] and row["company_id"]
        ]
        return Prediction(
            tuple(self.mention(row) for row in rows), tuple(clusters), tuple(sorted(set(stated)))
        )

    def mention(self, row: Record) -> GoldMention:
        """A row of the mentions table in gold terms."""
        key = row["mention_id"]
        label = "YEAR_REL" if key in self._relative else row["label"]
        norm = self._norms.get(key)
        return GoldMention(row["start"], row["end"], label, row["text_raw"], norm, row["score"])

    def entity_name(self, entity_id: str | None) -> str | None:
        """Fullest form of a person or organisation."""
        return self._names.get(entity_id) if entity_id else None

    def mention_rows(self, article_id: str) -> list[Record]:
        """Rows of the mentions table of one article."""
        return self._mentions[article_id]

    def _read_values(self) -> None:
        quantity = ("value", "low", "high", "relation")
        for name, further in (("percentages", ("unit", "direction")), ("money", ("currency",))):
            for row in read_table(self.folder, name):
                fields = {field: row[field] for field in (*quantity, *further)}
                self._norms[row["mention_id"]] = norm_from_json(fields)
        for row in read_table(self.folder, "years"):
            if row["kind"] == "relative":
                self._relative.add(row["mention_id"])
            if row["start_year"] is not None:
                years = [row["start_year"], row["end_year"]]
                self._norms[row["mention_id"]] = norm_from_json(years)

    def _grouped(self, table: str) -> dict[str, list[Record]]:
        groups: dict[str, list[Record]] = defaultdict(list)
        for row in read_table(self.folder, table):
            groups[row["article_id"]].append(row)
        return groups


def read_table(folder: Path, name: str) -> list[Record]:
    """Rows of one table of an output folder, with the types of the schema.

    Raises ``InputError`` where it is in none of the formats that can be read back.
    """
    for suffix, reader in (("parquet", _parquet), ("jsonl", _jsonl), ("csv", _csv)):
        path = folder / f"{name}.{suffix}"
        if path.is_file():
            return reader(path, name)
    raise InputError(
        f"{folder} has no {name}.parquet, .jsonl or .csv: is it the output of `zhnews run`?"
    )


def _parquet(path: Path, _: str) -> list[Record]:
    from pyarrow import parquet

    rows: list[Record] = parquet.read_table(path).to_pylist()
    return rows


def _jsonl(path: Path, _: str) -> list[Record]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def _csv(path: Path, name: str) -> list[Record]:
    import csv

    from pipeline.tables import TABLES

    types = {c.name: c.type for table in TABLES if table.name == name for c in table.columns}
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            {field: _cell(cell, types.get(field, "string")) for field, cell in row.items()}
            for row in csv.DictReader(file)
        ]


def _cell(cell: str, kind: str) -> Any:
    if cell == "":
        return None
    match kind:
        case "int":
            return int(cell)
        case "float":
            return float(cell)
        case "bool":
            return cell.lower() in {"true", "1"}
        case _:
            return cell
