"""Runs for the report's tests: articles written here, some of them hostile."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pipeline.affiliations.model import Affiliation
from pipeline.config import load_config
from pipeline.document import Document
from pipeline.entities.model import Alias, Entity
from pipeline.extraction import Extraction
from pipeline.extractor import Extractor
from pipeline.readers import article_from_text
from pipeline.report.load import RunRows, rows_in_memory
from pipeline.tables import rows_of

PLAIN = """晨曦科技營收增長
2024-05-06 09:30

晨曦科技董事長陳默表示，2023年營收同比增長17%，存活率不足20%。
陳默說，晨曦科技明年將投資2000萬美元。
"""

HOSTILE = """<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">
2024-05-06

晨曦科技"><svg onload=window.hacked=1> javascript:window.hacked=1 同比增長17%。
\u202e%99長增\u202c \u2066隔\u2069 與</script></template><script>window.hacked = 1</script><!--
<a href="javascript:window.hacked=1">按</a> {{ 7 * 7 }} ${7*7} &lt;b&gt;
<style>body { display: none }</style> 陳默' onmouseover='window.hacked=1 是2023年的董事長。
"""


@lru_cache(maxsize=1)
def light_extractor() -> Extractor:
    """The quantity stages only: no model."""
    return Extractor(load_config(None, {"stages": ("percent", "year", "money")}))


def with_names(extraction: Extraction) -> Extraction:
    """The extraction with 陳默 and 晨曦科技 marked wherever they stand, and a role of the first."""
    document = extraction.document
    found = [
        document.mention(at, at + len(name), label, score=0.98, stage="ner", rule="test")
        for name, label in (("陳默", "PERSON"), ("晨曦科技", "COMPANY"))
        for at in _places(document, name)
    ]
    document = document.adding(found)
    name = document.article.id
    entities = []
    for raw, plain, label, kind in (
        ("陳默", "陈默", "PERSON", "full"),
        ("晨曦科技", "晨曦科技", "COMPANY", "company"),
    ):
        marks = tuple(i for i, m in enumerate(document.mentions) if m.label == label)
        if marks:
            first = document.mentions[marks[0]].start
            alias = Alias(plain, raw, "short form", first, first + len(raw))
            entities.append(Entity(f"{name}:{label}", kind, plain, raw, marks, (alias,)))
    roles: tuple[Affiliation, ...] = ()
    if len(entities) == 2:
        at = _places(document, "董事長")[:1]
        roles = tuple(
            Affiliation(
                f"{name}:role",
                entities[0].id,
                entities[1].id,
                "董事长",
                "董事長",
                "current",
                start,
                start + 3,
                "test",
            )
            for start in at
        )
    return Extraction(document, tuple(entities), roles)


def _places(document: Document, name: str) -> list[int]:
    text, at, found = document.article.text, -1, []
    while (at := text.find(name, at + 1)) >= 0:
        found.append(at)
    return found


def hand_made(*texts: str) -> RunRows:
    """A run over these texts, with names marked."""
    articles = [article_from_text(text, f"news/{n}.txt") for n, text in enumerate(texts)]
    extractions = [with_names(e) for e in light_extractor().extract_many(articles)]
    held = {f"news/{n}.txt": text for n, text in enumerate(texts)}
    return rows_in_memory("hand made", rows_of(extractions), held)


def write_articles(folder: Path, **texts: str) -> Path:
    """Text files in a new folder."""
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
    return folder
