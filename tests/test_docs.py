"""The documentation: every block runs, and what it takes from code is of now."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from pipeline.tables import TABLES
from tests.docs_blocks import Block, Reader, blocks_of, cells, markdown, matches
from tests.docs_pages import (
    DOCS,
    REPO,
    SCORES,
    gold_of,
    loaded_from_elsewhere,
    made,
    pages,
    reader_in,
    scores_table,
)

PAGES = [page.relative_to(REPO).as_posix() for page in pages()]
STALE = "run `make docs-write` and look at what changed"
ALL = [(name, block) for name in PAGES for block in blocks_of((REPO / name).read_text("utf-8"))]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return reader_in(tmp_path_factory.mktemp("reader"))


@pytest.mark.parametrize("name", PAGES)
def test_every_block_runs_and_prints_what_the_page_says(name: str, reader: Reader) -> None:
    assert reader.follow(REPO / name) == (REPO / name).read_text(encoding="utf-8"), STALE


@pytest.mark.parametrize("name", sorted(made()))
def test_pages_made_from_code_are_of_now(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == made()[name], STALE


@pytest.mark.parametrize("corpus", ["sample", pytest.param("dev", marks=pytest.mark.real)])
def test_scores_on_the_page_are_near_those_measured(corpus: str) -> None:
    """Within 0.02, so that a small gain does not make the page wrong; floors hold the rest."""
    if not gold_of(corpus).is_file():
        pytest.skip("its gold corpus is not here")
    page = (DOCS / "accuracy.md").read_text(encoding="utf-8")
    shown = next(found[2] for found in SCORES.finditer(page) if found[1] == corpus)
    measured = scores_table(gold_of(corpus))
    assert _labels(shown) == _labels(measured), STALE
    for translated in (DOCS / "zh").glob("*.md"):
        for found in SCORES.finditer(translated.read_text(encoding="utf-8")):
            assert found[1] != corpus or found[2] == shown, STALE
    for before, now in zip(_figures(shown), _figures(measured), strict=True):
        assert before == pytest.approx(now, abs=0.02), STALE


def _labels(table: str) -> list[list[str]]:
    return [line.split(" | ")[:2] for line in table.splitlines()]


def _figures(table: str) -> list[float]:
    """Precision, recall and F1; intervals are not compared."""
    return [float(f) for f in re.findall(r"\d\.\d{3}", re.sub(r"\([^)]*\)", "", table))]


def test_blocks_that_are_not_run_are_few() -> None:
    left = [(name, block) for name, block in ALL if "not-run" in block.words]
    run = [block for _, block in ALL if block.executed]
    assert len(left) <= 12 < len(run), left


def test_pages_of_the_site_mark_blocks_in_the_form_that_the_site_reads() -> None:
    plain = [
        f"{name}:{number}"
        for name in PAGES
        if name.startswith("docs/")
        for number, line in enumerate((REPO / name).read_text("utf-8").splitlines(), 1)
        if re.match(r" *```[a-z]+ (?!title=|hl_lines=|linenums=)", line)
    ]
    assert plain == [], "write ```{.sh .not-run}"


def test_every_page_has_its_place_in_the_navigation() -> None:
    navigation = (REPO / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    named = re.findall(r"[\w/-]+\.md", navigation)
    assert sorted(named) == sorted(p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md"))


def test_the_chinese_page_explains_every_column_of_every_table() -> None:
    page = (DOCS / "zh" / "tables.md").read_text(encoding="utf-8")
    explained = {
        section.split("\n", 1)[0]: re.findall(r"^\| `(\w+)` \| \S", section, re.M)
        for section in page.split("\n## ")[1:]
    }
    assert explained == {table.name: table.column_names for table in TABLES}


def test_a_site_that_loads_from_elsewhere_is_seen(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text('<script src="a.js"></script><a href="https://a.org">a</a>')
    assert loaded_from_elsewhere(tmp_path) == []
    (tmp_path / "bad.html").write_text('<link rel="stylesheet" href="https://fonts.example/f">')
    (tmp_path / "bad.css").write_text("@import url(//fonts.example/f);")
    assert len(loaded_from_elsewhere(tmp_path)) == 2


def test_blocks_are_found_with_what_their_info_says() -> None:
    page = (
        "a\n```sh\nls\n```\n```{.sh .not-run}\nrm x\n```\n"
        '````{.python title="m.py"}\n```\n````\n<!-- answer -->\nt\n<!-- /answer -->\n'
    )
    found = blocks_of(page)
    assert [(b.line, b.language, b.code, b.executed, b.title) for b in found] == [
        (2, "sh", "ls\n", True, None),
        (5, "sh", "rm x\n", False, None),
        (8, "python", "```\n", True, "m.py"),
        (11, "answer", "t\n", False, None),
    ]
    assert all(page[b.start : b.end] == b.code for b in found)
    with pytest.raises(ValueError, match="never closed"):
        blocks_of("```sh\nls\n")


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a \nb\n\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n", "b\n", False),
        ("a\n...\nd\n", "a\nb\n", False),
    ],
)
def test_outputs_are_compared(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) is same


def test_a_page_that_is_wrong_is_seen(tmp_path: Path, reader: Reader) -> None:
    page = tmp_path / "page.md"
    for wrong in (
        "```sh\nfalse\n```\n",
        "```sh\nzhnews nosuch\n```\n",
        "```python\n1 / 0\n```\n",
        "```toml\nnosuch = 1\n```\n",
        "```nosuch\n```\n",
        "```sql\nSELECT nosuch FROM people\n```\n",
        "```sql\nSELECT 1 AS a\n```\n```python\n"
        "import pandas as pd\nanswer = pd.DataFrame({'a': [2]})\n```\n",
    ):
        page.write_text(wrong, encoding="utf-8")
        with pytest.raises(Exception) as caught:  # of many kinds
            reader.follow(page)
        assert any("page.md:" in note for note in caught.value.__notes__), wrong
    page.write_text("```sh\necho 1\n```\n```{.text .output}\n2\n```\n", encoding="utf-8")
    assert "\n1\n" in reader.follow(page)


def test_frames_of_two_engines_compare_by_value() -> None:
    one = pd.DataFrame({"a": [1, None], "b": ["x", None]})
    other = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": ["x", float("nan")]})
    assert cells(one) == cells(other)
    assert cells(one) != cells(one.assign(a=[1, 2]))
    assert markdown(one) == "| a | b |\n|---|---|\n| 1 | x |\n|  |  |\n"


def test_a_block_is_code_unless_it_says_otherwise() -> None:
    assert Block(1, "sh", "", 0, 0).executed
    assert not Block(1, "text", "", 0, 0).executed
