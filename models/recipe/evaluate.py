"""Strict span scores of backends on the dev sets, per label, with document-level intervals.

``python -m models.recipe evaluate --backend onnx --backend lac`` prints a Markdown table. Texts go
in as the pipeline cuts them: simplified, in windows that end at sentence ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.recipe.data import (
    ANY,
    Record,
    Sample,
    annotated_articles,
    data_folder,
    read_corpus,
    split_zhnews,
    windows,
)
from pipeline.config import Config
from pipeline.extractor import Extractor
from pipeline.normalize import to_simplified

Triple = tuple[int, int, str]
Predict = Callable[[Sequence[str]], list[list[Triple]]]


class Labelled(NamedTuple):
    """A text and its gold spans, in project labels."""

    text: str
    spans: frozenset[Triple]


class DevSet(NamedTuple):
    """Documents and the scored labels: name -> project labels that count as one."""

    name: str
    documents: list[Labelled]
    labels: dict[str, frozenset[str]]


class Score(NamedTuple):
    """Precision, recall, F1 and the 95 % interval of F1."""

    precision: float
    recall: float
    f1: float
    low: float
    high: float


_THREE = {label: frozenset({label}) for label in ("PERSON", "COMPANY", "ORG")}
_BODY = frozenset({"COMPANY", "ORG"})
_FOLDED = {
    "PERSON": frozenset({"PERSON"}), "COMPANY+ORG": _BODY, "LOC": frozenset({"LOC"}),
}  # fmt: skip
_TYPES = {
    "cluener": {"name": "PERSON", "company": "COMPANY", "organization": "ORG", "government": "ORG"},
    "finner": {"公司": "COMPANY", "人物": "PERSON"},
    "msra": {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC"},
    "uner_gsd": {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC"},
}


def gold_dev() -> list[Labelled]:
    """The project's own dev gold; its labels of names."""
    path = data_folder() / "gold" / "dev.jsonl"
    documents = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        marks = [m for m in row["mentions"] if m["label"] in _THREE]
        spans = frozenset((m["start"], m["end"], m["label"]) for m in marks)
        documents.append(Labelled(row["text"], spans))
    return documents


def held_out() -> list[Labelled]:
    """Articles that are never trained on: a part of train/zhnews and of our own annotations."""
    return [_labelled(r) for r in [*split_zhnews()[1], *annotated_articles("held_out")]]


def _labelled(record: Record) -> Labelled:
    return Labelled(record.text, frozenset((e.start, e.end, e.type) for e in record.entities))


def dev_sets(limit: int | None = None) -> list[DevSet]:
    """All dev sets; ``limit`` takes so many documents of each."""
    sets = [
        DevSet("gold/dev", gold_dev()[:limit], _THREE),
        DevSet("held out", held_out()[:limit], _THREE),
    ]
    for name, types in _TYPES.items():
        documents = []
        for record in list(read_corpus("dev", name))[:limit]:
            spans = ((e.start, e.end, types[e.type]) for e in record.entities if e.type in types)
            documents.append(Labelled(record.text, frozenset(spans)))
        labels = _FOLDED if "LOC" in types.values() else _THREE
        if name == "finner":
            labels = {label: _THREE[label] for label in ("PERSON", "COMPANY")}
        sets.append(DevSet(f"dev/{name}", documents, labels))
    return sets


def predict_documents(predict: Predict, texts: Sequence[str]) -> list[set[Triple]]:
    """Spans of whole documents, through windows."""
    pieces: list[str] = []
    owners: list[tuple[int, int]] = []
    for number, text in enumerate(texts):
        simplified = to_simplified(text)
        at = 0
        for window in windows(Sample(simplified, (ANY,) * len(simplified))):
            at = simplified.index(window.text, at)
            pieces.append(window.text)
            owners.append((number, at))
            at += len(window.text)
    found: list[set[Triple]] = [set() for _ in texts]
    for (number, offset), spans in zip(owners, predict(pieces), strict=True):
        found[number] |= {(s + offset, e + offset, label) for s, e, label in spans}
    return found


