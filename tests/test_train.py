"""``zhnews train`` end to end at toy size, and what of it needs no torch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import NerConfig
from pipeline.errors import BackendError, ConfigError, InputError
from pipeline.evaluate.gold import GoldArticle, GoldMention
from pipeline.interop import write_corpus
from pipeline.ner.backend import load_backend
from pipeline.training.config import TrainConfig, read_train_config
from pipeline.training.data import IGNORED, Example, corpora, examples, tags, targets
from tests.contracts.test_backends import TEXTS

PEOPLE = ("陳默", "王凡", "李青", "周南")
FIRMS = ("晨曦科技", "永興電子", "遠山銀行", "白石藥業")


def article(number: int) -> GoldArticle:
    person, firm = PEOPLE[number % 4], FIRMS[(number // 4) % 4]
    text = f"{person}說,{firm}今年很好。\r\n記者問{person}時,{firm}的人不在。\n"
    mentions = []
    for surface, label in ((person, "PERSON"), (firm, "COMPANY")):
        at = text.find(surface)
        while at >= 0:
            mentions.append(GoldMention(at, at + len(surface), label, surface))
            at = text.find(surface, at + 1)
    mentions.sort(key=lambda m: m.start)
    return GoldArticle(f"a{number}", text, "toy", "TW", None, tuple(mentions), ())


def test_sentences_carry_their_spans_in_simplified_text() -> None:
    found = examples([article(0)], ("PERSON", "COMPANY"))
    assert [e.text for e in found] == [
        "陈默说,晨曦科技今年很好。",
        "记者问陈默时,晨曦科技的人不在。",
    ]
    assert found[0].spans == ((0, 2, "PERSON"), (4, 8, "COMPANY"))
    assert examples([article(0)], ("ORG",))[0].spans == ()


def test_targets_of_subwords() -> None:
    names = tags(("PERSON",))
    assert names == ["O", "B-PERSON", "I-PERSON"]
    ids = {tag: n for n, tag in enumerate(names)}
    example = Example(0, 0, "Tim 說王凡", ((0, 3, "PERSON"), (5, 7, "PERSON")))
    offsets = [(0, 0), (0, 2), (2, 3), (4, 5), (5, 6), (6, 7), (0, 0)]
    assert targets(offsets, example, ids) == [IGNORED, 1, 2, 0, 1, 2, IGNORED]
    assert targets([(4, 6), (6, 7)], example, ids) == [1, 2]


def test_training_files_and_their_errors(tmp_path: Path) -> None:
    path = tmp_path / "train.toml"
    path.write_text('base = "b"\ntrain = "t.jsonl"\n', encoding="utf-8")
    config = read_train_config(path)
    assert (config.base, config.train) == ("b", tmp_path / "t.jsonl")
    path.write_text('base = "b"\ntrain = "t"\nepoch = 3\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"epoch: .*keys: base, train"):
        read_train_config(path)
    write_corpus([article(n) for n in range(10)], tmp_path / "t.jsonl")
    train, dev = corpora(config)
    assert (len(train), len(dev)) == (8, 2)
    assert {a.id for a in train}.isdisjoint({a.id for a in dev})
    assert corpora(config) == (train, dev)
    with pytest.raises(InputError, match="no mention of ORG"):
        corpora(config.model_copy(update={"labels": ("ORG",)}))


def base_model(folder: Path) -> Path:
    """A BERT of two thin layers with random weights that knows the toy corpus's characters."""
    import torch
    from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast

    torch.manual_seed(5)
    characters = sorted({c for n in range(16) for e in examples([article(n)], ()) for c in e.text})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        num_labels=2,
    )
    BertForTokenClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Toy matrices on several threads of a busy machine wait for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.torch
@pytest.mark.usefixtures("one_thread")
def test_a_toy_model_is_trained_exported_scored_and_loaded(tmp_path: Path) -> None:
    from pipeline.training.train import train

    base_model(tmp_path / "base")
    held_out = (3, 6, 9, 12)  # names that other articles have, in new company
    learnt = [article(n) for n in range(16) if n not in held_out]
    write_corpus(learnt, tmp_path / "train.jsonl")
    write_corpus([article(n) for n in held_out], tmp_path / "dev.jsonl")
    (tmp_path / "train.toml").write_text(
        'base = "base"\ntrain = "train.jsonl"\ndev = "dev.jsonl"\n'
        'labels = ["PERSON", "COMPANY"]\nepochs = 24\npatience = 24\nbatch_size = 4\n'
        "learning_rate = 0.005\nlearning_curve = [0.3]\nmax_tokens = 40\n",
        encoding="utf-8",
    )
    config = read_train_config(tmp_path / "train.toml")
    said: list[str] = []
    frames = train(config, tmp_path / "model", said.append)
    assert any(line.startswith("epoch 2: loss") for line in said)
    assert frames["learning_curve"]["articles"].tolist() == [4, 12]
    strict = frames["spans"].query("measure == 'strict'").set_index("label")["f1"]
    assert strict["PERSON"] > 0.9

    backend = load_backend(NerConfig(backend="onnx", model=str(tmp_path / "model")))
    assert backend.labels == {"PERSON", "COMPANY"}
    texts = ["王凡说,远山银行今年很好。", "", "王凡" * 60, "记者问李青时,白石药业的人不在。"]
    found = backend.predict(texts)
    assert ("PERSON", "李青") in [(s.label, texts[3][s.start : s.end]) for s in found[3]]
    assert found[1] == []
    torch_model = str(tmp_path / "model" / "torch")
    live = load_backend(NerConfig(backend="transformers", model=torch_model))

    def rounded(answers: list[list[Any]]) -> list[list[tuple[Any, ...]]]:
        return [[(s.start, s.end, s.label, round(s.score, 3)) for s in a] for a in answers]

    assert rounded(found) == rounded(live.predict(texts))
    hostile = [*TEXTS, "王凡😀李青"]
    together = backend.predict(hostile)
    assert [backend.predict([text])[0] for text in hostile] == together
    for text, spans in zip(hostile, together, strict=True):
        places = [(s.start, s.end) for s in spans]
        assert places == sorted(places)
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert all(a[1] <= b[0] for a, b in pairwise(places))

    card = (tmp_path / "model" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| PERSON |" in card
    assert "Learning curve" in card
    told = json.loads((tmp_path / "model" / "training.json").read_text(encoding="utf-8"))
    assert told["best_epoch"] >= 1
    with pytest.raises(InputError, match="not empty"):
        train(config, tmp_path / "model", said.append)
    (tmp_path / "model" / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BackendError, match="differs from the hash"):
        load_backend(NerConfig(backend="onnx", model=str(tmp_path / "model")))


@pytest.mark.torch
@pytest.mark.usefixtures("one_thread")
def test_the_same_seed_gives_the_same_model_and_patience_ends_it(tmp_path: Path) -> None:
    from pipeline.training.fit import fit

    base_model(tmp_path / "base")
    config = TrainConfig(
        base=str(tmp_path / "base"),
        train=tmp_path / "none",
        labels=("PERSON",),
        epochs=30,
        patience=2,
        learning_rate=1e-9,
    )
    corpus = [article(n) for n in range(6)]
    first, second = (fit(config, corpus[:4], corpus[4:], lambda _: None) for _ in range(2))
    assert [(e.loss, e.dev_f1) for e in first.history] == [
        (e.loss, e.dev_f1) for e in second.history
    ]
    assert len(first.history) == first.best.number + 2 < 30
