from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import Config, config_keys, load_config
from pipeline.errors import ConfigError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "zhnews.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults() -> None:
    assert load_config() == Config()


def test_flags_win_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, '[ner]\nbackend = "jieba"\nwindow = 300\n')
    config = load_config(path, {"ner.backend": "lac", "ner.model": None})
    assert (config.ner.backend, config.ner.window) == ("lac", 300)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[ner]\nbakend = "lac"\n',
            "unknown key 'ner.bakend'; the nearest valid key is 'ner.backend'",
        ),
        ('stage = ["ner"]\n', "'stages'"),
        ("[run]\nworkers = 0\n", "run.workers"),
        ("[run\n", "not valid TOML"),
        ('[output]\nformats = "csv"\n', "output.formats"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    assert message in str(caught.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read config"):
        load_config(tmp_path / "none.toml")


def test_a_config_is_frozen_and_travels_as_json() -> None:
    config = load_config(None, {"ner.label_map": {"PER": "PERSON"}})
    assert Config.model_validate_json(config.model_dump_json()) == config
    with pytest.raises(ValueError, match="frozen"):
        config.ner.backend = "x"  # type: ignore[misc]


def test_every_key_is_listed() -> None:
    keys = config_keys()
    assert "ner.window" in keys
    assert len(keys) == len(set(keys))
