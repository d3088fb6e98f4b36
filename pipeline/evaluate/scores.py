"""Scores: strict spans per label, and normal forms of the quantities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.document import Document
from pipeline.evaluate.gold import GoldArticle, GoldMention, predicted

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.extractor import Extractor

NAME_LABELS = ("PERSON", "COMPANY", "ORG")
QUANTITY_LABELS = ("PERCENT", "YEAR", "YEAR_REL", "MONEY")
LABELS = (*NAME_LABELS, *QUANTITY_LABELS)


@dataclass(frozen=True, slots=True)
class Pair:
    """The gold and the predicted mentions of one article."""

    article: GoldArticle
    predicted: tuple[GoldMention, ...]


def predict_gold(extractor: Extractor, gold: Sequence[GoldArticle]) -> list[Document]:
    """Run an extractor over the raw texts of a gold corpus."""
    return [e.document for e in extractor.extract_many(g.article() for g in gold)]


def pair_up(gold: Sequence[GoldArticle], documents: Iterable[Document]) -> list[Pair]:
    """Put each gold article beside what was found in it."""
    return [
        Pair(article, tuple(predicted(document, LABELS)))
        for article, document in zip(gold, documents, strict=True)
    ]


def span_scores(pairs: Sequence[Pair], labels: Sequence[str] = LABELS) -> pd.DataFrame:
    """Strict scores (same span, same label): one row a label, then ``micro``.

    Columns: label, gold, predicted, correct, precision, recall, f1.
    """
    import pandas as pd

    rows = [_label_row(pairs, label, (label,)) for label in labels]
    rows.append(_label_row(pairs, "micro", tuple(labels)))
    return pd.DataFrame(rows)


def value_scores(pairs: Sequence[Pair]) -> pd.DataFrame:
    """How many correctly marked quantities have the right normal form.

    One row for each label and field (``all`` = every field right); the base is the strictly
    correct spans. Columns: label, field, spans, correct, accuracy.
    """
    import pandas as pd

    rows = []
    for label in QUANTITY_LABELS:
        matched = [
            (g, p)
            for pair in pairs
            for g in pair.article.mentions
            for p in pair.predicted
            if g.label == label and (g.start, g.end, g.label) == (p.start, p.end, p.label)
        ]
        fields = sorted({name for g, _ in matched for name, _ in g.norm or ()})
        rows.append(_value_row(label, "all", [g.norm == p.norm for g, p in matched]))
        rows += [
            _value_row(
                label,
                name,
                [dict(g.norm or ()).get(name) == dict(p.norm or ()).get(name) for g, p in matched],
            )
            for name in fields
        ]
    return pd.DataFrame(rows)


def errors(pairs: Sequence[Pair], labels: Sequence[str] = LABELS) -> pd.DataFrame:
    """Every miss, spurious mention and wrong normal form.

    Columns: article_id, kind (missed, spurious, value), label, start, end, text, gold, predicted.
    """
    import pandas as pd

    rows: list[tuple[str, str, str, int, int, str, str, str]] = []
    for pair in pairs:
        gold = {(m.start, m.end, m.label): m for m in pair.article.mentions if m.label in labels}
        found = {(m.start, m.end, m.label): m for m in pair.predicted if m.label in labels}
        for key in sorted(gold.keys() | found.keys()):
            g, p = gold.get(key), found.get(key)
            mention = g or p
            assert mention is not None
            if g is None or p is None:
                kind = "spurious" if g is None else "missed"
            elif g.label in QUANTITY_LABELS and g.norm != p.norm:
                kind = "value"
            else:
                continue
            rows.append(
                (
                    pair.article.id,
                    kind,
                    mention.label,
                    mention.start,
                    mention.end,
                    mention.text,
                    str(dict(g.norm)) if g and g.norm else "",
                    str(dict(p.norm)) if p and p.norm else "",
                )
            )
    return pd.DataFrame(
        rows,
        columns=["article_id", "kind", "label", "start", "end", "text", "gold", "predicted"],
    )


def _label_row(
    pairs: Sequence[Pair], name: str, labels: tuple[str, ...]
) -> dict[str, str | int | float]:
    gold = {
        (n, m.start, m.end, m.label)
        for n, pair in enumerate(pairs)
        for m in pair.article.mentions
        if m.label in labels
    }
    found = {
        (n, m.start, m.end, m.label)
        for n, pair in enumerate(pairs)
        for m in pair.predicted
        if m.label in labels
    }
    correct = len(gold & found)
    precision = correct / len(found) if found else 0.0
    recall = correct / len(gold) if gold else 0.0
    f1 = 2 * correct / (len(gold) + len(found)) if gold or found else 0.0
    return {
        "label": name,
        "gold": len(gold),
        "predicted": len(found),
        "correct": correct,
        "precision": precision,
        "recall": recall,
        "f1": f1,
    }


def _value_row(label: str, field: str, right: list[bool]) -> dict[str, str | int | float]:
    return {
        "label": label,
        "field": field,
        "spans": len(right),
        "correct": sum(right),
        "accuracy": sum(right) / len(right) if right else 0.0,
    }
