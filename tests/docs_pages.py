"""Write or check the parts of the documentation that are made from code.

    python -m tests.docs_pages           write them anew (``make docs-write``)
    python -m tests.docs_pages site      hold a built site: nothing is loaded from elsewhere

Whole pages: the tables, the command line, the configuration. Within pages: outputs, answers, and
the scores on the gold corpora.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import sys
import tempfile
import textwrap
import typing
from datetime import datetime
from enum import Enum
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any

import pandas as pd
import typer
from pydantic import BaseModel

from tests.docs_blocks import Reader, markdown
from tests.docs_shell import install_client

REPO = Path(__file__).resolve().parent.parent
DOCS = REPO / "docs"
SCORES = re.compile(r"<!-- scores (\w+) -->\n(.*?)<!-- /scores -->", re.S)
_KINDS = {bool: "", Path: "path", str: "text", int: "number", float: "number", datetime: "date"}
# Examples that take hours, need torch and a configuration of the reader's own.
_NOT_RUN = frozenset({"train"})
_MADE = "<!-- Made from the code by `make docs-write`; do not edit. -->\n\n"
_LOADED = re.compile(
    r"""<(?:script|img|iframe|source)[^>]*\ssrc=["']?(?:https?:)?//|<link(?=[^>]*rel=["']?(?:stylesheet|preload|icon|preconnect))[^>]*href=["']?(?:https?:)?//|@import\s+(?:url\()?["']?(?:https?:)?//|url\(["']?(?:https?:)?//"""
)


def pages() -> list[Path]:
    """The pages whose blocks are executed."""
    return [REPO / "README.md", REPO / "README.zh.md", *sorted(DOCS.rglob("*.md"))]


def made() -> dict[str, str]:
    """The pages that are made whole, by file name."""
    from pipeline.tables import schema_markdown

    return {
        "schema.md": _MADE + schema_markdown(),
        "cli.md": cli_page(),
        "configuration.md": configuration_page(),
    }


def cli_page() -> str:
    """Every command with its arguments, options and example."""
    from pipeline.cli import app

    root: Any = typer.main.get_command(app)
    context = typer.Context(root, info_name="zhnews")
    functions = {info.name: info.callback for info in app.registered_commands}
    lines = [
        _MADE + "# Commands",
        "",
        "Data go to standard output, words to standard error. Exit codes: 0 done, 1 internal "
        "failure, 2 usage or configuration, 3 done but some articles failed.",
        "",
        "| command | what it does |",
        "|---|---|",
    ]
    sections = []
    for name in root.list_commands(context):
        function: Any = functions[name]
        words, example = _help(function)
        fence = "```{.sh .not-run}" if name in _NOT_RUN else "```sh"
        lines.append(f"| [`zhnews {name}`](#zhnews-{name}) | {words} |")
        sections += ["", f"## zhnews {name}", "", words, "", fence, example, "```", ""]
        sections += ["| option | default | what |", "|---|---|---|"]
        kinds = typing.get_type_hints(function)
        for given in root.get_command(context, name).params:
            if given.name != "help":
                sections.append(_parameter(given, kinds[given.name]))
        if sections[-1].startswith("|---"):
            del sections[-3:]
    return "\n".join(lines + sections) + "\n"


def _help(function: Any) -> tuple[str, str]:
    words, _, example = inspect.cleandoc(function.__doc__).partition("Example:")
    return " ".join(words.split()), " ".join(example.split())


def _parameter(given: Any, kind: Any) -> str:
    if given.param_type_name == "argument":
        name = f"`{given.metavar or given.name.upper()}`"
    else:
        names = [*given.opts, *given.secondary_opts]
        name = " ".join([*(f"`{n}`" for n in names), _kind(kind)]).rstrip()
    default = getattr(given.default, "value", given.default)
    shown = "required" if given.required else f"`{default}`" if default else ""
    return f"| {name} | {'' if default is True else shown} | {_cell(given.help or '')} |"


