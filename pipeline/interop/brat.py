"""brat: a folder with ``NAME.txt`` and ``NAME.ann`` for each article, and an annotation.conf.

Normal forms stand in notes on the annotations; id, source, region, date and affiliations in
``zhnews.json``, which brat leaves alone. A mention over a line break is written in brat's way, as
fragments; on reading, fragments with nothing but whitespace between them are one mention.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.evaluate.gold import (
    GoldArticle,
    GoldMention,
    Norm,
    norm_from_json,
    norm_to_json,
)
from pipeline.interop.metadata import metadata, restored
from pipeline.interop.offsets import Mark, settled

_UNSAFE = re.compile(r'[\x00-\x20"%*/:<>?\\|\x7f]')
_LINE = re.compile(r"T(\d+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)")
_NOTE = re.compile(r"#\d+\tAnnotatorNotes T(\d+)\t(\{.*\}|\[.*\]|\".*\")")
SIDECAR = "zhnews.json"


def write(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write a folder for brat."""
    path.mkdir(parents=True, exist_ok=True)
    free: dict[str, Any] = {}
    for number, article in enumerate(articles):
        name = _UNSAFE.sub(lambda m: f"%{ord(m[0]):02X}", article.id)
        if len(name.encode()) > 200 or name.startswith("."):
            name = f"article-{number}"
        free[name] = metadata(article)
        (path / f"{name}.txt").write_bytes(article.text.encode())
        lines = [line for n, m in enumerate(article.mentions, 1) for line in _lines(n, m)]
        (path / f"{name}.ann").write_text(
            "".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n"
        )
    told = json.dumps(free, ensure_ascii=False, indent=1)
    (path / SIDECAR).write_text(told + "\n", encoding="utf-8")
    labels = sorted({m.label for a in articles for m in a.mentions})
    conf = ["[entities]", *labels, "", "[relations]", "", "[events]", "", "[attributes]", ""]
    (path / "annotation.conf").write_text("\n".join(conf), encoding="utf-8", newline="\n")
    return Counter()


def read(path: Path) -> list[GoldArticle]:
    """Read a folder of brat, in the order of zhnews.json or else of the names."""
    sidecar = path / SIDECAR
    free = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.is_file() else {}
    names = {file.with_suffix("").name: file for file in sorted(path.glob("*.ann"))}
    if not names:
        raise InputError(f"{path} has no .ann files")
    order = [name for name in free if name in names]
    order += [name for name in names if name not in free]
    return [_article(names[name], free.get(name, {}), name) for name in order]


def _lines(number: int, mention: GoldMention) -> list[str]:
    fragments: list[str] = []
    surfaces: list[str] = []
    for piece in re.finditer(r"[^\r\n]+", mention.text):
        fragments.append(f"{mention.start + piece.start()} {mention.start + piece.end()}")
        surfaces.append(piece[0])
    lines = [f"T{number}\t{mention.label} {';'.join(fragments)}\t{' '.join(surfaces)}"]
    if mention.norm is not None:
        norm = json.dumps(norm_to_json(mention.norm), ensure_ascii=False)
        lines.append(f"#{number}\tAnnotatorNotes T{number}\t{norm}")
    return lines


def _article(file: Path, free: dict[str, Any], name: str) -> GoldArticle:
    text = file.with_suffix(".txt").read_bytes().decode("utf-8-sig")
    lines = file.read_bytes().decode("utf-8-sig").split("\n")
    norms: dict[str, Norm] = {}
    for line in lines:
        note = _NOTE.fullmatch(line.rstrip("\r"))
        if note:
            norms[note[1]] = norm_from_json(json.loads(note[2]))
    marks = []
    for line in lines:
        found = _LINE.fullmatch(line.rstrip("\r"))
        if found is None:
            if line.startswith("T"):
                raise InputError(f"{file}: {line!r} is no text-bound annotation")
            continue
        numbers = [int(n) for n in re.findall(r"\d+", found[3])]
        marks.append(Mark(numbers[0], numbers[-1], found[2], found[4], norms.get(found[1])))
    return restored(free, text, settled(name, text, marks), name)
