"""Plots of scores as inline SVG: text in, markup out, nothing fetched, readable without scripts.

Colours are CSS variables of the page, so that light and dark follow it; every mark has a title.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from typing import TYPE_CHECKING, Any

from pipeline.evaluate.system import frame_rows

if TYPE_CHECKING:
    import pandas as pd


def scores_svg(frame: pd.DataFrame) -> str:
    """Strict precision, recall and F1 of each label, F1 with its interval; ``spans`` of a score."""
    rows = [row for row in frame_rows(frame) if row["measure"] == "strict"]
    left, width, step = 88, 400, 30
    height = step * len(rows) + 40
    parts = [_axis(left, width, height - 30)]
    for n, row in enumerate(rows):
        y = 22 + n * step
        parts.append(_text(left - 10, y + 4, row["label"], anchor="end"))
        low, high = row.get("f1_low"), row.get("f1_high")
        told = f"{row['label']}: F1 {row['f1']:.3f}"
        if low is not None and high is not None:
            told += f" [{low:.3f}, {high:.3f}]"
            parts.append(
                f'<line x1="{_x(left, width, low)}" x2="{_x(left, width, high)}" y1="{y}" '
                f'y2="{y}" stroke="var(--accent)" stroke-width="3" stroke-linecap="round"/>'
            )
        for name, way in (("precision", 1), ("recall", -1)):
            x = _x(left, width, row[name])
            parts.append(
                f'<path d="M{x - 4 * way},{y - 6} l{8 * way},6 l{-8 * way},6 z" fill="none" '
                f'stroke="var(--soft)"><title>{name} {row[name]:.3f}</title></path>'
            )
        parts.append(
            f'<circle cx="{_x(left, width, row["f1"])}" cy="{y}" r="5" fill="var(--accent)">'
            f"<title>{_escaped(told)}</title></circle>"
        )
        parts.append(_text(left + width + 12, y + 4, f"{row['f1']:.3f}"))
    return _svg(left + width + 60, height, "F1 with interval, precision and recall", parts)


def confusion_svg(frame: pd.DataFrame) -> str:
    """Gold labels by answered labels; the stronger the colour, the larger the share of the row."""
    labels = [str(name) for name in frame.columns if name != "gold"]
    cell, left, top = 56, 84, 44
    parts = [_text(left + cell * len(labels) / 2, 14, "answered", anchor="middle", soft=True)]
    for n, label in enumerate(labels):
        parts.append(_text(left + n * cell + cell / 2, top - 10, label, anchor="middle", size=10))
    for m, row in enumerate(frame_rows(frame)):
        counts = [int(row[label]) for label in labels]
        total = max(sum(counts), 1)
        parts.append(_text(left - 8, top + m * cell * 0.6 + 22, row["gold"], anchor="end", size=10))
        for n, count in enumerate(counts):
            right = row["gold"] == labels[n]
            fill = "var(--right)" if right else "var(--wrong)"
            shade = 0.0 if count == 0 else 0.12 + 0.7 * count / total
            x, y = left + n * cell, top + m * cell * 0.6
            told = f"{count} of gold {row['gold']} answered as {labels[n]}"
            parts.append(
                f'<rect x="{x}" y="{y}" width="{cell - 2}" height="{cell * 0.6 - 2}" rx="3" '
                f'fill="{fill}" fill-opacity="{shade:.2f}" stroke="var(--line)">'
                f"<title>{_escaped(told)}</title></rect>"
            )
            if count:
                parts.append(_text(x + cell / 2 - 1, y + 21, str(count), anchor="middle"))
    height = top + int(len(labels) * cell * 0.6) + 10
    return _svg(left + cell * len(labels) + 10, height, "Confusion matrix of labels", parts)


def thresholds_svg(frame: pd.DataFrame) -> str:
    """Precision against recall as the threshold of the score falls, a line for each label."""
    left, width, height = 44, 380, 300
    parts = [_square(left, width, height, "recall", "precision")]
    labels: dict[str, list[dict[str, Any]]] = {}
    for row in frame_rows(frame):
        labels.setdefault(row["label"], []).append(row)
    for n, (label, rows) in enumerate(labels.items()):
        points = [
            (_x(left, width, row["recall"]), _y(height, row["precision"]), row) for row in rows
        ]
        colour = f"var(--c-{label.lower().replace('_', '-')}, var(--soft))"
        path = " ".join(f"{x},{y}" for x, y, _ in points)
        dash = ' stroke-dasharray="5 3"' if label == "micro" else ""
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
        )
        for x, y, row in points:
            told = (
                f"{label}, score ≥ {row['threshold']:.3f}: precision {row['precision']:.3f}, "
                f"recall {row['recall']:.3f}, F1 {row['f1']:.3f}"
            )
            parts.append(
                f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}">'
                f"<title>{_escaped(told)}</title></circle>"
            )
        at = 24 + n * 18
        parts.append(
            f'<line x1="{left + width + 16}" x2="{left + width + 36}" y1="{at}" y2="{at}" '
            f'stroke="{colour}" stroke-width="3"{dash}/>'
        )
        parts.append(_text(left + width + 42, at + 4, label, size=11))
    return _svg(left + width + 130, height + 40, "Precision and recall by threshold", parts)


def calibration_svg(frame: pd.DataFrame) -> str:
    """Share of right answers against the mean score of each bin, all labels together."""
    left, width, height = 44, 300, 300
    parts = [
        _square(left, width, height, "mean score", "right"),
        f'<line x1="{left}" y1="{_y(height, 0)}" x2="{left + width}" y2="{_y(height, 1)}" '
        'stroke="var(--faint)" stroke-dasharray="4 4"/>',
    ]
    rows = [row for row in frame_rows(frame) if row["label"] == "micro"]
    most = max((row["mentions"] for row in rows), default=1)
    for row in rows:
        told = f"{row['mentions']} answers, mean score {row['mean_score']:.3f}: "
        told += f"{row['precision']:.3f} right"
        radius = 4 + 12 * (row["mentions"] / most) ** 0.5
        parts.append(
            f'<circle cx="{_x(left, width, row["mean_score"])}" '
            f'cy="{_y(height, row["precision"])}" r="{radius:.1f}" fill="var(--accent)" '
            f'fill-opacity="0.55" stroke="var(--accent)"><title>{_escaped(told)}</title></circle>'
        )
    return _svg(left + width + 20, height + 40, "Calibration of scores", parts)


def _axis(left: int, width: int, bottom: int) -> str:
    lines = []
    for n in range(0, 11, 2):
        x = _x(left, width, n / 10)
        lines.append(
            f'<line x1="{x}" x2="{x}" y1="8" y2="{bottom}" stroke="var(--line)"/>'
            + _text(x, bottom + 18, f"{n / 10:.1f}", anchor="middle", soft=True)
        )
    return "".join(lines)


def _square(left: int, width: int, height: int, across: str, up: str) -> str:
    lines = []
    for n in range(0, 11, 2):
        x, y = _x(left, width, n / 10), _y(height, n / 10)
        lines.append(
            f'<line x1="{x}" x2="{x}" y1="10" y2="{height}" stroke="var(--line)"/>'
            f'<line x1="{left}" x2="{left + width}" y1="{y}" y2="{y}" stroke="var(--line)"/>'
            + _text(x, height + 16, f"{n / 10:.1f}", anchor="middle", soft=True)
            + _text(left - 6, y + 4, f"{n / 10:.1f}", anchor="end", soft=True)
        )
    lines.append(_text(left + width / 2, height + 34, across, anchor="middle", soft=True))
    lines.append(_text(left + 6, 22, up, soft=True))
    return "".join(lines)


def _x(left: int, width: int, value: float) -> float:
    return round(left + width * (0.0 if isnan(value) else value), 1)


def _y(height: int, value: float) -> float:
    return round(height - (height - 10) * value, 1)


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", soft: bool = False, size: int = 12
) -> str:
    fill = "var(--soft)" if soft else "var(--ink)"
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}" font-size="{size}">'
        f"{_escaped(words)}</text>"
    )


def _svg(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{_escaped(title)}"><title>{_escaped(title)}</title>{"".join(parts)}</svg>'
    )


def _escaped(words: str) -> str:
    from html import escape

    return escape(str(words))
