"""Backend ``jieba``: part-of-speech tags of jieba's dictionary, the weak baseline for comparisons.

It has a tokenizer of its own (jieba's global one is not touched) and no scores: every span has
``SCORE``, the share of its spans that were right on news when this was measured, rounded down.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from typing import Any

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.backend import Backend, Span
from pipeline.ner.labels import label_map

SCORE = 0.5
_TAGS = ("nr", "nrt", "nrfg", "nt", "ns")


class JiebaBackend:
    """posseg's nr, nt and ns words."""

    name = "jieba"

    def __init__(self, tagger: Any, fingerprint: str, config: NerConfig) -> None:
        self._tagger = tagger
        self._labels = label_map("jieba", _TAGS, config.label_map)
        self.labels = frozenset(self._labels.values())
        self.fingerprint = fingerprint

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Spans of each text; see ``Backend.predict``."""
        return [self._spans(text) for text in texts]

    def _spans(self, text: str) -> list[Span]:
        spans, at = [], 0
        for pair in self._tagger.cut(text):
            end = at + len(pair.word)
            label = self._labels.get(pair.flag)
            if label is not None:
                spans.append(Span(at, end, label, SCORE))
            at = end
        return spans


def build(config: NerConfig) -> Backend:
    """Load jieba's dictionary, or the one at ``config.model``. Raises ``BackendError``."""
    try:
        with warnings.catch_warnings():
            # jieba 0.42.1 imports pkg_resources and has unescaped backslashes in its patterns.
            warnings.simplefilter("ignore")
            import jieba
            from jieba import posseg
    except ImportError as error:
        raise BackendError(
            "the jieba backend needs the package jieba: pip install jieba"
        ) from error
    jieba.setLogLevel("WARNING")
    tokenizer = jieba.Tokenizer(config.model) if config.model else jieba.Tokenizer()
    try:
        # The dictionary is read here rather than by initialize(), which writes a cache file.
        with tokenizer.get_dict_file() as lines:
            content = lines.read()
        with tokenizer.get_dict_file() as lines:
            tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(lines)
    except (OSError, ValueError) as error:
        raise BackendError(f"no jieba dictionary at {config.model}: {error}") from error
    tokenizer.initialized = True
    digest = hashlib.sha256(content)
    digest.update(f"{jieba.__version__} {sorted(config.label_map.items())}".encode())
    return JiebaBackend(posseg.POSTokenizer(tokenizer), digest.hexdigest(), config)
