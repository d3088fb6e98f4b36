from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from pipeline.document import Article, Document, HeaderField, Label, Sentence
from pipeline.errors import OffsetError, SchemaError
from pipeline.extraction import Extraction
from pipeline.tables import TABLES, check_rows, rows_of, schema_json, schema_markdown
from pipeline.values import (
    Direction,
    Evidence,
    MoneyValue,
    PercentValue,
    Quantity,
    Relation,
    Unit,
    YearKind,
    YearValue,
)

TEXT = "標題\n去年營收增長17%，賺3億元。"


def extraction() -> Extraction:
    article = Article("a.txt", TEXT, "a.txt", title=HeaderField("標題", 0, 2))
    simplified = "标题\n去年营收增长17%，赚3亿元。"
    document = Document(
        article,
        simplified,
        sentences=(Sentence(0, 2), Sentence(3, len(TEXT))),
        script="traditional",
    )
    percent = PercentValue(
        Quantity(Decimal(17)), Unit.PERCENT, Direction.UP, "yoy", Evidence(5, 7, "营收")
    )
    year = YearValue(2024, 2024, date(2024, 1, 1), date(2024, 12, 31), "2024", YearKind.RELATIVE)
    money = MoneyValue(Quantity(Decimal(300_000_000), relation=Relation.EQ), "TWD", True)
    return Extraction(
        document.with_mentions(
            [
                document.mention(3, 5, Label.YEAR, score=1, stage="year", rule="r", value=year),
                document.mention(9, 12, Label.PERCENT, score=1, stage="p", rule="r", value=percent),
                document.mention(14, 17, Label.MONEY, score=1, stage="m", rule="r", value=money),
            ]
        )
    )


def as_dicts(name: str) -> list[dict[str, object]]:
    table = next(table for table in TABLES if table.name == name)
    return [dict(zip(table.column_names, r, strict=True)) for r in rows_of([extraction()])[name]]


def test_rows_fit_the_schema() -> None:
    check_rows(rows_of([extraction()]))


def test_mentions_show_raw_and_simplified_text() -> None:
    rows = as_dicts("mentions")
    assert [row["mention_id"] for row in rows] == [
        "a.txt:3-5:YEAR",
        "a.txt:9-12:PERCENT",
        "a.txt:14-17:MONEY",
    ]
    assert (rows[2]["text_raw"], rows[2]["text"], rows[2]["sentence_no"]) == ("3億元", "3亿元", 1)


def test_quantities_have_their_rows() -> None:
    (percent,) = as_dicts("percentages")
    assert (percent["value"], percent["unit"], percent["direction"], percent["basis"]) == (
        17.0,
        "percent",
        "up",
        "yoy",
    )
    assert (percent["subject"], percent["subject_start"], percent["subject_end"]) == ("营收", 5, 7)
    (year,) = as_dicts("years")
    assert (year["start_year"], year["first_day"], year["kind"]) == (
        2024,
        date(2024, 1, 1),
        "relative",
    )
    (money,) = as_dicts("money")
    assert (money["value"], money["currency"], money["currency_implied"]) == (3e8, "TWD", True)


def test_the_title_is_given_in_both_scripts() -> None:
    (article,) = as_dicts("articles")
    assert (article["title_raw"], article["title"]) == ("標題", "标题")


def test_a_wrong_type_is_refused() -> None:
    rows = rows_of([extraction()])
    rows["money"][0] = (*rows["money"][0][:3], "3", *rows["money"][0][4:])
    with pytest.raises(SchemaError, match=r"money\.value must be float"):
        check_rows(rows)


def test_a_key_that_resolves_nowhere_is_refused() -> None:
    rows = rows_of([extraction()])
    rows["mentions"] = rows["mentions"][:1]
    with pytest.raises(SchemaError, match=r"is no mentions\.mention_id"):
        check_rows(rows)


def test_a_key_that_stands_twice_is_refused() -> None:
    rows = rows_of([extraction(), extraction()])
    with pytest.raises(SchemaError, match="stands twice"):
        check_rows(rows)


def test_a_mention_that_is_not_in_the_text_is_refused() -> None:
    document = extraction().document
    from dataclasses import replace

    moved = replace(document.mentions[0], start=4, end=6)
    with pytest.raises(OffsetError):
        document.with_mentions([moved])


def test_the_schema_prints_every_column() -> None:
    page = schema_markdown()
    tree = json.loads(schema_json())
    for table in TABLES:
        assert f"## {table.name}" in page
        for column in table.columns:
            assert f"| `{column.name}`" in page
    assert [t["name"] for t in tree["tables"]] == [t.name for t in TABLES]
