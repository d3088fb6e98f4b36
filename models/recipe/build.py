"""The whole recipe: features, two rounds of training with pseudo labels between them, by two
members of an ensemble; a smaller tagger distilled from both; export.

Every stage leaves a checkpoint in the work folder and is taken up from there.
"""

from __future__ import annotations

import hashlib
import pickle
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import torch

from models.recipe.calibrate import fit, scored_spans
from models.recipe.data import Sample, annotated_articles, data_folder, read_corpus
from models.recipe.decode import predict
from models.recipe.distil import distillation_loss, pruned
from models.recipe.ensemble import Ensemble, Teacher
from models.recipe.evaluate import Labelled, gold_dev, held_out, predict_documents, score
from models.recipe.export import export, save_features
from models.recipe.lexicon import build_feature_table
from models.recipe.model import Tagger, read_base_encoder
from models.recipe.pseudo import Limits, fresh_texts, pseudo_articles, shingles
from models.recipe.stages import Mixture, training_articles
from models.recipe.train import StageSettings, train_stage
from pipeline.config import NerConfig
from pipeline.ner.features import FeatureTable, load_features
from pipeline.ner.onnx import OnnxBackend
from pipeline.normalize import to_simplified

VERSION = "1.2"
SEEDS = (1, 2)
"""One member of the ensemble each; they train side by side, a process each."""
BULK = {"tw_2017": 950_000, "hk_citizennews": 850_000, "cn_finna": 350_000,
        "cn_finqa_articles": 250_000}  # fmt: skip
"""Characters of unlabelled text taken from each source."""
PSEUDO_BUDGET = 1_500_000
JOINT_STAGE = StageSettings("joint", 4)
TEACHER_STAGE = StageSettings("teacher", 3, rate=4e-4, warm_up=50)
STUDENT_STAGE = StageSettings("student", 2, rate=8e-4)
ADAPT_STAGE = StageSettings("adapt", 3, rate=4e-4, warm_up=50)
WIDTHS = (112, 64)
"""Units of each side of the shipped tagger's layers: two thirds of the members' time."""
DISTIL_STAGE = StageSettings("distil", 4, rate=1.5e-3, final_rate=3e-5, swap=0.5)
POLISH_STAGE = StageSettings("polish", 1, rate=6e-4, final_rate=2e-5, swap=0.5, warm_up=100)
POLISH_DROPOUT = 0.05
"""A small tagger that learns from millions of taught characters needs little."""
DISTIL_SEED = 7
EVERYTHING = 10_000_000
"""A budget that all pseudo-labelled characters fit in."""
SMOKE_SHARE = 0.01
PSEUDO_FILE = "pseudo.pkl"
TRAINING_FILES = ("zhnews", "cluener", "finner", "msra", "uner_gsd", "resume")


def feature_table(work: Path) -> FeatureTable:
    """The feature table, built once."""
    path = work / "features.npz"
    if not path.exists():
        base = read_base_encoder()
        save_features(build_feature_table(base.vocab, base.folding), path)
    return load_features(path)


def fresh_tagger(table: FeatureTable, seed: int) -> Tagger:
    """A tagger that starts from the base encoder; further inputs start by ``seed``."""
    base = read_base_encoder()
    torch.manual_seed(seed)
    tagger = Tagger((len(base.embedding), table.n_bigrams, table.width))
    tagger.start_from(base)
    return tagger


def report_on(table: FeatureTable, documents: Sequence[Labelled]) -> Callable[[Teacher], str]:
    """Callable that scores a tagger on labelled documents."""

    def report(tagger: Teacher) -> str:
        texts = [document.text for document in documents]
        found = predict_documents(lambda pieces: predict(tagger, table, pieces), texts)
        labels = ("PERSON", "COMPANY", "ORG")
        values = [score(documents, found, frozenset({label})).f1 for label in labels]
        return " ".join(f"{label} {v:.3f}" for label, v in zip(labels, values, strict=True))

    return report


def pseudo_samples(teacher: Teacher, table: FeatureTable, work: Path, smoke: bool) -> list[Sample]:
    """Taught articles from the bulk, none of which shares text with an annotated article."""
    path = work / PSEUDO_FILE
    if path.exists():
        return read_pseudo(work)
    texts = [document.text for document in [*gold_dev(), *held_out()]]
    texts += [r.text for r in [*read_corpus("train", "zhnews"), *annotated_articles("train")]]
    excluded = set().union(*(shingles(to_simplified(text)) for text in texts))
    rnd = random.Random(SEEDS[0])
    samples: list[Sample] = []
    for name, budget in BULK.items():
        articles = list(fresh_texts(name, excluded))
        rnd.shuffle(articles)
        chosen, filled = [], 0
        while articles and filled < budget * (SMOKE_SHARE if smoke else 1):
            chosen.append(articles.pop())
            filled += len(chosen[-1])
        samples += pseudo_articles(teacher, table, chosen, Limits())
    path.write_bytes(pickle.dumps([tuple(sample) for sample in samples]))
    return samples


