"""Writes report files: one self-contained page, or beyond a size an index and a folder of pages."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.report.article import ArticleView, article_view
from pipeline.report.forms import json_for_script
from pipeline.report.index import Index
from pipeline.report.load import RunRows
from pipeline.report.originals import Originals

if TYPE_CHECKING:
    from jinja2 import Environment

ONE_PAGE_CHARS = 150_000
"""Articles of so many characters in all still make one page (about 5 MB)."""
SEARCH_CHARS = 12_000_000
"""Beyond so many characters the report searches titles and names only."""
_MARKER = ".zhnews-report"
_SCRIPTS = ("core.js", "article.js", "views.js", "index.js")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the page to open, its article pages (0 where inside), articles, rebuilt.

    ``rebuilt`` counts articles whose line breaks are guessed, their source being gone or changed.
    """

    path: Path
    pages: int
    articles: int
    rebuilt: int


def write_report(run: RunRows, path: Path, one_page: bool | None = None) -> Written:
    """Write the report of ``run`` to ``path`` and, where it is large, ``<stem>_files`` beside it.

    ``one_page`` forces either form; None decides by size. The same tables and sources give the
    same bytes. Raises ``InputError`` where ``path`` cannot be written, or the folder beside it
    holds something else.
    """
    inside = run.n_chars <= ONE_PAGE_CHARS if one_page is None else one_page
    folder = path.with_name(f"{path.stem}_files")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        if inside:
            return _one_page(run, path)
        return _many_pages(run, path, folder)
    except OSError as error:
        raise InputError(f"cannot write the report to {path}: {error}") from error


def article_page(run: RunRows) -> str:
    """A self-contained page: the article itself where there is one, else a report of them all."""
    if run.n_articles != 1:
        return _page(run)[0]
    rows = next(run.articles())
    view = article_view(rows, Originals(run).text_of(rows))
    return render("article.html.j2", view=view, keys=_keys(view), back=None, **_inline())


def _one_page(run: RunRows, path: Path) -> Written:
    html, rebuilt = _page(run)
    path.write_text(html, encoding="utf-8", newline="\n")
    return Written(path, 0, run.n_articles, rebuilt)


def _page(run: RunRows) -> tuple[str, int]:
    index = Index()
    views = []
    for view in _views(run, index):
        views.append(view)
    html = render(
        "index.html.j2",
        run=run,
        inputs=_inputs(run),
        content=json_for_script(index.content(run, [])),
        texts=json_for_script(index.texts),
        search=None,
        views=[(view, _keys(view)) for view in views],
        **_inline(),
    )
    return html, sum(not view.exact for view in views)


def _many_pages(run: RunRows, path: Path, folder: Path) -> Written:
    pages = folder / "articles"
    pages.mkdir(parents=True)
    (folder / _MARKER).touch()
    (folder / "report.css").write_text(_asset("report.css"), encoding="utf-8", newline="\n")
    (folder / "report.js").write_text(_script(), encoding="utf-8", newline="\n")
    index = Index()
    links: list[str] = []
    rebuilt = 0
    names = [f"{number:05d}.html" for number in range(run.n_articles)]
    for number, view in enumerate(_views(run, index)):
        html = render(
            "article.html.j2",
            view=view,
            keys=_keys(view),
            back=f"../../{path.name}",
            before=names[number - 1] if number else None,
            after=names[number + 1] if number + 1 < len(names) else None,
            linked="../",
        )
        (pages / names[number]).write_text(html, encoding="utf-8", newline="\n")
        links.append(f"{folder.name}/articles/{names[number]}")
        rebuilt += not view.exact
    searchable = run.n_chars <= SEARCH_CHARS
    if searchable:
        body = f"zhnewsTexts({json_for_script(index.texts)});\n"
        (folder / "search.js").write_text(body, encoding="utf-8", newline="\n")
    html = render(
        "index.html.j2",
        run=run,
        inputs=_inputs(run),
        content=json_for_script(index.content(run, links)),
        texts=None,
        search=f"{folder.name}/search.js" if searchable else None,
        views=[],
        **_inline(),
    )
    path.write_text(html, encoding="utf-8", newline="\n")
    return Written(path, len(links), run.n_articles, rebuilt)


def _views(run: RunRows, index: Index) -> Iterator[ArticleView]:
    originals = Originals(run)
    for rows in run.articles():
        index.add(rows)
        yield article_view(rows, originals.text_of(rows))


def _keys(view: ArticleView) -> dict[str, str]:
    """Short names of the side rows, for the page's own cross-references."""
    rows = [row.id for group in view.groups for row in group.rows]
    return {name: f"r{number}" for number, name in enumerate(rows)}


def _inputs(run: RunRows) -> str:
    inputs = run.facts.get("inputs")
    return ", ".join(map(str, inputs)) if isinstance(inputs, list) else run.name


def _clear(folder: Path) -> None:
    """Remove the pages of an earlier report; refuse a folder that holds anything else."""
    if not folder.exists():
        return
    if not (folder / _MARKER).is_file():
        raise InputError(
            f"{folder} exists and was not made by `zhnews report`; give another name with -o"
        )
    shutil.rmtree(folder)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from pipeline.report.forms import visible

    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.filters["thousands"] = lambda count: f"{count:,}"
    return environment


def render(template: str, /, **values: Any) -> str:
    """One of the package's templates with these values; everything in it is escaped."""
    defaults = {"linked": None, "style": None, "script": None, "policy": None}
    defaults |= {"before": None, "after": None}
    return _environment().get_template(template).render(**(defaults | values))


def _inline() -> dict[str, Any]:
    """Style and script to stand in the page, and the policy that lets only these two act."""
    from markupsafe import Markup

    style, script = _asset("report.css"), _script()
    policy = f"style-src {_digest(style)}; script-src {_digest(script)}"
    return {"style": Markup(style), "script": Markup(script), "policy": policy}


def _digest(text: str) -> str:
    sha = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{sha}'"


def _script() -> str:
    body = "".join(_asset(name) for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{body}\n}})();\n'


@lru_cache(maxsize=8)
def _asset(name: str) -> str:
    return files("pipeline.report").joinpath("assets", name).read_text(encoding="utf-8")
