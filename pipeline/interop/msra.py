"""MSRA of SIGHAN 2006: ``segment/tag`` with spaces between, a sentence a line.

Tags: nr (people), ns (places), nt (organisations), o. The form knows no spaces in a text and no
companies apart from organisations: what goes is counted. Each line is read as an article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import InputError
from pipeline.evaluate.gold import GoldArticle, GoldMention
from pipeline.interop.formats import count_unheld
from pipeline.interop.offsets import Mark, settled
from pipeline.interop.tags import without_overlaps

TO_LABEL = {"nr": "PERSON", "ns": "LOC", "nt": "ORG"}
FROM_LABEL = {"PERSON": "nr", "LOC": "ns", "ORG": "nt", "COMPANY": "nt"}


def write(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write a line of text a line."""
    lost: Counter[str] = Counter()
    count_unheld(articles, lost)
    lines: list[str] = []
    for article in articles:
        held = []
        for m in without_overlaps(article.mentions, lost):
            if m.label not in FROM_LABEL:
                lost[f"{m.label} mentions"] += 1
            elif "\n" in m.text:
                lost["mentions over a line break"] += 1
            else:
                lost["companies written as nt"] += m.label == "COMPANY"
                held.append(m)
        begin = 0
        for line in article.text.split("\n"):
            end = begin + len(line)
            inside = [m for m in held if begin <= m.start and m.end <= end]
            lost["whitespace characters"] += sum(c.isspace() for c in line)
            if line.strip():
                lines.append(_line(article.text, begin, end, inside))
            begin = end + 1
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return +lost


def read(path: Path) -> list[GoldArticle]:
    """Read lines of segments; tags that this project has no label for but ``o`` keep their names.

    Raises ``InputError`` where a segment has no tag.
    """
    articles = []
    for number, line in enumerate(path.read_bytes().decode("utf-8-sig").split("\n")):
        if not line.strip():
            continue
        name = f"{path.stem}-{number}"
        text, marks = "", []
        for piece in line.split():
            segment, slash, tag = piece.rpartition("/")
            if not slash:
                raise InputError(f"{path}:{number + 1}: {piece!r} has no tag")
            if tag != "o" and segment:
                place = len(text), len(text) + len(segment)
                marks.append(Mark(*place, TO_LABEL.get(tag, tag), segment))
            text += segment
        articles.append(GoldArticle(name, text, "", None, None, settled(name, text, marks), ()))
    return articles


def _line(text: str, begin: int, end: int, mentions: Sequence[GoldMention]) -> str:
    pieces: list[tuple[str, str]] = []
    at = begin
    for m in mentions:
        pieces += [(text[at : m.start], "o"), (m.text, FROM_LABEL[m.label])]
        at = m.end
    pieces.append((text[at:end], "o"))
    closed = (("".join(piece.split()), tag) for piece, tag in pieces)
    return " ".join(f"{piece}/{tag}" for piece, tag in closed if piece)
