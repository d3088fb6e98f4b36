"""``train``: from a config to a model folder with its scores and its card."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import NerConfig
from pipeline.errors import InputError
from pipeline.evaluate import Options, evaluate
from pipeline.evaluate.gold import GoldArticle
from pipeline.training.card import write_card
from pipeline.training.config import TrainConfig
from pipeline.training.data import corpora, examples
from pipeline.training.export import export
from pipeline.training.fit import Say, fit, predictions

if TYPE_CHECKING:
    import pandas as pd


def train(config: TrainConfig, output: Path, say: Say) -> dict[str, pd.DataFrame]:
    """Train, export, evaluate the exported model, write its card; answers ``evaluate``'s frames.

    With ``config.learning_curve``, the frames hold ``learning_curve`` (articles, dev_f1) too.
    Raises ``InputError`` where ``output`` is in use, ``BackendError`` where the base is unusable.
    """
    from pipeline.ner.onnx_transformers import OnnxTransformersBackend

    if output.exists() and any(output.iterdir()):
        raise InputError(f"{output} is not empty; give a new folder")
    learnt, dev = corpora(config)
    say(f"{len(learnt)} articles to learn from, {len(dev)} to stop by")
    curve = _curve(config, learnt, dev, say)
    fitted = fit(config, learnt, dev, say)
    probe = [example.text for example in examples(dev[:20], config.labels)]
    export(output, fitted, config, probe)
    backend = OnnxTransformersBackend(output, NerConfig(backend="onnx", model=str(output)))
    system = predictions(backend, dev, config.labels)
    frames = evaluate(dev, system, Options(labels=config.labels, slices=()))
    if curve is not None:
        curve.loc[len(curve)] = [len(learnt), fitted.best.dev_f1]
        frames["learning_curve"] = curve
    write_card(output, config, fitted, (learnt, dev), frames)
    return frames


def _curve(
    config: TrainConfig, learnt: Sequence[GoldArticle], dev: Sequence[GoldArticle], say: Say
) -> pd.DataFrame | None:
    import pandas as pd

    if not config.learning_curve:
        return None
    order = random.Random(config.seed).sample(list(learnt), len(learnt))
    rows = []
    for share in sorted(config.learning_curve):
        part = order[: max(1, round(share * len(order)))]
        say(f"learning curve: {len(part)} articles")
        rows.append((len(part), fit(config, part, dev, say).best.dev_f1))
    return pd.DataFrame(rows, columns=["articles", "dev_f1"])
