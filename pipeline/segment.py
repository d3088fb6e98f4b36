"""Words (jieba) and sentences of a text.

Tokens are evidence for rules, never the grid that mentions must fit. Joined, they equal the text,
whatever blanks, emoji or controls it holds. Sentence rules stand in ``pipeline.sentences``.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Sequence
from importlib.metadata import version

from pipeline.document import Section, Sentence, Token
from pipeline.jieba_words import JiebaWords, read_dictionary
from pipeline.sentences import split_sentences

FORMAT = "1"
"""Raised when the algorithm changes its results; part of the fingerprint."""

_RUN = 1000
# jieba works on unbroken runs of these characters, and its hidden Markov model copies the whole
# path at each step: a run of 200,000 would take minutes. Longer runs are given to it in parts.
_IN_RUN = "\u4e00-\u9fd5a-zA-Z0-9+#&._%\\-"
_PART = re.compile(f"[{_IN_RUN}]{{1,{_RUN}}}|\r\n|[^{_IN_RUN}]")
_WORD = re.compile(f"[{_IN_RUN}]+")


class Segmenter:
    """Cuts texts into words and sentences with a jieba tokenizer of its own.

    ``words`` are kept together where they stand (at least two characters, simplified). The
    dictionary is read when the first token is asked for (about a second); nothing is written to
    disk and jieba's global tokenizer is not touched.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words = tuple(sorted({w for w in words if len(w) > 1 and _WORD.fullmatch(w)}))
        self._lock = threading.Lock()
        self._words_read: JiebaWords | None = None

    @property
    def fingerprint(self) -> str:
        """Hash of what decides a result: the jieba release, the words and this code's format."""
        parts = (FORMAT, version("jieba"), *self._words)
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def tokens(self, text: str, start: int = 0) -> list[Token]:
        """Tokens of a text; ``start`` is the offset of its first character in the article."""
        words = self._loaded()
        found = []
        for match in _PART.finditer(text):
            part = match.group()
            if len(part) == 1:
                found.append(Token(start, start + 1))
                start += 1
                continue
            for length in words.lengths(part) if part != "\r\n" else (2,):
                found.append(Token(start, start + length))
                start += length
        return found

    def sentences(self, text: str, sections: Sequence[Section] = ()) -> list[Sentence]:
        """Sentences of a whole text (see ``pipeline.sentences``)."""
        return split_sentences(text, sections)

    def _loaded(self) -> JiebaWords:
        with self._lock:
            if self._words_read is None:
                self._words_read = JiebaWords(read_dictionary(self._words))
            return self._words_read
