"""Speed of the quantity stages on one core, beside other packages in the same run.

    python -m benchmarks.quantities [--articles FOLDER] [--write] [--growth]

All are timed in processor seconds on the same simplified texts of ``$ZHNEWS_DATA/articles``, in
turn, the best of their rounds; peers that are not installed are left out. ``--write`` renews the
section of docs/benchmarks.md (ratios only), ``--growth`` times one long line of hostile text.
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.gold_quantities import document_of
from pipeline.config import Config
from pipeline.document import Document
from pipeline.normalize import Normalizer
from pipeline.stage import load_stage

# ``benchmarks.compare`` writes the rest of the page and keeps this section.
PAGE = Path("docs/benchmarks.md")
SECTION = "## Quantities beside other packages"
_LEAST_CHARACTERS = 1_500_000
_PEER_CHARACTERS = 40_000
_ROUNDS = 3
_SLOW = 1.0
_GROWING = (
    *("1", "1,234", "一二三", "百分之", "1%", "三成", "3%、", "1至", "三块", "1.5万元"),
    *("2017年", "三年前", "約"),
)


class Reader(NamedTuple):
    """Something that reads quantities: its name, what it finds, and a run over texts."""

    name: str
    finds: str
    run: Callable[[Sequence[Document]], object]
    ours: bool = False


def read_documents(folder: Path) -> list[Document]:
    """Real articles, from all folders in turn, until there is enough to time."""
    files = sorted(folder.glob("*/*.txt"))
    normalizer, documents, size = Normalizer(), [], 0
    for file in files[:: max(1, len(files) // 1200)]:
        text = file.read_text(encoding="utf-8")
        documents.append(document_of(text, file.name, normalizer))
        size += len(text)
        if size >= _LEAST_CHARACTERS:
            break
    return documents


def our_readers() -> Iterator[Reader]:
    """The three stages together, then each alone."""
    stages = [load_stage(name, Config()) for name in ("percent", "year", "money")]

    def together(documents: Sequence[Document]) -> None:
        for stage in stages:
            stage(documents)

    yield Reader("zhnews", "percentages, years, money", together, True)
    for stage in stages:
        yield Reader(f"zhnews {stage.name}", stage.name, stage, True)


def peer_readers() -> Iterator[Reader]:
    """What is installed of Recognizers-Text and JioNLP."""
    yield from _recognizers()
    yield from _jionlp()


def _recognizers() -> Iterator[Reader]:
    try:
        from recognizers_number import (  # type: ignore[import-not-found]
            Culture,
            recognize_number,
            recognize_percentage,
        )
        from recognizers_number_with_unit import recognize_currency  # type: ignore[import-not-found]
    except ImportError:
        print("Recognizers-Text is not installed")
        return
    for finds, call in (
        ("percentages", recognize_percentage),
        ("numbers", recognize_number),
        ("money", recognize_currency),
    ):
        yield Reader("Recognizers-Text", finds, _over(partial(_chinese, call, Culture.Chinese)))
    try:
        from recognizers_date_time import recognize_datetime  # type: ignore[import-not-found]
    except ImportError:
        print("the date part of Recognizers-Text is not installed")
        return
    dates = partial(_chinese, recognize_datetime, Culture.Chinese)
    yield Reader("Recognizers-Text", "dates", _over(dates))


def _chinese(call: Callable[[str, str], object], culture: str, text: str) -> object:
    return call(text, culture)


def _jionlp() -> Iterator[Reader]:
    try:
        import jionlp  # type: ignore[import-not-found]
    except ImportError:
        print("JioNLP is not installed")
        return
    logging.disable(logging.ERROR)  # it logs each time that it cannot read
    base = {"year": 2023, "month": 6, "day": 15}
    yield Reader("JioNLP", "times", _over(lambda t: jionlp.ner.extract_time(t, time_base=base)))
    yield Reader("JioNLP", "money", _over(jionlp.ner.extract_money))


def _over(call: Callable[[str], object]) -> Callable[[Sequence[Document]], None]:
    def run(documents: Sequence[Document]) -> None:
        for document in documents:
            call(document.text)

    return run


def cut(documents: Sequence[Document], characters: int) -> list[Document]:
    """Every nth document, so that about so many characters are left."""
    size = sum(len(d.text) for d in documents)
    return list(documents[:: max(1, size // characters)])


def speeds(readers: Sequence[Reader], documents: Sequence[Document]) -> list[float]:
    """Characters a processor second of each reader: the best of three rounds in turn.

    A reader that needs more than a second for a round has one round.
    """
    size = sum(len(d.text) for d in documents)
    best = [float("inf")] * len(readers)
    for reader in readers:
        reader.run(documents[:2])
    for number in range(_ROUNDS):
        for index, reader in enumerate(readers):
            if number and best[index] > _SLOW:
                continue
            start = time.process_time()
            reader.run(documents)
            best[index] = min(best[index], time.process_time() - start)
    return [size / seconds for seconds in best]


def section(readers: Sequence[Reader], found: Sequence[float], characters: int) -> str:
    """The section of the benchmark page: how to run it, and speeds as ratios to ours."""
    lines = [
        SECTION,
        "",
        "Written by `python -m benchmarks.quantities --write`: processor time on the same",
        f"simplified articles ({characters:,} characters), all in one run. The three stages of",
        "zhnews together are 1.00; each peer finds only what stands beside it. The peers are old",
        "packages that want versions of their own, so they are installed in an environment apart:",
        "",
        "```{.sh .not-run}",
        "python -m venv peers",
        "peers/bin/pip install -e .",
        "peers/bin/pip install --no-deps recognizers-text==1.0.2a2 \\",
        "    recognizers-text-number==1.0.2a2 recognizers-text-number-with-unit==1.0.2a2 \\",
        "    recognizers-text-date-time==1.0.2a2",
        "peers/bin/pip install emoji==1.7.0 regex multipledispatch grapheme datedelta \\",
        "    python-dateutil jionlp==1.5.31",
        "peers/bin/python -m benchmarks.quantities",
        "```",
        "",
        "| reader | finds | speed beside zhnews |",
        "|---|---|---|",
    ]
    ours = found[0]
    lines += [
        f"| {reader.name} | {reader.finds} | {speed / ours:.3f} |"
        for reader, speed in zip(readers, found, strict=True)
    ]
    return "\n".join([*lines, ""])


def write_section(text: str) -> None:
    """Put the section into the page in place of the one that is there."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page.partition(SECTION)[0].rstrip() + "\n\n" + text, encoding="utf-8")


