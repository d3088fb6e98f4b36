"""Traditional to simplified conversion, compiled once from the dictionaries of the opencc package.

What comes out equals ``OpenCC("t2s").convert`` character for character, except where a row of
the override lexicon says otherwise. The package walks a tree of Python strings (about half a
million characters a second); here a text is an array of code points, one table lookup converts
the characters, and phrases are looked for only where one of their rare characters stands.

The package picks phrases by length, longest first, then leftmost, and phrases never overlap;
``Converter`` keeps that order. A phrase or character whose conversion has another length than
itself is left out (``Dictionaries.skipped``), so that a conversion cannot change a length.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import ConfigError, NormalizeError

Codes = npt.NDArray[np.uint32]
CODE_POINTS = 0x110000


class Override(NamedTuple):
    """A row of the override lexicon: ``term`` (raw) becomes ``value``, which is as long.

    ``script`` is "" (always), "simplified" or "traditional" (only in texts of that script;
    mixed texts and texts without a script count as traditional).
    """

    term: str
    value: str
    script: str = ""


@dataclass(frozen=True)
class Dictionaries:
    """The package's t2s dictionaries, reduced to entries that keep their length."""

    characters: Mapping[str, str]
    phrases: Mapping[str, str]
    traditional_only: frozenset[str]
    simplified_only: frozenset[str]
    skipped: tuple[str, ...]
    sha256: str


class Change(NamedTuple):
    """A phrase that decides the characters at ``start``..``end``, and whether it is an override."""

    start: int
    end: int
    override: bool


def load_dictionaries() -> Dictionaries:
    """Read the dictionaries of the installed opencc-python-reimplemented.

    Raises ``ConfigError`` where the package is missing or is another one of the same name.
    """
    spec = importlib.util.find_spec("opencc")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    folder = Path(places[0]) / "dictionary" if places else Path("dictionary")
    digest = hashlib.sha256()
    tables: list[dict[str, list[str]]] = []
    for name in ("TSCharacters", "TSPhrases", "STCharacters"):
        try:
            content = (folder / f"{name}.txt").read_bytes()
        except OSError as error:
            raise ConfigError(
                f"cannot read the conversion dictionary {name}.txt: install "
                "opencc-python-reimplemented (and no other package called opencc)"
            ) from error
        digest.update(content)
        tables.append(_parse(content.decode("utf-8")))
    to_simple, phrases, to_traditional = tables
    first = {term: values[0] for table in (to_simple, phrases) for term, values in table.items()}
    kept = {term: value for term, value in first.items() if len(term) == len(value)}
    return Dictionaries(
        characters={term: value for term, value in kept.items() if len(term) == 1},
        phrases={term: value for term, value in kept.items() if len(term) > 1},
        traditional_only=_one_script(to_simple, to_traditional),
        simplified_only=_one_script(to_traditional, to_simple),
        skipped=tuple(sorted(set(first) - set(kept))),
        sha256=digest.hexdigest(),
    )


def _parse(content: str) -> dict[str, list[str]]:
    lines = (line.strip().split("\t") for line in content.splitlines() if line.strip())
    return {term: values.split(" ") for term, values in lines}


