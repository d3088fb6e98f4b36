"""What forms of other tools carry along in free fields: id, source, region, date, facts, norms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.evaluate.gold import (
    GoldArticle,
    GoldMention,
    Norm,
    article_to_json,
    norm_from_json,
)

FIELDS = ("source", "region", "published", "affiliations")


def metadata(article: GoldArticle) -> dict[str, Any]:
    """Free fields of an article; ``article_id``, because tools use ``id`` for their own."""
    row = article_to_json(article)
    return {"article_id": article.id, **{name: row[name] for name in FIELDS}}


def restored(
    row: Mapping[str, Any], text: str, mentions: Sequence[GoldMention], fallback_id: str
) -> GoldArticle:
    """An article from free fields, as far as they are there."""
    facts = tuple(
        (f.get("person") or "", f.get("organisation") or "", f.get("title") or "", f["status"])
        for f in row.get("affiliations") or ()
    )
    return GoldArticle(
        str(row.get("article_id") or fallback_id),
        text,
        row.get("source") or "",
        row.get("region"),
        row.get("published"),
        tuple(mentions),
        facts,
    )


def norms_by_place(article: GoldArticle) -> list[dict[str, Any]]:
    """Normal forms for a free field, found again by place, label and surface."""
    return [
        {k: row[k] for k in ("start", "end", "label", "text", "norm")}
        for row in article_to_json(article)["mentions"]
        if row["norm"] is not None
    ]


def norm_lookup(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int, str, str], Norm]:
    """The inverse of ``norms_by_place``."""
    return {
        (row["start"], row["end"], row["label"], row["text"]): norm_from_json(row["norm"])
        for row in rows
    }