def _kind(kind: Any) -> str:
    kinds = [k for k in typing.get_args(kind) or (kind,) if k is not type(None)]
    inner = typing.get_args(kinds[0])[0] if typing.get_args(kinds[0]) else kinds[0]
    if issubclass(inner, Enum):
        return " or ".join(str(member.value) for member in inner)
    words = _KINDS.get(inner, inner.__name__)
    return f"{words} {words}" if len(kinds) > 1 and kinds[0] is kinds[1] else words


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def configuration_page() -> str:
    """Every key of ``zhnews.toml``."""
    from pipeline.config import Config

    lines = [
        _MADE + "# Configuration",
        "",
        "Keys of `zhnews.toml`, which is read where it stands in the working folder, or of the "
        "file that `--config` names. Flags of the command win over it. An unknown key is an error "
        "that names the nearest valid one.",
        "",
        *_keys(Config, ""),
    ]
    return "\n".join(lines) + "\n"


def _keys(model: type[BaseModel], section: str) -> list[str]:
    head = f"## [{section}]" if section else "## Top level"
    words = " ".join((model.__doc__ or "").split()) if section else "They stand before any section."
    lines = [head, "", words, "", "| key | type | default | what |", "|---|---|---|---|"]
    sections = []
    documented = _attribute_docs(model)
    for name, spec in model.model_fields.items():
        kind = spec.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            sections += ["", *_keys(kind, name)]
            continue
        default = spec.get_default(call_default_factory=True)
        default = "" if default in (None, (), {}) else f"`{_toml_value(default)}`"
        lines.append(f"| `{name}` | {_type_words(kind)} | {default} | {_cell(documented[name])} |")
    return lines + sections


def _type_words(kind: Any) -> str:
    """What to write for a key: ``tuple[str, ...]`` is a list of text in TOML."""
    kinds = [k for k in typing.get_args(kind) if k is not type(None)]
    if isinstance(kind, UnionType):
        return _type_words(kinds[0])
    if typing.get_origin(kind) is tuple:
        return f"list of {_type_words(kinds[0])}"
    if typing.get_origin(kind) is dict:
        return "table of text"
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}[kind]


