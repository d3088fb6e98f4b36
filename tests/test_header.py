"""Headers of plain-text articles: case table, dates, real articles."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from pipeline.document import Article, HeaderField
from pipeline.readers import article_from_text
from pipeline.readers.header_dates import find_date, parse_date

CASES = Path(__file__).parent / "cases" / "header.tsv"
DATA = Path(os.environ.get("ZHNEWS_DATA", Path(__file__).parents[2] / "shared" / "data"))


def _rows() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            {k: v.replace("\\r", "\r").replace("\\n", "\n") for k, v in row.items()}
            for row in table
        ]


def _value(field: HeaderField | None) -> str:
    return field.value if field else ""


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["text"][:30])
def test_header_case(row: dict[str, str]) -> None:
    text = row["text"]
    article = article_from_text(text, "case")
    body = text[article.body_start : article.body_end]
    assert {
        "title": _value(article.title),
        "published": _value(article.published),
        "byline": _value(article.byline),
        "site": _value(article.site),
        "body": body,
        "sections": "|".join(_value(section.heading) for section in article.sections),
        "diagnostics": ",".join(note.reason for note in article.diagnostics),
    } == {key: value for key, value in row.items() if key != "text"}
    assert_grounded(article)


def assert_grounded(article: Article) -> None:
    """Every field stands where it says, every bound lies inside the text."""
    text = article.text
    for field in (article.title, article.byline, article.site):
        if field is not None and field.start is not None:
            assert text[field.start : field.end] == field.value
    if article.published is not None and article.published.start is not None:
        written = find_date(text[article.published.start : article.published.end])
        assert written is not None
        assert written.iso == article.published.value
        assert written.precision == article.published_precision
    else:
        assert (article.published is None) == (article.published_precision is None)
    assert article.body_end is not None
    assert 0 <= article.body_start <= article.body_end <= len(text)
    for note in article.diagnostics:
        assert 0 <= note.start <= note.end <= len(text)
    position = article.body_start
    for number, section in enumerate(article.sections, 1):
        assert section.number == number
        assert position <= section.start < section.end <= article.body_end
        position = section.end


def test_both_polarities_are_in_the_table() -> None:
    rows = _rows()
    assert len(rows) >= 60
    assert sum(not row["published"] for row in rows) >= 15


def test_title_keeps_raw_offsets_behind_a_breadcrumb() -> None:
    article = article_from_text("熱門資訊> 正文\n2025-09-26 08:24\n原標題:海岬裁員\n正文。", "x")
    assert article.title == HeaderField("海岬裁員", 30, 34)
    assert article.published == HeaderField("2025-09-26T08:24", 9, 25)


@pytest.mark.parametrize(
    ("value", "iso", "precision"),
    [
        ("2020-01-02", "2020-01-02", "day"),
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05+00:00", "second"),
        ("2020-01-02T03:04:05.123+0800", "2020-01-02T03:04:05+08:00", "second"),
        ("1577934245", "2020-01-02T03:04:05+00:00", "second"),
        ("1577934245000", "2020-01-02T03:04:05+00:00", "second"),
        ("2020", None, None),
        ("2020年", "2020", "year"),
        ("2020-13-01", None, None),
        ("2020-02-30", None, None),
        ("03/04/2020", None, None),
        ("2020-01-02 及 2021-01-02", None, None),
        ("昨天", None, None),
        ("", None, None),
    ],
)
def test_parse_date(value: str, iso: str | None, precision: str | None) -> None:
    found = parse_date(value)
    assert (found.iso if found else None, found.precision if found else None) == (iso, precision)


# Gold says null; the file's header has 2017/12/17 and its text 今（17）日.
_GOLD_ERRORS = {"tw_chinatimes__tw_chinatimes-00190"}


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="ZHNEWS_DATA is missing")
def test_published_of_every_gold_article() -> None:
    lines = (DATA / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    got = {}
    want = {}
    for record in records:
        if record["id"] not in _GOLD_ERRORS:
            article = article_from_text(record["text"], record["id"])
            got[record["id"]] = _value(article.published)
            want[record["id"]] = (record["published"] or "").replace(" ", "T")
    assert got == want


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="ZHNEWS_DATA is missing")
def test_real_articles_are_grounded() -> None:
    paths = sorted((DATA / "articles").rglob("*.txt"))[::7]
    assert len(paths) > 200
    dated = 0
    for path in paths:
        article = article_from_text(path.read_bytes().decode("utf-8"), path.name)
        assert_grounded(article)
        dated += article.published is not None
    assert dated > len(paths) // 2
