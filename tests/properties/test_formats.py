"""Round trips: what a form can hold comes back, whatever the text; what it cannot is counted."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluate.gold import GoldArticle, GoldMention, norm_from_json
from pipeline.interop import FORMATS, read_corpus, write_corpus

LABELS = ("PERSON", "COMPANY", "ORG", "PERCENT", "YEAR", "MONEY")
ALPHABET = st.one_of(
    st.sampled_from("陳默臺积電，。「2023年%  \r\n\t\u3000\u2028\u200b\x85/\\#|;-_OBI😀𠮷é"),
    st.characters(codec="utf-8", exclude_characters="\x00"),
)
NORMS = st.one_of(
    st.none(),
    st.text("陈默积电", min_size=1, max_size=4).map(norm_from_json),
    st.tuples(st.integers(1900, 2100), st.integers(1900, 2100)).map(
        lambda pair: norm_from_json(list(pair))
    ),
    st.fixed_dictionaries(
        {"value": st.sampled_from([17, 0.5, -1.25, None]), "relation": st.sampled_from("=<~")}
    ).map(norm_from_json),
)


@st.composite
def articles(draw: st.DrawFn) -> list[GoldArticle]:
    """Articles of any characters, CRLF among them; mentions may touch but do not overlap."""
    made = []
    for number in range(draw(st.integers(1, 3))):
        pieces = draw(st.lists(st.one_of(ALPHABET, st.just("\r\n")), min_size=2, max_size=40))
        text = "".join(pieces)
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
        mentions = []
        for start, end in zip(cuts[::2], cuts[1::2], strict=False):
            surface = text[start:end]
            if surface.strip() == surface and surface.isprintable():
                label = draw(st.sampled_from(LABELS))
                mentions.append(GoldMention(start, end, label, surface, draw(NORMS)))
        facts = (("陈默", "晨曦科技", "", "founder"),) if draw(st.booleans()) else ()
        made.append(
            GoldArticle(
                f"{draw(st.sampled_from(['a', 'b/c.txt#1', '文 章?*']))}{number}",
                text,
                draw(st.sampled_from(["", "wire"])),
                draw(st.sampled_from([None, "TW"])),
                draw(st.sampled_from([None, "2025-09-26"])),
                tuple(mentions),
                facts,
            )
        )
    return made


def there_and_back(
    corpus: list[GoldArticle], form: str
) -> tuple[list[GoldArticle], dict[str, int]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus"
        written = write_corpus(corpus, path, form)
        assert (written.articles, written.mentions) == (
            len(corpus),
            sum(len(a.mentions) for a in corpus),
        )
        return read_corpus(path, form), written.lost


def bare(article: GoldArticle) -> GoldArticle:
    mentions = tuple(replace(m, norm=None) for m in article.mentions)
    return replace(article, affiliations=(), mentions=mentions)


@pytest.mark.parametrize("form", ["gold", "brat", "doccano", "labelstudio", "spacy"])
@given(corpus=articles())
@settings(deadline=None, max_examples=25)
def test_forms_that_hold_everything(form: str, corpus: list[GoldArticle]) -> None:
    back, lost = there_and_back(corpus, form)
    assert back == corpus
    assert lost == {}


@pytest.mark.parametrize("form", ["bio", "bioes", "cluener", "huggingface"])
@given(corpus=articles())
@settings(deadline=None, max_examples=25)
def test_forms_of_spans_and_labels(form: str, corpus: list[GoldArticle]) -> None:
    back, lost = there_and_back(corpus, form)
    assert back == [bare(article) for article in corpus]
    norms = sum(m.norm is not None for a in corpus for m in a.mentions)
    assert lost.get("normal forms", 0) == norms
    assert lost.get("affiliations", 0) == sum(len(a.affiliations) for a in corpus)


@given(corpus=articles())
@settings(deadline=None, max_examples=8)
def test_jieba_tokens_hold_what_lies_on_their_edges(corpus: list[GoldArticle]) -> None:
    back, lost = there_and_back(corpus, "spacy-jieba")
    for before, after in zip(corpus, back, strict=True):
        assert after.text == before.text
        assert set(after.mentions) <= set(before.mentions)
    held = sum(len(a.mentions) for a in back)
    wanted = sum(len(a.mentions) for a in corpus)
    assert lost.get("mentions not on token edges", 0) == wanted - held


@given(corpus=articles())
@settings(deadline=None, max_examples=25)
def test_msra_holds_people_places_and_organisations(corpus: list[GoldArticle]) -> None:
    kept = {"PERSON": "PERSON", "COMPANY": "ORG", "ORG": "ORG"}
    back, lost = there_and_back(corpus, "msra")
    wanted = [
        (kept[m.label], "".join(m.text.split()))
        for a in corpus
        for m in a.mentions
        if m.label in kept and m.text.strip()
    ]
    found = [(m.label, m.text) for a in back for m in a.mentions]
    assert found == wanted
    text = "".join(c for a in corpus for c in a.text if not c.isspace())
    assert "".join(a.text for a in back) == text
    others = sum(m.label not in kept for a in corpus for m in a.mentions)
    assert sum(n for reason, n in lost.items() if reason.endswith(" mentions")) == others


def test_every_form_is_covered() -> None:
    covered = {"gold", "brat", "doccano", "labelstudio", "spacy", "bio", "bioes", "cluener"}
    assert covered | {"huggingface", "spacy-jieba", "msra"} == set(FORMATS)
