"""Names taken apart, names joined, entities of an article."""

from __future__ import annotations

from collections.abc import Hashable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.entities import Entity, resolve_entities
from pipeline.entities.abbreviation import is_abbreviation, word_pieces
from pipeline.entities.organisations import short_form_rule
from pipeline.entities.people import part_rule
from pipeline.evaluate.clusters import b_cubed, fact_score
from pipeline.names.firms import expand_places, only_trades, split_name
from pipeline.names.people import clean, fold, parse_person
from tests.marked import cases, document


def _names(marked: str) -> list[str]:
    """Each entity as name=other forms, in the order of the text."""
    doc = document(marked)
    entities, _ = resolve_entities(doc)
    shown = []
    for entity in entities:
        forms = {
            clean(doc.text[doc.mentions[i].start : doc.mentions[i].end]) for i in entity.mentions
        }
        shown.append("=".join([entity.name, *sorted(forms - {entity.name})]))
    return shown


@pytest.mark.parametrize(("name", "place", "brand", "trade", "form"), cases("company_names"))
def test_company_name(name: str, place: str, brand: str, trade: str, form: str) -> None:
    parts = split_name(name)
    assert (parts.place, parts.brand, parts.trade, parts.form) == (place, brand, trade, form)


@pytest.mark.parametrize(("short", "full", "kind", "rule"), cases("aliases"))
def test_alias(short: str, full: str, kind: str, rule: str) -> None:
    if kind == "person":
        found = part_rule(short, parse_person(short), full, parse_person(full))
    else:
        found = short_form_rule(short, full, is_org=kind == "organisation")
    assert (found or "-") == rule


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[P:陳志明]說。[P:陳]先生又說。", ["陈志明=陈"]),
        ("[P:陳志明]與[P:陳大同]同行。", ["陈志明", "陈大同"]),
        ("[P:陳]先生與[P:陳]小姐同行。", ["陈", "陈"]),
        ("[P:陳]先生到場，[P:陳]先生發言。", ["陈"]),
        ("警員[P:陳志明]說，[P:陳]男已被捕。", ["陈志明", "陈"]),
        ("[P:陳志明]說。記者[P:陳大同]／台北報導。[P:陳]先生說。",
         ["陈志明=陈", "陈大同"]),
        ("[P:陳志明]說。[P:陳]太太又說。", ["陈志明", "陈"]),
        ("[P:陳方怡生]說。[P:陳]太又說。", ["陈方怡生=陈"]),
        ("[P:陳志明]、[P:陳大同]都到場，[P:陳]先生發言。", ["陈志明", "陈大同", "陈"]),
        ("[P:柯文遠]說。[P:柯P]也說，[P:柯]市長再說。", ["柯文远=柯=柯P"]),
        ("[P:卡瓦諾]（[P:Brett Kavanaugh]）說，[P:Kavanaugh]也說。",
         ["卡瓦诺=Brett Kavanaugh=Kavanaugh"]),
        ("[P:Peter Hall]說。[P:Hall]又說。", ["Peter Hall=Hall"]),
        ("[P:林鄭月娥]說。[P:林鄭]又說。", ["林郑月娥=林郑"]),
        ("[C:海雲達科技有限公司](以下簡稱「[C:海科]」)說，[C:海科]賠錢。",
         ["海云达科技有限公司=海科"]),
        ("[C:海雲達科技有限公司]說，[C:海雲達]賠錢。", ["海云达科技有限公司=海云达"]),
        ("[C:騰雲]說，[C:騰雲音像城]開幕。", ["腾云", "腾云音像城"]),
        ("[O:行政院]說，[O:政院]又說。", ["行政院=政院"]),
        ("[O:台中市政府環保局]說，[O:環保局]又說，[O:中市環保局]再說。",
         ["台中市政府环保局=中市环保局=环保局"]),
        ("[O:台中市環保局]與[O:台南市環保局]說，[O:環保局]又說。",
         ["台中市环保局", "台南市环保局", "环保局"]),
        ("[C:華安(6.530,0.01,0.15%)股份有限公司]說。", ["华安股份有限公司"]),
        ("[O:香港公開大學]和[O:香港大學]。", ["香港公开大学", "香港大学"]),
        ("[O:台中市政府]說，[O:中市政府]說，[O:台中市府]也說。",
         ["台中市政府=中市政府=台中市府"]),
        ("[C:加拿大海楓銀行]說，[C:海楓銀行]也說。", ["加拿大海枫银行=海枫银行"]),
    ],
)  # fmt: skip
def test_entities(marked: str, expected: list[str]) -> None:
    assert _names(marked) == expected