def _one_script(own: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> frozenset[str]:
    """Characters that are written in one script only: never the target of a conversion to it."""
    targets = {value for values in own.values() for value in values}
    return frozenset(
        term for term, values in own.items() if term not in values and term not in targets
    ) - frozenset(other)


def encode(text: str) -> Codes:
    """The code points of a text, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def decode(codes: Codes) -> str:
    """The text of an array of code points."""
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def code_table(mapping: Mapping[str, str]) -> Codes:
    """A table over all code points that applies a one-to-one mapping of characters."""
    table = np.arange(CODE_POINTS, dtype=np.uint32)
    for term, value in mapping.items():
        table[ord(term)] = ord(value)
    return table


def flag_table(characters: Iterable[str]) -> npt.NDArray[np.bool_]:
    """A table over all code points that is true at these characters."""
    table = np.zeros(CODE_POINTS, dtype=np.bool_)
    table[[ord(character) for character in characters]] = True
    return table


class _Phrase(NamedTuple):
    """A phrase compiled: ``edits`` are offsets and code points that the characters do not give.

    ``mends`` is true where an override row says something else than the package.
    """

    edits: tuple[tuple[int, int], ...]
    override: bool
    mends: bool


class _Hit(NamedTuple):
    start: int
    end: int
    phrase: _Phrase


class Converter:
    """Conversion by one set of dictionaries and overrides. Built once, then only read.

    Raises ``NormalizeError`` where an override changes a length.
    """

    def __init__(self, dictionaries: Dictionaries, overrides: Sequence[Override] = ()) -> None:
        for row in overrides:
            if not row.term or len(row.term) != len(row.value):
                raise NormalizeError(
                    f"override {row.term!r} -> {row.value!r} changes the length; "
                    "give a value of as many characters"
                )
        single = {row.term: row.value for row in overrides if len(row.term) == 1}
        listed = {row.term: row.value for row in overrides if len(row.term) > 1}
        characters = {**dictionaries.characters, **single}
        self._table = code_table(characters)
        self._single = frozenset(single)
        self._mended = flag_table(
            term
            for term, value in single.items()
            if dictionaries.characters.get(term, term) != value
        )
        self._phrases: dict[str, _Phrase] = {}
        for term, value in {**dictionaries.phrases, **listed}.items():
            edits = tuple(
                (at, ord(new))
                for at, (old, new) in enumerate(zip(term, value, strict=True))
                if characters.get(old, old) != new
            )
            mends = term in listed and value != _by_package(dictionaries, term)
            self._phrases[term] = _Phrase(edits, term in listed, mends)
        self._shapes = self._find_shapes()
        self._pivots = flag_table(self._shapes)

    def _find_shapes(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """For each pivot character, where phrases with it begin and how long they are.

        A phrase is looked for at one of its characters only: the first that it changes. A phrase
        that changes nothing still keeps one that overlaps it from matching, so it is looked for
        as well, at a character that is a pivot anyway if it has one.
        """
        shapes: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
        for term, phrase in self._phrases.items():
            if phrase.edits:
                at = phrase.edits[0][0]
                shapes[term[at]].add((at, len(term)))
        for term, phrase in self._phrases.items():
            if not phrase.edits:
                at = next((i for i, c in enumerate(term) if c in shapes), len(term) - 1)
                shapes[term[at]].add((at, len(term)))
        return {character: tuple(sorted(found)) for character, found in shapes.items()}

    def convert(self, text: str, codes: Codes) -> tuple[Codes, bool]:
        """The converted code points, and whether an override row mended any of them.

        ``codes`` are those of ``text``; the result has the same length.
        """
        converted = self._table[codes]
        matches = self._matches(text, codes)
        edits = [(m.start + at, code) for m in matches for at, code in m.phrase.edits]
        if edits:
            places, values = zip(*edits, strict=True)
            converted[list(places)] = values
        by_override = any(match.phrase.mends for match in matches)
        mended = self._mended[codes]
        if not by_override and mended.any():
            held = {at for match in matches for at in range(match.start, match.end)}
            by_override = not held.issuperset(np.flatnonzero(mended).tolist())
        return converted, by_override

    def changes(self, text: str) -> list[Change]:
        """The phrases that a conversion of ``text`` applies, in text order.

        Characters that a one-character override row decides are listed where no phrase holds them.
        """
        found = [
            Change(start, end, phrase.override)
            for start, end, phrase in self._matches(text, encode(text))
        ]
        taken = {at for change in found for at in range(change.start, change.end)}
        found.extend(
            Change(at, at + 1, True)
            for at, character in enumerate(text)
            if character in self._single and at not in taken
        )
        return sorted(found)

    def _matches(self, text: str, codes: Codes) -> list[_Hit]:
        hits: list[_Hit] = []
        phrases, shapes, length = self._phrases, self._shapes, len(text)
        for pivot in np.flatnonzero(self._pivots[codes]).tolist():
            for at, size in shapes[text[pivot]]:
                start = pivot - at
                end = start + size
                if start >= 0 and end <= length and (phrase := phrases.get(text[start:end])):
                    hits.append(_Hit(start, end, phrase))
        return _longest_first(hits)


def _by_package(dictionaries: Dictionaries, term: str) -> str:
    """What the package makes of a whole term."""
    found = []
    for start in range(len(term)):
        for end in range(start + 2, len(term) + 1):
            if term[start:end] in dictionaries.phrases:
                found.append(_Hit(start, end, _Phrase((), False, False)))
    result = [dictionaries.characters.get(character, character) for character in term]
    for hit in _longest_first(found):
        result[hit.start : hit.end] = dictionaries.phrases[term[hit.start : hit.end]]
    return "".join(result)


def _longest_first(hits: list[_Hit]) -> list[_Hit]:
    """Of overlapping hits the longest, then the leftmost, in text order."""
    hits.sort(key=lambda hit: (hit.start, hit.end))
    kept: list[_Hit] = []
    cluster: list[_Hit] = []
    reach = -1
    for hit in hits:
        if hit.start >= reach:
            kept.extend(_settle(cluster))
            cluster = []
        cluster.append(hit)
        reach = max(reach, hit.end)
    kept.extend(_settle(cluster))
    return kept


def _settle(cluster: list[_Hit]) -> list[_Hit]:
    if len(cluster) < 2:
        return cluster
    kept: list[_Hit] = []
    taken: set[int] = set()
    for hit in sorted(cluster, key=lambda hit: (hit.start - hit.end, hit.start)):
        if taken.isdisjoint(range(hit.start, hit.end)):
            taken.update(range(hit.start, hit.end))
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)
