"""The tables: their columns, types, keys, and the rows that an extraction gives.

This file is the schema (version 1). ``zhnews schema`` prints it, the writers check against it,
and the schema page of the docs is generated from it.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.document import Document, HeaderField, Mention
from pipeline.errors import SchemaError
from pipeline.extraction import Extraction
from pipeline.values import Evidence, MoneyValue, PercentValue, Quantity, YearValue

SCHEMA_VERSION = 1

Cell = str | int | float | bool | date | None
Row = tuple[Cell, ...]
Rows = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``type`` is string, int, float, bool or date; ``ref`` is ``table.column``."""

    name: str
    type: str
    doc: str
    null: bool = True
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, what a row is, its columns, and the column that is its key (if any)."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: str | None = None

    @property
    def column_names(self) -> list[str]:
        """Names of the columns in order."""
        return [column.name for column in self.columns]


def _key(name: str, doc: str) -> Column:
    return Column(name, "string", doc, null=False)


_ARTICLE = Column("article_id", "string", "the article", null=False, ref="articles.article_id")
_SENTENCE = Column("sentence_no", "int", "number of the sentence in its article, from 0")
_MENTION = Column("mention_id", "string", "the mention", null=False, ref="mentions.mention_id")
_START = Column("start", "int", "first character (code point) in the raw article", null=False)
_END = Column("end", "int", "one past the last character in the raw article", null=False)
_RAW = Column("text_raw", "string", "the characters as the article has them", null=False)
_TEXT = Column("text", "string", "the same in simplified characters", null=False)
_QUANTITY = (
    Column("value", "float", "the number; empty for a range or a vague number (數十)"),
    Column("low", "float", "lower bound of a range, inclusive"),
    Column("high", "float", "upper bound of a range, inclusive"),
    Column("relation", "string", "how the quantity relates to it: = < <= > >= ~", null=False),
)

