"""Many articles out of a few: real ones repeated, each copy with other figures in it.

    python -m benchmarks.scale.make 20000 /tmp/articles

Texts come from ZHNEWS_DATA (default ../shared/data) and stay out of the repository.
"""

from __future__ import annotations

import os
import re
import sys
from itertools import count, cycle
from pathlib import Path

DATA = Path(os.environ.get("ZHNEWS_DATA", "../shared/data"))
PER_FOLDER = 1000
_DIGIT = re.compile(r"(?<=\d)\d(?=[%％萬億万亿])")


def originals() -> list[str]:
    """The real articles, those of all folders mixed."""
    paths = sorted((DATA / "articles").rglob("*.txt"), key=lambda path: (path.name, path))
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths]


def perturbed(text: str, number: int) -> str:
    """The text with the last digit of shares and amounts changed, and a number at its end."""
    changed = _DIGIT.sub(lambda match: str((int(match.group()) + number) % 10), text)
    return f"{changed}\n第{number}稿\n"


def make(articles: int, folder: Path) -> int:
    """Write so many articles; returns their characters."""
    characters = 0
    for number, text in zip(count(), cycle(originals())):
        if number == articles:
            return characters
        path = folder / f"{number // PER_FOLDER:03d}" / f"{number:07d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        written = perturbed(text, number)
        path.write_text(written, encoding="utf-8")
        characters += len(written)
    return characters


if __name__ == "__main__":
    print(make(int(sys.argv[1]), Path(sys.argv[2])), "characters")
