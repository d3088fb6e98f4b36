"""A first look at the tables of a run: a few rows of each, with names in place of keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from pipeline.tables import TABLES

_WIDTH = 34
_QUERIES = {
    "articles": "SELECT article_id, title_raw, published_at, script, n_chars FROM articles",
    "sentences": "SELECT article_id, sentence_no, section_no, text_raw FROM sentences",
    "mentions": "SELECT label, text_raw, text, round(score, 2) AS score, stage, rule FROM mentions",
    "people": "SELECT name, name_raw, kind, n_mentions, article_id FROM people",
    "companies": "SELECT name, name_raw, kind, link_id, link_name, n_mentions FROM companies",
    "aliases": "SELECT coalesce(p.name, c.name) AS name, alias, evidence FROM aliases a "
    "LEFT JOIN people p ON p.person_id = a.entity_id "
    "LEFT JOIN companies c ON c.company_id = a.entity_id",
    "affiliations": "SELECT p.name AS person, coalesce(c.name, a.description) AS organisation, "
    "title, status, rule FROM affiliations a LEFT JOIN people p USING (person_id) "
    "LEFT JOIN companies c USING (company_id)",
    "percentages": "SELECT m.text_raw AS mention, value, low, high, relation, unit, direction, "
    "basis, subject FROM percentages JOIN mentions m USING (mention_id)",
    "years": "SELECT m.text_raw AS mention, start_year, end_year, edtf, kind, anchor "
    "FROM years JOIN mentions m USING (mention_id)",
    "money": "SELECT m.text_raw AS mention, value, low, high, relation, currency, "
    "currency_implied FROM money JOIN mentions m USING (mention_id)",
    "diagnostics": "SELECT article_id, stage, start, reason FROM diagnostics",
    "errors": "SELECT article_id, stage, error, message FROM errors",
}


def print_preview(out_dir: Path, formats: Sequence[str], rows: int) -> None:
    """Print ``rows`` rows of each table, spread over the run; columns without a value are left out.

    Reads the Parquet files; says so where they were not written.
    """
    console = Console()
    if "parquet" not in formats:
        console.print("(no preview: parquet is not among the formats)")
        return
    import duckdb

    with duckdb.connect() as db:
        for table in TABLES:
            folder = out_dir / table.name
            found = folder / "*" / "*.parquet" if folder.is_dir() else f"{folder}.parquet"
            path = str(found).replace("'", "''")
            db.execute(f"CREATE VIEW \"{table.name}\" AS FROM read_parquet('{path}')")
        for table in TABLES:
            console.print(f"\n[bold]{table.name}[/bold]: a row is {table.row}")
            _print_rows(console, db.sql(_QUERIES[table.name]), rows)


def _print_rows(console: Console, relation: object, rows: int) -> None:
    names = list(relation.columns)  # type: ignore[attr-defined]
    found = relation.fetchall()  # type: ignore[attr-defined]
    if not found:
        console.print("  (no rows)")
        return
    step = max(len(found) // rows, 1)
    shown = found[::step][:rows]
    kept = [at for at, _ in enumerate(names) if any(row[at] is not None for row in shown)]
    view = RichTable(show_edge=False, pad_edge=False, box=None)
    for at in kept:
        view.add_column(names[at], overflow="ellipsis", no_wrap=True, max_width=_WIDTH)
    for row in shown:
        view.add_row(*(escape(_cell(row[at])) for at in kept))
    console.print(view)
    console.print(f"  ({len(found)} rows)", style="dim")


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:,.4f}".rstrip("0").rstrip(".")
    return str(cell).replace("\n", " ")
