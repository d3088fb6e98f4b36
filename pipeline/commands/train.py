"""``zhnews train``: a model of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import say, show_frames


def train_command(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="TOML file: base, train, labels, epochs ...")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="New folder for the model.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print scores as JSON.")] = False,
) -> None:
    """Fine-tune a token classifier on a gold corpus, for the onnx backend (extra "torch").

    Example: zhnews train train.toml -o models/mine
    """
    from pipeline.training.config import read_train_config
    from pipeline.training.train import train

    frames = train(read_train_config(config), output, say)
    say(f"the model is in {output}: zhnews run ... --backend onnx --model {output}")
    wanted = {name: frame for name, frame in frames.items() if name in {"spans", "learning_curve"}}
    show_frames(wanted, as_json=as_json)
