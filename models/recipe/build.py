"""The whole recipe: features, joint training, teacher, pseudo labels, student, adaptation, and a
smaller tagger distilled from it; export.

Every stage leaves a checkpoint in the work folder and is taken up from there.
"""

from __future__ import annotations

import copy
import hashlib
import pickle
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from models.recipe.calibrate import fit, scored_spans
from models.recipe.data import Sample, data_folder, read_corpus, split_zhnews
from models.recipe.decode import predict
from models.recipe.distil import distillation_loss, pruned
from models.recipe.evaluate import Labelled, gold_dev, held_out, predict_documents, score
from models.recipe.export import export, save_features
from models.recipe.lexicon import build_feature_table
from models.recipe.model import Tagger, read_base_encoder
from models.recipe.pseudo import Limits, bulk_articles, pseudo_articles, shingles
from models.recipe.stages import Mixture
from models.recipe.train import StageSettings, train_stage
from pipeline.config import NerConfig
from pipeline.ner.features import FeatureTable, load_features
from pipeline.ner.onnx import OnnxBackend
from pipeline.normalize import to_simplified

VERSION = "1.1"
SEED = 1
BULK = {"tw_2017": 1_300_000, "hk_citizennews": 1_300_000, "cn_finna": 600_000,
        "cn_finqa_articles": 450_000}  # fmt: skip
"""Characters of unlabelled text taken from each source."""
PSEUDO_BUDGET = 1_800_000
JOINT_STAGE = StageSettings("joint", 5)
STUDENT_STAGE = StageSettings("student", 4, rate=8e-4)
ADAPT_STAGE = StageSettings("adapt", 4, rate=4e-4, warm_up=50)
WIDTHS = (112, 64)
"""Units of each side of the shipped tagger's layers: two thirds of the teacher's time."""
DISTIL_STAGE = StageSettings("distil", 4, rate=1.5e-3, final_rate=3e-5, swap=0.5, seed=29)
POLISH_STAGE = StageSettings(
    "polish", 1, rate=6e-4, final_rate=2e-5, swap=0.5, seed=31, warm_up=100
)
POLISH_DROPOUT = 0.05
"""A small tagger that learns from millions of taught characters needs little."""
DISTIL_SEED = 7
EVERYTHING = 10_000_000
"""A budget that all pseudo-labelled characters fit in."""
TRAINING_FILES = ("zhnews", "cluener", "finner", "msra", "uner_gsd", "resume")


def feature_table(work: Path) -> FeatureTable:
    """The feature table, built once."""
    path = work / "features.npz"
    if not path.exists():
        base = read_base_encoder()
        save_features(build_feature_table(base.vocab, base.folding), path)
    return load_features(path)


def fresh_tagger(table: FeatureTable) -> Tagger:
    """A tagger that starts from the base encoder."""
    base = read_base_encoder()
    torch.manual_seed(SEED)
    tagger = Tagger((len(base.embedding), table.n_bigrams, table.width))
    tagger.start_from(base)
    return tagger


def report_on(table: FeatureTable, documents: Sequence[Labelled]) -> Callable[[Tagger], str]:
    """Callable that scores a tagger on labelled documents."""

    def report(tagger: Tagger) -> str:
        texts = [document.text for document in documents]
        found = predict_documents(lambda pieces: predict(tagger, table, pieces), texts)
        labels = ("PERSON", "COMPANY", "ORG")
        values = [score(documents, found, frozenset({label})).f1 for label in labels]
        return " ".join(f"{label} {v:.3f}" for label, v in zip(labels, values, strict=True))

    return report


