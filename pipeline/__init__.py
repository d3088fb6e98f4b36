"""zhnews: from folders of raw Chinese news articles to normalized tables.

``Extractor`` is the library's front door; ``pipeline.cli`` is the command's.
Names are imported on first use, so that ``import pipeline`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.document import Article, Document, Mention
    from pipeline.extractor import Extractor, to_frames

__version__ = "0.1.0"
__all__ = ["Article", "Document", "Extractor", "Mention", "__version__", "to_frames"]

_HOMES = {
    "Article": "pipeline.document",
    "Document": "pipeline.document",
    "Mention": "pipeline.document",
    "Extractor": "pipeline.extractor",
    "to_frames": "pipeline.extractor",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
