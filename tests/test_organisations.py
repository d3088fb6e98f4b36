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


def _cut(stage: OrganisationStage, surface: str, label: str) -> list[str]:
    """What the stage leaves of a mention that is the whole text."""
    document = _document(surface)
    mention = document.mention(0, len(surface), label, score=0.9, stage="ner", rule="lac")
    return [m.text for m in stage([document.with_mentions([mention])])[0].mentions]


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
        ("前台积电|工程师", [("台积电", "COMPANY")]),
        ("大台积电|工程师", []),
        ("行政院长|表示", [("行政院", "ORG")]),
        ("行政院长期|漠视", []),
        ("在|港铁站|下车", [("港铁", "COMPANY")]),
        ("吃|苹果|和|小米", []),
        ("将|统一|管理", []),
        ("他|联想|到|快手", []),
        ("贸联-KY|上涨", [("贸联-KY", "COMPANY")]),
        ("Facebook|宣布|裁员", [("Facebook", "COMPANY")]),
        ("用|Facebook|的|人", []),
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
        ("蓝天党永兴市议会", ["蓝天党", "永兴市议会"]),
        ("蓝天党团", ["蓝天党团"]),
        ("立法会", ["立法会"]),
    ],
)
def test_a_party_and_its_chamber_are_two(
    stage: OrganisationStage, surface: str, parts: list[str]
) -> None:
    assert _cut(stage, surface, "ORG") == parts


@pytest.mark.parametrize(
    ("surface", "parts"),
    [
        ("永安银行大明分行", ["永安银行"]),
        ("工行大明支行", ["工行"]),
        ("大明分行", []),
        ("永安银行股份有限公司大明分行", ["永安银行股份有限公司大明分行"]),
        ("中国人民银行广州分行", ["中国人民银行广州分行"]),
        ("永安银行比利时联合银行", ["永安银行", "比利时联合银行"]),
        ("永安证券", ["永安证券"]),
        ("领投", []),
        ("Google Assistant", []),
        ("Google News", ["Google News"]),
    ],
)
def test_a_mention_is_cut_to_its_firms(
    stage: OrganisationStage, surface: str, parts: list[str]
) -> None:
    assert _cut(stage, surface, "COMPANY") == parts


def test_what_a_firm_holds_is_not_its_name(stage: OrganisationStage) -> None:
    for text, name in (("永兴环保控股子公司", "永兴环保"), ("永兴环保控股大涨", "永兴环保控股")):
        before = _document(text)
        mention = before.mention(0, 6, "COMPANY", score=0.9, stage="ner", rule="lac")
        assert [m.text for m in stage([before.with_mentions([mention])])[0].mentions] == [name]


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
        ("他直接[O:拿建设局]的公文", ["ORG:建设局"]),
        ("[O:民众宣布青草基金会]成立", ["ORG:青草基金会"]),
        ("[O:法案适用地方法院]一审", []),
        ("组织「[O:让青草获得阳光协会]」", ["ORG:让青草获得阳光协会"]),
        ("[O:本港青草处]表示", ["ORG:青草处"]),
        ("[C:美国腾讯]表示", ["COMPANY:腾讯"]),
        ("[C:美国加州腾讯集团]表示", ["COMPANY:腾讯集团"]),
        ("[C:台湾腾讯]表示", ["COMPANY:台湾腾讯"]),
        (
            "在给[L:韩国]瑜下马威，欧巴马说，欧巴马·青草说",
            ["LOC:韩国", "PERSON:韩国瑜", "PERSON:欧巴马"],
        ),
        ("横扫[O:肯塔基]，[C:英国]", ["LOC:肯塔基", "LOC:英国"]),
        ("[C:行政院青草会报]报告", ["ORG:行政院青草会报"]),
        ("[O:香港众志立法会]议员", ["ORG:香港众志", "ORG:立法会"]),
        ("[O:适逢青草委员会]公布", ["ORG:青草委员会"]),
        ("[O:韩国女团]「红草」出道", ["ORG:红草"]),
        ("[O:韩国青草女团]出道", ["ORG:韩国青草女团"]),
        ("创办「青草花」，组织「青草花」解散", ["ORG:青草花", "ORG:青草花"]),
        ("两人合伙创办「青草机」，创办「青草计划」", ["COMPANY:青草机"]),
        ("来源：青草快讯\n开盘", ["COMPANY:青草快讯"]),
        ("来源：前瞻[C:经济学人]\n开盘", ["COMPANY:前瞻经济学人", "COMPANY:经济学人"]),
        ("能量来源：太阳，风", []),
        ("来源：央视\n开盘", ["ORG:央视"]),
        ("（王小青/台北报导）（国际中心/综合报导）", ["PERSON:王小青"]),
        ("（突发中心王小青/台北报导）", ["PERSON:王小青"]),
        ("记者王小青／摄影", ["PERSON:王小青"]),
        ("大雨。王小青摄土石滑落，狗仔队摄到他", ["PERSON:王小青"]),
        ("《草》总编辑到场，《草》解释，草很绿", ["COMPANY:草", "COMPANY:草"]),
        (
            "《青草早报》(Grass Herald) 指出，草很绿。《青草》早前报道",
            ["COMPANY:青草早报", "COMPANY:青草"],
        ),
        ("《青草研究》指出，《青草简报》表示，《青草》此前说", []),
        ("由青草资本领投，由新绿创投等机构跟投", ["COMPANY:青草资本", "COMPANY:新绿创投"]),
        ("由青草资本管理，草种由农夫投下", []),
        ("[O:教育界立法会]议员，[O:青草党立法会]议员", ["ORG:立法会", "ORG:青草党", "ORG:立法会"]),
        ("[C:微软QR Code]上线", ["COMPANY:微软"]),
        ("[C:永兴QR Code]上线", ["COMPANY:永兴QR Code"]),
        ("[C:腾讯Holdings]上市", ["COMPANY:腾讯Holdings"]),
        ("使用[C:Google] Pay付款，[C:Google]表示", ["COMPANY:Google"]),
        ("[C:恒生]指数上涨，[O:纳斯达克]100指数下跌", []),
        ("各地[O:央行]升息，[O:央行]今天开会", ["ORG:央行"]),
        ("飓风「[P:安娜]」来袭，飓风专家[P:安娜]说", ["PERSON:安娜"]),
        ("绰号「[P:安娜]」的人", ["PERSON:安娜"]),
        ("见 https://www.[O:epa].gov/a 与[O:EPA]", ["ORG:EPA"]),
        ("《占领[O:立法会]》上映，《[C:青草报]》报道", ["COMPANY:青草报"]),
        ("在私人[C:脸书]抱怨，翻摄[C:YouTube]", []),
        ("[L:乌拉圭]政府表示，乌拉圭政府债券下跌", ["LOC:乌拉圭", "ORG:乌拉圭政府"]),
        ("全国政府机关", []),
        ("借款平台「青草家」上线，平台「青草计划」上线", ["COMPANY:青草家"]),
        ("国际组织「青草之家」成立", ["ORG:青草之家"]),
        ("[L:香港]01报导", ["LOC:香港", "COMPANY:香港01"]),
        ("政制及[O:内地事务局]说", ["ORG:政制及内地事务局", "ORG:内地事务局"]),
        ("他问WHO，who can say", ["ORG:WHO"]),
        ("[O:美国大学]开学，[O:台湾大学]开学", ["ORG:台湾大学"]),
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
