"""Options and outputs that several commands share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.config import Config

FORMS = (
    "gold, bio, bioes, brat, doccano, labelstudio, spacy, spacy-jieba, cluener, msra, huggingface"
)
"""Forms of annotated articles that can be read and written."""

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="TOML file; zhnews.toml here is read if it exists."),
]
BackendOption = Annotated[
    str | None, typer.Option("--backend", help="NER backend (see `zhnews backends`).")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="Path or id of the model, where the backend needs it.")
]


def settings(config: Path | None, overrides: dict[str, Any]) -> Config:
    """The configuration that a command's options ask for."""
    from pipeline.config import load_config

    path = config
    if path is None and Path("zhnews.toml").is_file():
        path = Path("zhnews.toml")
    return load_config(path, overrides)


def say(words: str) -> None:
    """Words go to standard error; data to standard output."""
    typer.echo(words, err=True)


def show_frames(frames: Mapping[str, pd.DataFrame], *, as_json: bool) -> None:
    """Print frames as tables, or as one JSON object of rows by name."""
    import json

    from pipeline.evaluate.system import frame_rows

    if as_json:
        content = {name: frame_rows(frame) for name, frame in frames.items()}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))
        return
    for name, frame in frames.items():
        rows = _blank(frame).to_string(index=False, float_format="{:.3f}".format, na_rep="")
        typer.echo(f"{name}\n{rows if len(frame) else '(none)'}\n")


def _blank(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts without decimals and missing numbers as nothing, whatever type a column has."""
    shown = frame.copy()
    for name in shown.columns:
        column = shown[name]
        known = column.dropna()
        if column.dtype.kind in "fiu" and (known % 1 == 0).all() and (known > 1).any():
            shown[name] = column.map("{:.0f}".format, na_action="ignore").fillna("")
    return shown
