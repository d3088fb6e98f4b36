"""The sample corpus: annotations that stand where they say, in the form of the guidelines.

Each rule is a function from an annotated article to a list of complaints, so that every rule can
be shown to complain (``test_rules_complain``) and to have nothing to complain of in the corpus.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pipeline.normalize import to_simplified

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "corpus"
ARTICLES = CORPUS / "articles"

Row = dict[str, Any]

NAMES = {"PERSON", "COMPANY", "ORG"}
LABELS = NAMES | {"PERCENT", "YEAR", "YEAR_REL", "MONEY"}
UNITS = {"percent", "percentage_point", "permille", "basis_point", "fraction", "multiple"}
RELATIONS = {"=", "<", "<=", ">", ">=", "~"}
STATUSES = {"current", "former", "founder", "future"}
ROW_KEYS = {"id", "source", "region", "published", "text", "mentions", "affiliations"}


@cache
def gold() -> tuple[Row, ...]:
    lines = (CORPUS / "gold" / "sample.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def article_texts() -> dict[str, str]:
    """Article id -> text as the file has it (HTML: its visible text)."""
    found: dict[str, str] = {}
    for path in sorted(p for p in ARTICLES.rglob("*") if p.is_file()):
        name = path.relative_to(ARTICLES).as_posix()
        content = path.read_bytes().decode("utf-8")
        if path.suffix == ".jsonl":
            records = [json.loads(line) for line in content.splitlines()]
            found |= {f"{name}#{record['id']}": record["text"] for record in records}
        elif path.suffix == ".html":
            found[name] = visible_text(content)
        else:
            found[name] = content
    return found


def visible_text(html: str) -> str:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = 0
            self.parts: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.hidden += tag in {"script", "style"}

        def handle_endtag(self, tag: str) -> None:
            self.hidden -= tag in {"script", "style"}

        def handle_data(self, data: str) -> None:
            if not self.hidden:
                self.parts.append(data)

    reader = Reader()
    reader.feed(html)
    return "".join(reader.parts)


def spans(row: Row) -> list[str]:
    """Offsets cut the text that is written, in order, without overlap."""
    complaints, last = [], 0
    for m in row["mentions"]:
        if row["text"][m["start"] : m["end"]] != m["text"] or not m["text"]:
            complaints.append(f"{m['start']}-{m['end']} is not {m['text']!r}")
        if m["text"] != m["text"].strip():
            complaints.append(f"{m['text']!r} has blanks at its edge")
        if m["start"] < last:
            complaints.append(f"{m['text']!r} overlaps or stands out of order")
        last = m["end"]
    return complaints


def norms(row: Row) -> list[str]:
    """Labels are known and each norm has the form of its label."""
    forms: dict[str, Callable[[Any], bool]] = {
        "PERCENT": is_percent,
        "MONEY": is_money,
        "YEAR": is_years,
        "YEAR_REL": lambda norm: norm is None or is_years(norm),
    } | dict.fromkeys(NAMES, is_name)
    return [
        f"{m['label']} {m['text']!r}: {m['norm']!r}"
        for m in row["mentions"]
        if m["label"] not in LABELS or not forms[m["label"]](m["norm"])
    ]


def norms_stand_in_the_article(row: Row) -> list[str]:
    """A name's norm is the simplified form of a mention of the same article and label."""
    written = {(m["label"], to_simplified(m["text"])) for m in row["mentions"]}
    return [
        f"{m['text']!r}: {m['norm']!r}"
        for m in row["mentions"]
        if m["label"] in NAMES and (m["label"], m["norm"]) not in written
    ]


def is_name(norm: Any) -> bool:
    return isinstance(norm, str) and norm == norm.strip() == to_simplified(norm) != ""


def is_years(norm: Any) -> bool:
    return (
        isinstance(norm, list)
        and len(norm) == 2
        and all(type(year) is int and 1800 <= year <= 2100 for year in norm)
        and norm[0] <= norm[1]
    )