TABLES: tuple[Table, ...] = (
    Table(
        "articles",
        "an article",
        (
            _key(
                "article_id", "path relative to the input, plus # and the record for record files"
            ),
            Column("source_path", "string", "the file that it was read from", null=False),
            Column("content_sha256", "string", "hash of the raw text (UTF-8)", null=False),
            Column("encoding", "string", "the encoding that the file was read with", null=False),
            Column("title_raw", "string", "title as the article has it"),
            Column("title", "string", "title in simplified characters"),
            Column("published_at", "string", "publication date, ISO 8601 at its precision"),
            Column("published_precision", "string", "year, month, day, minute or second"),
            Column("byline", "string", "author or reporter, as the article has it"),
            Column("site", "string", "paper, agency or site, as the article has it"),
            Column("script", "string", "traditional, simplified, mixed or none", null=False),
            Column("conversion", "string", "what was done to get simplified text", null=False),
            Column("n_chars", "int", "characters of the raw text", null=False),
            Column("n_sentences", "int", "sentences", null=False),
        ),
        key="article_id",
    ),
    Table(
        "sentences",
        "a sentence",
        (
            _ARTICLE,
            Column("sentence_no", "int", "number in the article, from 0", null=False),
            Column("section_no", "int", "numbered part of the article; 0 before the first heading"),
            _START,
            _END,
            _RAW,
            _TEXT,
        ),
    ),
    Table(
        "mentions",
        "a marked stretch of an article",
        (
            _key("mention_id", "article_id:start-end:LABEL"),
            _ARTICLE,
            _SENTENCE,
            Column(
                "label", "string", "PERSON, COMPANY, ORG, LOC, PERCENT, YEAR, MONEY", null=False
            ),
            _START,
            _END,
            _RAW,
            _TEXT,
            Column("score", "float", "0 to 1", null=False),
            Column("stage", "string", "the stage that found it", null=False),
            Column("rule", "string", "the rule or model within the stage", null=False),
            Column("entity_id", "string", "the person or company that it names"),
        ),
        key="mention_id",
    ),
    Table(
        "people",
        "a person of one article",
        (
            _key("person_id", "the person within the article"),
            _ARTICLE,
            Column("name", "string", "fullest form in the article, simplified", null=False),
            Column("name_raw", "string", "the same as the article has it", null=False),
            Column("kind", "string", "full, surname, nickname or foreign", null=False),
            Column("n_mentions", "int", "mentions in the article", null=False),
        ),
        key="person_id",
    ),
    Table(
        "companies",
        "a company or other organisation of one article",
        (
            _key("company_id", "the organisation within the article"),
            _ARTICLE,
            Column("name", "string", "fullest form in the article, simplified", null=False),
            Column("name_raw", "string", "the same as the article has it", null=False),
            Column("kind", "string", "company or org", null=False),
            Column("link_id", "string", "key in the company lexicon (exchange:code or a name)"),
            Column("link_name", "string", "its name there"),
            Column("n_mentions", "int", "mentions in the article", null=False),
        ),
        key="company_id",
    ),
    Table(
        "aliases",
        "a further name of a person or company in one article",
        (
            Column("entity_id", "string", "the person or company", null=False),
            _ARTICLE,
            Column("alias", "string", "the further name, simplified", null=False),
            Column("alias_raw", "string", "the same as the article has it", null=False),
            Column("evidence", "string", "definition, short form or lexicon", null=False),
            _START,
            _END,
        ),
    ),
    Table(
        "affiliations",
        "who was what where",
        (
            _key("affiliation_id", "the statement"),
            _ARTICLE,
            Column("person_id", "string", "the person", ref="people.person_id"),
            Column("company_id", "string", "the organisation", ref="companies.company_id"),
            Column("title_raw", "string", "title as the article has it"),
            Column("title", "string", "title, simplified"),
            Column("status", "string", "current, former, founder or future", null=False),
            _START,
            _END,
            Column("rule", "string", "the construction that says so", null=False),
            Column("description", "string", "an organisation that is described, not named"),
        ),
        key="affiliation_id",
    ),
    Table(
        "percentages",
        "a share or a rate",
        (
            _MENTION,
            _ARTICLE,
            _SENTENCE,
            *_QUANTITY,
            Column(
                "unit",
                "string",
                "percent, percentage_point, permille, basis_point, fraction or multiple",
                null=False,
            ),
            Column("direction", "string", "up or down, where it rose or fell by so much"),
            Column("basis", "string", "what it is compared with: yoy, qoq, mom, ytd ..."),
            Column("subject", "string", "the quantity that it is of, simplified"),
            Column("subject_start", "int", "where the subject stands"),
            Column("subject_end", "int", "one past its end"),
            Column("attributed_to", "string", "the source that the article names for it"),
            Column("attributed_start", "int", "where that source stands"),
            Column("attributed_end", "int", "one past its end"),
        ),
    ),
    Table(
        "years",
        "a year or years",
        (
            _MENTION,
            _ARTICLE,
            _SENTENCE,
            Column("start_year", "int", "first year of the marked characters (Gregorian)"),
            Column("end_year", "int", "last year of the marked characters, inclusive"),
            Column("first_day", "date", "first day of the whole expression"),
            Column("last_day", "date", "last day of the whole expression, inclusive"),
            Column("edtf", "string", "the whole expression in Extended Date/Time Format"),
            Column(
                "kind",
                "string",
                "explicit, relative, open, decade, fiscal, roc or generation",
                null=False,
            ),
            Column(
                "anchor", "string", "what a relative year is told from: published, dateline ..."
            ),
            Column("anchor_start", "int", "where that date stands"),
            Column("anchor_end", "int", "one past its end"),
            Column("resolved", "bool", "whether the year is known", null=False),
        ),
    ),
    Table(
        "money",
        "an amount of money",
        (
            _MENTION,
            _ARTICLE,
            _SENTENCE,
            *_QUANTITY,
            Column("currency", "string", "ISO 4217 code"),
            Column(
                "currency_implied",
                "bool",
                "true where the place of the article, not the amount, tells the currency",
                null=False,
            ),
        ),
    ),
    Table(
        "diagnostics",
        "something seen that could not be settled",
        (
            _ARTICLE,
            Column("stage", "string", "the stage that saw it", null=False),
            _START,
            _END,
            Column("reason", "string", "why it is not a row elsewhere", null=False),
        ),
    ),
    Table(
        "errors",
        "an article that failed",
        (
            Column("source_path", "string", "the file", null=False),
            Column("article_id", "string", "the article, as far as it is known", null=False),
            Column("stage", "string", "read, or the step that failed", null=False),
            Column("error", "string", "short stable code", null=False),
            Column("message", "string", "what happened", null=False),
        ),
    ),
)