def test_ambiguous_names_stay_apart_with_a_diagnostic() -> None:
    doc = document("[O:台中市環保局]與[O:台南市環保局]說，[O:環保局]又說。")
    entities, diagnostics = resolve_entities(doc)
    assert len(entities) == 3
    assert [d.reason for d in diagnostics] == ["ambiguous-organisation"]
    assert doc.text[diagnostics[0].start : diagnostics[0].end] == "环保局"


def test_aliases_carry_their_offsets_and_evidence() -> None:
    marked = "[C:海雲達科技有限公司](以下簡稱「海科」，2330-TW)表示，[C:海雲達]賠錢。"
    doc = document(marked)
    (company,), _ = resolve_entities(doc)
    raw = doc.article.text
    assert [(a.text, a.evidence) for a in company.aliases] == [
        ("海科", "definition"),
        ("海云达", "short form"),
    ]
    assert all(raw[a.start : a.end] == a.text_raw for a in company.aliases)


def test_generic_definition_names_nothing() -> None:
    (company,), _ = resolve_entities(document("[C:海雲達科技有限公司](以下簡稱「公司」)賠錢。"))
    assert company.aliases == ()


def test_ids_are_made_from_content() -> None:
    doc = document("[P:陳]先生說，[P:陳志明]又說，[C:海雲達]賠錢。")
    entities, _ = resolve_entities(doc)
    assert [e.id for e in entities] == ["case:PERSON:5", "case:COMPANY:11"]
    assert [e.kind for e in entities] == ["full", "company"]


def test_names_fold() -> None:
    assert fold("《蘋 果》") == fold("蘋果")
    assert fold("Ａpple Inc") == fold("apple inc")
    assert expand_places("高市府新闻局") == "高雄市政府新闻局"
    assert only_trades("科技股份有限公司")
    assert not only_trades("音像城")


def test_abbreviation_needs_a_cut_word() -> None:
    pieces = word_pieces("社会创新及创业发展基金", (2, 4, 5, 7, 9))
    assert is_abbreviation("社创基金", "社会创新及创业发展基金", pieces)
    assert not is_abbreviation("社会基金", "社会创新及创业发展基金", pieces)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from("陈林王李阿小志明大同市府公司有限 (（)）·AB"), max_size=12))
def test_every_name_is_taken_apart(characters: list[str]) -> None:
    name = "".join(characters)
    if clean(name):
        parse_person(clean(name))
        parts = split_name(name)
        assert parts.brand or not clean(name)
        assert short_form_rule(clean(name), clean(name)) in ("place form", None)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.sampled_from(["陳志明", "陳", "林大同", "阿明", "柯P", "Peter Hall"]), max_size=8)
)
def test_each_mention_is_in_one_entity(names: list[str]) -> None:
    doc = document("，".join(f"[P:{name}]說" for name in names))
    entities, _ = resolve_entities(doc)
    held = [i for e in entities for i in e.mentions]
    assert sorted(held) == list(range(len(doc.mentions)))
    assert all(isinstance(e, Entity) and e.is_person for e in entities)


def test_b_cubed() -> None:
    gold: dict[Hashable, Hashable] = {1: "a", 2: "a", 3: "b"}
    assert b_cubed(gold, gold).f1 == 1.0
    apart = b_cubed(gold, {1: 1, 2: 2, 3: 3})
    assert apart.precision == 1.0
    assert apart.recall == pytest.approx(2 / 3)
    together = b_cubed(gold, {1: 1, 2: 1, 3: 1})
    assert together.recall == 1.0
    assert together.precision == pytest.approx(5 / 9)
    missing = b_cubed(gold, {1: 1, 2: 1})
    assert missing.precision == 1.0
    assert missing.recall == pytest.approx(2 / 3)


def test_fact_score() -> None:
    score = fact_score([("a", "b"), ("a", "c")], [("a", "b"), ("x", "y"), ("a", "b")])
    assert (score.precision, score.recall) == (0.5, 0.5)
