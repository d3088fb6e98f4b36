"""Articles to the sentences that a backend reads, each with its spans."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from pipeline.errors import InputError
from pipeline.evaluate.gold import GoldArticle
from pipeline.interop import read_corpus
from pipeline.training.config import TrainConfig

IGNORED = -100
"""Target of tokens that teach nothing, as torch's cross entropy takes it."""


class Example(NamedTuple):
    """A simplified sentence, where it stands in which article, and its spans within it."""

    article: int
    start: int
    text: str
    spans: tuple[tuple[int, int, str], ...]


def corpora(config: TrainConfig) -> tuple[list[GoldArticle], list[GoldArticle]]:
    """Training and dev articles; without a dev corpus, a seeded share of the articles.

    Raises ``InputError`` where there is nothing to learn or to measure on.
    """
    train = read_corpus(config.train, config.form)
    if config.dev is not None:
        dev = read_corpus(config.dev, config.form)
    else:
        shuffled = random.Random(config.seed).sample(train, len(train))
        held = max(1, round(len(train) * config.dev_share))
        dev, train = shuffled[:held], shuffled[held:]
    for name, articles in (("train", train), ("dev", dev)):
        found = sum(m.label in config.labels for a in articles for m in a.mentions)
        if not found:
            raise InputError(f"{name}: no mention of {', '.join(config.labels)} to learn from")
    return train, dev


def examples(articles: Sequence[GoldArticle], labels: Sequence[str]) -> list[Example]:
    """Sentences as the ``ner`` stage feeds them; a mention over a sentence's end is left out."""
    from pipeline.normalize import Normalizer
    from pipeline.segment import Segmenter

    normalizer, segmenter = Normalizer(), Segmenter()
    found = []
    for number, article in enumerate(articles):
        text = normalizer(article.text).text
        for sentence in segmenter.sentences(text):
            spans = tuple(
                (m.start - sentence.start, m.end - sentence.start, m.label)
                for m in article.mentions
                if m.label in labels and sentence.start <= m.start and m.end <= sentence.end
            )
            found.append(
                Example(number, sentence.start, text[sentence.start : sentence.end], spans)
            )
    return found


def tags(labels: Sequence[str]) -> list[str]:
    """The BIO tag set of some labels."""
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]


def targets(offsets: Sequence[tuple[int, int]], example: Example, tag_ids: dict[str, int]) -> Any:
    """Tag of each token by the character that it begins with; special tokens are ignored."""
    by_character: dict[int, str] = {}
    for start, end, label in example.spans:
        by_character.update(dict.fromkeys(range(start, end), f"I-{label}"))
    begins = {start: f"B-{label}" for start, _, label in example.spans}
    begun: set[int] = set()
    found = []
    for start, end in offsets:
        if end <= start:
            found.append(IGNORED)
            continue
        inside = next((n for n in range(start, end) if n in by_character), None)
        tag = by_character[inside] if inside is not None else "O"
        first = next((n for n in range(start, end) if n in begins and n not in begun), None)
        if first is not None:
            begun.add(first)
            tag = begins[first]
        found.append(tag_ids[tag])
    return found
