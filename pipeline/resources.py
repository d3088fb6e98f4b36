"""Where lexicons and models that ship with the project are found.

In a checkout they are ``corpus/lexicons`` and ``models``; in an installed wheel, the same folders
under ``pipeline/_bundled``. TSV lexicons have a header line ``term<TAB>value<TAB>source`` (more
columns are allowed); lines that start with ``#`` are comments.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_bundled"


class LexiconRow(NamedTuple):
    """A lexicon entry: the term (simplified unless the lexicon says otherwise), value, source."""

    term: str
    value: str
    source: str


def lexicon_folder() -> Path:
    """Folder of the TSV lexicons."""
    bundled = _BUNDLED / "lexicons"
    return bundled if bundled.is_dir() else _PACKAGE.parent / "corpus" / "lexicons"


def model_folder(name: str = "default") -> Path:
    """Folder of a model that ships with the project."""
    bundled = _BUNDLED / "models" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / "models" / name


@lru_cache(maxsize=64)
def read_lexicon(name: str) -> tuple[LexiconRow, ...]:
    """Rows of ``<name>.tsv``. Raises ``ConfigError`` where it is missing or malformed."""
    path = lexicon_folder() / f"{name}.tsv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read lexicon {path}: {error.strerror}") from error
    rows = csv.DictReader(
        (line for line in lines if line and not line.startswith("#")),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
    if rows.fieldnames is None or list(rows.fieldnames)[:1] != ["term"]:
        raise ConfigError(f"lexicon {path} must begin with a header line 'term\\tvalue\\tsource'")
    return tuple(
        LexiconRow(row["term"], row.get("value") or "", row.get("source") or "") for row in rows
    )


def alternation(words: Iterable[str]) -> str:
    """A regular expression for any of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
