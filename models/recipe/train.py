"""Training in stages, with averaged weights, checkpoints after every epoch, and resumption."""

from __future__ import annotations

import copy
import json
import math
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from models.recipe.augment import Variation, load_names
from models.recipe.batches import Weighted, epoch_batches, to_batch
from models.recipe.ensemble import Teacher
from models.recipe.model import Batch, Tagger
from pipeline.ner.features import FeatureTable

EpochData = Callable[[int], list[Weighted]]
Loss = Callable[[Tagger, Batch], torch.Tensor]
"""Loss of a batch, summed over its characters."""


@dataclass(frozen=True)
class StageSettings:
    """How one stage trains."""

    name: str
    epochs: int
    rate: float = 1e-3
    final_rate: float = 2e-5
    budget: int = 2560
    average: float = 0.998
    swap: float = 0.25
    noise: float = 0.04
    seed: int = 13
    warm_up: int = 150
    max_minutes: float = 600.0


class Averaged:
    """Exponential average of a model's weights."""

    def __init__(self, model: Tagger, decay: float) -> None:
        self.model: Tagger = copy.deepcopy(model)
        self.model.eval()
        self.decay = decay
        self.steps = 0

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def update(self, model: Tagger) -> None:
        """Move a little towards the model."""
        self.steps += 1
        share = max(1 - self.decay, 1 / (self.steps + 10))
        for mine, new in zip(self.model.parameters(), model.parameters(), strict=True):
            mine.lerp_(new, share)


def _rate(settings: StageSettings, step: int, total: int) -> float:
    if step < settings.warm_up:
        return settings.rate * (step + 1) / settings.warm_up
    done = min(1.0, (step - settings.warm_up) / max(1, total - settings.warm_up))
    wave = 0.5 * (1 + math.cos(math.pi * done))
    return settings.final_rate + (settings.rate - settings.final_rate) * wave


def _optimizer(model: Tagger) -> torch.optim.Optimizer:
    slow = [model.embedding.weight]
    rest = [p for p in model.parameters() if p is not model.embedding.weight]
    return torch.optim.Adam([{"params": rest, "scale": 1.0}, {"params": slow, "scale": 0.5}])


def train_stage(
    model: Tagger,
    table: FeatureTable,
    data: EpochData,
    settings: StageSettings,
    folder: Path,
    report: Callable[[Teacher], str] | None = None,
    loss: Loss = Tagger.loss,
) -> Tagger:
    """Train, and return the averaged model. A finished or begun stage is taken up from ``folder``.

    The checkpoint of each epoch holds weights, averages, optimiser and step, so that a stopped
    stage gives the same batches again from its last epoch on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{settings.name}.pt"
    averaged = Averaged(model, settings.average)
    optimizer = _optimizer(model)
    first, step = 0, 0
    if path.exists():
        state = torch.load(path, weights_only=False)
        model.load_state_dict(state["model"])
        averaged.model.load_state_dict(state["averaged"])
        averaged.steps = state["steps"]
        optimizer.load_state_dict(state["optimizer"])
        first, step = state["epoch"], state["step"]
    names = load_names()
    began = time.time()
    for epoch in range(first, settings.epochs):
        torch.manual_seed(settings.seed * 1000 + epoch)
        rnd = random.Random(settings.seed * 1000 + epoch)
        vary = Variation(names, settings.seed * 1000 + epoch)
        items = data(epoch)
        items = [
            Weighted(vary.vary(item.sample, settings.swap, settings.noise), item.weight)
            for item in items
        ]
        groups = list(epoch_batches(items, settings.budget, rnd))
        total = len(groups) * settings.epochs
        losses = []
        for group in groups:
            _set_rate(optimizer, _rate(settings, step, total))
            losses.append(_step(model, optimizer, to_batch(group, table), loss))
            averaged.update(model)
            step += 1
            if step % 200 == 0:
                spent = time.time() - began
                print(f"{settings.name} {step}/{total} {np.mean(losses[-200:]):.4f} {spent:.0f}s",
                      flush=True)  # fmt: skip
        state = {"model": model.state_dict(), "averaged": averaged.model.state_dict(),
                 "steps": averaged.steps, "optimizer": optimizer.state_dict(),
                 "epoch": epoch + 1, "step": step, "settings": asdict(settings)}  # fmt: skip
        torch.save(state, path)
        note = report(averaged.model) if report else ""
        line = {
            "stage": settings.name,
            "epoch": epoch + 1,
            "loss": round(float(np.mean(losses)), 4),
            "seconds": round(time.time() - began),
            "scores": note,
        }
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return averaged.model


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate * group["scale"]


def _step(model: Tagger, optimizer: torch.optim.Optimizer, batch: Batch, loss: Loss) -> float:
    """One update; answers the loss of a character."""
    model.train()
    optimizer.zero_grad(set_to_none=True)
    value = loss(model, batch) / int(batch.lengths.sum())
    if not torch.isfinite(value):
        raise FloatingPointError("a sample allows no legal path of tags; check the mappings")
    value.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(value.detach())
