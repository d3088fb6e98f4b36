"""Any sequence of runs gives the bytes of one fresh run over the same input."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.runner import Options, run
from tests.runs import light, record_of, table_hashes, text_of, write_tree

NAMES = ("a.txt", "b/a.txt", "empty.txt", "r.jsonl", "s.csv", "z.txt")


@dataclass(frozen=True)
class Change:
    """One edit of the input, and how the run after it is cut."""

    name: str
    numbers: tuple[int, ...]
    shard_bytes: int
    limit: int | None
    prune: bool


CHANGES = st.lists(
    st.builds(
        Change,
        st.sampled_from(NAMES),
        st.lists(st.integers(0, 12), max_size=8).map(tuple),
        st.sampled_from((1, 300, 100_000)),
        st.sampled_from((None, None, 1, 3)),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


def content(change: Change) -> str | None:
    """What the file holds after the change; None: it is deleted."""
    if not change.numbers:
        return None
    if change.name == "empty.txt":
        return ""
    if change.name.endswith(".jsonl"):
        return "".join(record_of(n + 1, f"r{n // 2}") for n in change.numbers)
    if change.name.endswith(".csv"):
        rows = (f'c{n},"{text_of(n)}"\r\n' for n in change.numbers)
        return "id,text\r\n" + "".join(rows)
    return text_of(change.numbers[0])


@given(CHANGES)
@settings(deadline=None, max_examples=10)
def test_any_sequence_of_runs_is_one_fresh_run(changes: list[Change]) -> None:
    check_sequence(changes)


@pytest.mark.slow
@given(CHANGES)
@settings(deadline=None, max_examples=60)
def test_many_sequences_of_runs_are_one_fresh_run(changes: list[Change]) -> None:
    check_sequence(changes)


def check_sequence(changes: list[Change]) -> None:
    """Run after each change, and compare the end with one run over the last input."""
    base = Path(tempfile.mkdtemp())
    files: dict[str, str | bytes] = {"always.txt": text_of(99)}
    formats = ("parquet", "sqlite")
    try:
        for change in changes:
            made = content(change)
            if made is None:
                files.pop(change.name, None)
            else:
                files[change.name] = made
            write_tree(base / "in", files)
            config = light(
                run__shard_bytes=change.shard_bytes,
                input__limit=change.limit,
                output__formats=formats,
            )
            run(config, [str(base / "in")], base / "out", None, Options(prune=change.prune))
        last = light(output__formats=formats)
        run(last, [str(base / "in")], base / "out", None, Options(prune=True))
        run(last, [str(base / "in")], base / "fresh")
        assert table_hashes(base / "out") == table_hashes(base / "fresh")
    finally:
        shutil.rmtree(base)
