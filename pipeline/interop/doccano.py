"""doccano: JSON lines with ``text`` and ``label`` ([start, end, label]).

Further fields travel through doccano as metadata: the article's id (``id`` is doccano's own),
source, region, date, affiliations and the normal forms, which are found again by place and label.
Exports of relation projects (``entities``) are read too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.evaluate.gold import GoldArticle
from pipeline.interop.gold_jsonl import read_lines, write_lines
from pipeline.interop.metadata import metadata, norm_lookup, norms_by_place, restored
from pipeline.interop.offsets import Mark, settled


def write(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write JSON lines for doccano."""
    write_lines(
        path,
        [
            {
                "text": article.text,
                "label": [[m.start, m.end, m.label] for m in article.mentions],
                **metadata(article),
                "norms": norms_by_place(article),
            }
            for article in articles
        ],
    )
    return Counter()


def read(path: Path) -> list[GoldArticle]:
    """Read JSON lines of doccano."""
    return [_article(row, f"{path.stem}-{n}") for n, row in enumerate(read_lines(path))]


def _article(row: dict[str, Any], fallback: str) -> GoldArticle:
    text = row["text"]
    norms = norm_lookup(row.get("norms") or ())
    entities = [(e["start_offset"], e["end_offset"], e["label"]) for e in row.get("entities") or ()]
    marks = []
    for start, end, label in row.get("label") or row.get("labels") or entities:
        norm = norms.get((start, end, label, text[start:end]))
        marks.append(Mark(start, end, label, None, norm))
    name = str(row.get("article_id") or row.get("id") or fallback)
    return restored(row, text, settled(name, text, marks), name)
