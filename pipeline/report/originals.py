"""The original text of an article: read again where its source is unchanged, else rebuilt.

The tables hold every sentence with its offsets, and between sentences stand only blanks and line
breaks, so what a rebuilt text can get wrong is where lines break.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config import InputConfig
from pipeline.document import Article
from pipeline.errors import ZhnewsError
from pipeline.readers import read_source
from pipeline.readers.source import Source
from pipeline.report.load import ArticleRows, RunRows


class Original(NamedTuple):
    """A raw text; ``exact`` is False where the line breaks between sentences are guessed."""

    text: str
    exact: bool


class Originals:
    """Finds original texts; holds the articles of one source file at a time."""

    def __init__(self, run: RunRows) -> None:
        self._config = _input_config(run.facts)
        self._at_hand = run.texts
        self._places = [Path(), *([run.folder.resolve().parent] if run.folder else [])]
        self._path: str | None = None
        self._texts: dict[str, str] = {}

    def text_of(self, rows: ArticleRows) -> Original:
        """The text at hand or of the hash that the row gives, else one rebuilt from sentences."""
        if rows.id in self._at_hand:
            return Original(self._at_hand[rows.id], True)
        path = rows.article["source_path"]
        if path != self._path:
            self._path, self._texts = path, self._read(path)
        text = self._texts.get(rows.article["content_sha256"])
        return Original(text, True) if text is not None else Original(rebuilt(rows), False)

    def _read(self, shown: str) -> dict[str, str]:
        """Texts by hash. A run keeps paths as they were given: most often from beside its output,
        while the report may be asked for from anywhere.
        """
        archive, _, member = shown.partition("!")
        for place in self._places:
            for path, inside in ((shown, None), (archive, member)):
                if inside == "" or not (place / path).is_file():
                    continue
                try:
                    source = Source(shown, str(place / path), 0, inside)
                    items = read_source(source, self._config)
                    return {i.content_sha256: i.text for i in items if isinstance(i, Article)}
                except (ZhnewsError, OSError):
                    return {}
        return {}


def rebuilt(rows: ArticleRows) -> str:
    """A text of the right length from the sentences; what stands between them breaks the line."""
    parts: list[str] = []
    at = 0
    for row in rows.sentences:
        parts += ["\n" * (row["start"] - at), row["text_raw"]]
        at = row["end"]
    parts.append("\n" * (rows.article["n_chars"] - at))
    return "".join(parts)


def _input_config(facts: dict[str, Any]) -> InputConfig:
    try:
        return InputConfig.model_validate(facts["config"]["input"])
    except (KeyError, TypeError, ValueError):
        return InputConfig()
