"""COMPANY or ORG: mentions of a case table, and lexicon names found in running text."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import Config, LexiconConfig
from pipeline.document import Article, Document, Token
from pipeline.errors import ConfigError
from pipeline.ner.organisation_rules import load_rules, read_companies
from pipeline.resources import read_lexicon
from pipeline.stages.organisations import LEXICON_SCORE, OrganisationStage, build
from tests.marked import document

CASES = [
    line.split("\t")
    for line in Path(__file__)
    .with_name("cases")
    .joinpath("organisations.tsv")
    .read_text(encoding="utf-8")
    .splitlines()[2:]
]


@pytest.fixture(scope="module")
def stage() -> OrganisationStage:
    return build(Config())


def _document(text: str, words: str = "") -> Document:
    """A document; ``words``: the same text with its tokens apart by |."""
    tokens, at = [], 0
    for word in words.split("|") if words else []:
        tokens.append(Token(at, at + len(word)))
        at += len(word)
    return Document(Article("a", text), text, tokens=tuple(tokens))


@pytest.mark.parametrize(("surface", "given", "label", "rule"), CASES)
def test_case(stage: OrganisationStage, surface: str, given: str, label: str, rule: str) -> None:
    document = _document(surface)
    mention = document.mention(0, len(surface), given, score=0.9, stage="ner", rule="lac")
    found = stage([document.with_mentions([mention])])[0].mentions
    if label == "drop":
        assert found == ()
    else:
        expected = (given, "lac") if label == "-" else (label, f"lac+{rule}")
        assert [(m.label, m.rule, m.text) for m in found] == [(*expected, surface)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("台积电|大涨", [("台积电", "COMPANY")]),
        ("鸿海|和|字节跳动", [("鸿海", "COMPANY"), ("字节跳动", "COMPANY")]),
        ("据|新华社|报道", [("新华社", "ORG")]),
        ("台积电子|大涨", []),
        ("行政院长|表示", [("行政院", "ORG")]),
        ("行政院长期|漠视", []),
        ("在|港铁站|下车", [("港铁", "COMPANY")]),
        ("吃|苹果|和|小米", []),
        ("将|统一|管理", []),
        ("他|联想|到|快手", []),
        ("贸联-KY|上涨", [("贸联-KY", "COMPANY")]),
        ("用|Facebook|的|人", [("Facebook", "COMPANY")]),
        ("Facebooking|的|人", []),
        ("永兴|大涨", []),
    ],
)
def test_known_names_are_found_on_word_edges(
    stage: OrganisationStage, words: str, expected: list[tuple[str, str]]
) -> None:
    text = words.replace("|", "")
    if "-KY" in words:
        words = words.replace("-KY", "|-|KY")
    found = stage([_document(text, words)])[0].mentions
    assert [(m.text, m.label) for m in found] == expected
    assert all(m.score == LEXICON_SCORE and m.stage == "organisations" for m in found)


@pytest.mark.parametrize(
    ("surface", "parts"),
    [
        ("蓝天党立法会", ["蓝天党", "立法会"]),
        ("蓝天党市议会", ["蓝天党", "市议会"]),
        ("蓝天党团", ["蓝天党团"]),
        ("立法会", ["立法会"]),
    ],
)
def test_a_party_and_its_chamber_are_two(
    stage: OrganisationStage, surface: str, parts: list[str]
) -> None:
    document = _document(surface)
    mention = document.mention(0, len(surface), "ORG", score=0.9, stage="ner", rule="lac")
    found = stage([document.with_mentions([mention])])[0].mentions
    assert [m.text for m in found] == parts


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("依《[O:蓝天党]处分条例》办理，[O:蓝天党]说明", ["ORG:蓝天党"]),
        ("《[C:海云达]法》与《[O:蓝天党]》", ["ORG:蓝天党"]),
        ("他在[C:脸书]发文，[C:脸书]股价下跌", ["COMPANY:脸书"]),
        ("[C:脸书]网红，截自[C:推特]", []),
        ("取自[P:林志远]脸书，[P:林志远]的[C:脸书]，官方脸书", ["PERSON:林志远", "PERSON:林志远"]),
        ("[C:阿里P9]与[P:腾讯T3]", ["COMPANY:阿里", "COMPANY:腾讯"]),
        ("首页>科技> [C:正文]\n[C:正文]股价上涨", ["COMPANY:正文"]),
        ("[C:二手交易平台青草网]表示", ["COMPANY:青草网"]),
        ("[C:青草证券银行业]首席分析师", ["COMPANY:青草证券"]),
        ("[C:青草银行业]", ["COMPANY:青草银行业"]),
        ("[C:青草平台]", ["COMPANY:青草平台"]),
        ("[C:阿罕P9]", ["COMPANY:阿罕P9"]),
        ("包括[C:腾讯]、快手、小米等公司", ["COMPANY:腾讯", "COMPANY:快手", "COMPANY:小米"]),
        ("包括快手、[C:腾讯]与其他公司", ["COMPANY:快手", "COMPANY:腾讯"]),
        ("他做事快手、细心", []),
        ("[C:腾讯]、小米粥等", ["COMPANY:腾讯"]),
        ("《[P:青草糖]》主编到场", ["COMPANY:青草糖"]),
        ("《青草糖》记者到场", ["COMPANY:青草糖"]),
        ("《青草糖》很好看", []),
        ("《年度报告》引述数据", []),
        ("《[C:青草糖]》报道", ["COMPANY:青草糖"]),
        ("在[L:旺角港铁站]下车", ["COMPANY:港铁"]),
        ("在[L:旺角车站]下车", ["LOC:旺角车站"]),
        ("[O:蓝天党]团批评预算", ["ORG:蓝天党团"]),
        ("[O:蓝天党]立法院党团批评", ["ORG:蓝天党立法院党团"]),
        ("[O:蓝天党]团结一致", ["ORG:蓝天党"]),
    ],
)
def test_contexts(stage: OrganisationStage, marked: str, expected: list[str]) -> None:
    found = stage([document(marked, score=0.9)])[0].mentions
    assert [f"{m.label}:{m.text}" for m in found] == expected


def test_nothing_is_added_inside_another_mention(stage: OrganisationStage) -> None:
    text = "台积电慈善基金会"
    document = _document(text)
    whole = document.mention(0, len(text), "ORG", score=0.9, stage="ner", rule="lac")
    found = stage([document.with_mentions([whole])])[0].mentions
    assert [(m.text, m.label) for m in found] == [(text, "ORG")]


def test_the_raw_text_is_kept(stage: OrganisationStage) -> None:
    document = Document(Article("a", "臺積電漲,貿聯-KY跌"), "台积电涨,贸联-KY跌")
    mention = document.mention(5, 7, "ORG", score=0.9, stage="ner", rule="lac")
    found = stage([document.with_mentions([mention])])[0].mentions
    assert [m.text for m in found] == ["臺積電", "貿聯-KY"]


def test_a_lexicon_of_the_users_own_is_known_too(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text("term\taliases\tambiguous\n永兴社\t永兴大业|苗圃\t苗圃\n", encoding="utf-8")
    stage = build(Config(lexicons=LexiconConfig(companies=(str(path),))))
    found = stage([_document("永兴社与永兴大业在苗圃")])[0].mentions
    assert [(m.text, m.label) for m in found] == [("永兴社", "COMPANY"), ("永兴大业", "COMPANY")]


@pytest.mark.parametrize("content", [None, b"name\tid\n", b"\xff\xfe\x00"])
def test_a_lexicon_that_cannot_be_used(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "own.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"own\.tsv"):
        build(Config(lexicons=LexiconConfig(companies=(str(path),))))


def test_the_company_lexicon_is_sound() -> None:
    companies = read_companies()
    assert len(companies) > 4000
    assert len({company.id for company in companies}) == len(companies)
    by_hand = [company for company in companies if company.source == "own"]
    assert len(by_hand) >= 300
    for company in companies:
        assert company.kind in {"company", "media"}
        assert company.ambiguous <= set(company.forms)
        assert all(len(form) > 1 and form == form.strip() for form in company.forms)
        assert len(company.name_traditional) == len(company.name)
    forms = [form for company in by_hand for form in set(company.forms)]
    assert len(forms) == len(set(forms))


def test_no_lexicons_disagree() -> None:
    rules = load_rules()
    both = set(rules.names) & rules.clear
    assert not both
    for name in ("organisation_names", "organisation_suffixes"):
        rows = read_lexicon(name)
        assert {row.value for row in rows} <= {"COMPANY", "ORG", "-"}
        assert len({row.term.casefold() for row in rows}) == len(rows)
