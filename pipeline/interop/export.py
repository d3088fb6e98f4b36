"""A run's tables as annotated articles, over the raw texts read again from the run's input."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.config import Config
from pipeline.errors import InputError
from pipeline.evaluate.gold import GoldArticle, norm_from_json
from pipeline.evaluate.run_tables import RunTables


def articles_of_run(
    run: Path, inputs: Sequence[str] | None = None
) -> tuple[list[GoldArticle], list[str]]:
    """Articles with the run's mentions, and the ids of those whose text is not found any more.

    ``inputs`` replaces the places that the run was given. A text counts as found when its hash is
    that of the run. Raises ``InputError`` where the folder is no output of a run.
    """
    from pipeline.readers import ReadFailure, list_sources, read_source

    tables = RunTables(run)
    config, given = _provenance(run)
    wanted = dict(tables.articles)
    found: dict[str, GoldArticle] = {}
    for source in list_sources(list(inputs or given), config.input):
        for item in read_source(source, config.input):
            if isinstance(item, ReadFailure):
                continue
            key = tables.article_id(item.content_sha256)
            if item.id in wanted and wanted[item.id]["content_sha256"] == item.content_sha256:
                key = item.id
            if key is not None and key not in found:
                found[key] = _annotated(tables, key, item.text)
    ordered = [found[key] for key in wanted if key in found]
    return ordered, [key for key in wanted if key not in found]


def _annotated(tables: RunTables, key: str, text: str) -> GoldArticle:
    mentions = []
    for row in tables.mention_rows(key):
        mention = tables.mention(row)
        name = tables.entity_name(row["entity_id"])
        if mention.norm is None and name is not None:
            mention = replace(mention, norm=norm_from_json(name))
        mentions.append(mention)
    row = tables.articles[key]
    facts = tables.prediction(key).facts or ()
    return GoldArticle(
        key,
        text,
        row["site"] or "",
        None,
        row["published_at"],
        tuple(sorted(mentions, key=lambda m: (m.start, m.end, m.label))),
        tuple((f.person, f.organisation, f.title, f.status) for f in facts),
    )


def _provenance(run: Path) -> tuple[Config, list[str]]:
    path = run / "run.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Config.model_validate(told["config"]), list(told["inputs"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} does not tell what the run read: {error}") from error
