"""Label Studio: JSON tasks; annotations where people made them, predictions where a system did.

Normal forms stand in the notes (``meta.text``) of the regions. Releases before 1.5 counted UTF-16
units, later ones code points, and browsers count CRLF as one: which it is, is settled by the
surfaces (``pipeline.interop.offsets``). Of several annotations of a task, the one marked as ground
truth or else the last that was not cancelled is read; the short export (JSON-MIN) is read too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.evaluate.gold import (
    GoldArticle,
    GoldMention,
    Norm,
    norm_from_json,
    norm_to_json,
)
from pipeline.interop.metadata import FIELDS, metadata, restored
from pipeline.interop.offsets import Mark, settled

CONFIG = """<View>
  <Labels name="label" toName="text">
{labels}
  </Labels>
  <Text name="text" value="$text"/>
</View>
"""


def write(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write tasks, and beside them the labelling interface (``.xml``) that they fit."""
    tasks = []
    for article in articles:
        results = [_result(n, m) for n, m in enumerate(article.mentions)]
        scores = [m.score for m in article.mentions if m.score is not None]
        task: dict[str, Any] = {"data": {"text": article.text, **metadata(article)}}
        if scores:
            mean = sum(scores) / len(scores)
            task["predictions"] = [{"model_version": "zhnews", "score": mean, "result": results}]
        else:
            task["annotations"] = [{"result": results}]
        tasks.append(task)
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    labels = sorted({m.label for a in articles for m in a.mentions})
    lines = "\n".join(f'    <Label value="{label}"/>' for label in labels)
    path.with_suffix(".xml").write_text(CONFIG.format(labels=lines), encoding="utf-8")
    return Counter()


def read(path: Path) -> list[GoldArticle]:
    """Read tasks."""
    tasks = json.loads(path.read_bytes().decode("utf-8-sig"))
    if not isinstance(tasks, list):
        raise ValueError("an export of Label Studio is a list of tasks")
    return [_article(task, f"{path.stem}-{n}") for n, task in enumerate(tasks)]


def _result(number: int, mention: GoldMention) -> dict[str, Any]:
    result: dict[str, Any] = {
        "id": f"m{number}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {
            "start": mention.start,
            "end": mention.end,
            "text": mention.text,
            "labels": [mention.label],
        },
    }
    if mention.score is not None:
        result["score"] = mention.score
    if mention.norm is not None:
        norm = json.dumps(norm_to_json(mention.norm), ensure_ascii=False)
        result["meta"] = {"text": [norm]}
    return result


def _article(task: dict[str, Any], fallback: str) -> GoldArticle:
    data = task.get("data") or {k: task[k] for k in ("text", "article_id", *FIELDS) if k in task}
    text = data["text"]
    if "data" in task:
        marks = [_mark(r["value"], r) for r in _regions(task) if r.get("type") == "labels"]
    else:
        marks = [_mark(value, value) for value in task.get("label") or ()]
    name = str(data.get("article_id") or fallback)
    return restored(data, text, settled(name, text, marks), name)


def _regions(task: dict[str, Any]) -> list[dict[str, Any]]:
    made = [a for a in task.get("annotations") or () if not a.get("was_cancelled")]
    sure = [a for a in made if a.get("ground_truth")]
    chosen = (sure or made or task.get("predictions") or [{"result": []}])[-1]
    regions: list[dict[str, Any]] = chosen["result"]
    return regions


def _mark(value: dict[str, Any], region: dict[str, Any]) -> Mark:
    return Mark(
        int(value["start"]),
        int(value["end"]),
        value["labels"][0],
        value.get("text"),
        _norm(region),
        region.get("score"),
    )


def _norm(region: dict[str, Any]) -> Norm:
    """The normal form among the notes; notes that people wrote are none."""
    for note in (region.get("meta") or {}).get("text") or ():
        try:
            return norm_from_json(json.loads(note))
        except ValueError:
            continue
    return None
