"""Standard input, kept in the output folder, so that workers can read it and it has a hash."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

from pipeline.readers import Source
from pipeline.readers.decode import SAMPLE_BYTES
from pipeline.readers.read import is_jsonl

STDIN = "-"


def spooled(source: Source, folder: Path) -> Source:
    """The source itself, or for standard input the file that it was copied to."""
    if source.path != STDIN:
        return source
    staging = folder / "stdin"
    with staging.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    with staging.open("rb") as file:
        suffix = ".jsonl" if is_jsonl(file.read(SAMPLE_BYTES)) else ".txt"
    path = staging.replace(folder / f"stdin{suffix}")
    return replace(source, path=str(path), size=path.stat().st_size)
