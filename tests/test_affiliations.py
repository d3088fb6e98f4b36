"""Who was what where: the table of constructions, and what holds for every row."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.affiliations import find_affiliations
from pipeline.document import Article, Document
from pipeline.entities import resolve_entities
from tests.marked import cases, document

PIECES = (
    *[
        "[P:陳志明]",
        "[P:林大同]",
        "[C:海雲達]",
        "[O:交通部]",
        "前",
        "董事長",
        "長",
        "、",
        "，",
        "。",
        "的",
        "是",
        "為",
        "擔任",
        "由",
        "創辦",
    ],
    *[
        "辭去",
        "從",
        "離職",
        "兼",
        "（",
        "）",
        "公司",
        "某外賣巨頭",
        "市長",
        "記者",
        "與",
        "台中、台南2縣市",
    ],
    "\n",
)


def _rows(marked: str) -> str:
    doc = document(marked)
    entities, _ = resolve_entities(doc)
    names = {e.id: e.name for e in entities}
    shown = []
    for a in find_affiliations(doc, entities):
        organisation = names[a.company_id] if a.company_id else ""
        if a.description is not None:
            organisation = f"({a.description})"
        shown.append("|".join((names[a.person_id or ""], organisation, a.title, a.status)))
    return "; ".join(shown)


@pytest.mark.parametrize(("marked", "expected"), cases("affiliations"))
def test_case(marked: str, expected: str) -> None:
    assert _rows(marked) == expected


def test_evidence_and_titles_are_cut_from_the_raw_text() -> None:
    doc = document("前[C:海雲達]高級副總裁[P:陳志明]創業。[P:林大同]是[C:海雲達]董事長。")
    entities, _ = resolve_entities(doc)
    rows = find_affiliations(doc, entities)
    raw = doc.article.text
    assert [r.title_raw for r in rows] == ["高級副總裁", "董事長"]
    assert [raw[r.start : r.end] for r in rows] == [
        "前海雲達高級副總裁陳志明",
        "林大同是海雲達董事長",
    ]
    assert len({r.id for r in rows}) == 2
    known = {e.id for e in entities}
    assert all(r.person_id in known and r.company_id in known for r in rows)


def test_a_fact_is_told_once() -> None:
    assert (
        _rows("[C:海雲達]董事長[P:陳志明]說。[C:海雲達]董事長[P:陳志明]又說。").count("董事长") == 1
    )


def test_nothing_crosses_a_sentence() -> None:
    assert _rows("[C:海雲達]上市。總經理[P:陳志明]說明。") == "陈志明||总经理|current"


def test_without_people_or_tokens() -> None:
    assert find_affiliations(Document(Article("a", "空"), "空"), ()) == ()
    doc = document("[C:海雲達]董事長[P:陳志明]說。", tokens=False)
    entities, _ = resolve_entities(doc)
    assert len(find_affiliations(doc, entities)) == 1


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(PIECES), max_size=14),
    st.booleans(),
)
def test_rows_are_closed_whatever_the_text(parts: list[str], tokens: bool) -> None:
    doc = document("".join(parts), tokens=tokens)
    entities, _ = resolve_entities(doc)
    known = {e.id: e for e in entities}
    rows = find_affiliations(doc, entities)
    assert len({r.id for r in rows}) == len(rows)
    for row in rows:
        assert row.person_id is not None
        assert known[row.person_id].is_person
        assert row.company_id is None or not known[row.company_id].is_person
        assert 0 <= row.start < row.end <= len(doc.text)
        assert row.status in ("current", "former", "founder", "future")
        assert row.title_raw in doc.article.text[row.start : row.end] or not row.title_raw
