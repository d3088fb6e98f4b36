"""CLUENER 2020: JSON lines ``{"text", "label": {type: {surface: [[first, last], ...]}}}``.

Ends are inclusive there. Its types are named in lower case and split ORG; the table below is what
this project takes them for, and what is written back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.evaluate.gold import GoldArticle
from pipeline.interop.formats import count_unheld
from pipeline.interop.gold_jsonl import read_lines, write_lines
from pipeline.interop.offsets import Mark, settled

TO_LABEL = {
    "name": "PERSON",
    "company": "COMPANY",
    "organization": "ORG",
    "government": "ORG",
    "address": "LOC",
}
FROM_LABEL = {"PERSON": "name", "COMPANY": "company", "ORG": "organization", "LOC": "address"}


def write(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write JSON lines of CLUENER; ids and sources are kept beside text and label."""
    lost: Counter[str] = Counter()
    count_unheld(articles, lost)
    rows = []
    for article in articles:
        label: dict[str, dict[str, list[list[int]]]] = {}
        for m in article.mentions:
            surfaces = label.setdefault(FROM_LABEL.get(m.label, m.label), {})
            surfaces.setdefault(m.text, []).append([m.start, m.end - 1])
        free = {"source": article.source, "region": article.region, "published": article.published}
        rows.append({"id": article.id, "text": article.text, "label": label, **free})
    write_lines(path, rows)
    return lost


def read(path: Path) -> list[GoldArticle]:
    """Read JSON lines of CLUENER; types that this project has no label for keep their names."""
    return [_article(row, f"{path.stem}-{n}") for n, row in enumerate(read_lines(path))]


def _article(row: dict[str, Any], fallback: str) -> GoldArticle:
    text = row["text"]
    marks = [
        Mark(first, last + 1, TO_LABEL.get(kind, kind), surface)
        for kind, surfaces in (row.get("label") or {}).items()
        for surface, places in surfaces.items()
        for first, last in places
    ]
    name = str(row.get("id", fallback))
    return GoldArticle(
        name,
        text,
        row.get("source") or "",
        row.get("region"),
        row.get("published"),
        settled(name, text, marks),
        (),
    )
