"""Entities and affiliations against the dev gold: on gold mentions, or end to end.

    python -m benchmarks.entities [--end-to-end [--backend onnx] [--no-second-pass]] [--errors]
        [--gold FILE]

Prints B-cubed over PERSON, COMPANY and ORG mentions, and F1 of affiliations as
(person, organisation) and as (person, organisation, title, status).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.affiliations import find_affiliations
from pipeline.config import Config, load_config
from pipeline.document import Document, HeaderField
from pipeline.entities import Linker, resolve_entities
from pipeline.evaluate.clusters import Fact, Score, b_cubed, fact_score, facts, mention_clusters
from pipeline.extraction import Extraction
from pipeline.normalize import Normalizer, to_simplified
from pipeline.segment import Segmenter

NAMES = ("PERSON", "COMPANY", "ORG")


class Measured(NamedTuple):
    """One gold article and what the system made of it."""

    row: dict[str, Any]
    extraction: Extraction


def gold_documents(rows: list[dict[str, Any]]) -> Iterator[Document]:
    """Documents that hold the gold mentions of names."""
    normalizer, segmenter = Normalizer(), Segmenter()
    for row in rows:
        article = _article(row)
        text = normalizer(article.text).text
        document = Document(
            article,
            text,
            sentences=tuple(segmenter.sentences(text)),
            tokens=tuple(segmenter.tokens(text)),
        )
        yield document.with_mentions(
            document.mention(m["start"], m["end"], m["label"], score=1.0, stage="gold", rule="gold")
            for m in row["mentions"]
            if m["label"] in NAMES
        )


def _article(row: dict[str, Any]) -> Any:
    from pipeline.document import Article

    published = HeaderField(row["published"]) if row.get("published") else None
    return Article(row["id"], row["text"], published=published)


def on_gold_mentions(rows: list[dict[str, Any]]) -> list[Measured]:
    """Entities and affiliations from the gold mentions."""
    linker = Linker(Config().lexicons)
    measured = []
    for row, document in zip(rows, gold_documents(rows), strict=True):
        entities, _ = resolve_entities(document, linker)
        affiliations = find_affiliations(document, entities)
        measured.append(Measured(row, Extraction(document, entities, affiliations)))
    return measured


def end_to_end(rows: list[dict[str, Any]], backend: str, *, second_pass: bool) -> list[Measured]:
    """Entities and affiliations from the raw text."""
    from pipeline.extractor import Extractor

    stages = ("ner", "organisations", "second_pass") if second_pass else ("ner", "organisations")
    extractor = Extractor(load_config(None, {"stages": stages, "ner.backend": backend}))
    return [
        Measured(row, extraction)
        for row, extraction in zip(
            rows, extractor.extract_many(_article(row) for row in rows), strict=True
        )
    ]


def gold_facts(row: dict[str, Any]) -> list[Fact]:
    """Affiliations of a gold row, with its id in front of each person."""
    return [
        Fact(a["person"], a["organisation"], to_simplified(a["title"] or ""), a["status"])
        for a in row["affiliations"]
        if a["organisation"]
    ]


def report(measured: list[Measured], *, errors: bool) -> None:
    """Print the scores, and where asked the differences."""
    gold: dict[Any, Any] = {}
    system: dict[Any, Any] = {}
    wanted: list[tuple[str, ...]] = []
    given: list[tuple[str, ...]] = []
    for row, extraction in measured:
        for m in row["mentions"]:
            if m["label"] in NAMES:
                gold[(row["id"], m["start"], m["end"])] = (row["id"], m["norm"])
        system.update(mention_clusters(extraction.document, extraction.entities))
        ours = facts(extraction.entities, extraction.affiliations)
        wanted += [(row["id"], *fact) for fact in gold_facts(row)]
        given += [(row["id"], *fact) for fact in ours]
        if errors:
            _differences(row, extraction, ours)
    _line("B-cubed", b_cubed(gold, system))
    pairs = [row[:3] for row in wanted], [row[:3] for row in given]
    _line("person, organisation", fact_score(*pairs))
    _line("... , title, status", fact_score(wanted, given))


def _line(name: str, score: Score) -> None:
    print(f"{name:28} P {score.precision:.3f} R {score.recall:.3f} F1 {score.f1:.3f}")


def _differences(row: dict[str, Any], extraction: Extraction, ours: list[Fact]) -> None:
    norms = {(m["start"], m["end"]): m["norm"] for m in row["mentions"] if m["label"] in NAMES}
    document = extraction.document
    print("=====", row["id"])
    home: dict[str, set[str]] = {}
    for entity in extraction.entities:
        inside = {
            norms.get((document.mentions[i].start, document.mentions[i].end), "?")
            for i in entity.mentions
        }
        for norm in inside:
            home.setdefault(norm, set()).add(entity.name)
        if inside != {entity.name}:
            print("   entity", entity.name, inside, entity.rules)
    for norm, names in home.items():
        if len(names) > 1 and norm != "?":
            print("   split ", norm, names)
    wanted = set(gold_facts(row))
    for fact in sorted(wanted - set(ours)):
        print("   missed", " | ".join(fact))
    rules = {
        (a.person_id, a.company_id, a.title, a.status): a.rule for a in extraction.affiliations
    }
    names_of = {entity.id: entity.name for entity in extraction.entities}
    for (person, company, title, status), rule in rules.items():
        fact = Fact(names_of.get(person or "", ""), names_of.get(company or "", ""), title, status)
        if fact not in wanted:
            print("   extra ", " | ".join(fact), "<-", rule)


def main() -> None:
    """Read the gold, measure, print."""
    data = Path(os.environ.get("ZHNEWS_DATA", "../shared/data"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, default=data / "gold" / "dev.jsonl")
    parser.add_argument("--end-to-end", action="store_true")
    parser.add_argument("--backend", default="onnx")
    parser.add_argument("--no-second-pass", action="store_true")
    parser.add_argument("--errors", action="store_true")
    arguments = parser.parse_args()
    lines = arguments.gold.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line]
    begun = time.perf_counter()
    if arguments.end_to_end:
        measured = end_to_end(rows, arguments.backend, second_pass=not arguments.no_second_pass)
    else:
        measured = on_gold_mentions(rows)
    report(measured, errors=arguments.errors)
    print(f"{len(rows)} articles, {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
