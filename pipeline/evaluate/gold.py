"""Gold corpora in the project's JSONL form, and what of an extraction they are compared with.

A line is ``{id, source, region, published, text, mentions: [{start, end, label, text, norm}],
affiliations: [{person, organisation, title, status}]}``; offsets are half-open code points.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.document import Article, Document, Mention
from pipeline.errors import InputError
from pipeline.values import MoneyValue, PercentValue, Quantity, YearKind, YearValue

Norm = tuple[tuple[str, Any], ...] | None


@dataclass(frozen=True, slots=True)
class GoldMention:
    """An annotated (or predicted) stretch: ``norm`` is sorted field-value pairs, or None."""

    start: int
    end: int
    label: str
    text: str
    norm: Norm = None


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An annotated article."""

    id: str
    text: str
    source: str
    region: str | None
    published: str | None
    mentions: tuple[GoldMention, ...]
    affiliations: tuple[tuple[str, str, str, str], ...]
    """(person, organisation, title, status) of each fact."""

    def article(self) -> Article:
        """The article as the readers would give it: its header read from the text.

        Where the text has no date, ``published`` is taken, as a record file's column would be.
        """
        from pipeline.readers.article import RecordFields, article_from_text, with_fields

        article = article_from_text(self.text, self.id)
        if article.published is not None or not self.published:
            return article
        return with_fields(article, RecordFields(published=self.published))


def read_gold(path: Path) -> list[GoldArticle]:
    """Read a gold corpus.

    Raises ``InputError`` where a line is no JSON, a field is missing, or a mention's text differs
    from the article at its offsets (the line number and the offsets are named).
    """
    articles = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot read gold corpus {path}: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            articles.append(_article(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}:{number}: {error}") from error
    return articles


def corpus_sha256(path: Path) -> str:
    """Hash of a corpus file, pinned beside the floors that were measured on it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def predicted(document: Document, labels: Iterable[str]) -> list[GoldMention]:
    """A document's mentions in gold terms: relative years are YEAR_REL, values are norms."""
    wanted = set(labels)
    found = (
        GoldMention(m.start, m.end, gold_label(m), m.text, _predicted_norm(m))
        for m in document.mentions
    )
    return [mention for mention in found if mention.label in wanted]


def gold_label(mention: Mention) -> str:
    """The gold label of a mention: a YEAR whose kind is relative is YEAR_REL."""
    if isinstance(mention.value, YearValue) and mention.value.kind is YearKind.RELATIVE:
        return "YEAR_REL"
    return str(mention.label)


def _article(row: dict[str, Any]) -> GoldArticle:
    text = row["text"]
    mentions = []
    for m in row["mentions"]:
        if text[m["start"] : m["end"]] != m["text"]:
            raise ValueError(
                f"{row['id']} {m['start']}-{m['end']}: {m['text']!r} is not what the text has, "
                f"{text[m['start'] : m['end']]!r}"
            )
        mentions.append(
            GoldMention(m["start"], m["end"], m["label"], m["text"], _norm(m.get("norm")))
        )
    facts = tuple(
        (a.get("person") or "", a.get("organisation") or "", a.get("title") or "", a["status"])
        for a in row.get("affiliations", ())
    )
    return GoldArticle(
        row["id"],
        text,
        row.get("source") or "",
        row.get("region"),
        row.get("published"),
        tuple(mentions),
        facts,
    )


def _norm(norm: Any) -> Norm:
    if norm is None:
        return None
    if isinstance(norm, str):
        return (("name", norm),)
    if isinstance(norm, list):
        return (("end_year", norm[1]), ("start_year", norm[0]))
    fields = {"value": None, "low": None, "high": None, **norm}
    return tuple(sorted((k, _plain(v)) for k, v in fields.items()))


def _predicted_norm(mention: Mention) -> Norm:
    match mention.value:
        case PercentValue() as value:
            fields = {
                **_quantity(value.quantity),
                "unit": str(value.unit),
                "direction": str(value.direction) if value.direction else None,
            }
        case MoneyValue() as value:
            fields = {**_quantity(value.quantity), "currency": value.currency}
        case YearValue() as value:
            if not value.resolved:
                return None
            fields = {"start_year": value.start_year, "end_year": value.end_year}
        case _:
            return None
    return tuple(sorted(fields.items()))


def _quantity(quantity: Quantity) -> dict[str, Any]:
    return {
        "value": _plain(quantity.value),
        "low": _plain(quantity.low),
        "high": _plain(quantity.high),
        "relation": str(quantity.relation),
    }


def _plain(value: Any) -> Any:
    """Numbers to floats rounded to 4 places, as the guidelines write fractions."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return round(float(value), 4)
    return value