def is_amount(norm: dict[str, Any]) -> bool:
    if "value" in norm:
        open_amount = norm["value"] is None and norm["relation"] == "~"
        return open_amount or isinstance(norm["value"], int | float)
    return bool(norm["low"] < norm["high"])


def is_percent(norm: Any) -> bool:
    keys = set(norm) - {"value", "low", "high"}
    return (
        keys == {"unit", "relation", "direction"}
        and norm["unit"] in UNITS
        and norm["relation"] in RELATIONS
        and norm["direction"] in {"up", "down", None}
        and is_amount(norm)
    )


def is_money(norm: Any) -> bool:
    keys = set(norm) - {"value", "low", "high"}
    return (
        keys == {"currency", "relation"}
        and re.fullmatch(r"[A-Z]{3}", norm["currency"]) is not None
        and norm["relation"] in RELATIONS
        and is_amount(norm)
    )


def every_occurrence(row: Row) -> list[str]:
    """No string that is marked somewhere stands unmarked elsewhere, except inside a mention.

    Strings of one character (surnames, 半) and bare digits mean something else elsewhere.
    """
    text, taken = row["text"], [(m["start"], m["end"]) for m in row["mentions"]]
    strings = {m["text"] for m in row["mentions"]}
    complaints = []
    for string in sorted(s for s in strings if len(s) > 1 and not s.isascii()):
        for found in re.finditer(re.escape(string), text):
            if not any(start <= found.start() and found.end() <= end for start, end in taken):
                complaints.append(f"{string!r} stands unmarked at {found.start()}")
    return complaints


def signs_are_marked(row: Row) -> list[str]:
    """Every percent sign after a number, 個百分點 and written calendar year lies in a mention."""
    taken = [(m["start"], m["end"]) for m in row["mentions"]]
    pattern = (
        r"\d ?[%％‰]|\d個百分點|\d个百分点|\d趴|(?:19|20)\d\d ?年|民國\d|[今去前明]年(?!\d)(?!後)"
    )
    return [
        f"{found.group()!r} stands unmarked at {found.start()}"
        for found in re.finditer(pattern, row["text"])
        if not any(start < found.end() and found.start() < end for start, end in taken)
        and not row["text"].startswith("農曆", found.start() - 2)
    ]


def affiliations(row: Row) -> list[str]:
    """Persons and organisations are norms of mentions; no fact stands twice."""
    complaints = []
    by_label: dict[str, set[str]] = {label: set() for label in NAMES}
    for m in row["mentions"]:
        if m["label"] in NAMES:
            by_label[m["label"]].add(m["norm"])
    for fact in row["affiliations"]:
        known = fact["person"] in by_label["PERSON"]
        known &= fact["organisation"] in by_label["COMPANY"] | by_label["ORG"]
        title = fact["title"]
        if not known or fact["status"] not in STATUSES or title == "":
            complaints.append(f"{fact}")
        elif title and (title != to_simplified(title) or fact["organisation"] in title):
            complaints.append(f"title {title!r}")
    facts = Counter(tuple(fact.values()) for fact in row["affiliations"])
    return complaints + [f"{fact} twice" for fact, count in facts.items() if count > 1]


RULES = (spans, norms, norms_stand_in_the_article, every_occurrence, signs_are_marked, affiliations)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("row", gold(), ids=lambda row: str(row["id"]))
def test_annotations(row: Row, rule: Callable[[Row], list[str]]) -> None:
    assert rule(row) == []


def test_ids_match_files() -> None:
    ids = [row["id"] for row in gold()]
    assert sorted(ids) == sorted(article_texts())
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("row", gold(), ids=lambda row: str(row["id"]))
def test_text_is_the_text_of_the_file(row: Row) -> None:
    text = article_texts()[row["id"]]
    if row["id"].endswith(".html"):
        at = 0
        for line in row["text"].splitlines():
            at = text.index(line, at) + len(line)
    else:
        assert row["text"] == text


