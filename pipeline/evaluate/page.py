"""The error browser: one HTML file with every difference, filters, and plots of the scores.

Self-contained and offline: styles, script and data stand inside, and a content security policy
that allows nothing but them. Texts are written by the script as text, never as markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.evaluate import plots
from pipeline.evaluate.calibration import thresholds
from pipeline.evaluate.differences import KINDS, Difference, differences
from pipeline.evaluate.gold import GoldArticle, GoldMention, norm_to_json
from pipeline.evaluate.system import System, frame_rows

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.document import Sentence

_MARGIN = 60
"""Characters shown around an error where its sentence is longer."""
_LONGEST = 240
_SHORTEST = 30


def write_page(
    path: Path,
    gold: Sequence[GoldArticle],
    system: System,
    frames: dict[str, pd.DataFrame],
    labels: Sequence[str],
) -> None:
    """Write the page of a system's errors; ``frames`` are those of ``evaluate``.

    Raises ``InputError`` where the file cannot be written.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    folder = files("pipeline.evaluate") / "templates"
    style = (folder / "errors.css").read_text(encoding="utf-8")
    script = (folder / "errors.js").read_text(encoding="utf-8")
    curve = frames.get("thresholds")
    if curve is None:
        curve = thresholds(gold, system, labels)
    environment = Environment(
        loader=PackageLoader("pipeline.evaluate"), autoescape=True, undefined=StrictUndefined
    )
    errors = list(error_rows(gold, system, labels))
    drawn = [
        (
            "Strict scores: F1 ● with its interval, precision ▷, recall ◁",
            plots.scores_svg(frames["spans"]),
        ),
        ("Labels of overlapping mentions", plots.confusion_svg(frames["confusion"])),
    ]
    if len(curve):
        drawn.append(
            ("Precision and recall by threshold of the score", plots.thresholds_svg(curve))
        )
        drawn.append(("Are scores probabilities?", plots.calibration_svg(frames["calibration"])))
    page = environment.get_template("errors.html.j2").render(
        name=system.name,
        articles=len(gold),
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'",
        plots=[(title, Markup(svg)) for title, svg in drawn],
        scores=[row for row in frame_rows(frames["spans"]) if row["measure"] == "strict"],
        values=frame_rows(frames["values"]),
        total=len(errors),
        data=Markup(_json(_data(errors))),
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error


def error_rows(
    gold: Sequence[GoldArticle], system: System, labels: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Each difference with its sentence, raw and simplified, and all marks of both sides in it."""
    from pipeline.normalize import Normalizer
    from pipeline.segment import Segmenter

    normalizer, segmenter = Normalizer(), Segmenter()
    last, simplified = -1, ""
    sentences: list[Sentence] = []
    for difference in differences(gold, system, labels):
        if difference.article != last:
            last = difference.article
            simplified = normalizer(gold[last].text).text
            sentences = segmenter.sentences(simplified)
        article, answer = gold[last], system.predictions[last]
        start, end = _context(difference, sentences, len(article.text))
        yield {
            "kind": difference.kind,
            "labels": sorted({m.label for m in (difference.gold, difference.answer) if m}),
            "article": article.id,
            "source": article.source or "(none)",
            "at": difference.start,
            "raw": article.text[start:end],
            "simplified": simplified[start:end],
            "gold": _marks(article.mentions, start, end, difference.gold, labels),
            "system": _marks(answer.mentions, start, end, difference.answer, labels),
            "goldNorm": _norm(difference.gold),
            "systemNorm": _norm(difference.answer),
            "score": difference.answer.score if difference.answer else None,
        }


def _context(difference: Difference, sentences: Sequence[Sentence], length: int) -> tuple[int, int]:
    """The sentence of an error, with its neighbours where it is short, cut where it is long."""
    held = [
        n for n, s in enumerate(sentences) if s.start < difference.end and difference.start < s.end
    ]
    if not held:
        return max(0, difference.start - _MARGIN), min(length, difference.end + _MARGIN)
    first, last = held[0], held[-1]
    while sentences[last].end - sentences[first].start < _SHORTEST:
        if last + 1 < len(sentences):
            last += 1
        elif first > 0:
            first -= 1
        else:
            break
    start, end = sentences[first].start, sentences[last].end
    if end - start > _LONGEST:
        start = max(start, difference.start - _MARGIN)
        end = min(end, difference.end + _MARGIN)
    return min(start, difference.start), max(end, difference.end)


def _marks(
    mentions: Iterable[GoldMention],
    start: int,
    end: int,
    current: GoldMention | None,
    labels: Sequence[str],
) -> list[list[Any]]:
    """[start, end, label, is it the error] within the shown stretch; the error's own one wins."""
    inside = [m for m in mentions if start <= m.start and m.end <= end and m.label in labels]
    taken: set[int] = set()
    marks = []
    for m in sorted(inside, key=lambda m: (m is not current, m.start - m.end, m.start)):
        place = range(m.start, m.end)
        if taken.isdisjoint(place):
            taken.update(place)
            marks.append([m.start - start, m.end - start, m.label, m is current])
    return sorted(marks)


def _norm(mention: GoldMention | None) -> str | None:
    if mention is None or mention.norm is None:
        return None
    return json.dumps(norm_to_json(mention.norm), ensure_ascii=False)


def _data(errors: Sequence[dict[str, Any]]) -> dict[str, Any]:
    labels = list(dict.fromkeys(label for e in errors for label in e["labels"]))
    present = {e["kind"] for e in errors}
    return {
        "errors": errors,
        "labels": labels,
        "kinds": [kind for kind in KINDS if kind in present],
        "sources": sorted({e["source"] for e in errors}),
    }


def _json(data: object) -> str:
    """JSON that cannot end the script element that holds it."""
    told = json.dumps(data, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        told = told.replace(character, f"\\u{ord(character):04x}")
    return told


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
