from __future__ import annotations

import csv
import warnings
from pathlib import Path

import pytest

from pipeline.conversion import Converter, Dictionaries, Override, encode, load_dictionaries
from pipeline.errors import ConfigError, NormalizeError
from pipeline.normalize import Normalizer, read_overrides, to_simplified
from pipeline.resources import lexicon_folder

CASES = Path(__file__).parent / "cases" / "normalize.tsv"
TRADITIONAL = "這間醫院說過將會為臺灣國際貿易開發經濟"
SIMPLIFIED = "这间医院说过将会为国际贸易开发经济"


def cases() -> list[list[str]]:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer()


@pytest.mark.parametrize(("raw", "expected", "conversion"), cases())
def test_conversion(normalizer: Normalizer, raw: str, expected: str, conversion: str) -> None:
    result = normalizer(raw)
    assert (result.text, result.conversion) == (expected, conversion)
    assert to_simplified(raw) == expected


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", "none"),
        ("17% of 2023, 大小人口", "none"),
        (TRADITIONAL, "traditional"),
        (SIMPLIFIED, "simplified"),
        (TRADITIONAL * 5 + "这说", "traditional"),
        (SIMPLIFIED * 5 + "臺灣", "simplified"),
        (TRADITIONAL + SIMPLIFIED, "mixed"),
        ("皇后在里面吃面包", "none"),
        ("皇后说里面吃面包", "simplified"),
    ],
)
def test_script(normalizer: Normalizer, text: str, script: str) -> None:
    assert normalizer(text).script == script


@pytest.mark.parametrize(
    "text", ["\0個\0", "\ud800個\udfff", "😀個👨‍👩‍👧", "𠮶個𪚥", "個\r\n\r\n\t", "個" * 5_000_000]
)
def test_any_content_keeps_its_length(normalizer: Normalizer, text: str) -> None:
    result = normalizer(text)
    assert len(result.text) == len(text)
    assert result.text == text.replace("個", "个").replace("𪚥", "𪚥")


def test_compatibility_ideographs_and_radicals(normalizer: Normalizer) -> None:
    assert normalizer("\uf900\u2f00").text == "岂一"


def test_errors_of_machine_conversion_are_reported_not_rewritten(normalizer: Normalizer) -> None:
    text = "覆盤之後髮展，再覆盤"
    found = normalizer.conversion_errors(text)
    assert [(e.start, e.end, e.correct) for e in found] == [
        (0, 2, "復盤"),
        (4, 6, "發展"),
        (8, 10, "復盤"),
    ]
    assert normalizer.conversion_errors("復盤之後發展") == []
    assert normalizer(text).text == "覆盘之后发展，再覆盘"


def test_changes_say_what_decided(normalizer: Normalizer) -> None:
    assert [tuple(c) for c in normalizer.changes("瞭解魏徵，妳")] == [
        (0, 2, False),
        (2, 4, True),
        (5, 6, True),
    ]


def test_an_override_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text("term\tvalue\tsource\n乾燥\t乾燥\town\n", encoding="utf-8")
    own = Normalizer(path)
    assert own("乾燥妳").text == "乾燥妳"
    assert own.fingerprint != Normalizer().fingerprint
    assert own.fingerprint == Normalizer(path).fingerprint


def test_bad_override_files(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    with pytest.raises(ConfigError, match="cannot read"):
        Normalizer(path)
    path.write_text("乾燥\t乾燥\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="must begin"):
        Normalizer(path)
    path.write_text("term\tvalue\n乾燥\t干\n", encoding="utf-8")
    with pytest.raises(NormalizeError, match="length"):
        Normalizer(path)


def test_the_shipped_lexicons() -> None:
    for name in ("conversion_overrides", "machine_conversion_errors"):
        path = lexicon_folder() / f"{name}.tsv"
        with path.open(encoding="utf-8") as lines:
            rows = list(csv.DictReader((x for x in lines if x[0] != "#"), delimiter="\t"))
        assert rows
        assert all(len(row["term"]) == len(row["value"]) and row["source"] for row in rows)
        keys = [(row["term"], row.get("script")) for row in rows]
        assert len(keys) == len(set(keys))
    scripts = {row.script for row in read_overrides(lexicon_folder() / "conversion_overrides.tsv")}
    assert scripts == {"", "traditional", "simplified"}


def convert(phrases: dict[str, str], text: str, overrides: tuple[Override, ...] = ()) -> str:
    tables = Dictionaries({}, phrases, frozenset(), frozenset(), (), "")
    codes, _ = Converter(tables, overrides).convert(text, encode(text))
    return "".join(map(chr, codes))


def test_of_overlapping_phrases_the_longest_then_the_leftmost_wins() -> None:
    assert convert({"ab": "12", "bcd": "345"}, "abcd") == "a345"
    assert convert({"ab": "12", "bc": "34"}, "abc") == "12c"
    assert convert({"ab": "12", "abc": "abc"}, "abcab") == "abc12"
    assert convert({"ab": "12"}, "abc", (Override("bc", "bc"),)) == "12c"
    assert convert({"ab": "12"}, "abcd", (Override("bcd", "bcd"),)) == "abcd"
    assert convert({"aab": "123"}, "aa") == "aa"


def test_what_would_change_a_length_is_left_out() -> None:
    dictionaries = load_dictionaries()
    assert all(len(k) == len(v) for k, v in dictionaries.phrases.items())
    assert all(len(k) == len(v) == 1 for k, v in dictionaries.characters.items())


@pytest.mark.real
def test_equal_to_the_package_on_real_articles(normalizer: Normalizer, data_folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from opencc import OpenCC
    package = OpenCC("t2s")
    paths = sorted((data_folder / "articles").rglob("*.txt"))[::40]
    assert len(paths) > 40
    for path in paths:
        text = path.read_bytes().decode("utf-8")
        theirs, ours = package.convert(normalizer.folded(text)), normalizer(text).text
        assert len(ours) == len(text) == len(theirs)
        if ours != theirs:
            explained = {
                at
                for change in normalizer.changes(text)
                if change.override
                for at in range(change.start, change.end)
            }
            differing = {at for at in range(len(text)) if ours[at] != theirs[at]}
            assert differing <= explained, path
