"""What a training is, from a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ConfigError


class TrainConfig(BaseModel):
    """Keys of the file; paths are relative to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str
    """Folder or hub id of a pretrained model with a fast tokenizer."""
    train: Path
    """Gold corpus to learn from."""
    dev: Path | None = None
    """Gold corpus for early stopping; None: a share of ``train`` is held out."""
    dev_share: float = Field(default=0.15, gt=0, lt=1)
    form: str = "gold"
    """Form of the corpora (see ``zhnews convert``)."""
    labels: tuple[str, ...] = ("PERSON", "COMPANY", "ORG")
    epochs: int = Field(default=12, ge=1)
    patience: int = Field(default=3, ge=1)
    """Epochs without a better dev score after which training ends."""
    batch_size: int = Field(default=16, ge=1)
    learning_rate: float = Field(default=3e-5, gt=0)
    warmup: float = Field(default=0.1, ge=0, lt=1)
    """Share of the steps over which the learning rate rises; then it falls to 0."""
    weight_decay: float = Field(default=0.01, ge=0)
    max_tokens: int = Field(default=256, ge=8)
    """Longest text in tokens; sentences are short, longer ones are cut."""
    seed: int = 20250926
    learning_curve: tuple[float, ...] = ()
    """Shares of the training articles (0.25, 0.5 ...) to train on as well, for the curve."""


def read_train_config(path: Path) -> TrainConfig:
    """Read a training file. Raises ``ConfigError`` where it is missing or a key does not fit."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        config = TrainConfig.model_validate(table)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is no TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = ", ".join(TrainConfig.model_fields)
        raise ConfigError(f"{path}: {name}: {first['msg']} (keys: {known})") from error
    folder = path.parent
    local = folder / config.base
    return config.model_copy(
        update={
            "base": str(local) if local.exists() else config.base,
            "train": folder / config.train,
            "dev": folder / config.dev if config.dev is not None else None,
        }
    )
