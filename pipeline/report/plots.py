"""Charts of a run: companies most written about, percentages by year, years named.

matplotlib is the ``plot`` extra and is imported here only. A chart is never drawn with a font that
lacks its characters: one that has them is looked for, and where there is none the error says what
to install.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError, InputError
from pipeline.report.forms import visible
from pipeline.report.index import Index
from pipeline.report.load import open_run, read_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FAMILIES = (
    "Noto Sans CJK TC",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans TC",
    "Noto Sans SC",
    "Source Han Sans TC",
    "Source Han Sans SC",
    "PingFang TC",
    "PingFang SC",
    "PingFang HK",
    "Hiragino Sans GB",
    "Heiti TC",
    "Microsoft JhengHei",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "AR PL UMing TW",
    "SimHei",
    "Arial Unicode MS",
)
"""Fonts with Chinese characters on Linux, macOS and Windows, best first."""

_COLOURS = {"company": "#2766a8", "level": "#a86200", "up": "#2c7a51", "down": "#b0446a"}


class Chart(StrEnum):
    """What ``zhnews plot`` draws."""

    COMPANIES = "companies"
    PERCENTAGES = "percentages"
    YEARS = "years"


def plot_run(out: Path, what: Chart, path: Path, top: int = 20, font: Path | None = None) -> int:
    """Draw one chart of the run in ``out`` to ``path`` (its suffix is the format).

    Returns the number of things drawn. ``font`` is a font file to use instead of looking for one.
    Raises ``ConfigError`` where matplotlib or a fitting font is missing or the suffix is no format,
    ``InputError`` where the tables hold nothing to draw.
    """
    matplotlib = _matplotlib()
    draw = {
        Chart.COMPANIES: _companies,
        Chart.PERCENTAGES: _percentages,
        Chart.YEARS: _years,
    }[what]
    with matplotlib.rc_context({"svg.hashsalt": "zhnews", "axes.unicode_minus": False}):
        figure, count = draw(out, top)
        _dress(figure, font)
        try:
            # No time and no version, so that the same tables give the same bytes.
            plain = {"Date": None} if path.suffix.lower() == ".svg" else None
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, dpi=160, bbox_inches="tight", metadata=plain)
        except ValueError as error:
            raise ConfigError(f"cannot draw to {path}: {error}") from error
        except OSError as error:
            raise InputError(f"cannot write {path}: {error}") from error
    return count


def font_for(text: Iterable[str], font: Path | None = None) -> Any:
    """Font properties of a font that has every character of ``text``.

    Raises ``ConfigError``, which says what to install, where there is none.
    """
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    wanted = {ord(char) for char in "".join(text) if not char.isspace()}
    if font is not None:
        files = [str(font)]
    else:
        # Of one name the upright face nearest to regular weight: the last one to be entered.
        faces = sorted(_faces(), key=_plainness, reverse=True)
        known = {entry.name: entry.fname for entry in faces}
        files = [known[name] for name in (*FAMILIES, "DejaVu Sans") if name in known]
    fewest: set[int] | None = None
    for file in files:
        try:
            missing = wanted - FT2Font(file).get_charmap().keys()
        except (OSError, RuntimeError) as error:
            raise ConfigError(f"cannot read font {file}: {error}") from error
        if not missing:
            return font_manager.FontProperties(fname=file)
        if fewest is None or len(missing) < len(fewest):
            fewest = missing
    lacking = "".join(map(chr, sorted(fewest or wanted)[:8]))
    raise ConfigError(
        f"no font here has the characters {lacking}; install one (Debian and Ubuntu: apt install "
        "fonts-noto-cjk; Fedora: google-noto-sans-cjk-fonts) or name a font file with --font"
    )


def _faces() -> list[Any]:
    """The faces that matplotlib's list holds, and those that were installed after it was made."""
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    faces = list(font_manager.fontManager.ttflist)
    listed = {face.fname for face in faces}
    for file in sorted(set(font_manager.findSystemFonts()) - listed):
        with contextlib.suppress(OSError, RuntimeError, NotImplementedError):
            faces.append(font_manager.ttfFontProperty(FT2Font(file)))
    return faces


