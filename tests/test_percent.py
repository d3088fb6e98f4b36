from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.gold_quantities import score_of
from pipeline.config import Config
from pipeline.document import Document, Label
from pipeline.normalize import to_simplified
from pipeline.stage import load_stage
from pipeline.values import PercentValue
from tests.quantity_cases import document_of, number_text, read_cases

CASES = read_cases("percent")


def rows_of(document: Document) -> list[str]:
    rows = []
    for mention in document.mentions:
        if mention.label == Label.PERCENT:
            value = mention.value
            assert isinstance(value, PercentValue)
            direction = value.direction.value if value.direction else "-"
            rows.append(
                f"{mention.text} {number_text(value.quantity)} {value.unit.value} "
                f"{value.quantity.relation.value} {direction} {value.basis or '-'}"
            )
    return rows


def percent_of(text: str) -> Document:
    (document,) = load_stage("percent", Config())([document_of(text)])
    return document


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_case(case) -> None:  # type: ignore[no-untyped-def]
    assert rows_of(percent_of(case.text)) == list(case.expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_simplified_text_gives_the_same_values(case) -> None:  # type: ignore[no-untyped-def]
    simplified = to_simplified(case.text)
    expected = [row.split(" ")[-5:] for row in rows_of(percent_of(case.text))]
    assert [row.split(" ")[-5:] for row in rows_of(percent_of(simplified))] == expected


def test_the_table_is_large_and_a_third_negative() -> None:
    assert len(CASES) >= 150
    assert sum(not case.expected for case in CASES) * 3 >= len(CASES)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("他八成是忘了。", "adverb"),
        ("晉級四分之一決賽。", "a round of a tournament"),
        ("比例為一比三。", "ratio"),
        ("全館打八折。", "discount"),
        ("升息1碼。", "rate step"),
        ("網址 http://a.b/c5%20d 在此", "url"),
        ("百分之萬十萬。", "numeral"),
    ],
)
def test_what_is_not_settled_is_a_diagnostic(text: str, reason: str) -> None:
    document = percent_of(text)
    assert not document.mentions
    assert [d.reason.partition(":")[0] for d in document.diagnostics] == [reason]
    assert {d.stage for d in document.diagnostics} == {"percent"}


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("近三年大廠離職創業率同比提升17%", "大厂离职创业率"),
        ("發動機銷量42216臺，同比增長4.8%", "发动机销量"),
        ("其中，今年失業率為3.7%", "失业率"),
        ("例如感到疲倦的比例為8%", "感到疲倦的比例"),
        ("軌道工程進度72%", "轨道工程进度"),
        ("有17%的人反對", None),
        ("增速比全國平均增速高5個百分點", None),
        ("台灣總人口5%為新住民", None),
        ("德、法股市跌幅0.7%", None),
        ("他說，17%", None),
    ],
)
def test_subject(text: str, subject: str | None) -> None:
    (mention,) = percent_of(text).mentions
    assert isinstance(mention.value, PercentValue)
    found = mention.value.subject
    assert (found.text if found else None) == subject
    if found is not None:
        assert to_simplified(text)[found.start : found.end] == found.text


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("智聯招聘《創業報告》顯示，創業率提升17%", "智联招聘《创业报告》"),
        ("據國家統計局統計，出口增長17%", "国家统计局统计"),
        ("數據顯示，出口增長17%", None),
        ("慢病要控制根據資料顯示，病患增加17%", None),
        ("外界根據財政部統計指出，出口增長17%", "财政部统计"),
        ("最新調查顯示，出口增長17%", None),
        ("某某報告顯示上升。出口增長17%", None),
    ],
)
def test_source(text: str, source: str | None) -> None:
    (mention,) = percent_of(text).mentions
    assert isinstance(mention.value, PercentValue)
    found = mention.value.attributed_to
    assert (found.text if found else None) == source


@pytest.mark.real
def test_gold_dev(data_folder: Path) -> None:
    score = score_of(data_folder / "gold" / "dev.jsonl", "PERCENT")
    assert score.f1 >= 0.98
    assert score.exact >= 0.97 * score.gold
