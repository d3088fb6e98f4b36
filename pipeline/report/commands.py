"""The bodies of the report commands: ``report``, ``plot`` and ``extract --html``."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.extraction import Extraction
    from pipeline.report.write import Written


def make_report(out: Path, path: Path | None, one_page: bool | None, show: bool) -> Written:
    """Write the report of the run in ``out`` and open it where ``show`` asks for it."""
    from pipeline.report.load import open_run
    from pipeline.report.write import write_report

    written = write_report(open_run(out), path or out / "report.html", one_page)
    if show:
        webbrowser.open(written.path.resolve().as_uri())
    return written


def make_plot(out: Path, what: str, path: Path | None, top: int, font: Path | None) -> Path:
    """Draw a chart of the run in ``out`` and say where it is."""
    from pipeline.report.plots import Chart, plot_run

    target = path or out / f"{what}.png"
    plot_run(out, Chart(what), target, top, font)
    return target


def extraction_html(extractions: Iterable[Extraction], name: str) -> str:
    """A self-contained page of what was just extracted."""
    from pipeline.report.load import rows_in_memory
    from pipeline.report.write import article_page
    from pipeline.tables import rows_of

    held = list(extractions)
    texts = {e.document.article.id: e.document.article.text for e in held}
    return article_page(rows_in_memory(name, rows_of(held), texts))


def open_page(html: str) -> Path:
    """Write a page to a temporary file, open it in the browser, and say where it is."""
    path = Path(tempfile.mkdtemp(prefix="zhnews-")) / "article.html"
    path.write_text(html, encoding="utf-8", newline="\n")
    webbrowser.open(path.as_uri())
    return path
