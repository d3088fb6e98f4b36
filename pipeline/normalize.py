"""From raw text to the simplified text that stages read, of the same length.

Three things happen, each one character for one character, so that offsets are shared:

1. **Width.** Full-width letters, digits and the symbols ＂＃＄％＆＇＊＋－．／＜＝＞＠＼＾＿｀｜
   become ASCII, ￠￡￥ become ¢£¥, U+3000 becomes a blank; small, half-width and vertical forms of
   punctuation become the usual ones (﹪ %, ﹒ ., ｡ 。, ︰ ：); compatibility ideographs and Kangxi
   radicals (typical of PDF and old Big5 text) become the ideographs that they stand for.
   Chinese punctuation is kept: ，。、：；？！（）［］｛｝～「」『』《》“”‘’…—.
2. **Script.** Characters that exist in one script only are counted.
3. **Conversion** to simplified characters (``pipeline.conversion``), mended by the lexicon
   ``conversion_overrides``.

Machine-conversion errors of a source (髮展 for 發展) are never rewritten;
``Normalizer.conversion_errors`` points at them.
"""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.conversion import (
    Change,
    Codes,
    Converter,
    Override,
    code_table,
    decode,
    encode,
    flag_table,
    load_dictionaries,
)
from pipeline.errors import ConfigError, NormalizeError
from pipeline.resources import lexicon_folder, read_lexicon

FORMAT = "1"
"""Raised when the algorithm changes its results; part of the fingerprint."""

_FOLDED_SYMBOLS = "＂＃＄％＆＇＊＋－．／＜＝＞＠＼＾＿｀｜"
_FOLDED_MONEY = {"￠": "¢", "￡": "£", "￥": "¥"}
_FORMS = dict(
    zip(
        "﹐﹑﹒﹔﹕﹖﹗﹙﹚﹟﹠﹡﹢﹣﹤﹥﹦﹩﹪﹫｡｢｣､･︰︵︶︽︾︿﹀︻︼﹁﹂﹃﹄",
        "，、.；：？！（）#&*+-<>=$%@。「」、·：（）《》〈〉【】「」『』",
        strict=True,
    )
)
_COMPATIBILITY = ((0x2F00, 0x2FD6), (0xF900, 0xFAFF), (0x2F800, 0x2FA1E))
_MIXED_SHARE = 0.2
_MIXED_COUNT = 10


class Normalized(NamedTuple):
    """A simplified text and how it came about.

    ``script``: traditional, simplified, mixed, or none (no character tells). ``conversion``: what
    changed the text, joined by ``+`` in the order t2s, overrides, width; or "none".
    """

    text: str
    script: str
    conversion: str


class ConversionError(NamedTuple):
    """A stretch that a conversion by machine seems to have spoilt, and what it should be."""

    start: int
    end: int
    term: str
    correct: str


