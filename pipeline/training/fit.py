"""The training loop: cross entropy over tags, early stopping on strict micro F1 of the dev set."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.evaluate.gold import GoldArticle, GoldMention
from pipeline.evaluate.system import Prediction, System
from pipeline.evaluate.tallies import score, tally
from pipeline.ner.backend import Backend
from pipeline.training.config import TrainConfig
from pipeline.training.data import IGNORED, Example, examples, tags, targets

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass: mean loss, strict micro F1 on dev, seconds."""

    number: int
    loss: float
    dev_f1: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """The best model of a training, its tokenizer, and how it went."""

    model: Any
    tokenizer: Any
    history: tuple[Epoch, ...]
    best: Epoch


def fit(
    config: TrainConfig, train: Sequence[GoldArticle], dev: Sequence[GoldArticle], say: Say
) -> Fitted:
    """Fine-tune ``config.base``. The same seed, data, machine and versions give the same weights.

    Raises ``BackendError`` where torch is missing or the base cannot be loaded.
    """
    torch, model, tokenizer = _loaded(config)
    tag_ids = {tag: n for n, tag in enumerate(tags(config.labels))}
    batches = _Batches(examples(train, config.labels), tokenizer, tag_ids, config)
    from transformers import get_linear_schedule_with_warmup

    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    steps = config.epochs * len(batches)
    schedule = get_linear_schedule_with_warmup(optimizer, int(config.warmup * steps), steps)
    history: list[Epoch] = []
    best: Epoch | None = None
    state: Any = None
    for number in range(1, config.epochs + 1):
        begin, total = time.perf_counter(), 0.0
        model.train()
        for inputs, wanted in batches.epoch(number):
            logits = model(**inputs).logits
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        f1 = dev_f1(live_backend(model, tokenizer, config), dev, config.labels)
        epoch = Epoch(number, total / len(batches), f1, time.perf_counter() - begin)
        history.append(epoch)
        say(f"epoch {number}: loss {epoch.loss:.4f}, dev F1 {f1:.4f}, {epoch.seconds:.1f} s")
        if best is None or f1 > best.dev_f1:
            best, state = epoch, copy.deepcopy(model.state_dict())
        elif number - best.number >= config.patience:
            say(f"no better dev score in {config.patience} epochs; epoch {best.number} is kept")
            break
    assert best is not None
    model.load_state_dict(state)
    model.eval()
    return Fitted(model, tokenizer, tuple(history), best)


def live_backend(model: Any, tokenizer: Any, config: TrainConfig) -> Backend:
    """The model in training as a backend, so that dev scores are those of its later use."""
    from pipeline.ner.transformers_backend import TransformersBackend

    same = {label: label for label in config.labels}
    return TransformersBackend(model, tokenizer, "training", NerConfig(label_map=same))


def dev_f1(backend: Backend, dev: Sequence[GoldArticle], labels: Sequence[str]) -> float:
    """Strict micro F1 of the engine alone."""
    system = predictions(backend, dev, labels)
    tallies = tally(dev, system, labels, ("strict",)).only(lambda k: k.label == "micro")
    return float(score(tallies.counts.sum(0))[0, 2])


def predictions(backend: Backend, articles: Sequence[GoldArticle], labels: Sequence[str]) -> System:
    """What the engine alone finds in each article."""
    read = examples(articles, labels)
    found: list[list[GoldMention]] = [[] for _ in articles]
    for example, spans in zip(read, backend.predict([e.text for e in read]), strict=True):
        text = articles[example.article].text
        for span in spans:
            start, end = example.start + span.start, example.start + span.end
            found[example.article].append(
                GoldMention(start, end, span.label, text[start:end], None, span.score)
            )
    return System("trained", tuple(Prediction(tuple(mentions)) for mentions in found))


class _Batches:
    """Encoded sentences in a new, seeded order each epoch."""

    def __init__(
        self,
        read: Sequence[Example],
        tokenizer: Any,
        tag_ids: dict[str, int],
        config: TrainConfig,
    ) -> None:
        self._config, self._tokenizer = config, tokenizer
        self._rows = []
        for example in read:
            encoded = tokenizer(
                example.text,
                return_offsets_mapping=True,
                truncation=True,
                max_length=config.max_tokens,
            )
            wanted = targets(encoded["offset_mapping"], example, tag_ids)
            self._rows.append((encoded["input_ids"], wanted))

    def __len__(self) -> int:
        size = self._config.batch_size
        return (len(self._rows) + size - 1) // size

    def epoch(self, number: int) -> Any:
        import torch

        order = list(range(len(self._rows)))
        random.Random(f"{self._config.seed} {number}").shuffle(order)
        pad = self._tokenizer.pad_token_id or 0
        for at in range(0, len(order), self._config.batch_size):
            rows = [self._rows[n] for n in order[at : at + self._config.batch_size]]
            width = max(len(ids) for ids, _ in rows)
            ids = [row + [pad] * (width - len(row)) for row, _ in rows]
            mask = [[1] * len(row) + [0] * (width - len(row)) for row, _ in rows]
            wanted = [row + [IGNORED] * (width - len(row)) for _, row in rows]
            inputs = {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
            yield inputs, torch.tensor(wanted)


def _loaded(config: TrainConfig) -> tuple[Any, Any, Any]:
    try:
        import torch
        from transformers import AutoModelForTokenClassification, AutoTokenizer
    except ImportError as error:
        raise BackendError("training needs torch: pip install 'zhnews[torch]'") from error
    torch.manual_seed(config.seed)
    names = tags(config.labels)
    try:
        tokenizer = AutoTokenizer.from_pretrained(config.base, use_fast=True)
        model = AutoModelForTokenClassification.from_pretrained(
            config.base,
            id2label=dict(enumerate(names)),
            label2id={tag: n for n, tag in enumerate(names)},
            ignore_mismatched_sizes=True,
            attn_implementation="eager",
        )
    except (OSError, ValueError) as error:
        raise BackendError(f"cannot load the base model {config.base!r}: {error}") from error
    if not tokenizer.is_fast:
        raise BackendError(f"{config.base!r} has no fast tokenizer, so no character offsets")
    positions = getattr(model.config, "max_position_embeddings", None) or config.max_tokens
    tokenizer.model_max_length = min(config.max_tokens, int(positions))
    return torch, model, tokenizer
