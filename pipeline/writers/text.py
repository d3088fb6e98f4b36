"""CSV (with a byte-order mark, so that Excel shows Chinese) and JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.tables import Table


def write_csv(path: Path, table: Table, batches: Iterable[Any]) -> None:
    """Write UTF-8 CSV with a byte-order mark; empty cells are empty, ``\\r\\n`` ends a row."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        for batch in batches:
            writer.writerows(row.values() for row in batch.to_pylist())


def write_jsonl(path: Path, table: Table, batches: Iterable[Any]) -> None:
    """Write one JSON object a line, all columns present, dates in ISO 8601."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for batch in batches:
            for row in batch.to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