def pseudo_samples(teacher: Tagger, table: FeatureTable, work: Path, scale: float) -> list[Sample]:
    """Taught articles from the bulk, none of which shares text with gold or training articles."""
    path = work / "pseudo.pkl"
    if path.exists():
        return [Sample(*row) for row in pickle.loads(path.read_bytes())]
    excluded: set[str] = set()
    for document in gold_dev():
        excluded |= shingles(to_simplified(document.text))
    for record in read_corpus("train", "zhnews"):
        excluded |= shingles(to_simplified(record.text))
    rnd = random.Random(SEED)
    samples: list[Sample] = []
    for name, budget in BULK.items():
        articles = list(bulk_articles(name, excluded))
        rnd.shuffle(articles)
        chosen, filled = [], 0
        while articles and filled < budget * scale:
            chosen.append(articles.pop())
            filled += len(chosen[-1])
        samples += pseudo_articles(teacher, table, chosen, Limits())
    path.write_bytes(pickle.dumps([tuple(sample) for sample in samples]))
    return samples


def data_hashes() -> dict[str, str]:
    """SHA-256 of the training files."""
    names = [f"ner/train/{name}.jsonl.gz" for name in TRAINING_FILES]
    names += [f"bulk/{name}.jsonl.gz" for name in BULK]
    return {name: hashlib.sha256((data_folder() / name).read_bytes()).hexdigest() for name in names}


def build(work: Path, out: Path, smoke: bool = False) -> None:
    """Run all stages and write the model folder. ``smoke``: a few minutes, for a check only."""
    torch.set_num_threads(1)
    work.mkdir(parents=True, exist_ok=True)
    table = feature_table(work)
    report = report_on(table, held_out())
    train, tuning = split_zhnews()
    share = 0.01 if smoke else 1.0
    stages = [JOINT_STAGE, STUDENT_STAGE, ADAPT_STAGE, DISTIL_STAGE, POLISH_STAGE]
    if smoke:
        stages = [replace(stage, epochs=1, warm_up=20) for stage in stages]
    joint_stage, student_stage, adapt_stage, distil_stage, polish_stage = stages
    mixture = Mixture(train[:30] if smoke else train, share=share)
    joint = train_stage(
        fresh_tagger(table), table, mixture.joint(SEED), joint_stage, work / "first", report
    )
    teacher = train_stage(
        copy.deepcopy(joint), table, mixture.adapt(SEED), adapt_stage, work / "first", report
    )
    mixture.pseudo = pseudo_samples(teacher, table, work, share)
    budget = int(PSEUDO_BUDGET * share)
    student = train_stage(
        joint, table, mixture.student(SEED, budget), student_stage, work / "second", report
    )
    everything = mixture.with_articles([*mixture.records, *tuning])
    teachers = [
        train_stage(
            copy.deepcopy(student), table, texts.adapt(SEED), stage, work / "second", report
        )
        for texts, stage in ((mixture, adapt_stage), (everything, for_all(adapt_stage)))
    ]
    small = train_stage(
        pruned(teachers[0], WIDTHS), table, mixture.student(DISTIL_SEED, EVERYTHING), distil_stage,
        work / "third", report, distillation_loss(teachers[0]),
    )  # fmt: skip
    small.set_dropout(POLISH_DROPOUT)
    tuned, final = [
        train_stage(
            copy.deepcopy(small), table, texts.student(DISTIL_SEED + 1, EVERYTHING), stage,
            work / "third", report, distillation_loss(teacher),
        )
        for texts, stage, teacher in (
            (mixture, polish_stage, teachers[0]),
            (everything, for_all(polish_stage), teachers[1]),
        )
    ]  # fmt: skip
    calibration = calibrate(tuned, table, work)
    export(final, table, out, VERSION, calibration, data_hashes())


def for_all(stage: StageSettings) -> StageSettings:
    """The same stage, for all articles: the one that ships."""
    return replace(stage, name=f"{stage.name}-all")


def calibrate(tagger: Tagger, table: FeatureTable, work: Path) -> dict[str, tuple[float, float]]:
    """Score calibration, fitted on articles that this tagger has not seen."""
    folder = work / "uncalibrated"
    export(tagger, table, folder, VERSION, {}, {})
    return fit(scored_spans(OnnxBackend(folder, NerConfig()), held_out()))
