"""Report pages: what they hold, what they never hold, where their text comes from."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.config import Config, load_config
from pipeline.errors import InputError
from pipeline.report.article import article_view
from pipeline.report.forms import money_form, number, percent_form, visible, year_form
from pipeline.report.load import RunRows, open_run, rows_in_memory
from pipeline.report.originals import Original, Originals, rebuilt
from pipeline.report.write import article_page, write_report
from pipeline.runner import run
from tests.report_runs import HOSTILE, PLAIN, hand_made, write_articles

FORMATS = ("parquet", "csv", "jsonl", "duckdb", "sqlite")


class Page(HTMLParser):
    """What matters of a page: its elements with attributes, its text without scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in {"script", "style"} else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


def made(tmp_path: Path, formats: tuple[str, ...] = ("parquet",)) -> Path:
    """Tables of two articles, and of one file that fails."""
    articles = write_articles(tmp_path / "articles", a=PLAIN, b=HOSTILE)
    (articles / "c.txt").write_bytes(b"")
    config = load_config(None, {"stages": ("percent", "year", "money"), "output.formats": formats})
    run(config, [str(articles)], tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in every format, not to be changed."""
    return made(tmp_path_factory.mktemp("run"), FORMATS)


def content(html: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="content">(.*?)</script>', html)
    assert found is not None
    loaded: dict[str, object] = json.loads(found[1])
    return loaded


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("同比增長17%", "同比增長17%"),
        ("第一行\n第二行\t　全形", "第一行\n第二行\t　全形"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("\u202e%99\u202c", "⟨U+202E⟩%99⟨U+202C⟩"),
        ("\u2066甲\u2069\u200f", "⟨U+2066⟩甲⟨U+2069⟩⟨U+200F⟩"),
        ("\x00\x1b\x85", "⟨U+0000⟩⟨U+001B⟩⟨U+0085⟩"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_characters_that_act_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(17.0, "17"), (12345.5, "12,345.5"), (2.7e8, "270,000,000"), (0.0005, "0.0005"), (None, "?")],
)
def test_numbers_have_no_exponent(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_quantities_in_words() -> None:
    amount = {"value": 17.0, "low": None, "high": None, "relation": "="}
    percent = {**amount, "unit": "percent", "direction": "up", "basis": "yoy"}
    assert percent_form(percent) == "↑ 17% year on year"
    between = {**percent, "value": None, "low": 1.0, "high": 2.5, "direction": None, "basis": None}
    assert percent_form(between) == "1–2.5%"
    assert percent_form({**between, "low": None, "relation": "~"}) == "≈ ?%"
    money = {**amount, "relation": ">=", "currency": "TWD", "currency_implied": True}
    assert money_form(money) == "(TWD) ≥ 17"
    year = {"edtf": None, "start_year": None, "end_year": None}
    assert year_form(year) == "not resolved"
    assert year_form({**year, "start_year": 2021, "end_year": 2023}) == "2021/2023"


def test_an_article_page_shows_the_original_text_its_marks_and_rows() -> None:
    html = article_page(hand_made(PLAIN))
    page = Page(html)
    words = "".join(page.words)
    for line in PLAIN.split("\n"):
        assert line in words
    marks = [a for tag, a in page.elements if tag == "mark"]
    assert {m["data-label"] for m in marks} == {"PERSON", "COMPANY", "PERCENT", "YEAR", "MONEY"}
    normal = {m["data-normal"] for m in marks if m["data-label"] == "PERCENT"}
    assert any("17% year on year" in (text or "") for text in normal)
    rows = {a["id"] for tag, a in page.elements if tag == "button" and "data-at" in a}
    assert {m["data-row"] for m in marks} <= rows
    assert "陈默" in {a.get("data-alt") for _, a in page.elements}


def test_side_rows_point_at_borders_of_pieces() -> None:
    rows = next(hand_made(PLAIN).articles())
    view = article_view(rows, Original(PLAIN, exact=True))
    starts = {piece.start for p in view.paragraphs for run_ in p.runs for piece in run_.pieces}
    spans = [s for group in view.groups for row in group.rows for s in (*row.spans, *row.evidence)]
    assert len(spans) > 8
    assert {start for start, _ in spans} <= starts


def test_hostile_text_reaches_the_page_as_text_only(tmp_path: Path) -> None:
    plain, hostile = Page(article_page(hand_made(PLAIN))), Page(article_page(hand_made(HOSTILE)))
    for tag in ("script", "style", "img", "svg", "a", "template"):
        assert hostile.count(tag) == plain.count(tag)
    both = hand_made(PLAIN, HOSTILE)
    for path in (tmp_path / "one.html", tmp_path / "many.html"):
        write_report(both, path, one_page=path.stem == "one")
    for path in sorted(tmp_path.rglob("*.html")) + sorted(tmp_path.rglob("search.js")):
        text = path.read_text(encoding="utf-8")
        assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", text), path
        if path.suffix == ".html":
            for tag, attributes in Page(text).elements:
                assert not any(name.startswith("on") for name in attributes), (path, tag)
                for name in ("href", "src"):
                    assert not re.match(r"[a-z]+:|//", attributes.get(name) or ""), attributes
        else:
            assert "<" not in text
    words = "".join(hostile.words)
    assert "<script>window.hacked = 1</script>" in words
    assert "{{ 7 * 7 }} ${7*7} &lt;b&gt;" in words
    assert "⟨U+202E⟩%99長增⟨U+202C⟩" in words


def test_pages_allow_their_own_script_only() -> None:
    page = Page(article_page(hand_made(PLAIN)))
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "file:" not in policy


def test_the_index_merges_names_across_articles(tmp_path: Path) -> None:
    other = PLAIN.replace("17%", "31%")
    written = write_report(hand_made(PLAIN, other), tmp_path / "r.html")
    assert (written.pages, written.articles) == (0, 2)
    html = written.path.read_text(encoding="utf-8")
    index = content(html)
    assert index["people"] == [["陳默", "陈默", 4, 2, "full", ""]]
    assert index["bodies"] == [["晨曦科技", 0, 6, 2, "company", ""]]
    percents = index["percents"]
    assert isinstance(percents, list)
    assert [(p[3], p[5], p[6], p[8], p[9]) for p in percents if p[0] == 0] == [
        ("17%", 17.0, 1, 2023, 1),
        ("20%", 20.0, 0, 2023, 1),
    ]
    assert index["chars"]["陳"] == "陈"  # type: ignore[index]
    assert html.count("<template>") == 2


def test_large_runs_get_a_folder_that_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    both = hand_made(PLAIN, HOSTILE)
    written = write_report(both, path, one_page=False)
    assert written.pages == 2
    links = content(path.read_text(encoding="utf-8"))["links"]
    assert links == ["r_files/articles/00000.html", "r_files/articles/00001.html"]
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    write_report(both, path, one_page=False)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    write_report(both, path, one_page=True)
    assert not (tmp_path / "r_files").exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "r_files").mkdir()
    kept = tmp_path / "r_files" / "notes.txt"
    kept.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="was not made by `zhnews report`"):
        write_report(hand_made(PLAIN), tmp_path / "r.html")
    assert kept.read_text(encoding="utf-8") == "mine"


def _content(rows: RunRows) -> list[object]:
    return [[(r.article, r.sentences, r.tables) for r in rows.articles()], rows.errors]


def test_every_format_reads_back_the_same(tmp_path: Path, out: Path) -> None:
    parquet = _content(open_run(out))
    assert parquet[1], "the empty file is a row of errors"
    for form in FORMATS[1:]:
        alone = tmp_path / form
        alone.mkdir()
        for path in out.iterdir():
            if path.is_file() and path.suffix == f".{form}":
                shutil.copy(path, alone)
        assert _content(open_run(alone)) == parquet, form


def test_a_folder_without_tables_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="zhnews run"):
        open_run(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        open_run(tmp_path / "nosuch")


def test_original_text_is_read_again_or_rebuilt(tmp_path: Path) -> None:
    out = made(tmp_path)
    opened = open_run(out)
    rows = {r.id: r for r in opened.articles()}
    assert Originals(opened).text_of(rows["a.txt"]) == Original(PLAIN, exact=True)
    here = next(r for r in opened.articles() if r.id == "a.txt")
    here.article["source_path"] = "articles/a.txt"  # as given beside the output
    assert Originals(opened).text_of(here) == Original(PLAIN, exact=True)
    source = tmp_path / "articles" / "a.txt"
    here.article["source_path"] = str(source)
    source.write_text(PLAIN + "後來加上的一行。\n", encoding="utf-8")
    changed = Originals(opened).text_of(rows["a.txt"])
    assert not changed.exact
    assert "後來" not in changed.text
    source.unlink()
    gone = Originals(opened).text_of(rows["a.txt"])
    assert gone == changed
    assert len(gone.text) == len(PLAIN)
    for sentence in rows["a.txt"].sentences:
        assert gone.text[sentence["start"] : sentence["end"]] == sentence["text_raw"]
    assert "".join(gone.text.split()) == "".join(PLAIN.split())


def test_original_texts_of_record_files_and_columns(tmp_path: Path) -> None:
    source = tmp_path / "news.jsonl"
    records = [{"nr": n, "wording": text} for n, text in enumerate((PLAIN, HOSTILE))]
    source.write_text(
        "\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8"
    )
    config = load_config(
        None, {"stages": ("percent",), "input.text_column": "wording", "input.id_column": "nr"}
    )
    run(config, [str(source)], tmp_path / "out")
    opened = open_run(tmp_path / "out")
    originals = Originals(opened)
    found = [originals.text_of(rows) for rows in opened.articles()]
    assert [original.exact for original in found] == [True, True]


def test_failed_articles_are_shown(tmp_path: Path, out: Path) -> None:
    written = write_report(open_run(out), tmp_path / "report.html")
    errors = content(written.path.read_text(encoding="utf-8"))["errors"]
    assert isinstance(errors, list)
    assert [(row[1], row[3]) for row in errors] == [("c.txt", "empty")]


def test_a_run_without_articles_makes_a_page() -> None:
    empty = rows_in_memory("nothing", {name: [] for name in _tables()}, {})
    assert "0 articles" in article_page(empty)
    assert rebuilt(next(hand_made("只有一句").articles())) == "只有一句"


def _tables() -> tuple[str, ...]:
    from pipeline.tables import TABLE_NAMES

    return TABLE_NAMES


def test_notebooks_show_marks_without_script(light_config: Config) -> None:
    from pipeline.extractor import Extractor

    extraction = Extractor(light_config).extract(HOSTILE)
    for fragment in (extraction._repr_html_(), extraction.document._repr_html_()):
        page = Page(fragment)
        assert page.count("script") == page.count("img") == page.count("svg") == 0
        assert "<script>window.hacked = 1</script>" in "".join(page.words)
        titles = [a.get("title") or "" for _, a in page.elements]
        assert any(title.startswith("PERCENT: ↑ 17% year on year") for title in titles)


def zhnews(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        cwd=cwd,
    )


def test_the_commands(tmp_path: Path, out: Path) -> None:
    page_path = tmp_path / "report.html"
    done = zhnews("report", str(out), "-o", str(page_path), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert page_path.is_file()
    assert "2 articles are in" in done.stderr
    missing = zhnews("report", str(tmp_path / "nosuch"), cwd=tmp_path)
    assert missing.returncode == 2
    assert "Traceback" not in missing.stderr
    (tmp_path / "zhnews.toml").write_text('stages = ["percent"]\n', encoding="utf-8")
    (tmp_path / "a.txt").write_text(PLAIN, encoding="utf-8")
    page = zhnews("extract", "a.txt", "--html", cwd=tmp_path)
    assert page.returncode == 0, page.stderr
    assert page.stdout.startswith("<!doctype html>")
    assert "17%" in page.stdout
    assert "line breaks are guessed" not in page.stdout
    for command in ("report", "plot"):
        told = zhnews(command, "--help", cwd=tmp_path)
        assert f"Example: zhnews {command}" in " ".join(told.stdout.split())
