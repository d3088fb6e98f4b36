"""Speed of the quantity stages in characters a second on one core, and growth on one long line.

    python -m benchmarks.quantities [--articles FOLDER] [--peers]

Reads articles under ``$ZHNEWS_DATA/articles``. With ``--peers``, Recognizers-Text and JioNLP are
timed on the same texts where they are installed.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.gold_quantities import document_of
from pipeline.config import Config
from pipeline.document import Document
from pipeline.normalize import Normalizer
from pipeline.stage import load_stage

_LEAST_CHARACTERS = 1_500_000
_PEER_CHARACTERS = 60_000


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


def seconds(run: Callable[[], object]) -> float:
    """The best of three runs, in CPU seconds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


def time_stages(documents: Sequence[Document]) -> None:
    """Each quantity stage alone, and all together."""
    size = sum(len(d.text) for d in documents)
    stages = [load_stage(name, Config()) for name in ("percent", "year", "money")]
    total = 0.0
    for stage in stages:
        taken = seconds(lambda stage=stage: stage(documents))  # type: ignore[misc]
        total += taken
        print(f"{stage.name:>10}: {size / taken / 1000:8,.0f} k characters/s")
    print(f"{'together':>10}: {size / total / 1000:8,.0f} k characters/s ({size:,} characters)")


def time_growth() -> None:
    """CPU seconds on one line of 30,000 and 240,000 characters of adversarial runs."""
    stages = [load_stage(name, Config()) for name in ("percent", "money")]
    normalizer = Normalizer()
    for unit in ("1", "1,234", "一二三", "百分之", "3%、", "1至", "三块", "約"):
        taken = []
        for length in (30_000, 240_000):
            document = document_of(unit * (length // len(unit)), "line", normalizer)
            start = time.process_time()
            for stage in stages:
                stage([document])
            taken.append(time.process_time() - start)
        print(f"{unit!r:>10}: 30 k {taken[0]:6.2f} s, 240 k {taken[1]:6.2f} s")


def time_peers(documents: Sequence[Document]) -> None:
    """Recognizers-Text and JioNLP on the first texts, where they are installed."""
    texts, size = [], 0
    for document in documents:
        texts.append(document.text)
        size += len(document.text)
        if size >= _PEER_CHARACTERS:
            break
    try:
        from recognizers_number import Culture, recognize_percentage  # type: ignore[import-not-found]
        from recognizers_number_with_unit import recognize_currency  # type: ignore[import-not-found]
    except ImportError:
        print("Recognizers-Text is not installed")
    else:
        for name, call in (("percent", recognize_percentage), ("currency", recognize_currency)):
            taken = seconds(lambda call=call: [call(t, Culture.Chinese) for t in texts])  # type: ignore[misc]
            print(f"Recognizers-Text {name}: {size / taken / 1000:,.0f} k characters/s")
    try:
        import jionlp  # type: ignore[import-not-found]
    except ImportError:
        print("JioNLP is not installed")
    else:
        taken = seconds(lambda: [jionlp.ner.extract_money(t) for t in texts])
        print(f"JioNLP extract_money: {size / taken / 1000:,.0f} k characters/s")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(os.environ.get("ZHNEWS_DATA", "../shared/data")) / "articles"
    parser.add_argument("--articles", type=Path, default=default)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--growth", action="store_true")
    arguments = parser.parse_args()
    documents = read_documents(arguments.articles)
    time_stages(documents)
    if arguments.growth:
        time_growth()
    if arguments.peers:
        time_peers(documents)


if __name__ == "__main__":
    main()
