"""What a system says of a gold corpus, whatever it comes from: an extractor, a run, a file."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.evaluate.clusters import Fact, facts, mention_clusters
from pipeline.evaluate.gold import GoldArticle, GoldMention, predicted

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.extraction import Extraction
    from pipeline.extractor import Extractor

NAME_LABELS = ("PERSON", "COMPANY", "ORG")
QUANTITY_LABELS = ("PERCENT", "YEAR", "YEAR_REL", "MONEY")
LABELS = (*NAME_LABELS, *QUANTITY_LABELS)

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was found in one article.

    ``clusters`` says which entity each name stands for; None where the system has no entities,
    and ``facts`` None where it has no affiliations.
    """

    mentions: tuple[GoldMention, ...]
    clusters: tuple[tuple[Place, str], ...] | None = None
    facts: tuple[Fact, ...] | None = None


@dataclass(frozen=True, slots=True)
class System:
    """A system's answers, one per article of the gold corpus, in its order."""

    name: str
    predictions: tuple[Prediction, ...]
    seconds: float | None = None
    """Time spent on extraction, where it was measured."""


def system_from_extractor(
    extractor: Extractor, gold: Sequence[GoldArticle], name: str = "system"
) -> System:
    """Run an extractor over the raw texts of a gold corpus."""
    begin = time.perf_counter()
    extractions = list(extractor.extract_many(article.article() for article in gold))
    seconds = time.perf_counter() - begin
    return System(name, tuple(map(prediction_of, extractions)), seconds)


def prediction_of(extraction: Extraction) -> Prediction:
    """An extraction in gold terms, labels of third-party stages included."""
    document = extraction.document
    labels = {str(m.label) for m in document.mentions} | set(LABELS)
    clusters = mention_clusters(document, extraction.entities)
    return Prediction(
        tuple(predicted(document, labels)),
        tuple(((start, end), entity) for (_, start, end), entity in clusters.items()),
        tuple(facts(extraction.entities, extraction.affiliations)),
    )


def system_from_articles(
    articles: Iterable[GoldArticle], gold: Sequence[GoldArticle], name: str = "system"
) -> System:
    """Answers that stand in the form of a gold corpus; names with a norm are its entities.

    Raises ``InputError`` where an article of the gold corpus is missing or has another text.
    """
    known = {article.id: article for article in articles}
    answers = []
    for wanted in gold:
        found = known.get(wanted.id)
        if found is None:
            raise InputError(f"{name} has no article {wanted.id!r} of the gold corpus")
        if found.text != wanted.text:
            raise InputError(f"{name} has another text for article {wanted.id!r}")
        clusters = gold_clusters(found)
        stated = tuple(Fact(*fact) for fact in found.affiliations if fact[0] and fact[1])
        answers.append(Prediction(found.mentions, tuple(sorted(clusters.items())), stated))
    return System(name, tuple(answers))


def gold_clusters(article: GoldArticle) -> dict[Place, str]:
    """Entity of each annotated name: its norm, or its own surface where it has none."""
    return {(m.start, m.end): m.name or m.text for m in article.mentions if m.label in NAME_LABELS}


def system_from_run(folder: Path, gold: Sequence[GoldArticle]) -> System:
    """Answers from the tables of a run (parquet, csv or jsonl) over the gold texts.

    Articles are matched by the hash of their text, so that the ids of the run may differ.
    Raises ``InputError`` where the folder holds no tables or lacks an article.
    """
    from pipeline.evaluate.run_tables import RunTables

    tables = RunTables(folder)
    answers = []
    for article in gold:
        key = tables.article_id(article.article().content_sha256)
        if key is None:
            raise InputError(
                f"{folder} has no article with the text of {article.id!r}: run it over the texts "
                "of the gold corpus (its JSONL file can be the input of `zhnews run`)"
            )
        answers.append(tables.prediction(key))
    return System(str(folder), tuple(answers))


def frame_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame as plain values: missing cells are None."""
    import pandas as pd

    plain = frame.astype(object).where(pd.notna(frame), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict(orient="records")]
