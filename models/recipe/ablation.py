"""What single parts of the recipe bring: short trainings, each with one part taken away.

Every variant sees the same texts in the same order for one epoch of a smaller first stage, so the
figures compare variants and say nothing about the shipped model's level.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from models.recipe.batches import Weighted
from models.recipe.build import SEEDS, feature_table, report_on
from models.recipe.data import OUTSIDE, TAGS, Sample, split_zhnews
from models.recipe.ensemble import Teacher
from models.recipe.evaluate import gold_dev, held_out
from models.recipe.model import Tagger, read_base_encoder
from models.recipe.stages import Mixture, training_articles
from models.recipe.train import StageSettings, train_stage
from pipeline.ner.features import Encoded, FeatureTable

COUNTS = {"cluener": 2000, "finner": 1500, "msra": 1500, "uner_gsd": 800, "resume": 200}
STAGE = StageSettings("base", 1, average=0.99)


@dataclass(frozen=True)
class Variant:
    """One part taken away; the defaults are the recipe."""

    stage: StageSettings = STAGE
    blind: str = ""
    """Input array that is all zeros: ``features`` (lexicon) or ``bigrams``."""
    base_weights: bool = True
    partial: bool = True
    stretches: bool = True
    annotated: bool = True
    """Also the articles of ``annotations/articles.tsv``, not train/zhnews alone."""
    counts: dict[str, int] = field(default_factory=lambda: COUNTS)


VARIANTS: dict[str, Variant] = {
    "all parts": Variant(),
    "all parts, another seed": Variant(replace(STAGE, seed=STAGE.seed + 1)),
    "no lexicon": Variant(blind="features"),
    "no bigrams": Variant(blind="bigrams"),
    "no start from lac": Variant(base_weights=False),
    "unlabelled taught as O": Variant(partial=False),
    "no names swapped, no noise": Variant(replace(STAGE, swap=0.0, noise=0.0)),
    "weights not averaged": Variant(replace(STAGE, average=0.0)),
    "no annotated stretches": Variant(stretches=False),
    "no annotated bulk articles": Variant(annotated=False),
    "no further corpora": Variant(counts={}),
}


class Blind(FeatureTable):
    """A table with one of its arrays at zero."""

    def __init__(self, table: FeatureTable, name: str) -> None:
        self.__dict__.update(table.__dict__)
        self._name = name

    def encode(self, texts: Sequence[str]) -> Encoded:
        """As the table's, with nothing in the named array."""
        encoded = super().encode(texts)
        return encoded._replace(**{self._name: np.zeros_like(getattr(encoded, self._name))})


def taught_as_outside(sample: Sample) -> Sample:
    """Each character with one tag: O wherever O is allowed, ORG where a body is either."""
    return Sample(sample.text, tuple(_single(mask) for mask in sample.allowed))


def _single(mask: int) -> int:
    if mask & OUTSIDE:
        return OUTSIDE
    tags = [tag for number, tag in enumerate(TAGS) if mask >> number & 1]
    chosen = next((tag for tag in tags if tag.endswith("ORG")), tags[0])
    return 1 << TAGS.index(chosen)


def report_on_both(table: FeatureTable) -> Callable[[Teacher], str]:
    """Scores on the held-out articles and on the dev gold."""
    kept, gold = report_on(table, held_out()), report_on(table, gold_dev())
    return lambda tagger: f"held out {kept(tagger)} | dev gold {gold(tagger)}"


def run(name: str, work: Path, mixture: Mixture) -> None:
    """Train one variant; scores are printed after each epoch."""
    variant = VARIANTS[name]
    table = feature_table(work)
    seen = Blind(table, variant.blind) if variant.blind else table
    base = read_base_encoder()
    torch.manual_seed(SEEDS[0])
    tagger = Tagger((len(base.embedding), table.n_bigrams, table.width))
    if variant.base_weights:
        tagger.start_from(base)
    stretches = mixture.stretches

    def epoch_data(epoch: int) -> list[Weighted]:
        rnd = random.Random(SEEDS[0] * 100 + epoch)
        mixture.stretches = stretches if variant.stretches else []
        items = mixture.in_domain(rnd) + mixture.draw(rnd, variant.counts)
        mixture.stretches = stretches
        if variant.partial:
            return items
        return [Weighted(taught_as_outside(item.sample), item.weight) for item in items]

    stage = replace(variant.stage, name=name.replace(",", "").replace(" ", "-"))
    train_stage(tagger, seen, epoch_data, stage, work, report_on_both(seen))


def ablate(work: Path, names: Sequence[str]) -> None:
    """Train the named variants, or all."""
    torch.set_num_threads(1)
    work.mkdir(parents=True, exist_ok=True)
    mixture = Mixture(training_articles())
    fewer = Mixture(split_zhnews()[0])
    for name in names or list(VARIANTS):
        run(name, work, mixture if VARIANTS[name].annotated else fewer)
