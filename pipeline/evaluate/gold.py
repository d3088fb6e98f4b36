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
    """An annotated (or predicted) stretch: ``norm`` is sorted field-value pairs, or None.

    ``score`` is a system's, 0..1; annotations have none.
    """

    start: int
    end: int
    label: str
    text: str
    norm: Norm = None
    score: float | None = None

    @property
    def name(self) -> str | None:
        """The fullest form of a person's or organisation's name, where annotated."""
        value = dict(self.norm or ()).get("name")
        return value if isinstance(value, str) else None


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
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise InputError(f"cannot read gold corpus {path}: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            articles.append(article_from_json(json.loads(line)))
        except json.JSONDecodeError as error:
            raise InputError(
                f"{path}:{number} is no JSON: a gold corpus has one article a line; "
                f"other forms are named with --from ({error})"
            ) from error
        except KeyError as error:
            raise InputError(f"{path}:{number}: the key {error} is missing") from error
        except (ValueError, TypeError) as error:
            raise InputError(f"{path}:{number}: {error}") from error
    return articles


def corpus_sha256(path: Path) -> str:
    """Hash of a corpus file, pinned beside the floors that were measured on it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def predicted(document: Document, labels: Iterable[str]) -> list[GoldMention]:
    """A document's mentions in gold terms: relative years are YEAR_REL, values are norms."""
    wanted = set(labels)
    found = (
        GoldMention(m.start, m.end, gold_label(m), m.text, norm_of(m), m.score)
        for m in document.mentions
    )
    return [mention for mention in found if mention.label in wanted]


def gold_label(mention: Mention) -> str:
    """The gold label of a mention: a YEAR whose kind is relative is YEAR_REL.

    A generation (80後) is a YEAR row but no year by the guidelines, so it is GENERATION here.
    """
    if isinstance(mention.value, YearValue):
        if mention.value.kind is YearKind.RELATIVE:
            return "YEAR_REL"
        if mention.value.kind is YearKind.GENERATION:
            return "GENERATION"
    return str(mention.label)


def comparable(norm: Norm) -> Norm:
    """A normal form as it is compared: numbers to 4 places, as the guidelines write fractions."""
    return tuple((k, _rounded(v)) for k, v in norm) if norm is not None else None


def norm_from_json(norm: Any) -> Norm:
    """Field-value pairs of a ``norm`` as the corpus writes it: a name, [year, year] or fields.

    Raises ``ValueError`` where it is none of these.
    """
    match norm:
        case None:
            return None
        case str():
            return (("name", norm),)
        case [int() as start, int() as end]:
            return (("end_year", end), ("start_year", start))
        case dict():
            fields = {"value": None, "low": None, "high": None, **norm}
            return tuple(sorted((str(k), _plain(v)) for k, v in fields.items()))
        case _:
            raise ValueError(f"norm {norm!r} is no name, no pair of years and no set of fields")


def norm_to_json(norm: Norm) -> Any:
    """The inverse of ``norm_from_json``."""
    if norm is None:
        return None
    fields = dict(norm)
    if set(fields) == {"name"}:
        return fields["name"]
    if set(fields) == {"start_year", "end_year"}:
        return [fields["start_year"], fields["end_year"]]
    bounded = fields.get("low") is not None or fields.get("high") is not None
    unwanted = {"value"} if bounded and fields.get("value") is None else {"low", "high"}
    return {k: v for k, v in fields.items() if v is not None or k not in unwanted}


def article_from_json(row: dict[str, Any]) -> GoldArticle:
    """An annotated article from a line of a gold corpus.

    Raises ``ValueError``, ``KeyError`` or ``TypeError`` where it does not have the form.
    """
    text = row["text"]
    mentions = []
    for m in row["mentions"]:
        start, end, surface = m["start"], m["end"], m["text"]
        if not 0 <= start < end <= len(text) or text[start:end] != surface:
            raise ValueError(
                f"{row['id']} {start}-{end}: {surface!r} is not what the text has, "
                f"{text[start:end]!r}"
            )
        norm = norm_from_json(m.get("norm"))
        mentions.append(GoldMention(start, end, m["label"], surface, norm, m.get("score")))
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


def article_to_json(article: GoldArticle) -> dict[str, Any]:
    """The inverse of ``article_from_json``: a line of a gold corpus."""
    mentions = []
    for m in article.mentions:
        row = {"start": m.start, "end": m.end, "label": m.label, "text": m.text}
        row["norm"] = norm_to_json(m.norm)
        if m.score is not None:
            row["score"] = m.score
        mentions.append(row)
    names = ("person", "organisation", "title", "status")
    return {
        "id": article.id,
        "source": article.source,
        "region": article.region,
        "published": article.published,
        "text": article.text,
        "mentions": mentions,
        "affiliations": [dict(zip(names, fact, strict=True)) for fact in article.affiliations],
    }


def norm_of(mention: Mention) -> Norm:
    """The normal form of an extracted quantity in gold terms (None for names)."""
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
    """Numbers as JSON has them: whole ones without a fraction."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        number = float(value)
        return int(number) if number.is_integer() else number
    return value


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
