"""A trained model as a folder that the ``onnx`` backend loads, checked against the original."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.onnx_transformers import FILES, FORMAT, KIND, OnnxTransformersBackend
from pipeline.training.config import TrainConfig
from pipeline.training.data import tags
from pipeline.training.fit import Fitted

OPSET = 17
_TOLERANCE = 1e-3


def export(folder: Path, fitted: Fitted, config: TrainConfig, probe: Sequence[str]) -> None:
    """Write ``model.onnx``, ``tokenizer.json``, ``model.toml``, and the torch model in ``torch/``.

    Raises ``BackendError`` where the exported scores of the ``probe`` texts differ from the trained
    model's by more than 1e-3.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fitted.model.save_pretrained(folder / "torch")
    fitted.tokenizer.save_pretrained(folder / "torch")
    fitted.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    _graph(folder / "model.onnx", fitted)
    limit = int(fitted.tokenizer.model_max_length)
    told: dict[str, Any] = {
        "name": folder.resolve().name,
        "kind": KIND,
        "format": FORMAT,
        "base": config.base,
        "labels": list(config.labels),
        "tags": tags(config.labels),
        "max_tokens": limit,
        "pad_id": int(fitted.tokenizer.pad_token_id or 0),
        "pad_token": str(fitted.tokenizer.pad_token or "[PAD]"),
    }
    lines = ["# Written by `zhnews train`."]
    lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in told.items()]
    lines += ["", "[files]"]
    for name in FILES:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        lines.append(f'"{name}" = "{digest}"')
    (folder / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _check(folder, fitted, [text for text in probe if text.strip()][:32])


def _graph(path: Path, fitted: Fitted) -> None:
    import torch

    class Logits(torch.nn.Module):  # type: ignore[misc]
        """The model with plain tensors in and out."""

        def __init__(self) -> None:
            super().__init__()
            self.model = fitted.model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).logits

    ids = torch.ones((2, 8), dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    free = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings():
        # The tracing exporter needs no further package; it says that it is the old one.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Logits().eval(),
            (ids, mask),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": free, "attention_mask": free, "logits": free},
            opset_version=OPSET,
            dynamo=False,
        )


def _check(folder: Path, fitted: Fitted, probe: Sequence[str]) -> None:
    import torch

    backend = OnnxTransformersBackend(folder, NerConfig())
    fitted.model.eval()
    for text in probe:
        encoded = fitted.tokenizer(
            text,
            return_tensors="pt",
            truncation=True,
            max_length=int(fitted.tokenizer.model_max_length),
        )
        with torch.inference_mode():
            wanted = fitted.model(
                input_ids=encoded["input_ids"], attention_mask=encoded["attention_mask"]
            ).logits[0]
        found = backend.logits([text])[0]
        apart = float(abs(found - wanted.numpy()).max()) if found.shape == wanted.shape else 1e9
        if apart > _TOLERANCE:
            raise BackendError(
                f"the exported model differs from the trained one by {apart:.3g} on {text[:20]!r}"
            )
