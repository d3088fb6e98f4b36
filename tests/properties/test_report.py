"""Whatever an article holds, pages keep its text and its text keeps out of the pages' code."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.readers import article_from_text
from pipeline.report.article import article_view
from pipeline.report.forms import json_for_script, visible
from pipeline.report.load import rows_in_memory
from pipeline.report.originals import Original, rebuilt
from pipeline.tables import rows_of
from tests.report_runs import light_extractor, with_names

PARTS = ["陳默說", "晨曦科技", "增長17%", "2023年", "。", "，", "臺灣", "1", "🙂"]
ODD = ["</script>", "\u202e", "&amp;", "“", "\u2028"]
BLANKS = ["\n", "\n\n", "\u3000", " ", "\r\n", "\r"]
ARTICLES = (
    st.lists(st.sampled_from(PARTS + ODD + BLANKS), min_size=1, max_size=40)
    .map("".join)
    .filter(lambda text: bool(text.strip()))
)


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_json_ends_no_script_element(text: str) -> None:
    written = json_for_script({text: [text]})
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == {text: [text]}


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_visible_text_is_stable_and_keeps_what_it_can(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    if text.isprintable():
        assert shown == text


@settings(deadline=None, max_examples=40)
@given(ARTICLES)
def test_pieces_join_to_the_text(text: str) -> None:
    extraction = with_names(light_extractor().extract(article_from_text(text, "a.txt")))
    rows = next(rows_in_memory("a", rows_of([extraction]), {}).articles())
    view = article_view(rows, Original(text, exact=True))
    runs = [run for paragraph in view.paragraphs for run in paragraph.runs]
    pieces = [piece for run in runs for piece in run.pieces]
    assert _solid("".join(p.text for p in pieces)) == _solid(visible(text))
    assert _solid("".join(p.text if p.alt is None else p.alt for p in pieces)) == _solid(
        visible(extraction.document.text)
    )
    assert [p.start for p in pieces] == sorted({p.start for p in pieces})
    marked = "".join(p.text for run in runs if run.label is not None for p in run.pieces)
    assert marked == "".join(visible(m.text) for m in extraction.document.mentions)
    assert _solid(rebuilt(rows)) == _solid(text)


def _solid(text: str) -> str:
    return "".join(text.split()).replace("⟨U+000D⟩", "").replace("⟨U+2028⟩", "")
