"""Floors: the scores that a configuration must keep on gold corpora, pinned with corpus hashes.

A floors file is JSON: ``{"corpora": {NAME: {"path", "sha256", "scores": {NAME: float}}},
"lowered": [{"corpus", "score", "from", "to", "reason"}]}``. A path is relative to the file;
``$NAME`` in it is an environment variable, so that corpora which cannot be shipped may be pinned.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.evaluate.gold import corpus_sha256, read_gold

if TYPE_CHECKING:
    from pipeline.extractor import Extractor

TOLERANCE = 0.005
"""A score may lie so far below its floor: engines differ in the last digits between machines."""
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Corpus:
    """A pinned corpus: where it is, the hash it had, and its floors by score name."""

    path: str
    sha256: str
    scores: dict[str, float]

    def located(self, beside: Path) -> Path | None:
        """The corpus file, or None where it is not on this machine."""
        expanded = os.path.expandvars(self.path)
        found = (beside / expanded).resolve()
        return found if "$" not in expanded and found.is_file() else None


@dataclass(frozen=True, slots=True)
class Floors:
    """The content of a floors file; ``lowered`` tells each floor that was lowered, and why."""

    corpora: dict[str, Corpus]
    lowered: tuple[dict[str, Any], ...] = ()


def read_floors(path: Path) -> Floors:
    """Read a floors file. Raises ``InputError`` where it is missing or malformed."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        corpora = {
            name: Corpus(row["path"], row.get("sha256", ""), dict(row.get("scores", {})))
            for name, row in content["corpora"].items()
        }
        return Floors(corpora, tuple(content.get("lowered", ())))
    except OSError as error:
        raise InputError(f"cannot read floors {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no floors file: {error!r}") from error


def write_floors(path: Path, floors: Floors) -> None:
    """Write a floors file."""
    content = {
        "corpora": {
            name: {"path": c.path, "sha256": c.sha256, "scores": c.scores}
            for name, c in floors.corpora.items()
        },
        "lowered": list(floors.lowered),
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def measure(extractor: Extractor, corpus: Path) -> dict[str, float]:
    """The scores that are pinned: strict F1 per label, values, entities, affiliations.

    ``value X`` is the share of correctly marked X whose normal form is right in every field.
    """
    from pipeline.evaluate.system import LABELS, system_from_extractor
    from pipeline.evaluate.tallies import score, tally

    gold = read_gold(corpus)
    tallies = tally(gold, system_from_extractor(extractor, gold), LABELS, ("strict",))
    scores = score(tallies.counts.sum(0))[:, 2]
    names = {"field": "value"}
    return {
        f"{names.get(key.measure, key.measure)} {key.label}": round(float(value), _DIGITS)
        for key, value in zip(tallies.keys, scores, strict=True)
        if key.measure in ("strict", "entities", "affiliations") or key.field == "all"
    }


def shortfalls(corpus: Corpus, sha256: str, measured: Mapping[str, float]) -> list[str]:
    """Why a measurement does not hold its floors; empty where it does."""
    if sha256 != corpus.sha256:
        return [
            f"{corpus.path} has the hash {sha256[:12]}, its floors were set on "
            f"{corpus.sha256[:12]}: measure them anew, with the reason of the change"
        ]
    return [
        f"{corpus.path}: {name} is {measured.get(name, 0.0):.4f}, its floor {floor:.4f}"
        for name, floor in corpus.scores.items()
        if measured.get(name, 0.0) < floor - TOLERANCE
    ]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on one pinned corpus."""

    name: str
    sha256: str
    scores: dict[str, float]


def updated(floors: Floors, measured: Sequence[Measured], reason: str | None) -> Floors:
    """The floors raised to what was measured.

    A floor falls, is left out, or moves to a changed corpus only with a ``reason``, which is
    stored. Raises ``InputError``, which lists them, where that would happen without one.
    """
    corpora, lowered, refused = dict(floors.corpora), list(floors.lowered), []
    for found in measured:
        old = corpora[found.name]
        changed = bool(old.sha256) and old.sha256 != found.sha256
        if changed and not reason:
            refused.append(f"{found.name}: the corpus itself changed")
        kept = dict(found.scores)
        for name, floor in old.scores.items():
            value = found.scores.get(name)
            if value is not None and value >= floor:
                continue
            slight = value is not None and value >= floor - TOLERANCE and not changed
            if slight:
                kept[name] = floor
            elif reason:
                lowered.append(
                    {
                        "corpus": found.name,
                        "score": name,
                        "from": floor,
                        "to": value,
                        "reason": reason,
                    }
                )
            else:
                refused.append(f"{found.name}: {name} would fall from {floor} to {value}")
        corpora[found.name] = Corpus(old.path, found.sha256, kept)
    if refused:
        raise InputError(
            "floors are lowered with a reason only (--lower 'why'):\n  " + "\n  ".join(refused)
        )
    return Floors(corpora, tuple(lowered))


def measure_all(floors: Floors, beside: Path, extractor: Extractor) -> list[Measured]:
    """Measure every pinned corpus that is on this machine."""
    found = []
    for name, corpus in floors.corpora.items():
        path = corpus.located(beside)
        if path is not None:
            found.append(Measured(name, corpus_sha256(path), measure(extractor, path)))
    return found