def _companies(out: Path, top: int) -> tuple[Figure, int]:
    index = Index()
    for rows in open_run(out).articles():
        index.add(rows)
    found = [row for row in index.bodies() if row[4] == "company"]
    found = sorted(found, key=lambda row: (-row[3], -row[2], row[0]))[:top][::-1]
    _need(found, "company")
    figure, axes = _axes(height=1.2 + 0.32 * len(found))
    axes.barh([row[0] for row in found], [row[3] for row in found], color=_COLOURS["company"])
    for place, row in enumerate(found):
        axes.text(row[3], place, f" {row[3]}", va="center")
    axes.set_title("Companies by number of articles")
    axes.set_xticks([])
    axes.spines[["bottom"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure, len(found)


def _percentages(out: Path, top: int) -> tuple[Figure, int]:
    index = Index()
    for rows in open_run(out).articles():
        index.add(rows)
    points = [p for p in index.percents() if p[5] is not None and p[8] is not None]
    _need(points, "percentage with a year")
    subjects = Counter(p[7] for p in points if p[7])
    kept = [name for name, _ in sorted(subjects.items(), key=lambda s: (-s[1], s[0]))[:top]]
    points = [p for p in points if p[7] in kept] or points
    figure, axes = _axes(height=1.4 + 0.36 * max(len(kept), 6))
    for direction, name, word in (
        (0, "level", "share or level"),
        (1, "up", "rise"),
        (2, "down", "fall"),
    ):
        chosen = [p for p in points if p[6] == direction]
        axes.scatter(
            [p[8] for p in chosen],
            [kept[::-1].index(p[7]) if kept else p[5] for p in chosen],
            s=[16 + 4 * min(abs(p[5]), 100) for p in chosen],
            color=_COLOURS[name],
            alpha=0.45,
            linewidths=0,
            label=word,
        )
    if kept:
        axes.set_yticks(range(len(kept)), kept[::-1])
        axes.set_title("Percentages by subject and year (size: the value, up to 100%)")
    else:
        axes.set_title("Percentages by year")
    _whole_numbers(axes.xaxis)
    axes.grid(axis="both", color="#e7e3da", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=3, frameon=False)
    return figure, len(points)


def _years(out: Path, top: int) -> tuple[Figure, int]:
    del top
    named = Counter(
        row["start_year"] for row in read_table(out, "years") if row["start_year"] is not None
    )
    _need(named, "resolved year")
    ordered = sorted(named.elements())
    low, high = ordered[len(ordered) // 50], ordered[-1 - len(ordered) // 50]
    shown = {year: count for year, count in named.items() if low <= year <= high}
    figure, axes = _axes(height=4.2)
    axes.bar(list(shown), list(shown.values()), color="#0d7781", width=0.8)
    outside = len(ordered) - sum(shown.values())
    note = f" ({outside} outside {low} to {high} not drawn)" if outside else ""
    axes.set_title(f"Years that the articles name{note}")
    _whole_numbers(axes.xaxis)
    _whole_numbers(axes.yaxis)
    return figure, sum(shown.values())


def _need(found: Any, what: str) -> None:
    if not found:
        raise InputError(f"the tables hold no {what}, so there is nothing to draw")


def _axes(height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, height))
    axes = figure.add_subplot()
    axes.spines[["top", "right", "left"]].set_visible(False)
    return figure, axes


def _whole_numbers(axis: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True))


def _plainness(entry: Any) -> tuple[bool, int, str]:
    weights = {"light": 300, "normal": 400, "regular": 400, "medium": 500, "bold": 700}
    weight = entry.weight if isinstance(entry.weight, int) else weights.get(entry.weight, 600)
    return entry.style != "normal", abs(weight - 400), entry.fname


def _dress(figure: Figure, font: Path | None) -> None:
    """Set every text of the figure in a font that has its characters."""
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    for axes in figure.axes:
        texts += [*axes.get_xticklabels(), *axes.get_yticklabels()]
    for text in texts:
        text.set_text(visible(text.get_text()))
    chosen = font_for((text.get_text() for text in texts), font)
    for text in texts:
        size = text.get_fontsize()
        text.set_fontproperties(chosen)
        text.set_fontsize(size)
        text.set_parse_math(False)


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError as error:
        raise ConfigError("plots need matplotlib: pip install 'zhnews[plot]'") from error
    return matplotlib
