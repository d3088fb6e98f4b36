"""The case tables of the quantity stages: a text, and what should be read from it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

from pipeline.document import Article, Document
from pipeline.normalize import Normalizer
from pipeline.values import Quantity

_NORMALIZER = Normalizer()


class Case(NamedTuple):
    text: str
    expected: tuple[str, ...]
    note: str


def read_cases(name: str) -> list[Case]:
    """Rows of ``tests/cases/<name>.tsv``; expected rows are joined by `` / ``."""
    path = Path(__file__).parent / "cases" / f"{name}.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Case(
                row["text"],
                tuple(filter(None, (row["expected"] or "").split(" / "))),
                row["note"] or "",
            )
            for row in rows
        ]


def document_of(text: str) -> Document:
    """A bare document of a text."""
    normal = _NORMALIZER(text)
    return Document(
        Article("t", text), normal.text, script=normal.script, conversion=normal.conversion
    )


def number_text(quantity: Quantity) -> str:
    """``17``, ``10..15``, or ``?`` where there is no number."""
    if quantity.value is not None:
        return f"{quantity.value.normalize():f}"
    if quantity.low is not None and quantity.high is not None:
        return f"{quantity.low.normalize():f}..{quantity.high.normalize():f}"
    return "?"