def time_growth() -> None:
    """Processor seconds on one line of 30,000 and 240,000 characters of hostile runs."""
    stages = [load_stage(name, Config()) for name in ("percent", "year", "money")]
    normalizer = Normalizer()
    for unit in _GROWING:
        taken = []
        for length in (30_000, 240_000):
            document = document_of(unit * (length // len(unit)), "line", normalizer)
            start = time.process_time()
            for stage in stages:
                stage([document])
            taken.append(time.process_time() - start)
        ratio = taken[1] / taken[0]
        print(
            f"{unit!r:>10}: {taken[0]:6.2f} s, {taken[1]:6.2f} s for 8 times as much: {ratio:.1f}"
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(os.environ.get("ZHNEWS_DATA", "../shared/data")) / "articles"
    parser.add_argument("--articles", type=Path, default=default)
    parser.add_argument("--write", action="store_true", help=f"renew the section of {PAGE}")
    parser.add_argument("--growth", action="store_true", help="time one long line as well")
    arguments = parser.parse_args()
    documents = read_documents(arguments.articles)
    mine, peers = list(our_readers()), list(peer_readers())
    size = sum(len(d.text) for d in documents)
    for reader, speed in zip(mine, speeds(mine, documents), strict=True):
        print(f"{reader.name:>16}: {speed / 1000:8,.0f} k characters/s ({size:,} characters)")
    few = cut(documents, _PEER_CHARACTERS)
    readers = [*mine, *peers]
    found = speeds(readers, few)
    text = section(readers, found, sum(len(d.text) for d in few))
    print(text)
    for reader, speed in zip(readers, found, strict=True):
        print(f"{reader.name:>16} {reader.finds:<26}: {speed / 1000:8,.1f} k characters/s")
    if arguments.write:
        write_section(text)
    if arguments.growth:
        time_growth()


if __name__ == "__main__":
    main()
