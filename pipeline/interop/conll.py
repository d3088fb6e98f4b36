r"""CoNLL columns at character level: ``character<TAB>tag``, an empty line between lines of text.

Whitespace cannot stand in a column, so it is written ``\s``, ``\n``, ``\r``, ``\t`` or
``\uXXXX`` and a backslash ``\\``; comment lines (``# id = "..."``) begin an article. Files of
others, without the first line ``# zhnews``, are read as they are: first column the token, last
column the tag, an empty line ends an article.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.errors import InputError
from pipeline.evaluate.gold import GoldArticle
from pipeline.interop.formats import count_unheld
from pipeline.interop.offsets import Mark, settled
from pipeline.interop.tags import spans_of, tags_of, without_overlaps

HEADING = "# zhnews character columns 1"
_ESCAPES = {" ": r"\s", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\"}
_CHARACTERS = {escape: character for character, escape in _ESCAPES.items()}
_COMMENT = re.compile(r"# (\w+) = (.*)")
_TAG = re.compile(r"O|[BIMELSU]-.+")


def write_bio(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write BIO tags."""
    return _write(path, articles, bioes=False)


def write_bioes(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write BIOES tags."""
    return _write(path, articles, bioes=True)


def read(path: Path) -> list[GoldArticle]:
    """Read columns; BIO, IOB1, BIOES, BMES and BILOU tags are told apart by themselves."""
    lines = path.read_bytes().decode("utf-8-sig").split("\n")
    if lines[0].rstrip("\r") == HEADING:
        return list(_own(path, lines[1:]))
    return list(_foreign(path, [line.rstrip("\r") for line in lines]))


def _write(path: Path, articles: Sequence[GoldArticle], *, bioes: bool) -> Counter[str]:
    lost: Counter[str] = Counter()
    count_unheld(articles, lost)
    lines = [HEADING]
    for article in articles:
        for name in ("id", "source", "region", "published"):
            lines.append(f"# {name} = {json.dumps(getattr(article, name), ensure_ascii=True)}")
        kept = without_overlaps(article.mentions, lost)
        tags = tags_of(len(article.text), kept, bioes=bioes)
        for character, tag in zip(article.text, tags, strict=True):
            lines.append(f"{_escaped(character)}\t{tag}")
            if character == "\n" and tag[0] in "OES":
                lines.append("")
        lines.append("")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return lost


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isspace() or not character.isprintable():
        return f"\\u{ord(character):04x}"
    return character


def _unescaped(column: str) -> str:
    if len(column) == 1:
        return column
    if column in _CHARACTERS:
        return _CHARACTERS[column]
    return chr(int(column.removeprefix(r"\u"), 16))


def _own(path: Path, lines: Sequence[str]) -> Iterator[GoldArticle]:
    head: dict[str, str | None] = {}
    characters: list[str] = []
    tags: list[str] = []

    def article() -> GoldArticle:
        text = "".join(characters)
        name = head.get("id") or path.stem
        marks = [Mark(*span) for span in spans_of(tags)]
        return GoldArticle(
            name,
            text,
            head.get("source") or "",
            head.get("region"),
            head.get("published"),
            settled(name, text, marks),
            (),
        )

    for number, line in enumerate(lines, 2):
        comment = _COMMENT.fullmatch(line) if "\t" not in line else None
        if comment:
            if comment[1] == "id" and head:
                yield article()
                head, characters, tags = {}, [], []
            head[comment[1]] = json.loads(comment[2])
        elif line:
            column, _, tag = line.partition("\t")
            if not _TAG.fullmatch(tag):
                raise InputError(f"{path}:{number}: {tag!r} is no tag")
            characters.append(_unescaped(column))
            tags.append(tag)
    if head:
        yield article()


def _foreign(path: Path, lines: Sequence[str]) -> Iterator[GoldArticle]:
    tokens: list[str] = []
    tags: list[str] = []
    number = 0
    for line in (*lines, ""):
        columns = line.split()
        if columns and columns[0] != "-DOCSTART-":
            if len(columns) < 2 or not _TAG.fullmatch(columns[-1]):
                raise InputError(f"{path}: {line!r} has no tag in its last column")
            tokens.append(columns[0])
            tags.append(columns[-1])
        elif tokens:
            yield _of_tokens(f"{path.stem}-{number}", tokens, tags)
            number += 1
            tokens, tags = [], []


def _of_tokens(name: str, tokens: Sequence[str], tags: Sequence[str]) -> GoldArticle:
    """Tokens stand side by side; a space parts two Latin words."""
    text = ""
    places: list[tuple[int, int]] = []
    before = ""
    for token in tokens:
        words = len(before) > 1 and len(token) > 1
        if words and before[-1].isascii() and token[0].isascii() and token[0].isalnum():
            text += " "
        places.append((len(text), len(text) + len(token)))
        text += token
        before = token
    marks = [Mark(places[a][0], places[b - 1][1], label) for a, b, label in spans_of(tags)]
    return GoldArticle(name, text, "", None, None, settled(name, text, marks), ())
