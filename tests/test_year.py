"""The year stage against its case table, and the promises that a table cannot hold."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import starmap
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Config
from pipeline.document import Article, Document, HeaderField, Label, Token
from pipeline.normalize import Normalizer, to_simplified
from pipeline.stage import Stage, load_stage
from pipeline.stages.year import YearStage, build
from pipeline.values import YearKind, YearValue
from pipeline.years.calendar import edtf_year, years_period

_DAY = r"-?[0-9X]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?~?"
EDTF = re.compile(rf"{_DAY}(?:/(?:{_DAY}|\.\.))?")


def _cases() -> list[tuple[str, str, str, list[dict[str, Any]]]]:
    path = Path(__file__).parent / "cases" / "year.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            (
                row["text"].replace("\\n", "\n"),
                row["published"],
                row["region"],
                json.loads(row["expected"]),
            )
            for row in rows
        ]


@lru_cache(maxsize=1)
def normalizer() -> Normalizer:
    return Normalizer()


def document(text: str, published: str = "2023-06-15") -> Document:
    header = HeaderField(published) if published else None
    normal = normalizer()(text)
    return Document(Article("case", text, published=header), normal.text, script=normal.script)


def read(text: str, published: str = "2023-06-15", region: str | None = None) -> Document:
    return YearStage(region)([document(text, published)])[0]


def values(read_document: Document) -> list[YearValue]:
    found = [mention.value for mention in read_document.mentions]
    assert all(isinstance(value, YearValue) for value in found)
    return [value for value in found if isinstance(value, YearValue)]


def described(read_document: Document, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the document holds, with the keys that the case names."""
    rows = []
    for number, (mention, value) in enumerate(
        zip(read_document.mentions, values(read_document), strict=True)
    ):
        row: dict[str, Any] = {
            "text": mention.text,
            "years": [value.start_year, value.end_year] if value.resolved else None,
            "kind": str(value.kind),
            "edtf": value.edtf,
            "anchor": value.anchor,
        }
        keys = wanted[number].keys() if number < len(wanted) else row.keys()
        rows.append({key: row[key] for key in keys})
    return rows


@pytest.mark.parametrize(("text", "published", "region", "expected"), _cases())
def test_case(text: str, published: str, region: str, expected: list[dict[str, Any]]) -> None:
    assert described(read(text, published, region or None), expected) == expected


def test_the_table_is_large_and_a_third_of_it_negative() -> None:
    cases = _cases()
    assert len(cases) >= 150
    assert 3 * sum(not expected for *_, expected in cases) >= len(cases)


@pytest.mark.parametrize(("text", "published", "region", "expected"), _cases())
def test_days_and_edtf_agree(
    text: str, published: str, region: str, expected: list[dict[str, Any]]
) -> None:
    for value in values(read(text, published, region or None)):
        if not value.resolved:
            assert (value.first_day, value.last_day, value.edtf) == (None, None, None)
            continue
        assert value.edtf is not None
        assert EDTF.fullmatch(value.edtf)
        assert (
            value.first_day is None or value.last_day is None or value.first_day <= value.last_day
        )
        if value.first_day is not None and "-" not in value.edtf.replace("~", ""):
            assert value.first_day == date(int(value.edtf[:4].replace("X", "0")), 1, 1)


def test_simplified_and_traditional_texts_give_the_same_values() -> None:
    for text, published, region, _ in _cases():
        traditional = read(text, published, region or None)
        simplified = read(to_simplified(text), published, region or None)
        spans = [(m.start, m.end, m.value) for m in traditional.mentions]
        assert [(m.start, m.end, m.value) for m in simplified.mentions] == spans


def test_a_relative_year_points_at_the_header_that_it_was_told_from() -> None:
    text = "標題\n2018-04-20\n\n今年的會議與去年相同"
    article = Article("a", text, published=HeaderField("2018-04-20", 3, 13))
    result = YearStage()([Document(article, to_simplified(text))])[0]
    assert [
        (m.text, v.start_year) for m, v in zip(result.mentions, values(result), strict=True)
    ] == [
        ("2018", 2018),
        ("今年", 2018),
        ("去年", 2017),
    ]
    anchor = values(result)[1].anchor_at
    assert anchor is not None
    assert text[anchor.start : anchor.end] == anchor.text == "2018-04-20"


