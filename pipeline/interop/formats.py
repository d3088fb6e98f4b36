"""The formats by name, and the two functions that read and write them.

A format is a module with ``read(path) -> list[GoldArticle]`` and ``write(path, articles) ->
Counter`` of what the form cannot hold (normal forms, affiliations, overlaps ...), by reason.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError, InputError
from pipeline.evaluate.gold import GoldArticle


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its module, the names of its functions there, and what it is."""

    module: str
    what: str
    reader: str = "read"
    writer: str = "write"


FORMATS = {
    "gold": Format("gold_jsonl", "the project's own JSON lines; holds everything"),
    "bio": Format("conll", "CoNLL columns, a character a line, BIO tags", writer="write_bio"),
    "bioes": Format("conll", "CoNLL columns, a character a line, BIOES tags", writer="write_bioes"),
    "brat": Format("brat", "a folder of .txt and .ann files for brat"),
    "doccano": Format("doccano", "JSON lines of doccano's sequence labelling"),
    "labelstudio": Format("label_studio", "JSON tasks of Label Studio"),
    "spacy": Format("docbin", "spaCy DocBin, characters as tokens", writer="write_characters"),
    "spacy-jieba": Format("docbin", "spaCy DocBin, jieba's tokens", writer="write_jieba"),
    "cluener": Format("cluener", "JSON lines as CLUENER 2020 has them"),
    "msra": Format("msra", "segments with tags (nr, ns, nt, o) as MSRA of SIGHAN 2006 has them"),
    "huggingface": Format("huggingface", "JSON lines with tokens and ner_tags for datasets"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and what the form could not hold, by reason."""

    articles: int
    mentions: int
    lost: dict[str, int]


def read_corpus(path: Path, form: str = "gold") -> list[GoldArticle]:
    """Read annotated articles. Every surface is checked against the text at its offsets.

    Raises ``ConfigError`` for an unknown form, ``InputError`` for a file that cannot be read.
    """
    chosen, module = _module(form)
    try:
        articles: list[GoldArticle] = _function(module, chosen.reader)(path)
    except (UnicodeDecodeError, OSError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(
            f"{path} is not in the form {form!r} ({chosen.what}): {error!r}"
        ) from error
    ids = Counter(article.id for article in articles)
    twice = next((name for name, count in ids.items() if count > 1), None)
    if twice is not None:
        raise InputError(f"{path}: article id {twice!r} stands twice")
    return articles


def write_corpus(articles: Sequence[GoldArticle], path: Path, form: str = "gold") -> Written:
    """Write annotated articles; the answer counts what the form cannot hold.

    Raises ``ConfigError`` for an unknown form, ``InputError`` where the path cannot be written.
    """
    chosen, module = _module(form)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lost: Counter[str] = _function(module, chosen.writer)(path, articles)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error}") from error
    return Written(
        len(articles), sum(len(a.mentions) for a in articles), dict(sorted(lost.items()))
    )


def _module(form: str) -> tuple[Format, object]:
    if form not in FORMATS:
        raise ConfigError(f"no format {form!r}: known are {', '.join(FORMATS)}")
    chosen = FORMATS[form]
    return chosen, importlib.import_module(f"pipeline.interop.{chosen.module}")


def _function(module: object, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(module, name)
    return found


def count_unheld(articles: Sequence[GoldArticle], lost: Counter[str]) -> None:
    """Count what forms of spans and labels alone cannot hold: normal forms and affiliations."""
    norms = sum(m.norm is not None for a in articles for m in a.mentions)
    facts = sum(len(a.affiliations) for a in articles)
    lost.update({k: v for k, v in (("normal forms", norms), ("affiliations", facts)) if v})
