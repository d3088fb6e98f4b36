from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.gold_quantities import score_of
from pipeline.config import Config, load_config
from pipeline.document import Document, Label
from pipeline.errors import ConfigError
from pipeline.normalize import to_simplified
from pipeline.quantities.region import article_place, article_region
from pipeline.stage import load_stage
from pipeline.values import MoneyValue
from tests.quantity_cases import document_of, number_text, read_cases

CASES = read_cases("money")


def rows_of(document: Document) -> list[str]:
    rows = []
    for mention in document.mentions:
        if mention.label == Label.MONEY:
            value = mention.value
            assert isinstance(value, MoneyValue)
            rows.append(
                f"{mention.text} {number_text(value.quantity)} {value.currency or '-'} "
                f"{'implied' if value.currency_implied else 'explicit'} "
                f"{value.quantity.relation.value}"
            )
    return rows


def money_of(text: str, region: str | None = None) -> Document:
    stage = load_stage("money", load_config(None, {"region": region}))
    (document,) = stage([document_of(text)])
    return document


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_case(case) -> None:  # type: ignore[no-untyped-def]
    assert rows_of(money_of(case.text)) == list(case.expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_simplified_text_gives_the_same_values(case) -> None:  # type: ignore[no-untyped-def]
    expected = [row.split(" ")[-4:] for row in rows_of(money_of(case.text, "TW"))]
    found = rows_of(money_of(to_simplified(case.text), "TW"))
    assert [row.split(" ")[-4:] for row in found] == expected


def test_prices_of_hong_kong_shares_are_in_its_dollars() -> None:
    text = "某某控股(01234)股价上升，目标价{}元，营收3亿元。"
    found = [m.value for m in money_of(text.format(8)).mentions]
    assert [v.currency for v in found if isinstance(v, MoneyValue)] == ["HKD", "CNY"]
    (first, _) = money_of(text.format(8).replace("01234", "600123")).mentions
    assert isinstance(first.value, MoneyValue)
    assert first.value.currency == "CNY"


def test_the_table_is_large_and_a_third_negative() -> None:
    assert len(CASES) >= 150
    assert sum(not case.expected for case in CASES) * 3 >= len(CASES)


@pytest.mark.parametrize(("region", "code"), [("TW", "TWD"), ("HK", "HKD"), ("CN", "CNY")])
def test_the_region_of_the_config_decides(region: str, code: str) -> None:
    (mention,) = money_of("台北花100元。", region).mentions
    assert isinstance(mention.value, MoneyValue)
    assert mention.value.currency == code


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(ConfigError, match="TW, HK, CN"):
        load_stage("money", Config(region="US"))


def test_a_declared_currency_holds_for_the_article() -> None:
    text = "台北消息：營收3億元（人民幣，下同），淨利2億元。"
    assert [row.split(" ")[-3] for row in rows_of(money_of(text))] == ["CNY", "CNY"]


def test_unknown_currency_is_said() -> None:
    document = money_of("10億比索")
    assert [d.reason for d in document.diagnostics] == ["currency unknown"]


def test_a_unit_of_a_table_is_a_diagnostic() -> None:
    document = money_of("單位：萬元")
    assert [d.reason for d in document.diagnostics] == ["unit of a table"]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("〔記者王小明／高雄報導〕市府表示，民眾反映資訊不足。", "TW"),
        ("特首在立法會表示，港鐵會檢討。", "HK"),
        ("上交所公告称，公司股价涨停。", "CN"),
        ("公司發佈“業績預告”，衆多機構認爲淨利潤增長。", "CN"),
        ("", None),
        ("1234", None),
    ],
)
def test_region(text: str, region: str | None) -> None:
    found, evidence = article_region(document_of(text))
    assert found == region
    assert bool(evidence) == (region is not None)


def test_a_mainland_story_of_a_taiwan_paper_counts_in_yuan() -> None:
    text = (
        "〔記者王小明／綜合報導〕中國廣州、深圳和上海的大學生在大陸借貸，民眾「震驚」，欠3000元。"
    )
    place = article_place(document_of(text))
    assert (place.region, place.currency) == ("TW", "CNY")


@pytest.mark.real
@pytest.mark.parametrize(
    ("folder", "region", "least"),
    [
        ("tw_2017", "TW", 0.96),
        ("tw_chinatimes", "TW", 0.97),
        ("cn_finna", "CN", 0.99),
        ("hk_citizennews", "HK", 0.7),
    ],
)
def test_region_of_real_articles(data_folder: Path, folder: str, region: str, least: float) -> None:
    files = sorted((data_folder / "articles" / folder).glob("*.txt"))[:100]
    right = sum(
        article_region(document_of(file.read_text(encoding="utf-8")))[0] == region for file in files
    )
    assert right >= least * len(files)


@pytest.mark.real
def test_gold_dev(data_folder: Path) -> None:
    score = score_of(data_folder / "gold" / "dev.jsonl", "MONEY")
    assert score.f1 >= 0.95
    assert score.exact >= 0.94 * score.gold
