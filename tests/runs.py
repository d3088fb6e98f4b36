"""Small inputs and runs that tests of the runner share."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.config import Config, load_config

STAGES = ("percent", "year")


def text_of(number: int) -> str:
    """An article with a few quantities."""
    return (
        f"公司{number}的年報\n2025-03-{number % 28 + 1:02d}\n\n"
        f"2023年營收增長{number % 90 + 1}%，毛利率為{number % 7}成。明年起不變。\n"
    )


def record_of(number: int, name: str | None = None) -> str:
    """A line of JSON lines."""
    record = {"id": name or f"r{number}", "text": text_of(number), "date": "2024-05-06"}
    return json.dumps(record, ensure_ascii=False) + "\n"


def light(**overrides: object) -> Config:
    """The quantity stages in this process; dotted keys with ``__`` for dots."""
    given = {key.replace("__", "."): value for key, value in overrides.items()}
    return load_config(None, {"stages": STAGES, "run.engine": "serial"} | given)


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Make ``root`` hold exactly these files."""
    root.mkdir(parents=True, exist_ok=True)
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(root).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        if not path.is_file() or path.read_bytes() != raw:
            path.write_bytes(raw)


def table_hashes(out: Path) -> dict[str, str]:
    """Hash of every final file of an output folder."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and ".zhnews" not in path.parts and path.name != "run.json"
    }


def zhnews(
    *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        command(arguments),
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, **(env or {})},
        timeout=timeout,
    )


def command(arguments: Sequence[str]) -> list[str]:
    """The command line of the command."""
    return [sys.executable, "-m", "pipeline.cli", *arguments]
