"""What made an output: everything that can change a row, and what merely was there."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.config import Config
from pipeline.errors import ConfigError, StaleError
from pipeline.manifest import Manifest
from pipeline.output import OutputFolder
from pipeline.storage import shown_url
from pipeline.tables import SCHEMA_VERSION

PACKAGES = (
    "charset-normalizer",
    "jieba",
    "numpy",
    "onnxruntime",
    "opencc-python-reimplemented",
    "pandas",
    "pyarrow",
    "trafilatura",
)
_NOT_ROWS = {"run": True, "output": True, "input": {"glob", "limit"}, "ner": {"batch_size"}}


def row_settings(config: Config) -> dict[str, str]:
    """Everything that can change a row, by name: options, model, lexicons, versions.

    Raises ``ConfigError`` where a lexicon of the user's cannot be read.
    """
    from pipeline.ner.backend import load_backend
    from pipeline.resources import lexicon_folder

    settings = {"zhnews": __version__, "schema_version": str(SCHEMA_VERSION)}
    chosen = config.model_dump(mode="json", exclude=_NOT_ROWS)  # type: ignore[arg-type]
    for name, value in _flat("", chosen):
        settings[f"config.{name}"] = json.dumps(value, ensure_ascii=False, sort_keys=True)
    for path in sorted(lexicon_folder().glob("*.tsv")):
        settings[f"lexicon.{path.stem}"] = _sha256(path)
    for given in (*config.lexicons.companies, *config.lexicons.words):
        settings[f"lexicon.{given}"] = _sha256(Path(given))
    if "ner" in config.stages:
        settings[f"model.{config.ner.backend}"] = load_backend(config.ner).fingerprint
    for name in PACKAGES:
        settings[f"package.{name}"] = importlib.metadata.version(name)
    return settings


def config_changes(
    manifest: Manifest,
    settings: dict[str, str],
    *,
    rebuild: bool,
    folder: OutputFolder,
    only_check: bool = False,
) -> str:
    """Hash of the settings; an output that was made with others is refused or begun anew.

    ``only_check`` changes nothing. Raises ``StaleError``, which lists what differs, unless
    ``rebuild`` is given.
    """
    config_hash = hashlib.sha256(
        json.dumps(settings, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()
    old = manifest.get("settings")
    if old is not None and manifest.get("config_hash") != config_hash:
        if not rebuild:
            raise StaleError(_explain(json.loads(old), settings, folder))
        if not only_check:
            manifest.clear()
    if not only_check:
        manifest.put(config_hash=config_hash, settings=json.dumps(settings, ensure_ascii=False))
    return config_hash


def provenance(config: Config, inputs: Sequence[str], settings: dict[str, str]) -> dict[str, Any]:
    """The part of ``run.json`` that tells what made the tables."""
    return {
        "zhnews": __version__,
        "schema_version": SCHEMA_VERSION,
        "inputs": [shown_url(given) for given in inputs],
        "config": config.model_dump(mode="json"),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "hashes": {k: v for k, v in settings.items() if k.startswith(("lexicon.", "model."))},
    }


def _explain(old: dict[str, str], new: dict[str, str], folder: OutputFolder) -> str:
    changed = [
        f"  {name}: {_short(old.get(name))} -> {_short(new.get(name))}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    return (
        f"{folder.name} was made with other settings; its rows and new ones would not fit "
        "together:\n" + "\n".join(changed) + "\n"
        "All of its articles must be processed again: run with --rebuild, or give another folder."
    )


def _short(value: str | None) -> str:
    if value is None:
        return "(none)"
    return value if len(value) <= 40 else f"{value[:12]}..."


def _flat(prefix: str, tree: dict[str, Any]) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for name, value in tree.items():
        if isinstance(value, dict) and value and name != "label_map":
            flat.extend(_flat(f"{prefix}{name}.", value))
        else:
            flat.append((f"{prefix}{name}", value))
    return flat


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"cannot read lexicon {path}: {error.strerror}") from error
