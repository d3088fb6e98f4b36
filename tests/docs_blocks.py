"""The code blocks of Markdown pages: found, and executed as a reader would.

What the info string of a block says:

- ``sh`` is run by bash, stopping at the first error; ``python`` in one namespace a page;
  ``sql`` by DuckDB on the tables of a run over ``articles``; ``toml`` is loaded as a configuration;
  ``json`` is parsed;
- ``title="name"`` makes a file of the block; a Python file is left to the blocks that use it;
- ``{.text .output}`` is what the block before it prints; a line of ``...`` stands for any lines;
- ``{.sh .not-run}`` (``sh not-run`` in README files, for other renderers) is not executed;
- ``text`` is not code.

Between ``<!-- answer -->`` and ``<!-- /answer -->`` stands the table that the SQL block before it
answers; a Python block beside it leaves the same table in ``answer``.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline.config import load_config
from tests.docs_shell import run_shell

_OPEN = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^`]*)$")
_ANSWER = re.compile(r"<!-- answer -->\n(.*?)<!-- /answer -->", re.S)
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Block:
    """A code block, or a table of answers (``language`` is ``answer``), and where it stands.

    ``start`` and ``end`` bound its content in the page.
    """

    line: int
    language: str
    code: str
    start: int
    end: int
    words: frozenset[str] = frozenset()
    title: str | None = None

    @property
    def executed(self) -> bool:
        """Whether it is code that is run."""
        return "not-run" not in self.words and self.language not in ("text", "answer")


@dataclass(slots=True)
class Reader:
    """Somebody who follows pages in one folder: ``environment`` is the shell's.

    ``database`` is the run that SQL is asked of. The same commands on two pages run once.
    """

    folder: Path
    database: Path
    environment: dict[str, str]
    _names: dict[str, Any] = field(default_factory=dict)
    _printed: str = ""
    _found: pd.DataFrame | None = None
    _ran: dict[str, str] = field(default_factory=dict)

    def follow(self, page: Path) -> str:
        """Execute a page; the answer is its text with the outputs and answers of now."""
        text = page.read_text(encoding="utf-8")
        pieces, at = [], 0
        self._names, self._printed, self._found = {}, "", None
        with _inside(self.folder):
            for block in blocks_of(text):
                try:
                    content = self._follow(block)
                except Exception as error:
                    error.add_note(f"{page.name}:{block.line} ({block.language})")
                    raise
                pieces += [text[at : block.start], content or text[block.start : block.end]]
                at = block.end
        return "".join([*pieces, text[at:]])

    def _follow(self, block: Block) -> str | None:
        if "output" in block.words:
            return None if matches(block.code, self._printed) else trimmed(self._printed) + "\n"
        if block.language == "answer":
            assert self._found is not None, "no SQL stands before it"
            return markdown(self._found)
        if block.executed:
            self._execute(block)
        return None

    def _execute(self, block: Block) -> None:
        if block.title is not None:
            path = Path(block.title)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code, encoding="utf-8")
        match block.language:
            case "sh":
                self._printed = self._shell(block.code)
            case "python" if block.title is not None:
                compile(block.code, block.title, "exec")
            case "python":
                self._printed = self._python(block)
            case "sql":
                with duckdb.connect(str(self.database), read_only=True) as connection:
                    self._found = connection.sql(block.code).df()
            case "toml":
                _toml(block.code)
            case "json":
                json.loads(block.code)
            case _ if block.title is not None:
                pass
            case other:
                raise ValueError(f"nothing here executes {other!r}")

    def _shell(self, code: str) -> str:
        if code not in self._ran:
            done = run_shell(code, self.environment)
            if "no font here has the characters" in done.err:
                return ""  # where no font is Chinese nothing is drawn; test_report_plots skips too
            assert done.code == 0, f"exit {done.code}\n{done.err}\n{done.out}"
            self._ran[code] = done.out
        return self._ran[code]

    def _python(self, block: Block) -> str:
        printed = io.StringIO()
        self._names.pop("answer", None)
        source = "\n" * block.line + block.code
        with contextlib.redirect_stdout(printed), pd.option_context("display.width", 100):
            exec(compile(source, "<page>", "exec"), self._names)
        answer = self._names.get("answer")
        if answer is not None and self._found is not None:
            assert cells(answer) == cells(self._found), f"\n{answer}\n{self._found}"
        return printed.getvalue()


def blocks_of(text: str) -> list[Block]:
    """All blocks of a page in order."""
    found = [
        Block(text.count("\n", 0, m.start()) + 1, "answer", m[1], m.start(1), m.end(1))
        for m in _ANSWER.finditer(text)
    ]
    lines = text.splitlines(keepends=True)
    at, number = 0, 0
    while number < len(lines):
        opened = _OPEN.match(lines[number].rstrip("\n"))
        begin = at + len(lines[number])
        at, number = begin, number + 1
        if opened is None:
            continue
        first = number
        while number < len(lines) and lines[number].strip() != opened["fence"]:
            at += len(lines[number])
            number += 1
        if number == len(lines):
            raise ValueError(f"line {first}: the block is never closed")
        indent = len(opened["indent"])
        code = "".join(line[indent:] or "\n" for line in lines[first:number])
        found.append(_block(first, opened["info"], code, (begin, at)))
        at += len(lines[number])
        number += 1
    return sorted(found, key=lambda block: block.start)


def _block(line: int, info: str, code: str, bounds: tuple[int, int]) -> Block:
    title = _TITLE.search(info)
    words = [word.lstrip(".") for word in _TITLE.sub("", info).strip(" {}").split()]
    language = words[0] if words else ""
    return Block(line, language, code, *bounds, frozenset(words[1:]), title[1] if title else None)


def _toml(code: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "zhnews.toml")
        path.write_text(code, encoding="utf-8")
        load_config(path)


def cells(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Header and rows, in plain values that compare across engines."""
    rows = [tuple(_plain(cell) for cell in row) for row in frame.itertuples(index=False, name=None)]
    return [tuple(str(name) for name in frame.columns), *rows]


def _plain(cell: Any) -> Any:
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, bool) or (hasattr(cell, "dtype") and cell.dtype == bool):
        return bool(cell)
    if isinstance(cell, int | float) or hasattr(cell, "dtype"):
        number = float(cell)
        return None if math.isnan(number) else round(number, 6)
    return str(cell)


def markdown(frame: pd.DataFrame) -> str:
    """A frame as a Markdown table."""
    header, *rows = cells(frame)
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(_shown(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell.is_integer() and abs(cell) >= 10_000 else f"{cell:.10g}"
    return str(cell).replace("|", "\\|")


def matches(shown: str, printed: str) -> bool:
    """Whether output on a page is what was printed, blanks at line ends aside."""
    parts = [re.escape(trimmed(part)) for part in re.split(r"(?m)^\.\.\.$", shown)]
    return re.fullmatch(".*?".join(parts), trimmed(printed), re.S) is not None


def trimmed(text: str) -> str:
    """A text without blanks at line ends and empty lines around it."""
    return re.sub(r"[ \t]+$", "", text, flags=re.M).strip("\n")


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in a folder, modules of which can be imported."""
    before = Path.cwd()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        os.chdir(before)
        sys.path.remove(str(folder))
