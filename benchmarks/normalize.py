"""Conversion beside the opencc package, on real articles, in one run.

    python benchmarks/normalize.py [--data FOLDER] [--every N]

Converts every article of ``FOLDER/articles`` with both, compares the results character by
character (a difference must be explained by an override row), and prints characters a second
and the ratio; then the same for jieba's tokens and for sentences, for information. Exits with 1
where a difference is not explained.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.normalize import Normalizer
from pipeline.segment import Segmenter


def speed(convert: Callable[[str], object], texts: Sequence[str]) -> float:
    """Characters a second over all texts."""
    started = time.perf_counter()
    for text in texts:
        convert(text)
    return sum(map(len, texts)) / (time.perf_counter() - started)


def differences(
    normalizer: Normalizer, package: Callable[[str], str], texts: Sequence[str]
) -> tuple[Counter[tuple[str, str]], int]:
    """What overrides changed, as (package, ours) pairs; and how much nothing explains."""
    explained: Counter[tuple[str, str]] = Counter()
    unexplained = 0
    for text in texts:
        theirs, ours = package(normalizer.folded(text)), normalizer(text).text
        if theirs == ours:
            continue
        if not len(theirs) == len(ours) == len(text):
            unexplained += 1
            continue
        held = {
            at
            for change in normalizer.changes(text)
            if change.override
            for at in range(change.start, change.end)
        }
        for at, (their, our) in enumerate(zip(theirs, ours, strict=True)):
            if their != our:
                explained[their, our] += at in held
                unexplained += at not in held
    return explained, unexplained


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("ZHNEWS_DATA", "../shared/data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--every", type=int, default=1, help="take every n-th article")
    options = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from opencc import OpenCC
    paths = sorted((options.data / "articles").rglob("*.txt"))[:: options.every]
    if not paths:
        print(f"no articles under {options.data / 'articles'}: give --data", file=sys.stderr)
        return 2
    texts = [path.read_bytes().decode("utf-8") for path in paths]
    started = time.perf_counter()
    normalizer = Normalizer()
    built = time.perf_counter() - started
    package = OpenCC("t2s").convert
    print(f"{len(texts)} articles, {sum(map(len, texts)):,} characters; built in {built:.3f} s")
    theirs = speed(package, texts)
    ours = sorted(speed(normalizer, texts) for _ in range(5))[2]
    print(f"opencc package  {theirs / 1e6:8.2f} million characters a second")
    print(f"zhnews          {ours / 1e6:8.2f} million characters a second (median of 5)")
    print(f"ratio           {ours / theirs:8.1f}")
    explained, unexplained = differences(normalizer, package, texts)
    print(f"differences: {explained.total()} by override rows, {unexplained} unexplained")
    print("  " + " ".join(f"{a}->{b}:{n}" for (a, b), n in explained.most_common(12)))
    segmenter = Segmenter()
    segmenter.tokens("")
    simplified = [normalizer(text).text for text in texts]
    print(f"jieba tokens    {speed(segmenter.tokens, simplified[::8]) / 1e6:8.2f} million")
    print(f"sentences       {speed(segmenter.sentences, simplified) / 1e6:8.2f} million")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