def read_pseudo(work: Path) -> list[Sample]:
    """What ``pseudo_samples`` left in the work folder."""
    return [Sample(*row) for row in pickle.loads((work / PSEUDO_FILE).read_bytes())]


def data_hashes() -> dict[str, str]:
    """SHA-256 of the training files."""
    names = [f"ner/train/{name}.jsonl.gz" for name in TRAINING_FILES]
    names += [f"bulk/{name}.jsonl.gz" for name in BULK]
    return {name: hashlib.sha256((data_folder() / name).read_bytes()).hexdigest() for name in names}


def mixture_of(smoke: bool) -> Mixture:
    """The texts of the recipe, or a few of them."""
    articles = training_articles()
    return Mixture(articles[:30], SMOKE_SHARE) if smoke else Mixture(articles)


def settled(stage: StageSettings, seed: int, smoke: bool) -> StageSettings:
    """A stage's settings for one seed, short for the smoke run."""
    stage = replace(stage, seed=13 * seed)
    return replace(stage, epochs=1, warm_up=20) if smoke else stage


def train_first(work: Path, seed: int, smoke: bool) -> None:
    """First round of one member: everything together, then the articles: a teacher."""
    torch.set_num_threads(1)
    table, mixture, folder = feature_table(work), mixture_of(smoke), work / f"first-{seed}"
    report = report_on(table, held_out())
    tagger = fresh_tagger(table, seed)
    for stage, data in ((JOINT_STAGE, mixture.joint(seed)), (TEACHER_STAGE, mixture.adapt(seed))):
        tagger = train_stage(tagger, table, data, settled(stage, seed, smoke), folder, report)


def train_second(work: Path, seed: int, smoke: bool) -> None:
    """Second round of one member: from its joint stage on, with what the teachers marked."""
    torch.set_num_threads(1)
    table, mixture, folder = feature_table(work), mixture_of(smoke), work / f"second-{seed}"
    mixture.pseudo = read_pseudo(work)
    report = report_on(table, held_out())
    tagger = finished(table, work / f"first-{seed}" / "joint.pt")
    budget = int(PSEUDO_BUDGET * (SMOKE_SHARE if smoke else 1))
    for stage, data in (
        (STUDENT_STAGE, mixture.student(seed, budget)),
        (ADAPT_STAGE, mixture.adapt(seed + 1)),
    ):
        tagger = train_stage(tagger, table, data, settled(stage, seed, smoke), folder, report)


def finished(table: FeatureTable, path: Path) -> Tagger:
    """The averaged tagger of a finished stage."""
    tagger = fresh_tagger(table, SEEDS[0])
    tagger.load_state_dict(torch.load(path, weights_only=False)["averaged"])
    return tagger


def side_by_side(train: Callable[[Path, int, bool], None], work: Path, smoke: bool) -> None:
    """One process for each member; the first failure ends the build."""
    with ProcessPoolExecutor(len(SEEDS), mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(train, work, seed, smoke) for seed in SEEDS]:
            done.result()


def ensemble(table: FeatureTable, work: Path, stage: str) -> Ensemble:
    """The members as they were after a stage, such as ``second/adapt``."""
    folder, name = stage.split("/")
    return Ensemble([finished(table, work / f"{folder}-{seed}" / f"{name}.pt") for seed in SEEDS])


def build(work: Path, out: Path, smoke: bool = False) -> None:
    """Run all stages and write the model folder. ``smoke``: a few minutes, for a check only."""
    work.mkdir(parents=True, exist_ok=True)
    table = feature_table(work)
    side_by_side(train_first, work, smoke)
    mixture = mixture_of(smoke)
    mixture.pseudo = pseudo_samples(ensemble(table, work, "first/teacher"), table, work, smoke)
    side_by_side(train_second, work, smoke)
    teachers = ensemble(table, work, "second/adapt")
    report = report_on(table, held_out())
    print("second/adapt, both members:", report(teachers), flush=True)
    small = pruned(teachers, WIDTHS)
    loss = distillation_loss(teachers)
    for stage, seed in ((DISTIL_STAGE, DISTIL_SEED), (POLISH_STAGE, DISTIL_SEED + 1)):
        data = mixture.student(seed, EVERYTHING)
        if stage is POLISH_STAGE:
            small.set_dropout(POLISH_DROPOUT)
        small = train_stage(
            small, table, data, settled(stage, seed, smoke), work / "third", report, loss
        )
    calibration = calibrate(small, table, work)
    export(small, table, out, VERSION, calibration, data_hashes())


def calibrate(tagger: Tagger, table: FeatureTable, work: Path) -> dict[str, tuple[float, float]]:
    """Score calibration, fitted on the held-out articles."""
    folder = work / "uncalibrated"
    export(tagger, table, folder, VERSION, {}, {})
    return fit(scored_spans(OnnxBackend(folder, NerConfig()), held_out()))