def test_the_date_line_is_not_the_year_that_same_year_means() -> None:
    text = "標題\n2018-04-20\n\n同年的會議"
    article = Article("a", text, published=HeaderField("2018-04-20", 3, 13))
    result = YearStage()([Document(article, to_simplified(text))])[0]
    assert [v.start_year for v in values(result)] == [2018, None]


def test_what_nothing_anchors_is_marked_and_reported() -> None:
    result = read("今年營收成長，同年發債", published="")
    assert [m.text for m in result.mentions] == ["今年", "同年"]
    assert [d.reason.split(":")[0] for d in result.diagnostics] == ["no_anchor", "no_anchor"]


@pytest.mark.parametrize("text", ["距今2000年前", "幾十年前", "數十年來", "2500年後"])
def test_what_is_seen_and_not_settled_is_reported(text: str) -> None:
    result = read(text)
    assert not result.mentions
    assert len(result.diagnostics) == 1


def test_the_region_of_the_config_decides_the_roc_rule() -> None:
    stage = build(Config(region="TW"))
    assert isinstance(stage, Stage)
    assert values(stage([document("98年8月風災")])[0])[0].start_year == 2009
    assert values(build(Config(region="HK"))([document("98年8月風災")])[0])[0].start_year == 1998


def test_place_words_decide_the_roc_rule_where_no_region_is_given() -> None:
    taiwan = read("台北市政府與立法院協商，105年9月的決議")
    assert [v.start_year for v in values(taiwan)] == [2016]
    assert not read("香港特區政府，105年9月的決議").mentions


def test_the_stage_is_found_by_its_name() -> None:
    assert load_stage("year", Config()).name == "year"


def test_every_mention_is_a_year() -> None:
    result = read("2019年與今年")
    assert {m.label for m in result.mentions} == {Label.YEAR}
    assert {m.stage for m in result.mentions} == {"year"}


def test_no_year_zero_in_edtf() -> None:
    assert [edtf_year(year) for year in (-221, -1, 1, 878, 2023)] == [
        "-0220",
        "0000",
        "0001",
        "0878",
        "2023",
    ]


def test_years_that_no_date_can_hold_have_no_days() -> None:
    period = years_period(-221, -221, 0)
    assert (period.first, period.last) == (None, None)


@pytest.mark.parametrize("unit", ["1", "年", "一", "2017、", "今年", "1年", "當年", "90年代、"])
def test_long_adversarial_lines_are_read(unit: str) -> None:
    text = "2017年" + unit * (60_000 // len(unit))
    result = read(text)
    assert result.mentions[0].start == 0


@pytest.mark.real
def test_development_gold(data_folder: Path) -> None:
    """Strict spans and exact norms; the header date of the gold is given as a header field."""
    hits, exact, wanted, found = (dict.fromkeys(("YEAR", "YEAR_REL"), 0) for _ in range(4))
    with (data_folder / "gold" / "dev.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    for row in rows:
        gold = {
            (m["start"], m["end"], m["label"]): m["norm"]
            for m in row["mentions"]
            if m["label"] in wanted
        }
        result = read(row["text"], (row["published"] or "").replace(" ", "T"))
        for *_, label in gold:
            wanted[label] += 1
        for mention, value in zip(result.mentions, values(result), strict=True):
            label = "YEAR_REL" if value.kind is YearKind.RELATIVE else "YEAR"
            found[label] += 1
            key = (mention.start, mention.end, label)
            years = [value.start_year, value.end_year] if value.resolved else None
            hits[label] += key in gold
            exact[label] += key in gold and gold[key] == years
    for label, floor in (("YEAR", 0.98), ("YEAR_REL", 0.92)):
        assert 2 * hits[label] / (wanted[label] + found[label]) >= floor
        assert exact[label] / wanted[label] >= floor


def test_a_word_of_two_others_is_no_year() -> None:
    bare = document("公司坡下年展与上年同期比")
    cut = replace(bare, tokens=tuple(starmap(Token, [(0, 2), (2, 4), (4, 6), (6, 7), (7, 12)])))
    texts = [[m.text for m in YearStage(None)([d])[0].mentions] for d in (bare, cut)]
    assert texts == [["下年", "上年"], ["上年"]]
