"""Names linked to the company lexicon, the shipped one and a user's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import LexiconConfig
from pipeline.entities import Linker, resolve_entities
from pipeline.errors import ConfigError
from tests.marked import cases, document

OWN = "term\tvalue\tname\taliases\tambiguous\n海雲\tkey:haiyun\t海云达集团\t海云达|海鹰\t海鹰\n"


@pytest.fixture(scope="module")
def shipped() -> Linker:
    return Linker()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.tsv"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "label", "expected"), cases("linking"))
def test_case(shipped: Linker, name: str, label: str, expected: str) -> None:
    link = shipped.link(name, label)
    assert (link.id if link is not None else "-") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [("2330-TW", "TWSE:2330"), ("2330", "TWSE:2330"), ("SH600000", "SSE:600000"), ("0", None)],
)
def test_code(shipped: Linker, code: str, expected: str | None) -> None:
    link = shipped.by_code(code)
    assert (link.id if link is not None else None) == expected


def test_doubt_keeps_an_ambiguous_name_unlinked(shipped: Linker) -> None:
    assert shipped.link("小米", "COMPANY", certain=False) is None
    assert shipped.link("台积电", "COMPANY", certain=False) is not None


def test_own_lexicon_comes_first_and_changes_the_fingerprint(own: Path, shipped: Linker) -> None:
    linker = Linker(LexiconConfig(companies=(str(own),)))
    link = linker.link("海云达有限公司", "COMPANY")
    assert link is not None
    assert (link.id, link.name) == ("key:haiyun", "海云达集团")
    assert linker.link("海鹰", "ORG") is None
    assert linker.fingerprint != shipped.fingerprint
    assert linker.fingerprint == Linker(LexiconConfig(companies=(str(own),))).fingerprint


def test_lexicon_joins_and_links(own: Path) -> None:
    linker = Linker(LexiconConfig(companies=(str(own),)))
    entities, _ = resolve_entities(document("[C:海雲達]上市，[C:海鷹]大漲。"), linker)
    (company,) = entities
    assert (company.link_id, company.link_name) == ("key:haiyun", "海云达集团")
    assert company.rules == ("lexicon",)
    assert [a.evidence for a in company.aliases] == ["lexicon"]


@pytest.mark.parametrize(
    ("marked", "names"),
    [
        ("[C:Google]說，[C:Google Shopping]說。", ["Google", "Google Shopping"]),
        ("[C:晶華]說，[C:晶華酒店]說。", ["晶华酒店"]),
        ("[C:騰訊]說，[C:騰訊飲料]說。", ["腾讯", "腾讯饮料"]),
        ("[C:國家電網]、[C:國家電網公司]、[C:國家電網有限公司]說。", ["国家电网有限公司"]),
    ],
)
def test_a_service_of_a_firm_is_not_the_firm(
    shipped: Linker, marked: str, names: list[str]
) -> None:
    entities, _ = resolve_entities(document(marked), shipped)
    assert [entity.name for entity in entities] == names


def test_code_of_another_firm_does_not_link(shipped: Linker) -> None:
    (company,), _ = resolve_entities(document("[C:海雲達]（2330）上市。"), shipped)
    assert company.link_id is None


@pytest.mark.parametrize("content", ["no header\n", "term\tname\nx\ty\n"])
def test_bad_lexicon_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="has no column"):
        Linker(LexiconConfig(companies=(str(path),)))
    with pytest.raises(ConfigError, match="cannot read"):
        Linker(LexiconConfig(companies=(str(tmp_path / "missing.tsv"),)))
