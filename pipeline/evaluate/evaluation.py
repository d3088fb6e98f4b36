"""The one function that scores a system, and the one that compares two; both return frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.evaluate.calibration import calibration, thresholds
from pipeline.evaluate.differences import confusion, differences_frame
from pipeline.evaluate.gold import GoldArticle
from pipeline.evaluate.resampling import Resampling, intervals, paired_p_values
from pipeline.evaluate.system import LABELS, System
from pipeline.evaluate.tallies import MACRO, MICRO, SCHEMES, Array, Key, Tallies, score, tally

if TYPE_CHECKING:
    import pandas as pd

SLICES = ("script", "source", "region")
DEFAULT_RESAMPLING = Resampling()
END_TO_END = "span and value (F1)"


@dataclass(frozen=True, slots=True)
class Options:
    """What is scored and how. ``slices``: script, source, region."""

    labels: tuple[str, ...] = LABELS
    schemes: tuple[str, ...] = SCHEMES
    slices: tuple[str, ...] = ("script", "source")
    resampling: Resampling | None = DEFAULT_RESAMPLING
    """None: no intervals."""
    thresholds: bool = False


def evaluate(
    gold: Sequence[GoldArticle], system: System, options: Options | None = None
) -> dict[str, pd.DataFrame]:
    """Score a system on a gold corpus.

    Frames: ``spans`` (precision, recall, F1 per scheme and label, with bootstrap intervals),
    ``values`` (normal forms: ``span and value`` end to end, then the accuracy of each field among
    the correctly marked), ``entities`` (B-cubed), ``affiliations``, ``slices`` (strict F1),
    ``confusion``, ``calibration``, ``differences``, and where asked ``thresholds``.
    """
    how = options or Options()
    labels = [label for label in how.labels if _occurs(label, gold, system)]
    tallies = tally(gold, system, labels, how.schemes)
    frames = {
        "spans": _named(tallies, how.schemes, how.resampling),
        "values": _value_frame(tallies, how.resampling),
        "entities": _named(tallies, ("entities",), how.resampling),
        "affiliations": _named(tallies, ("affiliations",), how.resampling),
        "slices": _slice_frame(gold, tallies, how),
        "confusion": confusion(gold, system, labels),
        "calibration": calibration(gold, system, labels),
        "differences": differences_frame(gold, system, labels),
    }
    if how.thresholds:
        frames["thresholds"] = thresholds(gold, system, labels)
    return frames


def compare(
    gold: Sequence[GoldArticle], ours: System, theirs: System, options: Options | None = None
) -> dict[str, pd.DataFrame]:
    """Two systems on the same gold corpus.

    Frames: ``comparison`` (measure, label, f1 of each, difference, two-sided p by paired
    approximate randomisation over articles) and ``differences`` (errors that only one makes).
    p is not corrected for the number of rows: decide beforehand which row is the question.
    """
    import pandas as pd

    how = options or Options()
    labels = [x for x in how.labels if _occurs(x, gold, ours) or _occurs(x, gold, theirs)]
    first, second = (tally(gold, system, labels, ("strict",)) for system in (ours, theirs))
    both = set(first.keys) & set(second.keys)
    first, second = (t.only(lambda k: k in both) for t in (first, second))
    order = [second.keys.index(key) for key in first.keys]
    theirs_counts = second.counts[:, order]
    keys, groups = _macro_groups(first)
    # macro averages the labels that the gold corpus has; both systems share them
    f1 = [_all_scores(c.sum(0), groups)[:, 2] for c in (first.counts, theirs_counts)]
    p = paired_p_values(first.counts, theirs_counts, groups, how.resampling or DEFAULT_RESAMPLING)
    rows = [
        (k.measure, k.label, k.field, a, b, b - a, value)
        for k, a, b, value in zip(keys, *f1, p[:, 2], strict=True)
    ]
    columns = ["measure", "label", "field", f"A: {ours.name}", f"B: {theirs.name}", "B - A", "p"]
    errors = [differences_frame(gold, system, labels) for system in (ours, theirs)]
    names = list(errors[0].columns)
    sides = errors[0].merge(errors[1], on=names, how="outer", indicator="of")
    sides["of"] = sides["of"].map({"left_only": "A", "right_only": "B", "both": "both"})
    only_one = sides[sides["of"] != "both"]
    return {
        "comparison": pd.DataFrame(rows, columns=columns),
        "differences": only_one[["of", *names]].reset_index(drop=True),
    }


def score_frame(tallies: Tallies, how: Resampling | None) -> pd.DataFrame:
    """Scores per key and a macro row per measure, with intervals where ``how`` is given.

    Columns: measure, label, gold, predicted, correct (a partial match counts half), precision,
    recall, f1, and ``precision_low`` ... ``f1_high``.
    """
    import pandas as pd

    keys, groups = _macro_groups(tallies)
    sums = tallies.counts.sum(0)
    scores = _all_scores(sums, groups)
    bounds = intervals(tallies.counts, groups, how) if how is not None and keys else None
    rows: list[dict[str, Any]] = []
    for n, key in enumerate(keys):
        row: dict[str, Any] = {
            "measure": key.measure,
            "label": key.label,
            "field": key.field,
        }
        if n < len(sums):
            row |= {"gold": sums[n, 3], "predicted": sums[n, 1], "correct": sums[n, 0]}
        row |= dict(zip(("precision", "recall", "f1"), scores[n].tolist(), strict=True))
        if bounds is not None:
            for m, name in enumerate(("precision", "recall", "f1")):
                row[f"{name}_low"], row[f"{name}_high"] = bounds[n, m].tolist()
        rows.append(row)
    frame = pd.DataFrame(rows)
    if len(frame):
        measures = list(dict.fromkeys(key.measure for key in tallies.keys))
        order = frame["measure"].map(measures.index).sort_values(kind="stable").index
        frame = frame.loc[order].reset_index(drop=True)
    if "gold" in frame:
        counts = ["gold", "predicted"]
        frame[counts] = frame[counts].round().astype("Int64")
    return frame


def _occurs(label: str, gold: Sequence[GoldArticle], system: System) -> bool:
    return any(
        m.label == label
        for sides in (gold, system.predictions)
        for side in sides
        for m in side.mentions
    )


def _macro_groups(tallies: Tallies) -> tuple[list[Key], Array]:
    """Keys with a macro key per span measure, and which keys each averages (those with gold)."""
    keys = list(tallies.keys)
    has_gold = tallies.counts[..., 3].sum(0) > 0
    names = [m for m in SCHEMES if any(k.measure == m for k in keys)]
    groups = np.array(
        [
            [
                k.measure == name and k.label != MICRO and bool(g)
                for k, g in zip(keys, has_gold, strict=True)
            ]
            for name in names
        ],
        dtype=np.float64,
    ).reshape(len(names), len(keys))
    return keys + [Key(name, MACRO) for name in names], groups


def _all_scores(sums: Array, groups: Array) -> Array:
    scores = score(sums)
    weights = groups / np.maximum(groups.sum(1, keepdims=True), 1)
    joined: Array = np.concatenate([scores, weights @ scores])
    return joined


def _named(tallies: Tallies, measures: Sequence[str], how: Resampling | None) -> pd.DataFrame:
    frame = score_frame(tallies.only(lambda k: k.measure in measures), how)
    unwanted = ["field"] if len(measures) > 1 else ["field", "measure", "correct"]
    return frame.drop(columns=unwanted, errors="ignore")


def _value_frame(tallies: Tallies, how: Resampling | None) -> pd.DataFrame:
    import pandas as pd

    wanted = tallies.only(lambda k: k.measure in ("value", "field"))
    frame = score_frame(wanted, how)
    if not len(frame):
        return frame
    result = pd.DataFrame(
        {
            "label": frame["label"],
            "field": frame["field"].replace("", END_TO_END),
            "mentions": frame["gold"],
            "correct": frame["correct"].astype("Int64"),
            "score": frame["f1"],
        }
    )
    for edge in ("low", "high"):
        if f"f1_{edge}" in frame:
            result[edge] = frame[f"f1_{edge}"]
    return result


def _slice_frame(gold: Sequence[GoldArticle], tallies: Tallies, how: Options) -> pd.DataFrame:
    import pandas as pd

    strict = tallies.only(lambda k: k.measure == "strict")
    frames = []
    for name in how.slices:
        groups: dict[str, list[int]] = {}
        of = _SLICERS[name]()
        for n, article in enumerate(gold):
            groups.setdefault(of(article), []).append(n)
        for value, members in sorted(groups.items()):
            frame = score_frame(strict.rows(members), how.resampling if len(groups) > 1 else None)
            frame.insert(0, "articles", len(members))
            frame.insert(0, "value", value)
            frame.insert(0, "slice", name)
            some = (frame["gold"].fillna(0) > 0) | (frame["label"] == MACRO)
            frames.append(frame[some].drop(columns=["measure", "field"]))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _script_of() -> Callable[[GoldArticle], str]:
    from pipeline.normalize import Normalizer

    normalizer = Normalizer()
    return lambda article: normalizer(article.text).script


_SLICERS: dict[str, Callable[[], Callable[[GoldArticle], str]]] = {
    "script": _script_of,
    "source": lambda: lambda article: article.source or "(none)",
    "region": lambda: lambda article: article.region or "(none)",
}
