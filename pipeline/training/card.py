"""What was trained on what, and how well it does: MODEL_CARD.md and training.json."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.evaluate.gold import GoldArticle
from pipeline.evaluate.system import frame_rows
from pipeline.training.config import TrainConfig
from pipeline.training.fit import Fitted

if TYPE_CHECKING:
    import pandas as pd


def write_card(
    folder: Path,
    config: TrainConfig,
    fitted: Fitted,
    corpora: tuple[Sequence[GoldArticle], Sequence[GoldArticle]],
    frames: dict[str, pd.DataFrame],
) -> None:
    """Write ``MODEL_CARD.md`` and ``training.json`` (config, hashes, history, scores)."""
    strict = [row for row in frame_rows(frames["spans"]) if row["measure"] == "strict"]
    curve = frame_rows(frames["learning_curve"]) if "learning_curve" in frames else []
    told: dict[str, Any] = {
        "config": json.loads(config.model_dump_json()),
        "sha256": {str(path): _sha256(path) for path in (config.train, config.dev) if path},
        "history": [
            {"epoch": e.number, "loss": e.loss, "dev_f1": e.dev_f1, "seconds": e.seconds}
            for e in fitted.history
        ],
        "best_epoch": fitted.best.number,
        "scores": strict,
        "learning_curve": curve,
    }
    (folder / "training.json").write_text(
        json.dumps(told, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8"
    )
    lines = [
        f"# {folder.resolve().name}",
        "",
        f"A token classifier for {', '.join(config.labels)} in simplified Chinese sentences,",
        f"fine-tuned from `{config.base}` by `zhnews train`. Use it with",
        "`zhnews run --backend onnx --model` and this folder; `torch/` holds the same model for",
        "the `transformers` backend.",
        "",
        "## Data",
        "",
        "| part | file | articles | mentions | by label |",
        "|---|---|---|---|---|",
    ]
    for name, path, articles in zip(
        ("train", "dev"), (config.train, config.dev or config.train), corpora, strict=True
    ):
        counts = Counter(m.label for a in articles for m in a.mentions if m.label in config.labels)
        by_label = ", ".join(f"{label} {counts[label]}" for label in config.labels)
        lines.append(f"| {name} | {path.name} | {len(articles)} | {counts.total()} | {by_label} |")
    best = fitted.best
    lines += [
        "",
        "## Training",
        "",
        f"Seed {config.seed}, learning rate {config.learning_rate}, batch {config.batch_size}, at",
        f"most {config.epochs} epochs, patience {config.patience}; epoch {best.number} was kept",
        f"(dev F1 {best.dev_f1:.3f}). `training.json` has every setting, hash and epoch.",
        "",
        "## Scores on dev",
        "",
        "The engine alone, strict; dev chose the epoch, so these figures are kind to it.",
        "",
        "| label | precision | recall | F1 | interval |",
        "|---|---|---|---|---|",
    ]
    for row in strict:
        low, high = row.get("f1_low"), row.get("f1_high")
        interval = f"{low:.3f}-{high:.3f}" if low is not None and high is not None else ""
        lines.append(
            f"| {row['label']} | {row['precision']:.3f} | {row['recall']:.3f} | "
            f"{row['f1']:.3f} | {interval} |"
        )
    if curve:
        lines += ["", "## Learning curve", "", "| articles | dev F1 |", "|---|---|"]
        lines += [f"| {row['articles']} | {row['dev_f1']:.3f} |" for row in curve]
    (folder / "MODEL_CARD.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sha256(path: Path) -> str | None:
    from pipeline.evaluate.gold import corpus_sha256

    return corpus_sha256(path) if path.is_file() else None