class Normalizer:
    """Normalises texts. Built once, then only read; it is not shared between processes.

    ``overrides`` is a TSV lexicon (term, value, source, script) that replaces the shipped one.
    Raises ``ConfigError`` where it cannot be read, ``NormalizeError`` where a row changes a length.
    """

    def __init__(self, overrides: Path | None = None) -> None:
        path = overrides or lexicon_folder() / "conversion_overrides.tsv"
        rows = read_overrides(path)
        self._dictionaries = load_dictionaries()
        self._fold = _width_folds()
        self._fold_table = code_table(self._fold)
        self._foldable = flag_table(self._fold)
        self._traditional = flag_table(self._dictionaries.traditional_only)
        self._simplified = flag_table(self._dictionaries.simplified_only)
        self._converters = {
            script: Converter(
                self._dictionaries, [row for row in rows if row.script in ("", script)]
            )
            for script in ("traditional", "simplified")
        }
        digest = hashlib.sha256(f"{FORMAT} {self._dictionaries.sha256}".encode())
        digest.update(repr(sorted(rows)).encode("utf-8", "surrogatepass"))
        digest.update(repr(sorted(self._fold.items())).encode("utf-8"))
        self._fingerprint = digest.hexdigest()

    @property
    def fingerprint(self) -> str:
        """Hash of everything that decides a result: dictionaries, overrides and folds."""
        return self._fingerprint

    def __call__(self, text: str) -> Normalized:
        """Normalise a text of any content; the result has as many characters."""
        if text.isascii():
            return Normalized(text, "none", "none")
        codes, folded, width = self._folded(text)
        script = self._script(codes)
        converted, overridden = self._converter(script).convert(folded, codes)
        steps = []
        if not np.array_equal(converted, codes):
            steps.append("t2s")
        if overridden:
            steps.append("overrides")
        if width:
            steps.append("width")
        result = decode(converted)
        if len(result) != len(text):
            raise NormalizeError(f"conversion gave {len(result)} characters for {len(text)}")
        return Normalized(result, script, "+".join(steps) or "none")

    def folded(self, text: str) -> str:
        """The text after the first step (width) only."""
        return self._folded(text)[1]

    def changes(self, text: str) -> list[Change]:
        """The phrases that decide the conversion of ``text``: why a character became another."""
        codes, folded, _ = self._folded(text)
        return self._converter(self._script(codes)).changes(folded)

    def conversion_errors(self, text: str) -> list[ConversionError]:
        """Stretches that look like errors of a conversion by machine, in text order.

        They are listed in the lexicon ``machine_conversion_errors``; the text is left as it is.
        """
        found = []
        for row in read_lexicon("machine_conversion_errors"):
            start = text.find(row.term)
            while start >= 0:
                end = start + len(row.term)
                found.append(ConversionError(start, end, row.term, row.value))
                start = text.find(row.term, end)
        return sorted(found)

    def _folded(self, text: str) -> tuple[Codes, str, bool]:
        codes = encode(text)
        if not self._foldable[codes].any():
            return codes, text, False
        codes = self._fold_table[codes]
        return codes, decode(codes), True

    def _converter(self, script: str) -> Converter:
        return self._converters["simplified" if script == "simplified" else "traditional"]

    def _script(self, codes: Codes) -> str:
        traditional = _count(self._traditional, codes)
        simplified = _count(self._simplified, codes)
        if not traditional and not simplified:
            return "none"
        minor = min(traditional, simplified)
        if minor >= _MIXED_COUNT and minor >= _MIXED_SHARE * (traditional + simplified):
            return "mixed"
        return "traditional" if traditional >= simplified else "simplified"


def to_simplified(text: str) -> str:
    """The simplified form of a text by the shipped dictionaries, of the same length."""
    return _shipped()(text).text


@lru_cache(maxsize=1)
def _shipped() -> Normalizer:
    return Normalizer()


def read_overrides(path: Path) -> list[Override]:
    """Rows of an override lexicon (TSV with the columns term, value and, if need be, script).

    Raises ``ConfigError`` where the file cannot be read or has no such columns.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the override lexicon {path}: {error}") from error
    rows = csv.DictReader(
        (line for line in lines if line and not line.startswith("#")),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
    if not {"term", "value"} <= set(rows.fieldnames or ()):
        raise ConfigError(f"override lexicon {path} must begin with 'term\\tvalue\\tsource'")
    return [Override(row["term"], row["value"], row.get("script") or "") for row in rows]


def _width_folds() -> dict[str, str]:
    fold = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    fold = {wide: thin for wide, thin in fold.items() if thin.isalnum() or wide in _FOLDED_SYMBOLS}
    fold.update(_FOLDED_MONEY)
    fold.update(_FORMS)
    fold["\u3000"] = " "
    for first, last in _COMPATIBILITY:
        for code in range(first, last):
            plain = unicodedata.normalize("NFKC", chr(code))
            if plain != chr(code) and len(plain) == 1:
                fold[chr(code)] = plain
    return fold


def _count(flags: npt.NDArray[np.bool_], codes: Codes) -> int:
    return int(np.count_nonzero(flags[codes]))
