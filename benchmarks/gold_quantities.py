"""Strict span F1 and exact values of the quantity stages on a gold corpus (JSON lines).

python -m benchmarks.gold_quantities PERCENT [--errors] [--gold FILE]
"""

from __future__ import annotations

import argparse
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

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


def main() -> None:
    """Print the scores, and with ``--errors`` each difference in its context."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("label", choices=sorted(STAGES))
    parser.add_argument("--gold", type=Path, default=default_gold())
    parser.add_argument("--errors", action="store_true")
    arguments = parser.parse_args()
    stage = load_stage(STAGES[arguments.label], Config())
    normalizer = Normalizer()
    hits = gold_count = found_count = exact = 0
    for line in arguments.gold.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        text = item["text"]
        (document,) = stage([document_of(text, item["id"], normalizer)])
        gold = {
            (m["start"], m["end"]): m["norm"]
            for m in item["mentions"]
            if m["label"] == arguments.label
        }
        found = {
            (m.start, m.end): norm_of(m) for m in document.mentions if m.label == arguments.label
        }
        gold_count, found_count = gold_count + len(gold), found_count + len(found)
        for span in sorted({*gold, *found}):
            context = (
                text[max(0, span[0] - 20) : span[0]]
                + "‹"
                + text[span[0] : span[1]]
                + "›"
                + text[span[1] : span[1] + 12]
            )
            context = context.replace("\n", "/")
            if span in gold and span in found:
                hits += 1
                good = same_norm(found[span], gold[span])
                exact += good
                if arguments.errors and not good:
                    print("VALUE ", item["id"], context, found[span], gold[span])
            elif arguments.errors:
                print(
                    "MISSED" if span in gold else "EXTRA ",
                    item["id"],
                    context,
                    gold.get(span) or found.get(span),
                )
    precision, recall = hits / max(1, found_count), hits / max(1, gold_count)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    print(
        f"{arguments.label}: gold {gold_count}, found {found_count}, span P {precision:.4f} "
        f"R {recall:.4f} F1 {f1:.4f}; exact values {exact} of {hits} hits, {gold_count} gold"
    )


if __name__ == "__main__":
    main()
