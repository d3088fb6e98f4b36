"""Linking of company names to a lexicon of listed and well-known firms."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.config import LexiconConfig
from pipeline.errors import ConfigError
from pipeline.names.firms import is_place, strip_forms
from pipeline.names.people import clean, fold
from pipeline.resources import lexicon_folder

SHIPPED = "companies.tsv"
_LISTS = ("tw_listed", "a_share_executives")
_COLUMNS = ("term", "value", "name")


class Link(NamedTuple):
    """A firm of the lexicon: its key (exchange:code, or a stable name) and its name there.

    ``listed``: the name is the short one of an exchange's list, which leaves its trade away (晶华,
    晶华酒店), while a group's name may begin that of others (腾讯, 腾讯音乐).
    """

    id: str
    name: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    link: Link
    ambiguous: bool


class Linker:
    """Looks company names up in the shipped lexicon and the user's own.

    Lexicons are TSV with the columns term, value (the id) and name, simplified;
    ``name_traditional``, and ``aliases`` and ``ambiguous`` (lists separated by ``|``) may follow.
    Rows of the user's files win over shipped ones. Raises ``ConfigError`` where a file cannot be
    read or lacks a column.
    """

    def __init__(self, config: LexiconConfig | None = None, shipped: Path | None = None) -> None:
        own = [Path(name) for name in (config.companies if config is not None else ())]
        base = shipped if shipped is not None else lexicon_folder() / SHIPPED
        self._entries: dict[str, _Entry] = {}
        self._codes: dict[str, Link] = {}
        digest = hashlib.sha256()
        for path in [*own, *([base] if base.is_file() else [])]:
            digest.update(self._read(path))
        self._fingerprint = digest.hexdigest()

    @property
    def fingerprint(self) -> str:
        """Hash of the lexicons, in the order in which they are asked."""
        return self._fingerprint

    def link(self, name: str, label: str, *, certain: bool = True) -> Link | None:
        """The firm that a simplified name stands for, or None.

        Only names labelled COMPANY link by an ambiguous alias (苹果, 小米), and only where
        ``certain``; a name labelled ORG links by an unambiguous one.
        """
        key = fold(name)
        entry = self._entries.get(key)
        if entry is None:
            body, form = strip_forms(clean(name))
            entry = self._entries.get(fold(body)) if form else None
        if (
            entry is None
            or is_place(clean(name))
            or (entry.ambiguous and (label != "COMPANY" or not certain))
        ):
            return None
        return entry.link

    def by_code(self, code: str) -> Link | None:
        """The firm with a stock code as articles write it (2330-TW, 09988.HK, SH600000)."""
        return self._codes.get(_bare_code(code))

    def same_firm(self, name: str, link: Link) -> bool:
        """True where a name shares two characters with a firm's name: a code may be another's."""
        pairs = {link.name[k : k + 2] for k in range(len(link.name) - 1)}
        return any(name[k : k + 2] in pairs for k in range(len(name) - 1))

    def _read(self, path: Path) -> bytes:
        try:
            content = path.read_bytes()
            lines = content.decode("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read company lexicon {path}: {error}") from error
        rows = csv.DictReader(
            (line for line in lines if line and not line.startswith("#")),
            delimiter="\t",
            quoting=csv.QUOTE_NONE,
        )
        missing = [c for c in _COLUMNS if c not in (rows.fieldnames or ())]
        if missing:
            raise ConfigError(
                f"company lexicon {path} has no column {', '.join(missing)}; "
                f"its header must name {', '.join(_COLUMNS)}"
            )
        for row in rows:
            self._add({k: v or "" for k, v in row.items() if k is not None})
        return content

    def _add(self, row: dict[str, str]) -> None:
        listed = row.get("source", "") in _LISTS
        link = Link(row["value"] or row["name"], row["name"] or row["term"], listed)
        doubtful = {fold(a) for a in row.get("ambiguous", "").split("|") if a}
        for alias in (row["term"], row["name"], *row.get("aliases", "").split("|")):
            key = fold(alias)
            if key and key not in self._entries:
                self._entries[key] = _Entry(link, key in doubtful)
        if ":" in link.id:
            self._codes.setdefault(_bare_code(link.id.partition(":")[2]), link)


def _bare_code(code: str) -> str:
    digits = "".join(c for c in code if c.isdigit())
    return (
        digits.lstrip("0")
        if digits
        else code.split("-", maxsplit=1)[0].split(".", maxsplit=1)[0].strip().upper()
    )
