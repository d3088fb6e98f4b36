"""The recipe's own arithmetic and tables (what needs torch is marked so)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.recipe.data import (
    ANY,
    LABELS,
    TAGS,
    Entity,
    Record,
    Rule,
    Sample,
    allow,
    label_rules,
    mask_repeats,
    rule_for,
    tag_mask,
    to_sample,
    windows,
)
from pipeline.ner.features import CODE_LIMIT, FeatureTable


def names(mask: int) -> set[str]:
    return {tag for number, tag in enumerate(TAGS) if mask >> number & 1}


def test_mapping_tables_name_known_labels() -> None:
    for rule in label_rules().values():
        assert set(rule.labels) <= set(LABELS)
        assert rule.labels or not rule.span


def test_what_a_corpus_does_not_label_is_not_taught_as_outside() -> None:
    record = Record("x", "台積電在新竹", (Entity(0, 3, "COMPANY"),))
    sample = to_sample("zhnews", record)
    assert sample.text == "台积电在新竹"
    assert names(sample.allowed[0]) == {"B-COMPANY"}
    assert names(sample.allowed[4]) == {"O", "B-LOC", "I-LOC", "E-LOC", "S-LOC"}


def test_msra_organisations_are_one_of_two() -> None:
    assert rule_for("msra", "ORG", "欧佩克").labels == ("COMPANY", "ORG")
    assert rule_for("msra", "ORG", "北京大学").labels == ("ORG",)
    assert rule_for("msra", "ORG", "宝钢集团").labels == ("COMPANY",)


@pytest.mark.parametrize("surface", ["公司", "法院", "警方"])
def test_generic_words_are_masked(surface: str) -> None:
    assert not rule_for("finner", "公司", surface).span


def test_state_media_and_exchanges_are_bodies() -> None:
    assert rule_for("cluener", "company", "新华社").labels == ("ORG",)
    assert rule_for("finner", "公司", "港交所").labels == ("ORG",)


def test_unlabelled_repeats_are_masked() -> None:
    record = Record("x", "招行与招行", (Entity(0, 2, "company"),))
    allowed = [1] * 5
    mask_repeats(record, allowed, {"招行"})
    assert allowed == [1, 1, 1, ANY, ANY]


def test_windows_never_cut_a_mention() -> None:
    text = "甲。" * 5 + "雅虎！奇摩说。"
    allowed = [1] * len(text)
    allow(allowed, 10, 15, Rule(True, ("COMPANY",)))
    for longest in range(4, 20):
        pieces = windows(Sample(text, tuple(allowed)), longest)
        assert "".join(piece.text for piece in pieces) == text
        assert any("雅虎！奇摩" in piece.text for piece in pieces) or longest < 5
        assert all(len(piece.text) == len(piece.allowed) for piece in pieces)


def test_masks() -> None:
    assert tag_mask((), "O") == 1
    assert names(tag_mask(("PERSON",), "OS")) == {"O", "S-PERSON"}


@pytest.mark.torch
def test_partial_loss_equals_enumeration() -> None:
    import torch

    from models.recipe.crf import PartialLoss, legal_transitions

    torch.manual_seed(0)
    n = len(TAGS)
    scores = torch.randn(3, 2, n, dtype=torch.float64, requires_grad=True)
    legal = legal_transitions()
    parts = [torch.randn(mask.shape, dtype=torch.float64) for mask in legal]
    parts = [p.masked_fill(~mask, -1e4) for p, mask in zip(parts, legal, strict=True)]
    allowed = (torch.rand(3, 2, n) < 0.7).double()
    allowed[:, :, 0] = 1
    mask = torch.tensor([[True, True], [True, True], [True, False]])
    weights = torch.tensor([1.0, 0.5], dtype=torch.float64)

    def log_z(column: int, length: int, keep: torch.Tensor) -> torch.Tensor:
        logs = scores[:, column] + keep.log()
        alpha = logs[0] + parts[1]
        for t in range(1, length):
            alpha = torch.logsumexp(alpha[:, None] + parts[0], 0) + logs[t]
        return torch.logsumexp(alpha + parts[2], 0)

    expected = torch.zeros((), dtype=torch.float64)
    for column, length in enumerate((3, 2)):
        free = log_z(column, length, torch.ones(3, n))
        expected = expected + weights[column] * (free - log_z(column, length, allowed[:, column]))
    (wanted,) = torch.autograd.grad(expected, scores)
    value = PartialLoss.apply(scores, *parts, allowed, mask, weights)
    (found,) = torch.autograd.grad(value, scores)
    assert torch.allclose(value, expected)
    assert torch.allclose(found, wanted, atol=1e-9)


def test_annotated_articles_hold_what_they_may() -> None:
    from models.recipe.data import annotation_rows

    rows = [row for group in annotation_rows("articles.tsv").values() for row in group]
    assert {row["part"] for row in rows} == {"train", "held_out"}
    assert len({row["article"] for row in rows}) == len(rows)
    for row in rows:
        end = 0
        for span in row["spans"].split():
            first, last, label = span.split("-")
            assert end <= int(first) < int(last) <= int(row["length"]), row["article"]
            assert label in ("PERSON", "COMPANY", "ORG")
            end = int(last)


def small_table() -> FeatureTable:
    """Features over a handful of characters, without a lexicon."""
    arrays = {
        "vocab": np.arange(CODE_LIMIT) % 50,
        "fold": np.arange(CODE_LIMIT),
        "keys": np.array([1]),
        "masks": np.array([1]),
        "settings": np.array([2, 16, 3]),
    }
    return FeatureTable(arrays)


@pytest.mark.torch
def test_both_sides_of_a_layer_equal_torch_on_padded_batches() -> None:
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    from models.recipe.gru import both_sides

    torch.manual_seed(4)
    layer = torch.nn.GRU(5, 3, bidirectional=True).double()
    lengths = torch.tensor([7, 4, 1])
    values = torch.randn(7, 3, 5, dtype=torch.float64, requires_grad=True)
    real = (torch.arange(7)[:, None] < lengths)[:, :, None]
    weights = torch.randn(7, 3, 6, dtype=torch.float64) * real
    packed, _ = layer(pack_padded_sequence(values, lengths))
    wanted, _ = pad_packed_sequence(packed)
    found = both_sides(layer, values, lengths)
    assert torch.allclose(found * real, wanted)
    inputs = [values, *layer.parameters()]
    pairs = zip(
        torch.autograd.grad((found * weights).sum(), inputs),
        torch.autograd.grad((wanted * weights).sum(), inputs),
        strict=True,
    )
    assert all(torch.allclose(mine, theirs) for mine, theirs in pairs)


def test_invented_firms_keep_the_build_of_the_name() -> None:
    from models.recipe.augment import Names, Variation

    names = Names((), (), (), ("甲乙丙丁",), ("股份有限公司", "科技"))
    vary = Variation(names, 1)
    assert vary.company("联发科技") == "甲乙科技"
    assert vary.company("中智行科技") == "甲乙丙科技"
    assert vary.company("某某股份有限公司") == "甲乙股份有限公司"
    assert vary.company("台积电") in ("甲乙丙丁", "甲乙丙")
    assert vary.company("3M") is None
    assert vary.company("上海圆鼎企业管理合伙企业") is None


@pytest.mark.torch
def test_a_pruned_tagger_keeps_the_strongest_units_as_they_are() -> None:
    import torch

    from models.recipe.batches import Weighted, to_batch
    from models.recipe.distil import distillation_loss, pruned
    from models.recipe.ensemble import Ensemble
    from models.recipe.model import Tagger

    torch.manual_seed(2)
    table = small_table()
    first, second = (Tagger((50, table.n_bigrams, table.width), (8, 6)).eval() for _ in range(2))
    batch = to_batch([Weighted(Sample(t, (ANY,) * len(t)), 1.0) for t in ("台积电在", "新")], table)
    alone, both = Ensemble([first]), Ensemble([first, second])
    whole, part = pruned(alone, (8, 6)).eval(), pruned(alone, (5, 3)).eval()
    with torch.no_grad():
        assert torch.equal(whole.emissions(batch), first.emissions(batch))
        mean = (first.emissions(batch) + second.emissions(batch)) / 2
        assert torch.allclose(both.emissions(batch), mean)
        loss = distillation_loss(alone)
        assert float(loss(whole, batch)) == pytest.approx(0, abs=1e-5)
        assert float(distillation_loss(both)(whole, batch)) > 1e-3
        assert float(loss(part, batch)) > 1e-3
    weak = first.output.weight.norm(dim=0)
    kept = {tuple(c) for c in part.output.weight.T.tolist()}
    assert tuple(first.output.weight[:, int(weak[:6].argmax())].tolist()) in kept
    assert tuple(first.output.weight[:, int(weak[:6].argmin())].tolist()) not in kept


@pytest.mark.torch
def test_layers_of_any_width_are_exported_as_they_are(tmp_path: Path) -> None:
    import torch

    from models.recipe.decode import predict_scores
    from models.recipe.export import export
    from models.recipe.model import Tagger
    from pipeline.config import NerConfig
    from pipeline.ner.onnx import OnnxBackend

    torch.manual_seed(3)
    table = small_table()
    tagger = Tagger((50, table.n_bigrams, table.width), (5, 3)).eval()
    export(tagger, table, tmp_path, "0", {}, {})
    backend = OnnxBackend(tmp_path, NerConfig())
    texts = ["台积电在新竹", "新", "董事长说"]
    encoded = table.encode(texts)
    exported = backend.emissions(encoded)
    for row, wanted in enumerate(predict_scores(tagger, table, texts)):
        assert np.allclose(exported[row, : len(wanted)], wanted, atol=1e-2)
