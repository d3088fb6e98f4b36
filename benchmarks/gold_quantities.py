"""Strict span F1 and exact values of the quantity stages on a gold corpus (JSON lines).

python -m benchmarks.gold_quantities PERCENT [--errors] [--gold FILE]
"""

from __future__ import annotations

import argparse
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config import Config
from pipeline.document import Article, Document, Mention
from pipeline.normalize import Normalizer
from pipeline.stage import load_stage
from pipeline.values import MoneyValue, PercentValue, Quantity

STAGES = {"PERCENT": "percent", "MONEY": "money"}


def default_gold() -> Path:
    """The development set under ``ZHNEWS_DATA``."""
    return Path(os.environ.get("ZHNEWS_DATA", "../shared/data")) / "gold" / "dev.jsonl"


def document_of(text: str, article_id: str, normalizer: Normalizer) -> Document:
    """A bare document (no header fields) of a text."""
    normal = normalizer(text)
    return Document(
        Article(article_id, text), normal.text, script=normal.script, conversion=normal.conversion
    )


def norm_of(mention: Mention) -> dict[str, Any]:
    """The value of a mention in the form of the gold corpus."""
    value = mention.value
    if isinstance(value, PercentValue):
        return {
            **_numbers(value.quantity),
            "unit": value.unit.value,
            "direction": value.direction.value if value.direction else None,
        }
    if isinstance(value, MoneyValue):
        return {**_numbers(value.quantity), "currency": value.currency}
    raise TypeError(f"{mention.label} has no norm here")


def same_norm(found: dict[str, Any], gold: dict[str, Any]) -> bool:
    """Equal in all fields; numbers are compared as numbers, a missing field is None."""
    return all(_plain(found.get(k)) == _plain(gold.get(k)) for k in {*found, *gold})


def _numbers(quantity: Quantity) -> dict[str, Any]:
    return {
        "value": quantity.value,
        "low": quantity.low,
        "high": quantity.high,
        "relation": quantity.relation.value,
    }


def _plain(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, int | float | Decimal) else value


class Score(NamedTuple):
    """Counts of one label: gold and found mentions, equal spans, equal spans with equal values."""

    gold: int
    found: int
    hits: int
    exact: int

    @property
    def f1(self) -> float:
        """Strict span F1."""
        return 2 * self.hits / max(1, self.gold + self.found)


def score_of(gold_file: Path, label: str, *, errors: bool = False) -> Score:
    """Run the stage of a label over a gold file; ``errors`` prints each difference."""
    stage = load_stage(STAGES[label], Config())
    normalizer = Normalizer()
    counts = [0, 0, 0, 0]
    for line in gold_file.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        (document,) = stage([document_of(item["text"], item["id"], normalizer)])
        gold = {(m["start"], m["end"]): m["norm"] for m in item["mentions"] if m["label"] == label}
        found = {(m.start, m.end): norm_of(m) for m in document.mentions if m.label == label}
        equal = [s for s in gold if s in found]
        exact = [s for s in equal if same_norm(found[s], gold[s])]
        counts = [a + len(b) for a, b in zip(counts, (gold, found, equal, exact), strict=True)]
        if errors:
            for span in sorted({*gold, *found} - {*exact}):
                kind = "VALUE" if span in equal else "MISSED" if span in gold else "EXTRA"
                print(kind, item["id"], _context(item["text"], *span))
                print("      found", found.get(span), "gold", gold.get(span))
    return Score(*counts)


def _context(text: str, start: int, end: int) -> str:
    marked = f"{text[max(0, start - 20) : start]}‹{text[start:end]}›{text[end : end + 12]}"
    return marked.replace("\n", "/")


def main() -> None:
    """Print the scores, and with ``--errors`` each difference in its context."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("label", choices=sorted(STAGES))
    parser.add_argument("--gold", type=Path, default=default_gold())
    parser.add_argument("--errors", action="store_true")
    arguments = parser.parse_args()
    score = score_of(arguments.gold, arguments.label, errors=arguments.errors)
    print(
        f"{arguments.label}: gold {score.gold}, found {score.found}, equal spans {score.hits}, "
        f"F1 {score.f1:.4f}, exact values {score.exact}"
    )


if __name__ == "__main__":
    main()