def _toml_value(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _attribute_docs(model: type[BaseModel]) -> dict[str, str]:
    """The string below each key of a model's source."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name):
            value = after.value if isinstance(after, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[before.target.id] = value.value
    return found


def reader_in(folder: Path) -> Reader:
    """A reader with the sample articles, a run over them, and a checkout's files, in a folder.

    ``make`` works on the repository and leaves its environment as it is; of other targets than
    ``run`` and ``help`` (the tests, which are running) it only says what it would do.
    """
    from pipeline.config import load_config
    from pipeline.runner import run

    shutil.copytree(REPO / "corpus" / "articles", folder / "articles")
    shutil.copy(REPO / "corpus/articles/tech/feature-01.txt", folder / "article.txt")
    for name in ("corpus", "models", "docs"):
        (folder / name).symlink_to(REPO / name)
    (folder / "tests").mkdir()
    shutil.copy(REPO / "tests" / "floors.json", folder / "tests")
    venv = folder / ".venv" / "bin"
    venv.mkdir(parents=True)
    install_client(venv / "zhnews")
    (venv / "activate").write_text(f"PATH='{venv}':$PATH\n", encoding="utf-8")
    gold = REPO / "corpus" / "gold" / "sample.jsonl"
    for name in ("first.jsonl", "second.jsonl"):
        shutil.copy(gold, folder / name)
    binaries = folder / ".bin"
    binaries.mkdir()
    kept = " ".join(f"-o {sys.prefix}/{stamp}" for stamp in (".run", ".dev", ".docs"))
    make = binaries / "make"
    make.write_text(
        f'#!/bin/sh\ncase "$1" in run|help) ;; *) set -- -n "$@" >&2 ;; esac\n'
        f"exec {shutil.which('make')} -C {REPO} VENV={sys.prefix} {kept} "
        f'OUT={folder}/out_make "$@"\n',
        encoding="utf-8",
    )
    make.chmod(0o755)
    install_client(binaries / "zhnews")
    formats = ("parquet", "csv", "duckdb")
    for out in ("out", ".database"):
        settings = load_config(None, {"output.formats": formats, "run.engine": "serial"})
        if out == "out":
            run(settings, [str(folder / "articles")], folder / out)
        else:
            shutil.copytree(folder / "out", folder / out)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((str(binaries), f"{sys.prefix}/bin", os.environ["PATH"])),
        "BROWSER": "true",
        "ZHNEWS_DATA": str(folder / "no_such_data"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("MAKEFLAGS", None)
    return Reader(folder, folder / ".database" / "zhnews.duckdb", environment)


def gold_of(name: str) -> Path:
    """The gold corpus that the pages call ``dev`` or ``sample``."""
    if name == "sample":
        return REPO / "corpus" / "gold" / "sample.jsonl"
    folder = Path(os.environ.get("ZHNEWS_DATA", REPO.parent / "shared" / "data"))
    return folder / "gold" / f"{name}.jsonl"


@lru_cache(maxsize=4)
def scores_table(gold: Path) -> str:
    """What ``zhnews evaluate`` says of the default configuration, as one Markdown table."""
    from pipeline.config import Config
    from pipeline.evaluate import LABELS, Options, Resampling, evaluate
    from pipeline.evaluate.system import system_from_extractor
    from pipeline.extractor import Extractor
    from pipeline.interop import read_corpus

    corpus = read_corpus(gold, "gold")
    system = system_from_extractor(Extractor(Config()), corpus, Config().ner.backend)
    options = Options(labels=LABELS, resampling=Resampling(2000, seed=20250926))
    frames = evaluate(corpus, system, options)
    spans = frames["spans"][frames["spans"]["measure"] == "strict"]
    rows = [
        *_scores(spans[spans["label"] != "macro"], "spans"),
        *_scores(frames["entities"], "entities"),
        *_scores(frames["affiliations"], "affiliations"),
    ]
    values = frames["values"]
    for row in values[values["field"] == "all"].to_dict("records"):
        part = f"{row['correct'] / row['mentions']:.3f}" if row["mentions"] else ""
        rows.append(["values of found mentions", row["label"], row["mentions"], part, None, None])
    columns = ["what", "label", "gold", "precision", "recall", "F1 (95 % interval)"]
    return markdown(pd.DataFrame(rows, columns=columns, dtype=object))


def _scores(frame: pd.DataFrame, what: str) -> list[list[object]]:
    return [
        [
            what,
            row["label"],
            int(row["gold"]),
            f"{row['precision']:.3f}",
            f"{row['recall']:.3f}",
            f"{row['f1']:.3f} ({row['f1_low']:.3f} to {row['f1_high']:.3f})",
        ]
        for row in frame.to_dict("records")
    ]


def write() -> None:
    """Write all that is made from code."""
    for name, text in made().items():
        _write(DOCS / name, text)
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for found in reversed(list(SCORES.finditer(text))):
            if gold_of(found[1]).is_file():
                text = (
                    text[: found.start(2)] + scores_table(gold_of(found[1])) + text[found.end(2) :]
                )
        _write(page, text)
    with tempfile.TemporaryDirectory() as folder:
        reader = reader_in(Path(folder))
        for page in pages():
            _write(page, reader.follow(page))


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(REPO))  # noqa: T201


def loaded_from_elsewhere(site: Path) -> list[str]:
    """Pages and styles of a built site that would load something from another host."""
    files = [path for kind in ("*.html", "*.css") for path in sorted(site.rglob(kind))]
    return [
        f"{path.relative_to(site)}: {found[0]}"
        for path in files
        for found in _LOADED.finditer(path.read_text(encoding="utf-8"))
    ]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit("\n".join(loaded_from_elsewhere(Path(sys.argv[1]))) or None)
    write()
