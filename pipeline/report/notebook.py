"""What a notebook shows for a document or an extraction: marked text, rows in folds, no script."""

from __future__ import annotations

from pipeline.document import Document
from pipeline.extraction import Extraction
from pipeline.report.article import article_view
from pipeline.report.load import rows_in_memory
from pipeline.report.originals import Original
from pipeline.report.write import render
from pipeline.tables import rows_of

MOST_ROWS = 40
# Of middling lightness, so that they can be read on a light and on a dark notebook.
_COLOURS = {
    "PERSON": "#c9557f",
    "COMPANY": "#3f83c9",
    "ORG": "#8471cf",
    "LOC": "#3f9a6b",
    "PERCENT": "#c07c17",
    "YEAR": "#1f929c",
    "MONEY": "#918b1c",
}


def extraction_fragment(extraction: Extraction) -> str:
    """An HTML fragment with inline styles only, for ``_repr_html_``."""
    text = extraction.document.article.text
    run = rows_in_memory("text", rows_of([extraction]), {})
    view = article_view(next(run.articles()), Original(text, exact=True))
    return render(
        "notebook.html.j2", view=view, groups=view.groups, colours=_COLOURS, most=MOST_ROWS
    )


def document_fragment(document: Document) -> str:
    """The same for a document, which has no entities and roles yet."""
    return extraction_fragment(Extraction(document))
