"""A golden run: what the quantity stages make of the sample articles, row by row.

A change of a rule shows here as a readable difference. ``ZHNEWS_UPDATE_GOLDEN=1`` writes the file
anew; the difference then belongs in the commit, with its reason.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.config import InputConfig, load_config
from pipeline.extractor import Extractor
from pipeline.readers import ReadFailure, list_sources, read_source
from pipeline.tables import TABLES, rows_of

GOLDEN = Path(__file__).with_name("quantities.tsv")
SHOWN = {
    "percentages": ("value", "low", "high", "relation", "unit", "direction", "basis", "subject"),
    "years": ("start_year", "end_year", "edtf", "kind", "anchor"),
    "money": ("value", "low", "high", "relation", "currency", "currency_implied"),
}


def golden_lines(repo: Path) -> list[str]:
    config = load_config(None, {"stages": ("percent", "year", "money")})
    extractor = Extractor(config)
    articles = []
    for source in list_sources([str(repo / "corpus" / "articles")], InputConfig()):
        for item in read_source(source, InputConfig()):
            assert not isinstance(item, ReadFailure), item
            articles.append(item)
    rows = rows_of(extractor.extract_many(articles))
    columns = {table.name: table.column_names for table in TABLES}
    texts = {row[0]: row[columns["mentions"].index("text")] for row in rows["mentions"]}
    lines = []
    for name, shown in SHOWN.items():
        for row in rows[name]:
            cells = dict(zip(columns[name], row, strict=True))
            values = " ".join("-" if cells[c] is None else str(cells[c]) for c in shown)
            lines.append(f"{cells['mention_id']}\t{texts[cells['mention_id']]}\t{values}")
    return lines


def test_the_sample_articles_give_the_golden_rows(repo: Path) -> None:
    lines = golden_lines(repo)
    if os.environ.get("ZHNEWS_UPDATE_GOLDEN"):
        GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines == GOLDEN.read_text(encoding="utf-8").splitlines()
