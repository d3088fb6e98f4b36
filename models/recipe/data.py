"""Corpora as simplified text with allowed tags per character (partial annotation).

A sample holds, for each character, the set of tags that its corpus allows there, as a bit mask
over ``TAGS``. What a corpus does not label, or labels by other rules, allows more than one tag and
so teaches nothing about the difference.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.normalize import to_simplified

LABELS = ("PERSON", "COMPANY", "ORG", "LOC")
TAGS = ("O", *(f"{mark}-{label}" for label in LABELS for mark in "BIES"))
OUTSIDE = 1
ANY = (1 << len(TAGS)) - 1
_MAPPINGS = Path(__file__).parent / "mappings"
MAX_CHARS = 192


class Entity(NamedTuple):
    """An annotation as the corpus has it (half-open offsets)."""

    start: int
    end: int
    type: str


class Record(NamedTuple):
    """One line of a corpus: raw text with its annotations."""

    id: str
    text: str
    entities: tuple[Entity, ...]


class Sample(NamedTuple):
    """Simplified text and the allowed tags of each character (bit masks over ``TAGS``)."""

    text: str
    allowed: tuple[int, ...]


class Rule(NamedTuple):
    """What a corpus's type means for us."""

    span: bool
    labels: tuple[str, ...]


def data_folder() -> Path:
    """Folder of the project's data (``ZHNEWS_DATA``, by default ``../shared/data``)."""
    return Path(os.environ.get("ZHNEWS_DATA", "../shared/data"))


def read_corpus(part: str, name: str) -> Iterator[Record]:
    """Records of ``ner/<part>/<name>.jsonl.gz``, text as it is there."""
    path = data_folder() / "ner" / part / f"{name}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = (Entity(e["start"], e["end"], e["type"]) for e in row["entities"])
            yield Record(row["id"], row["text"], tuple(sorted(spans)))


def annotated_stretches() -> list[Record]:
    """Stretches of bulk articles with our own annotations (``annotations/stretches.tsv``)."""
    records = []
    for source, rows in annotation_rows("stretches.tsv").items():
        texts = {number: text for number, _, text in bulk_articles(source)}
        for row in rows:
            start, end = int(row["start"]), int(row["end"])
            text = texts[row["article"]][start:end]
            records.append(Record(row["article"], text, _entities(row["spans"], start)))
    return records


def annotated_articles(part: str) -> list[Record]:
    """Bulk articles with our own annotations (``annotations/articles.tsv``).

    ``part``: ``train``, or ``held_out`` for those that are never trained on.
    """
    records = []
    for source, rows in annotation_rows("articles.tsv").items():
        wanted = {row["article"]: row for row in rows if row["part"] == part}
        for number, title, text in bulk_articles(source):
            if row := wanted.get(number):
                read = as_file(title, text)[: int(row["length"])]
                records.append(Record(number, read, _entities(row["spans"], 0)))
    return records


def as_file(title: str, text: str) -> str:
    """A bulk article as the files of ``articles/`` have it: title, blank line, text."""
    return f"{title}\n\n{text}" if title else text


def bulk_articles(source: str) -> Iterator[tuple[str, str, str]]:
    """Id, raw title and raw text of each article of ``bulk/<source>``."""
    path = data_folder() / "bulk" / f"{source}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["id"], row["title"], row["text"]


def annotation_rows(name: str) -> dict[str, list[dict[str, str]]]:
    """Rows of a file of ``annotations/`` by source."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows(Path(__file__).parent / "annotations" / name):
        rows[row["source"]].append(row)
    return rows


def _entities(spans: str, offset: int) -> tuple[Entity, ...]:
    parts = (span.split("-") for span in spans.split())
    return tuple(sorted(Entity(int(s) - offset, int(e) - offset, kind) for s, e, kind in parts))


def _rows(path: Path) -> list[dict[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = (line for line in lines if not line.startswith("#"))
    return list(csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))


@lru_cache(maxsize=1)
def label_rules() -> dict[tuple[str, str], Rule]:
    """(corpus, type) -> rule, from ``mappings/labels.tsv``."""
    return {
        (row["corpus"], row["type"]): Rule(
            row["mode"] == "span", tuple(filter(None, row["labels"].split(",")))
        )
        for row in _rows(_MAPPINGS / "labels.tsv")
    }


@lru_cache(maxsize=1)
def _surface_rules() -> list[tuple[re.Pattern[str], frozenset[str], Rule]]:
    rules = []
    for row in _rows(_MAPPINGS / "surfaces.tsv"):
        labels = () if row["labels"] == "-" else tuple(row["labels"].split(","))
        rule = Rule(bool(labels), labels or LABELS)
        rules.append((re.compile(row["pattern"]), frozenset(row["corpora"].split(",")), rule))
    return rules


@lru_cache(maxsize=1 << 16)
def rule_for(corpus: str, kind: str, surface: str) -> Rule:
    """Rule of one annotation; surface rules come before the corpus's label rule."""
    base = label_rules().get((corpus, kind), Rule(False, ()))
    if not base.span or corpus == "zhnews" or "PERSON" in base.labels or base.labels == ("LOC",):
        return base
    for pattern, corpora, rule in _surface_rules():
        if ("*" in corpora or corpus in corpora) and pattern.fullmatch(surface):
            return rule
    return base


