"""COMPANY or ORG: what the form of a name and the lexicons say, by the annotation guidelines.

Engines of other traditions say ORG for both. Here a name is decided by, in this order: a lexicon of
whole names that their form would misplace (新华社, 央行: ORG), the company lexicon, the longest
ending that tells a kind (…银行: COMPANY; …基金会: ORG), a known company's name at the beginning
(腾讯音乐). Where nothing speaks, the engine's own label stands.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.document import Label
from pipeline.errors import ConfigError
from pipeline.names.firms import is_foreign, split_place
from pipeline.resources import lexicon_folder, read_lexicon

MIN_COMPANY, MIN_NAME = 2, 3
"""Shorter forms (中大, 科大) are too often something else to be looked for in running text."""
_TELLS_NOTHING = "-"
_LATIN = re.compile("[a-z]{2}")
_ACRONYM = re.compile("[A-Z]{2,5}")
_SPECIAL_TREATMENT = re.compile(r"\*?s?\*?st\s?[\u4e00-\u9fff]{2,4}$")
"""Mainland shares under special treatment: *ST before the short name."""


class Company(NamedTuple):
    """A row of ``companies.tsv``; all forms simplified unless named otherwise.

    ``id`` is exchange:code or key:...; ``ambiguous`` holds those of its forms that are also common
    words, products or other names, so that they need evidence.
    """

    term: str
    id: str
    source: str
    name: str
    name_traditional: str
    aliases: tuple[str, ...]
    kind: str
    ambiguous: frozenset[str]

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form of the name, the usual one first."""
        return tuple(dict.fromkeys((self.term, *self.aliases, self.name)))


class Decision(NamedTuple):
    """COMPANY or ORG and the rule that says so (``suffix:银行``, ``lexicon``, ``name`` ...)."""

    label: str
    rule: str


def read_companies(path: Path | None = None) -> tuple[Company, ...]:
    """Rows of a company lexicon, the shipped one by default; only ``term`` is needed.

    Raises ``ConfigError`` where the file cannot be read or has no column ``term``.
    """
    path = path or lexicon_folder() / "companies.tsv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read company lexicon {path}: {error}") from error
    rows = csv.DictReader(
        (line for line in lines if line and not line.startswith("#")),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
        restval="",
    )
    if "term" not in (rows.fieldnames or ()):
        raise ConfigError(
            f"company lexicon {path} has no column term; its header may name "
            "term, value, source, name, name_traditional, aliases, kind, ambiguous"
        )
    return tuple(_company(row) for row in rows if row["term"])


def _company(row: Mapping[str, str]) -> Company:
    return Company(
        row["term"],
        row.get("value", ""),
        row.get("source", ""),
        row.get("name") or row["term"],
        row.get("name_traditional", ""),
        _forms(row.get("aliases", "")),
        row.get("kind") or "company",
        frozenset(_forms(row.get("ambiguous", ""))),
    )


def _forms(cell: str) -> tuple[str, ...]:
    return tuple(form for form in cell.split("|") if form)