TABLE_NAMES: tuple[str, ...] = tuple(table.name for table in TABLES)


def no_rows() -> Rows:
    """Every table, empty."""
    return {name: [] for name in TABLE_NAMES}


def rows_of(extractions: Iterable[Extraction]) -> Rows:
    """The rows of all tables (``errors`` stays empty), in the order of articles and text."""
    rows = no_rows()
    for extraction in extractions:
        _article_rows(extraction.document, rows)
        _mention_rows(extraction, rows)
        _entity_rows(extraction, rows)
        rows["diagnostics"].extend(
            (extraction.document.article.id, d.stage, d.start, d.end, d.reason)
            for d in sorted(
                extraction.document.diagnostics,
                key=lambda d: (d.start, d.end, d.stage, d.reason),
            )
        )
    return rows


def check_rows(rows: Rows) -> None:
    """Check types, nulls, keys and references within one batch of rows.

    Raises ``SchemaError`` at the first row that does not fit.
    """
    keys: dict[str, set[Cell]] = {}
    for table in TABLES:
        for row in rows[table.name]:
            _check_row(table, row)
        if table.key is not None:
            at = table.column_names.index(table.key)
            found = [row[at] for row in rows[table.name]]
            keys[f"{table.name}.{table.key}"] = set(found)
            if len(keys[f"{table.name}.{table.key}"]) != len(found):
                twice = next(key for key in found if found.count(key) > 1)
                raise SchemaError(f"{table.name}: key {twice!r} stands twice")
    for table in TABLES:
        for at, column in enumerate(table.columns):
            if column.ref is None:
                continue
            for row in rows[table.name]:
                if row[at] is not None and row[at] not in keys[column.ref]:
                    raise SchemaError(f"{table.name}.{column.name}: {row[at]!r} is no {column.ref}")


def schema_markdown() -> str:
    """The schema as a Markdown page."""
    lines = [f"# Tables (schema version {SCHEMA_VERSION})", ""]
    lines.append(
        "Offsets are half-open code points into the raw article text; keys are made from content."
    )
    for table in TABLES:
        lines += ["", f"## {table.name}", "", f"A row is {table.row}.", ""]
        lines += ["| column | type | may be empty | what |", "|---|---|---|---|"]
        for column in table.columns:
            mark = " (key)" if column.name == table.key else ""
            see = f" -> `{column.ref}`" if column.ref else ""
            null = "yes" if column.null else "no"
            lines.append(f"| `{column.name}`{mark} | {column.type} | {null} | {column.doc}{see} |")
    return "\n".join(lines) + "\n"


def schema_json() -> str:
    """The schema as JSON."""
    tables: list[dict[str, Any]] = [
        {
            "name": table.name,
            "row": table.row,
            "key": table.key,
            "columns": [
                {
                    "name": c.name,
                    "type": c.type,
                    "null": c.null,
                    "references": c.ref,
                    "description": c.doc,
                }
                for c in table.columns
            ],
        }
        for table in TABLES
    ]
    return json.dumps(
        {"schema_version": SCHEMA_VERSION, "tables": tables}, ensure_ascii=False, indent=2
    )


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "int": (int,),
    "float": (float,),
    "bool": (bool,),
    "date": (date,),
}


def _check_row(table: Table, row: Row) -> None:
    if len(row) != len(table.columns):
        raise SchemaError(f"{table.name}: {len(row)} cells for {len(table.columns)} columns")
    for column, cell in zip(table.columns, row, strict=True):
        if cell is None:
            if not column.null:
                raise SchemaError(f"{table.name}.{column.name} is empty in {row!r}")
        elif type(cell) not in _PYTHON_TYPES[column.type]:
            raise SchemaError(
                f"{table.name}.{column.name} must be {column.type}, not {type(cell).__name__}"
            )


def mention_id(article_id: str, mention: Mention) -> str:
    """Key of a mention, made from content."""
    return f"{article_id}:{mention.start}-{mention.end}:{mention.label}"


