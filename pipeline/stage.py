"""The seam that every extraction step fits: a named callable over a batch of documents.

One stage is one file in ``pipeline/stages/`` with a function ``build(config) -> Stage``; its file
name is its name in the config. ``"package.module:build"`` loads a third party's. Stages get
documents and return new ones; they keep no state between batches.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from pipeline.config import Config
from pipeline.document import Document
from pipeline.errors import StageError


@runtime_checkable
class Stage(Protocol):
    """A step of the extraction."""

    @property
    def name(self) -> str:
        """The name that mentions and diagnostics of this stage carry."""
        ...

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        """Return one new document per document, in the same order."""
        ...


def load_stage(name: str, config: Config) -> Stage:
    """Build the stage called ``name`` (a file of ``pipeline/stages``, or ``package.module:build``).

    Raises ``StageError`` where there is no such stage or its ``build`` returns something else.
    """
    module_name, _, attribute = name.partition(":")
    if not attribute:
        module_name, attribute = f"pipeline.stages.{name}", "build"
    try:
        module = importlib.import_module(module_name)
        build = getattr(module, attribute)
    except ModuleNotFoundError as error:
        if error.name is not None and not module_name.startswith(error.name):
            raise
        raise StageError(
            f"no stage {name!r}: known are {', '.join(stage_names())}, "
            "or give 'package.module:build'"
        ) from error
    except AttributeError as error:
        raise StageError(f"stage {name!r}: module {module_name} has no {attribute!r}") from error
    stage = build(config)
    if not isinstance(stage, Stage):
        raise StageError(f"stage {name!r}: {attribute} returned {type(stage).__name__}, no Stage")
    return stage


def stage_names() -> list[str]:
    """Names of the stages that ship with the project, sorted."""
    import pkgutil

    import pipeline.stages

    return sorted(m.name for m in pkgutil.iter_modules(pipeline.stages.__path__))