@dataclass(frozen=True, slots=True)
class OrganisationRules:
    """Lexicons at hand; build with ``load_rules``."""

    names: dict[str, str]
    suffixes: dict[str, str]
    generic: frozenset[str]
    generic_abroad: frozenset[str]
    """Those that name nothing behind a foreign country either (美国大学)."""
    generic_endings: tuple[str, ...]
    """Those that end no name at all (缅甸军方, 港大董事局)."""
    companies: frozenset[str]
    clear: frozenset[str]
    """Company forms that are nothing else."""
    acronyms: frozenset[str]
    """Forms in capitals alone that are words in small letters (WHO, BP)."""
    longest_suffix: int
    by_start: dict[str, tuple[str, ...]]
    """Forms safe to be looked for in running text, by their first two characters, longest first."""

    def decide(self, name: str) -> Decision | None:
        """What the rules say about an organisation's name (simplified); None: nothing."""
        name = name.casefold()
        label = self.names.get(name)
        if label is not None:
            return Decision(label, "name")
        if name in self.companies:
            return Decision(Label.COMPANY, "lexicon")
        for size in range(min(self.longest_suffix, len(name) - 1), 0, -1):
            label = self.suffixes.get(name[-size:])
            if label == _TELLS_NOTHING:
                break
            if label is not None:
                return Decision(label, f"suffix:{name[-size:]}")
        for size in range(len(name) - 1, 1, -1):
            if name[:size] in self.clear and not _LATIN.match(name[size - 1 : size + 1]):
                return Decision(Label.COMPANY, "lexicon-prefix")
        if _SPECIAL_TREATMENT.match(name):
            return Decision(Label.COMPANY, "special-treatment")
        return None

    def known_in(self, text: str) -> Iterator[tuple[int, int, Decision]]:
        """Stretches of a text that are a clear form of the lexicons, the longest at each place."""
        folded = text.lower()
        if len(folded) != len(text):
            folded = "".join(map(_folded, text))
        done = 0
        for start in range(len(folded) - 1):
            for form in self.by_start.get(folded[start : start + 2], ()):
                end = start + len(form)
                if start >= done and folded.startswith(form, start) and _stands(folded, start, end):
                    decision = None
                    if form not in self.acronyms or not _small(text[start:end]):
                        decision = self.is_clear(form)
                    if decision is not None:
                        yield start, end, decision
                    done = end
                    break

    def is_clear(self, name: str) -> Decision | None:
        """A name that is a company or body of the lexicons and nothing else."""
        name = name.casefold()
        if name in self.clear and name not in self.names:
            return Decision(Label.COMPANY, "lexicon")
        label = self.names.get(name)
        return Decision(label, "name") if label is not None else None

    def is_generic(self, name: str) -> bool:
        """A bare word for a kind of body (法院, 公司), a foreign one's included (美国大学)."""
        if name in self.generic:
            return True
        if name.endswith(self.generic_endings) and name.casefold() not in self.names:
            return True
        place, rest = split_place(name)
        return rest in self.generic_abroad and is_foreign(place) and name not in self.names


def _folded(character: str) -> str:
    """Lower case, one to one (the length of a text never changes)."""
    lower = character.lower()
    return lower if len(lower) == 1 else character


def _small(form: str) -> bool:
    """True for a Latin word as it stands in a sentence: who, Who."""
    return form.islower() or form.istitle()


def _stands(text: str, start: int, end: int) -> bool:
    """Not a part of a longer Latin word or number."""
    left = start == 0 or not _joins(text[start - 1 : start + 1])
    return left and (end == len(text) or not _joins(text[end - 1 : end + 1]))


def _joins(pair: str) -> bool:
    return pair.isascii() and pair.isalnum()


def _spelt(companies: Iterable[Company]) -> Iterator[str]:
    """Forms of companies and bodies with their capitals."""
    yield from (row.term for row in read_lexicon("organisation_names"))
    yield from (form for company in companies for form in company.forms)


def _searchable(forms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        found.setdefault(form[:2], []).append(form)
    return {key: tuple(forms) for key, forms in found.items()}


def load_rules(own: Sequence[Path] = ()) -> OrganisationRules:
    """Read the lexicons that ship and company lexicons of the user's. Raises ``ConfigError``."""
    added = [company for path in own for company in read_companies(path)]
    companies = [*added, *read_companies()]
    every = {form.casefold() for company in companies for form in company.forms}
    ambiguous = {form.casefold() for company in companies for form in company.ambiguous}
    suffixes = {row.term.casefold(): row.value for row in read_lexicon("organisation_suffixes")}
    names = {row.term.casefold(): row.value for row in read_lexicon("organisation_names")}
    bodies = read_lexicon("generic_bodies")
    for form in (form.casefold() for company in added for form in company.forms):
        names.pop(form, None)
    clear = every - ambiguous
    searched = {form for form in clear if len(form) >= MIN_COMPANY}
    searched.update(form for form in names if len(form) >= MIN_NAME)
    return OrganisationRules(
        names,
        suffixes,
        frozenset(row.term for row in bodies),
        frozenset(row.term for row in bodies if row.value == "abroad"),
        tuple(row.term for row in bodies if row.value == "ending"),
        frozenset(every),
        frozenset(clear),
        frozenset(form.casefold() for form in _spelt(companies) if _ACRONYM.fullmatch(form)),
        max(map(len, suffixes), default=0),
        _searchable(searched),
    )