def _article_rows(document: Document, rows: Rows) -> None:
    article = document.article
    rows["articles"].append(
        (
            article.id,
            article.source_path,
            article.content_sha256,
            article.encoding,
            _value(article.title),
            _simplified(document, article.title),
            _value(article.published),
            article.published_precision,
            _value(article.byline),
            _value(article.site),
            document.script,
            document.conversion,
            len(article.text),
            len(document.sentences),
        )
    )
    for number, sentence in enumerate(document.sentences):
        rows["sentences"].append(
            (
                article.id,
                number,
                sentence.section,
                sentence.start,
                sentence.end,
                article.text[sentence.start : sentence.end],
                document.text[sentence.start : sentence.end],
            )
        )


def _mention_rows(extraction: Extraction, rows: Rows) -> None:
    document = extraction.document
    article_id = document.article.id
    starts = [sentence.start for sentence in document.sentences]
    entity_of = {i: entity.id for entity in extraction.entities for i in entity.mentions}
    for index, mention in enumerate(document.mentions):
        at = bisect_right(starts, mention.start) - 1
        number = at if at >= 0 else None
        key = mention_id(article_id, mention)
        rows["mentions"].append(
            (
                key,
                article_id,
                number,
                str(mention.label),
                mention.start,
                mention.end,
                mention.text,
                document.text[mention.start : mention.end],
                float(mention.score),
                mention.stage,
                mention.rule,
                entity_of.get(index),
            )
        )
        head: Row = (key, article_id, number)
        match mention.value:
            case PercentValue() as value:
                rows["percentages"].append(head + _percent_cells(value))
            case YearValue() as value:
                rows["years"].append(head + _year_cells(value))
            case MoneyValue() as value:
                rows["money"].append(
                    (
                        *head,
                        *_quantity_cells(value.quantity),
                        value.currency,
                        value.currency_implied,
                    )
                )
            case _:
                pass


def _entity_rows(extraction: Extraction, rows: Rows) -> None:
    article_id = extraction.document.article.id
    for entity in extraction.entities:
        count = len(entity.mentions)
        if entity.kind in {"company", "org"}:
            rows["companies"].append(
                (
                    entity.id,
                    article_id,
                    entity.name,
                    entity.name_raw,
                    entity.kind,
                    entity.link_id,
                    entity.link_name,
                    count,
                )
            )
        else:
            rows["people"].append(
                (entity.id, article_id, entity.name, entity.name_raw, entity.kind, count)
            )
        rows["aliases"].extend(
            (entity.id, article_id, a.text, a.text_raw, a.evidence, a.start, a.end)
            for a in entity.aliases
        )
    rows["affiliations"].extend(
        (
            a.id,
            article_id,
            a.person_id,
            a.company_id,
            a.title_raw or None,
            a.title or None,
            a.status,
            a.start,
            a.end,
            a.rule,
            a.description,
        )
        for a in extraction.affiliations
    )


def _percent_cells(value: PercentValue) -> Row:
    return (
        *_quantity_cells(value.quantity),
        str(value.unit),
        str(value.direction) if value.direction is not None else None,
        value.basis,
        value.subject.text if value.subject else None,
        *_place(value.subject),
        value.attributed_to.text if value.attributed_to else None,
        *_place(value.attributed_to),
    )


def _year_cells(value: YearValue) -> Row:
    return (
        value.start_year,
        value.end_year,
        value.first_day,
        value.last_day,
        value.edtf,
        str(value.kind),
        value.anchor,
        *_place(value.anchor_at),
        value.resolved,
    )


def _quantity_cells(quantity: Quantity) -> Row:
    return (
        _number(quantity.value),
        _number(quantity.low),
        _number(quantity.high),
        str(quantity.relation),
    )


def _place(evidence: Evidence | None) -> Row:
    return (evidence.start, evidence.end) if evidence is not None else (None, None)


def _number(value: Decimal | None) -> float | None:
    return float(value) if value is not None else None


def _value(header: HeaderField | None) -> str | None:
    return header.value if header is not None else None


def _simplified(document: Document, header: HeaderField | None) -> str | None:
    if header is None:
        return None
    if header.start is not None and header.end is not None:
        return document.text[header.start : header.end]
    from pipeline.normalize import to_simplified

    return to_simplified(header.value)
