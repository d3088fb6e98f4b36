"""Sentences with figures that hold no percentage, year or amount of money, by reading.

``cases/no_quantity.tsv`` names 2,000 sentences of the articles under ``ZHNEWS_DATA`` (file and
offsets; their text stays there): drawn at random among sentences with figures or Chinese numerals,
either without any character that such an expression needs, or read and found to hold none.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from pipeline.config import Config
from pipeline.document import Document
from pipeline.normalize import Normalizer
from pipeline.readers import article_from_text
from pipeline.stage import load_stage

LIST = Path(__file__).parent / "cases" / "no_quantity.tsv"


def listed() -> dict[str, list[tuple[int, int]]]:
    found = defaultdict(list)
    with LIST.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            found[row["article"]].append((int(row["start"]), int(row["end"])))
    return dict(found)


def test_the_list_is_as_large_as_it_says() -> None:
    spans = [(name, *span) for name, spans in listed().items() for span in spans]
    assert len(spans) == len(set(spans)) == 2000
    assert all(start < end for _, start, end in spans)


@pytest.mark.real
def test_nothing_is_found_in_them(data_folder: Path) -> None:
    stages = [load_stage(name, Config()) for name in ("percent", "year", "money")]
    normalizer, wrong = Normalizer(), []
    for name, spans in listed().items():
        text = (data_folder / "articles" / name).read_text(encoding="utf-8")
        article, normal = article_from_text(text, name), normalizer(text)
        document = Document(article, normal.text, script=normal.script)
        for stage in stages:
            (document,) = stage([document])
        wrong += [
            (name, mention.start, mention.text)
            for mention in document.mentions
            for start, end in spans
            if start <= mention.start < end
        ]
    assert wrong == []
