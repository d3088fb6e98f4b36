"""The project's own form: see ``pipeline.evaluate.gold``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pipeline.evaluate.gold import GoldArticle, article_to_json, read_gold


def read(path: Path) -> list[GoldArticle]:
    """Read a gold corpus."""
    return read_gold(path)


def write(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write a gold corpus; nothing is lost."""
    write_lines(path, [article_to_json(article) for article in articles])
    return Counter()


def write_lines(path: Path, rows: Sequence[object]) -> None:
    """Write JSON lines: UTF-8, LF."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_lines(path: Path) -> list[dict[str, object]]:
    """Read JSON lines (LF alone ends a line: a text may hold U+2028)."""
    lines = path.read_bytes().decode("utf-8-sig").split("\n")
    return [json.loads(line) for line in lines if line.strip()]
