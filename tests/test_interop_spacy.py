"""spaCy: docs from documents and back, displaCy, and the component in a user's pipeline."""

from __future__ import annotations

import json
import pickle
import tomllib
from pathlib import Path

import pytest
import spacy
from spacy import displacy

from pipeline.config import Config
from pipeline.document import Article, Document, Mention, Token
from pipeline.errors import ConfigError
from pipeline.extractor import Extractor
from pipeline.interop.spacy_component import ZhnewsComponent
from pipeline.interop.spacy_docs import from_spacy, to_spacy

TEXT = "陳默創辦的晨曦科技公司去年增長17%。\r\n📉2023年虧損!\n"


@pytest.fixture
def light_toml(tmp_path: Path) -> str:
    path = tmp_path / "light.toml"
    path.write_text('stages = ["percent", "year", "money"]\n', encoding="utf-8")
    return str(path)


def places(document: Document) -> list[tuple[int, int, str, str]]:
    return [(m.start, m.end, str(m.label), m.text) for m in document.mentions]


@pytest.mark.parametrize("characters", [False, True])
def test_documents_go_and_come_back(light_config: Config, characters: bool) -> None:
    extraction = Extractor(light_config).extract(TEXT)
    doc = to_spacy(extraction, characters=characters)
    assert doc.text == TEXT
    found = [(e.start_char, e.end_char, e.label_, e.text) for e in doc.ents]
    assert found == places(extraction.document)
    assert ("YEAR", "2023年") in [(e.label_, e.text) for e in doc.ents]
    assert len(list(doc.sents)) >= 2
    back = from_spacy(doc)
    assert places(back) == places(extraction.document)
    assert back.text == extraction.document.text
    assert from_spacy(doc, labels={"YEAR": ""}).mentions == tuple(
        m for m in back.mentions if m.label != "YEAR"
    )
    html = displacy.render(doc, style="ent", jupyter=False)
    assert "PERCENT" in html
    assert "17%" in html
    assert "span" in displacy.render(
        doc, style="span", options={"spans_key": "zhnews"}, jupyter=False
    )


def test_tokens_are_cut_where_mentions_need_it() -> None:
    article = Article("a", "北京市長")
    document = Document(article, "北京市长", tokens=(Token(0, 2), Token(2, 4)))
    marked = document.with_mentions(
        [
            Mention(0, 3, "ORG", "北京市", 0.5, "ner", "x"),
            Mention(1, 2, "LOC", "京", 0.5, "ner", "x"),
        ]
    )
    doc = to_spacy(marked)
    assert [t.text for t in doc] == ["北", "京", "市", "長"]
    assert [e.text for e in doc.ents] == ["北京市"]
    assert [(s.text, s.id_) for s in doc.spans["zhnews"]] == [
        ("北京市", "a:0-3:ORG"),
        ("京", "a:1-2:LOC"),
    ]


def test_the_component_in_a_pipeline(light_toml: str, tmp_path: Path) -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("zhnews", config={"config_path": light_toml})
    doc = nlp(TEXT)
    assert [(e.label_, e.text) for e in doc.ents] == [
        ("YEAR", "去年"),
        ("PERCENT", "17%"),
        ("YEAR", "2023年"),
    ]
    held = json.loads(doc.user_data["zhnews"])["mentions"]
    assert held[1]["norm"]["value"] == 17
    assert [d.ents[0].text for d in nlp.pipe([TEXT, "今年"])] == ["去年", "今年"]
    nlp.to_disk(tmp_path / "model")
    again = spacy.load(tmp_path / "model")
    assert [e.text for e in again(TEXT).ents] == [e.text for e in doc.ents]
    component = nlp.get_pipe("zhnews")
    assert isinstance(pickle.loads(pickle.dumps(component)), ZhnewsComponent)


def test_words_of_other_tokenizers(light_toml: str) -> None:
    def ents(alignment: str) -> list[str]:
        nlp = spacy.blank("xx")  # a token is what stands between blanks
        nlp.add_pipe("zhnews", config={"config_path": light_toml, "alignment": alignment})
        return [e.text for e in nlp("公司去年增長 17% 左右").ents]

    assert ents("strict") == ["17%"]
    assert ents("expand") == ["公司去年增長", "17%"]
    assert ents("contract") == ["17%"]
    with pytest.raises(ConfigError, match="alignment must be one of"):
        ents("loose")


def test_entities_that_are_there_are_kept(light_toml: str) -> None:
    nlp = spacy.blank("zh")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "MINE", "pattern": "去年"}])  # type: ignore[attr-defined]
    nlp.add_pipe("zhnews", config={"config_path": light_toml})
    assert [e.label_ for e in nlp(TEXT).ents] == ["MINE", "PERCENT", "YEAR"]


def test_the_entry_point_names_the_factory(repo: Path) -> None:
    project = tomllib.loads((repo / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["entry-points"]["spacy_factories"]["zhnews"].partition(":")
    assert (module, name) == (ZhnewsComponent.__module__, "create")
