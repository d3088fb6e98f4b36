"""Documents written with their mentions: ``[P:王小明]是[C:星光科技]董事長``.

P is PERSON, C is COMPANY, O is ORG, L is LOC.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from pipeline.document import Article, Document
from pipeline.normalize import to_simplified
from pipeline.segment import Segmenter

LABELS = {"P": "PERSON", "C": "COMPANY", "O": "ORG", "L": "LOC"}
_MARK = re.compile(r"\[([PCOL]):([^\[\]]+)\]")


@lru_cache(maxsize=1)
def _segmenter() -> Segmenter:
    return Segmenter()


def document(marked: str, *, score: float = 1.0, tokens: bool = True) -> Document:
    """The document of a marked text, segmented, its mentions as an earlier stage made them."""
    text, spans, at = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        spans.append((len(text), len(text) + len(match[2]), LABELS[match[1]]))
        text += match[2]
        at = match.end()
    text += marked[at:]
    simplified = to_simplified(text)
    made = Document(Article("case", text), simplified)
    if tokens:
        made = replace(
            made,
            sentences=tuple(_segmenter().sentences(simplified)),
            tokens=tuple(_segmenter().tokens(simplified)),
        )
    return made.with_mentions(
        made.mention(start, end, label, score=score, stage="ner", rule="case")
        for start, end, label in spans
    )


def cases(name: str) -> list[list[str]]:
    """Rows of ``cases/<name>.tsv`` without its header and comments."""
    lines = Path(__file__).with_name("cases").joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in lines.splitlines() if line and not line.startswith("#")]
    return rows[1:]