@pytest.mark.parametrize("row", gold(), ids=lambda row: str(row["id"]))
def test_rows_have_the_keys_of_the_format(row: Row) -> None:
    assert set(row) == ROW_KEYS
    assert row["region"] in {"TW", "HK", "CN"}
    assert row["published"] is None or re.fullmatch(
        r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?", row["published"]
    )
    assert all(set(m) == {"start", "end", "label", "text", "norm"} for m in row["mentions"])
    assert all(
        list(fact) == ["person", "organisation", "title", "status"] for fact in row["affiliations"]
    )


def test_data_card_counts_what_there_is() -> None:
    card = (CORPUS / "README.md").read_text(encoding="utf-8")
    counts = Counter(m["label"] for row in gold() for m in row["mentions"])
    facts = sum(len(row["affiliations"]) for row in gold())
    assert set(counts) == LABELS
    for label, count in counts.items():
        assert f"| {label} | {count} |" in card
    assert f"| affiliations | {facts} |" in card
    assert f"| articles | {len(gold())} |" in card


SPOILERS: dict[str, tuple[Callable[[Row], list[str]], Callable[[Row], Any]]] = {
    "shifted": (spans, lambda row: row["mentions"][0].update(start=1)),
    "overlap": (spans, lambda row: row["mentions"].insert(1, row["mentions"][0])),
    "unknown label": (norms, lambda row: row["mentions"][0].update(label="PLACE")),
    "traditional norm": (norms, lambda row: row["mentions"][0].update(norm="嵐江銀行")),
    "norm of no mention": (
        norms_stand_in_the_article,
        lambda row: row["mentions"][0].update(norm="岚江银行集团"),
    ),
    "year as text": (norms, lambda row: row["mentions"][1].update(norm="2024")),
    "unknown unit": (norms, lambda row: row["mentions"][2]["norm"].update(unit="percents")),
    "no relation": (norms, lambda row: row["mentions"][2]["norm"].update(relation="約")),
    "no currency": (norms, lambda row: row["mentions"][3]["norm"].update(currency="元")),
    "backward range": (norms, lambda row: row["mentions"][3]["norm"].update(low=3, high=2)),
    "missed name": (every_occurrence, lambda row: row["mentions"].pop(0)),
    "missed year": (signs_are_marked, lambda row: row["mentions"].pop(1)),
    "missed percent": (signs_are_marked, lambda row: row["mentions"].pop(2)),
    "unknown person": (affiliations, lambda row: row["affiliations"][0].update(person="无名")),
    "unknown status": (affiliations, lambda row: row["affiliations"][0].update(status="past")),
    "twice": (affiliations, lambda row: row["affiliations"].append(row["affiliations"][0])),
}


def small_row() -> Row:
    text = "嵐江銀行2024年增8%，賺3億元。嵐江銀行行長季懷瑾說明。"
    parts: list[tuple[str, str, Any]] = [
        ("嵐江銀行", "COMPANY", "岚江银行"),
        ("2024年", "YEAR", [2024, 2024]),
        (
            "8%",
            "PERCENT",
            {"value": 8, "unit": "percent", "relation": "=", "direction": "up"},
        ),
        ("3億元", "MONEY", {"value": 300000000, "currency": "TWD", "relation": "="}),
        ("嵐江銀行", "COMPANY", "岚江银行"),
        ("季懷瑾", "PERSON", "季怀瑾"),
    ]
    mentions, at = [], 0
    for string, label, norm in parts:
        at = text.index(string, at)
        end = at + len(string)
        mentions.append({"start": at, "end": end, "label": label, "text": string, "norm": norm})
        at = end
    fact = {"person": "季怀瑾", "organisation": "岚江银行", "title": "行长", "status": "current"}
    return {"text": text, "mentions": mentions, "affiliations": [fact]}


@pytest.mark.parametrize("name", SPOILERS)
def test_rules_complain(name: str) -> None:
    rule, spoil = SPOILERS[name]
    row = small_row()
    assert rule(row) == []
    spoiled = deepcopy(row)
    # "backward range" turns a value into a range first
    if name == "backward range":
        del spoiled["mentions"][3]["norm"]["value"]
    spoil(spoiled)
    assert rule(spoiled) != []
