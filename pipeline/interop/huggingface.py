"""JSON lines as the token classification examples of Hugging Face read them.

``{"id", "tokens": [character, ...], "ner_tags": ["B-PERSON", "O", ...]}`` with the article's
source, region and date; ``datasets.load_dataset("json", data_files=...)`` loads it.
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
from pipeline.interop.tags import spans_of, tags_of, without_overlaps


def write(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write one article a line; tokens are characters, tags are BIO."""
    lost: Counter[str] = Counter()
    count_unheld(articles, lost)
    write_lines(
        path,
        [
            {
                "id": a.id,
                "tokens": list(a.text),
                "ner_tags": tags_of(len(a.text), without_overlaps(a.mentions, lost)),
                "source": a.source,
                "region": a.region,
                "published": a.published,
            }
            for a in articles
        ],
    )
    return lost


def read(path: Path) -> list[GoldArticle]:
    """Read tokens and tags (as text, not as class numbers)."""
    return [_article(row, f"{path.stem}-{n}") for n, row in enumerate(read_lines(path))]


def _article(row: dict[str, Any], fallback: str) -> GoldArticle:
    tokens, tags = row["tokens"], row["ner_tags"]
    if len(tokens) != len(tags) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError("ner_tags must be one text a token; map class numbers to names first")
    ends: list[int] = []
    for token in tokens:
        ends.append((ends[-1] if ends else 0) + len(token))
    text = "".join(tokens)
    marks = [Mark(ends[a] - len(tokens[a]), ends[b - 1], label) for a, b, label in spans_of(tags)]
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
