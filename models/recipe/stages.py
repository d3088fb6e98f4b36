"""What each stage trains on."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from models.recipe.batches import Weighted
from models.recipe.data import (
    Record,
    Sample,
    annotated_articles,
    annotated_stretches,
    corpus_samples,
    split_zhnews,
    to_sample,
    windows,
)
from models.recipe.pseudo import choose

EpochData = Callable[[int], list[Weighted]]
PACKS = (48, 96, 192)
"""Longest windows that articles are cut into; one is drawn for each article and epoch."""
PSEUDO_WEIGHT = 0.5
JOINT = {"cluener": 9638, "finner": 8524, "msra": 10000, "uner_gsd": 3997, "resume": 2000}
STUDENT = {"cluener": 9638, "finner": 5000, "msra": 6000, "uner_gsd": 3997, "resume": 1000}
ADAPT = {"cluener": 1500, "finner": 1200, "msra": 1200, "uner_gsd": 600, "resume": 200}
"""Samples of each further corpus in an epoch."""


def raw_sample(corpus: str, record: Record) -> Sample:
    """As ``to_sample``, but with the text left in its own script."""
    return Sample(record.text, to_sample(corpus, record).allowed)


def training_articles() -> list[Record]:
    """All articles by our guidelines that are trained on."""
    return [*split_zhnews()[0], *annotated_articles("train")]


def _part(samples: list[Sample], share: float) -> list[Sample]:
    return samples[: max(1, int(len(samples) * share))]


class Mixture:
    """Texts of the stages, read once; each epoch draws its own share."""

    def __init__(self, articles: Sequence[Record], share: float = 1.0) -> None:
        """``share`` of the other corpora is read (for the smoke run)."""
        self.articles = [to_sample("zhnews", record) for record in articles]
        self.articles_raw = [raw_sample("zhnews", record) for record in articles]
        self.pseudo: list[Sample] = []
        self.stretches = [to_sample("zhnews", record) for record in annotated_stretches()]
        self.others = {
            name: [w for sample in _part(corpus_samples(name), share) for w in windows(sample)]
            for name in ("cluener", "finner", "msra", "uner_gsd", "resume")
        }

    def in_domain(self, rnd: random.Random) -> list[Weighted]:
        """Articles cut into windows of varying size; a few keep their own script."""
        items = [Weighted(sample, 1.0) for sample in self.stretches]
        for clean, raw in zip(self.articles, self.articles_raw, strict=True):
            sample = raw if rnd.random() < 0.05 else clean
            items += [Weighted(w, 1.0) for w in windows(sample, rnd.choice(PACKS))]
        return items

    def draw(self, rnd: random.Random, counts: dict[str, int]) -> list[Weighted]:
        """So many random samples of each of the other corpora."""
        items = []
        for name, count in counts.items():
            pool = self.others[name]
            chosen = pool if count >= len(pool) else rnd.sample(pool, count)
            items += [Weighted(sample, 1.0) for sample in chosen]
        return items

    def joint(self, seed: int) -> EpochData:
        """First stage: articles beside everything else."""
        return self._epochs(seed, JOINT, 0)

    def student(self, seed: int, budget: int) -> EpochData:
        """Second stage: articles, fewer of the rest, ``budget`` pseudo-labelled characters."""
        return self._epochs(seed + 20, STUDENT, budget)

    def adapt(self, seed: int) -> EpochData:
        """Last stage of a round: articles, beside a small share of the rest."""
        return self._epochs(seed + 50, ADAPT, 0)

    def _epochs(self, seed: int, counts: dict[str, int], budget: int) -> EpochData:
        def epoch_data(epoch: int) -> list[Weighted]:
            rnd = random.Random(seed * 100 + epoch)
            items = self.in_domain(rnd) + self.draw(rnd, counts)
            for sample in choose(self.pseudo, budget, rnd):
                longest = rnd.choice(PACKS)
                items += [Weighted(w, PSEUDO_WEIGHT) for w in windows(sample, longest)]
            return items

        return epoch_data
