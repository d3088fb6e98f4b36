"""What a person at a terminal sees: progress of a run, previews, one article's findings."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table as RichTable

from pipeline.document import Mention
from pipeline.entities.model import Entity
from pipeline.extraction import Extraction
from pipeline.runner import Progress as RunProgress
from pipeline.shard import Shard, Summary
from pipeline.tables import TABLES, rows_of
from pipeline.values import MoneyValue, PercentValue, Quantity, YearValue

_PLAIN_EVERY = 10.0


def counted(number: int, what: str) -> str:
    """``1 file``, ``2,084 files``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@contextmanager
def run_progress() -> Iterator[RunProgress]:
    """A bar on a terminal, a plain line every ten seconds elsewhere; both on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _PlainLines()
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.fields[told]}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as bar:
        yield _Bar(bar)


class _Counter:
    def __init__(self) -> None:
        self.started = time.monotonic()
        self.articles = 0
        self.failed = 0

    def count(self, summary: Summary) -> None:
        self.articles += summary.articles
        self.failed += summary.failed

    @property
    def rate(self) -> str:
        spent = time.monotonic() - self.started
        return f"{self.articles / spent:.1f} articles/s" if spent > 0 else ""


class _PlainLines(_Counter):
    def __init__(self) -> None:
        super().__init__()
        self._size = self._done = 0
        self._next = time.monotonic() + _PLAIN_EVERY

    def begin(self, sources: int, size: int) -> None:
        self._size = size
        if sources:
            sys.stderr.write(f"{counted(sources, 'file')}, {size:,} bytes\n")

    def advance(self, shard: Shard, summary: Summary) -> None:
        self.count(summary)
        self._done += shard.size
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _PLAIN_EVERY
            share = self._done / self._size if self._size else 1.0
            sys.stderr.write(f"{share:.0%}: {counted(self.articles, 'article')}, {self.rate}\n")


class _Bar(_Counter):
    def __init__(self, bar: Progress) -> None:
        super().__init__()
        self._size = self._done = 0
        self._bar = bar
        self._task: TaskID | None = None

    def begin(self, sources: int, size: int) -> None:
        # The bar pulses until the first shard is done: a small run has one only.
        self._size = size
        if sources:
            told = f"reading {counted(sources, 'file')}"
            self._task = self._bar.add_task("run", total=None, told=told, rate="")

    def advance(self, shard: Shard, summary: Summary) -> None:
        self.count(summary)
        self._done += shard.size
        if self._task is not None:
            told = counted(self.articles, "article")
            self._bar.update(
                self._task, total=self._size, completed=self._done, told=told, rate=self.rate
            )


def print_extraction(extraction: Extraction) -> None:
    """Print the mentions of one article, and its people with their roles."""
    console = Console()
    document = extraction.document
    article = document.article
    title = article.title.value if article.title else "(no title)"
    published = article.published.value if article.published else "(no date)"
    console.print(f"[bold]{escape(title)}[/bold]  {escape(published)}  {escape(article.id)}")
    view = RichTable(show_edge=False, pad_edge=False)
    for name in ("offsets", "label", "text", "normal form", "stage", "rule", "score"):
        view.add_column(name)
    named = {at: entity for entity in extraction.entities for at in entity.mentions}
    for at, m in enumerate(document.mentions):
        view.add_row(
            f"{m.start}-{m.end}",
            str(m.label),
            escape(m.text),
            escape(_name(named[at]) if at in named else _normal_form(m, document.text)),
            m.stage,
            escape(m.rule),
            f"{m.score:.2f}",
        )
    console.print(view)
    _print_roles(console, extraction)


def extractions_json(extractions: Iterable[Extraction]) -> str:
    """All tables of some extractions as one JSON object, rows as objects."""
    rows = rows_of(extractions)
    return json.dumps(
        {
            table.name: [dict(zip(table.column_names, r, strict=True)) for r in rows[table.name]]
            for table in TABLES
        },
        ensure_ascii=False,
        indent=2,
        default=str,
    )


def _print_roles(console: Console, extraction: Extraction) -> None:
    names = {entity.id: entity.name for entity in extraction.entities}
    if not extraction.affiliations:
        return
    console.print("\n[bold]roles[/bold]")
    view = RichTable(show_edge=False, pad_edge=False)
    for name in ("person", "organisation", "title", "status"):
        view.add_column(name)
    for fact in extraction.affiliations:
        view.add_row(
            escape(names.get(fact.person_id or "", "")),
            escape(names.get(fact.company_id or "", fact.description or "")),
            escape(fact.title),
            fact.status,
        )
    console.print(view)


def _name(entity: Entity) -> str:
    """The fullest name that the article gives, and the key where the lexicon knows the firm."""
    known = entity.link_id and not entity.link_id.startswith("key:")
    return f"{entity.name} {entity.link_id}" if known else entity.name


def _normal_form(mention: Mention, text: str) -> str:
    match mention.value:
        case PercentValue() as value:
            parts: list[Any] = [_quantity(value.quantity), value.unit, value.direction, value.basis]
        case MoneyValue() as value:
            parts = [_quantity(value.quantity), value.currency or "?"]
        case YearValue() as value:
            parts = [value.edtf or "unresolved"]
        case _:
            return text[mention.start : mention.end]
    return " ".join(str(part) for part in parts if part is not None)


def _quantity(quantity: Quantity) -> str:
    relation = "" if quantity.relation == "=" else f"{quantity.relation} "
    if quantity.value is not None:
        return f"{relation}{_number(quantity.value)}"
    if quantity.low is not None and quantity.high is not None:
        return f"{relation}{_number(quantity.low)} to {_number(quantity.high)}"
    return f"{relation}?"


def _number(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return f"{int(value):,}" if whole else f"{value.normalize():,f}"