def score(
    documents: Sequence[Labelled], predicted: Sequence[set[Triple]], labels: frozenset[str]
) -> Score:
    """Strict scores of one label (or several folded into one); 1,000 resamplings of documents."""
    counts = []
    for document, spans in zip(documents, predicted, strict=True):
        mine = {(s, e) for s, e, label in spans if label in labels}
        gold = {(s, e) for s, e, label in document.spans if label in labels}
        counts.append((len(mine & gold), len(mine), len(gold)))
    table = np.array(counts, dtype=float).reshape(-1, 3)
    draws = np.random.default_rng(0).integers(0, len(table), size=(1000, len(table)))
    sums = table[draws].sum(axis=1)
    f1s = 2 * sums[:, 0] / np.maximum(1, sums[:, 1] + sums[:, 2])
    hits, found, there = table.sum(axis=0)
    low, high = np.percentile(f1s, [2.5, 97.5])
    return Score(
        float(hits / max(1, found)),
        float(hits / max(1, there)),
        float(2 * hits / max(1, found + there)),
        float(low),
        float(high),
    )


def score_table(systems: dict[str, Predict], limit: int | None = None) -> list[str]:
    """Markdown rows: set, label, mentions, then F1 [interval] of each system."""
    names = list(systems)
    rows = _head(names)
    for dev in dev_sets(limit):
        texts = [document.text for document in dev.documents]
        found = {name: predict_documents(systems[name], texts) for name in names}
        for label, folded in dev.labels.items():
            count = sum(s[2] in folded for d in dev.documents for s in d.spans)
            cells = []
            for name in names:
                value = score(dev.documents, found[name], folded)
                cells.append(f"{value.f1:.3f} [{value.low:.2f}, {value.high:.2f}]")
            rows.append(f"| {dev.name} | {label} | {count} | " + " | ".join(cells) + " |")
    return rows


def _head(systems: Iterable[str]) -> list[str]:
    cells = ["set", "label", "mentions", *systems]
    return ["| " + " | ".join(cells) + " |", "|---" * len(cells) + "|"]


def table_end_to_end(configs: dict[str, Config], errors: Path | None = None) -> list[str]:
    """Markdown rows: set, label, mentions, then precision, recall and F1 of the whole pipeline.

    Sets are the dev gold and the held-out articles; ``configs`` are pipelines by name. ``errors``
    takes the differences of the last one as TSV (set, article, kind, label, start, end, text).
    """
    rows = _head(configs)
    wrong: list[str] = []
    for name, documents in (("gold/dev", gold_dev()), ("held out", held_out())):
        found = {title: _extracted(config, documents) for title, config in configs.items()}
        for label, folded in _THREE.items():
            count = sum(s[2] in folded for d in documents for s in d.spans)
            cells = []
            for predicted in found.values():
                value = score(documents, predicted, folded)
                cells.append(
                    f"{value.precision:.3f} / {value.recall:.3f} / {value.f1:.3f} "
                    f"[{value.low:.2f}, {value.high:.2f}]"
                )
            rows.append(f"| {name} | {label} | {count} | " + " | ".join(cells) + " |")
        wrong += _differences(name, documents, list(found.values())[-1])
    if errors is not None:
        errors.write_text("\n".join(wrong) + "\n", encoding="utf-8")
    return rows


def _differences(
    name: str, documents: Sequence[Labelled], found: Sequence[set[Triple]]
) -> Iterator[str]:
    for number, (document, mine) in enumerate(zip(documents, found, strict=True)):
        for kind, spans in (("missed", document.spans - mine), ("wrong", mine - document.spans)):
            for start, end, label in sorted(spans):
                surface = repr(document.text[start:end])
                yield f"{name}\t{number}\t{kind}\t{label}\t{start}\t{end}\t{surface}"


def _extracted(config: Config, documents: Sequence[Labelled]) -> list[set[Triple]]:
    extractor = Extractor(config)
    return [
        {(m.start, m.end, str(m.label)) for m in extraction.document.mentions if m.label in _THREE}
        for extraction in extractor.extract_many([document.text for document in documents])
    ]