@lru_cache(maxsize=256)
def tag_mask(labels: tuple[str, ...], marks: str) -> int:
    """Bit mask of the given marks (of BIES, and O) of the labels."""
    mask = OUTSIDE if "O" in marks else 0
    for label in labels:
        for mark in marks.replace("O", ""):
            mask |= 1 << TAGS.index(f"{mark}-{label}")
    return mask


def allow(allowed: list[int], start: int, end: int, rule: Rule) -> None:
    """Write a rule's allowed tags over ``allowed[start:end]``."""
    if not rule.span:
        mask = tag_mask(rule.labels, "OBIES")
        allowed[start:end] = [mask] * (end - start)
        return
    if end - start == 1:
        allowed[start] = tag_mask(rule.labels, "S")
        return
    allowed[start] = tag_mask(rule.labels, "B")
    allowed[start + 1 : end - 1] = [tag_mask(rule.labels, "I")] * (end - start - 2)
    allowed[end - 1] = tag_mask(rule.labels, "E")


def known_surfaces(corpus: str, records: Iterable[Record]) -> set[str]:
    """Name strings (2 to 8 characters) that a corpus labels at least once as one of ours."""
    found = set()
    for record in records:
        for start, end, kind in record.entities:
            surface = record.text[start:end]
            if 2 <= len(surface) <= 8 and rule_for(corpus, kind, surface).span:
                found.add(surface)
    return found


def mask_repeats(record: Record, allowed: list[int], names: set[str]) -> None:
    """Allow anything where a name labelled elsewhere in the corpus stands unlabelled."""
    taken = [False] * (len(record.text) + 1)
    for start, end, _ in record.entities:
        taken[start:end] = [True] * (end - start)
    for start in range(len(record.text)):
        for length in range(8, 1, -1):
            end = start + length
            fits = end <= len(record.text)
            if fits and record.text[start:end] in names and not any(taken[start:end]):
                allowed[start:end] = [ANY] * (end - start)
                break


def to_sample(corpus: str, record: Record, names: set[str] | None = None) -> Sample:
    """Simplified text and allowed tags of one record."""
    text = to_simplified(record.text)
    outside = label_rules().get((corpus, "*"), Rule(False, ()))
    allowed = [tag_mask(outside.labels, "OBIES")] * len(text)
    taken = [False] * len(text)
    for start, end, kind in sorted(record.entities, key=lambda e: (e.start - e.end, e.start)):
        if 0 <= start < end <= len(text) and not any(taken[start:end]):
            taken[start:end] = [True] * (end - start)
            allow(allowed, start, end, rule_for(corpus, kind, text[start:end]))
    if names:
        mask_repeats(record, allowed, names)
    return Sample(text, tuple(allowed))


def corpus_samples(corpus: str, part: str = "train") -> list[Sample]:
    """All samples of a corpus; unlabelled repeats are masked in the noisy corpora."""
    records = list(read_corpus(part, corpus))
    names = known_surfaces(corpus, records) if corpus in ("cluener", "finner") else None
    return [to_sample(corpus, record, names) for record in records]


def split_zhnews(held_out: int = 60) -> tuple[list[Record], list[Record]]:
    """Articles of train/zhnews to train on and to hold out, by source, the same at every call."""
    by_source = defaultdict(list)
    records = sorted(read_corpus("train", "zhnews"))
    for record in records:
        by_source[record.id.split("__")[0]].append(record)
    tuning: list[Record] = []
    for group in by_source.values():
        step = len(records) / held_out
        tuning += [group[int(i * step)] for i in range(int(len(group) / step + 0.5))]
    chosen = {record.id for record in tuning}
    return [record for record in records if record.id not in chosen], tuning


_CUT = re.compile(r"[\n。！？!?；;]")


def _starts_here(allowed: tuple[int, ...], at: int) -> bool:
    """Whether no mention has to run across the border before ``at``."""
    if at >= len(allowed):
        return True
    return bool(allowed[at] & _OPENING) and bool(allowed[at - 1] & _CLOSING)


def windows(sample: Sample, longest: int = MAX_CHARS) -> list[Sample]:
    """Cut at sentence ends into stretches of at most ``longest`` characters, never in a mention."""
    text, allowed = sample
    ends = [match.end() for match in _CUT.finditer(text)] + [len(text)]
    pieces: list[Sample] = []
    start = last = 0
    for end in ends:
        if end < len(text) and not _starts_here(allowed, end):
            continue
        while end - start > longest:
            cut = last if last > start else start + longest
            while cut > start and not _starts_here(allowed, cut):
                cut -= 1
            if cut == start:  # a mention longer than the window stays whole
                cut = start + longest
                while cut < end and not _starts_here(allowed, cut):
                    cut += 1
            pieces.append(Sample(text[start:cut], allowed[start:cut]))
            start = last = cut
        last = end
    if start < len(text):
        pieces.append(Sample(text[start:], allowed[start:]))
    return [piece for piece in pieces if piece.text.strip()]


_OPENING = tag_mask(LABELS, "OBS")
_CLOSING = tag_mask(LABELS, "OES")
