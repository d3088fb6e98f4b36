"""The side list of an article: extracted rows in groups, each with the places that support it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.report.forms import money_form, percent_form, visible, year_form
from pipeline.report.load import ArticleRows, RowDict, raw_at

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SideRow:
    """A row of the list. ``spans`` light up strongly, ``evidence`` lightly (subject, anchor)."""

    id: str
    text: str
    alt: str | None
    detail: str
    detail_alt: str | None
    spans: list[Span]
    evidence: list[Span]
    normal: str = ""
    """The normal form in full, for quantities."""

    @property
    def at(self) -> str:
        """Spans as an attribute: ``3-5 9-11``."""
        return _written(self.spans)

    @property
    def by(self) -> str:
        """Evidence as an attribute."""
        return _written(self.evidence)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows of one kind under a heading; ``label`` chooses the colour."""

    name: str
    label: str
    rows: list[SideRow]


@dataclass(frozen=True, slots=True)
class Mark:
    """A mention in the text, with the side row that it belongs to."""

    start: int
    end: int
    label: str
    row: str | None
    normal: str
    how: str


def row_groups(rows: ArticleRows) -> tuple[list[RowGroup], list[Mark]]:
    """The side list, and the marks of the text in order, no two of which overlap."""
    mentions = rows.tables["mentions"]
    of_entity: dict[str, list[Span]] = {}
    loose: dict[tuple[str, str], list[RowDict]] = {}
    for m in mentions:
        if m["entity_id"]:
            of_entity.setdefault(m["entity_id"], []).append((m["start"], m["end"]))
        elif m["label"] not in _QUANTITIES:
            loose.setdefault((m["label"], m["text"]), []).append(m)
    groups = [
        RowGroup("People", "PERSON", _entities(rows, "people", of_entity)),
        *_organisations(rows, of_entity),
        RowGroup("Roles", "ROLE", list(_roles(rows))),
        *(
            RowGroup(name, label, _together(_quantities(rows, table, label)))
            for name, label, table in (
                ("Percentages", "PERCENT", "percentages"),
                ("Years", "YEAR", "years"),
                ("Amounts", "MONEY", "money"),
            )
        ),
        *_loose_groups(loose),
        RowGroup("Not settled", "NOTE", list(_diagnostics(rows))),
    ]
    groups = [group for group in groups if group.rows]
    return groups, _marks(mentions, groups)


_QUANTITIES = frozenset({"PERCENT", "YEAR", "MONEY"})
_LOOSE_NAMES = {
    "LOC": "Places",
    "PERSON": "People, not counted",
    "COMPANY": "Companies, not counted",
    "ORG": "Organisations, not counted",
}


def _written(spans: list[Span]) -> str:
    return " ".join(f"{start}-{end}" for start, end in spans)


def _alt(raw: str, simplified: str | None) -> str | None:
    return visible(simplified) if simplified is not None and simplified != raw else None


def _entities(
    rows: ArticleRows, table: str, of_entity: dict[str, list[Span]], kind: str | None = None
) -> list[SideRow]:
    key = "person_id" if table == "people" else "company_id"
    aliases: dict[str, dict[str, str]] = {}
    for alias in rows.tables["aliases"]:
        aliases.setdefault(alias["entity_id"], {})[alias["alias_raw"]] = alias["alias"]
    found = []
    for row in rows.tables[table]:
        if kind is not None and row["kind"] != kind:
            continue
        notes = [row["kind"]] if table == "people" and row["kind"] != "full" else []
        link = row.get("link_id") or ""
        tail = [link] if link and not link.startswith("key:") else []
        names = aliases.get(row[key], {})
        raw, plain = (
            " · ".join([*notes, *(["also " + ", ".join(said)] if names else []), *tail])
            for said in (names.keys(), names.values())
        )
        spans = of_entity.get(row[key], [])
        found.append(
            SideRow(
                row[key],
                visible(row["name_raw"]),
                _alt(row["name_raw"], row["name"]),
                visible(raw),
                _alt(raw, plain),
                spans,
                [],
            )
        )
    return sorted(found, key=lambda row: (-len(row.spans), row.spans[:1]))


def _organisations(rows: ArticleRows, of_entity: dict[str, list[Span]]) -> Iterator[RowGroup]:
    for name, label, kind in (("Companies", "COMPANY", "company"), ("Organisations", "ORG", "org")):
        yield RowGroup(name, label, _entities(rows, "companies", of_entity, kind))


def _roles(rows: ArticleRows) -> Iterator[SideRow]:
    people = {row["person_id"]: row for row in rows.tables["people"]}
    bodies = {row["company_id"]: row for row in rows.tables["companies"]}
    for row in rows.tables["affiliations"]:
        person, body = people.get(row["person_id"], {}), bodies.get(row["company_id"])
        where = body["name_raw"] if body else row["description"]
        where_plain = body["name"] if body else row["description"]
        raw = " · ".join(filter(None, (person.get("name_raw"), row["title_raw"], where)))
        plain = " · ".join(filter(None, (person.get("name"), row["title"], where_plain)))
        yield SideRow(
            row["affiliation_id"],
            visible(raw),
            _alt(raw, plain),
            f"{row['status']} · {visible(row['rule'])}",
            None,
            [(row["start"], row["end"])],
            [],
        )


def _quantities(rows: ArticleRows, table: str, label: str) -> Iterator[SideRow]:
    mentions = {m["mention_id"]: m for m in rows.tables["mentions"]}
    for row in rows.tables[table]:
        m = mentions.get(row["mention_id"])
        if m is None:
            continue
        form, notes, evidence = _reading(rows, label, row)
        said = form == m["text"].replace(" ", "")
        raw = " · ".join([*([] if said else [form]), *(note for note, _ in notes)])
        plain = " · ".join([*([] if said else [form]), *(note for _, note in notes)])
        yield SideRow(
            row["mention_id"],
            visible(m["text_raw"]),
            _alt(m["text_raw"], m["text"]),
            visible(raw),
            _alt(raw, plain),
            [(m["start"], m["end"])],
            evidence,
            visible(" · ".join([form, *(note for _, note in notes)])),
        )


def _reading(
    rows: ArticleRows, label: str, row: RowDict
) -> tuple[str, list[tuple[str, str]], list[Span]]:
    """A quantity's normal form, notes on it (raw, simplified), and where these stand."""
    notes: list[tuple[str, str]] = []
    if label == "MONEY":
        return money_form(row), notes, []
    if label == "YEAR":
        if row["kind"] != "explicit":
            note = row["kind"] + (f" to {row['anchor']}" if row["anchor"] else "")
            notes.append((note, note))
        return year_form(row), notes, _places(row, "anchor")
    for cell, prefix, word in (
        ("subject", "subject", "of "),
        ("attributed_to", "attributed", "according to "),
    ):
        if row[cell]:
            raw = raw_at(rows, row[f"{prefix}_start"], row[f"{prefix}_end"])
            notes.append((word + (raw or row[cell]), word + row[cell]))
    return percent_form(row), notes, [*_places(row, "subject"), *_places(row, "attributed")]


def _places(row: RowDict, prefix: str) -> list[Span]:
    start, end = row[f"{prefix}_start"], row[f"{prefix}_end"]
    return [] if start is None else [(start, end)]


def _together(found: Iterator[SideRow]) -> list[SideRow]:
    """Rows that say the same in the same words become one row with several places."""
    merged: dict[tuple[str, str, str], SideRow] = {}
    for row in found:
        key = (row.text, row.detail, row.by)
        same = merged.get(key)
        merged[key] = row if same is None else replace(same, spans=[*same.spans, *row.spans])
    return list(merged.values())


def _loose_groups(loose: dict[tuple[str, str], list[RowDict]]) -> Iterator[RowGroup]:
    by_label: dict[str, list[SideRow]] = {}
    for (label, _), found in loose.items():
        by_label.setdefault(label, []).append(
            SideRow(
                found[0]["mention_id"],
                visible(found[0]["text_raw"]),
                _alt(found[0]["text_raw"], found[0]["text"]),
                "",
                None,
                [(m["start"], m["end"]) for m in found],
                [],
            )
        )
    for label in sorted(by_label, key=lambda name: (name != "LOC", name)):
        side = sorted(by_label[label], key=lambda row: (-len(row.spans), row.spans[:1]))
        yield RowGroup(_LOOSE_NAMES.get(label, label), label, side)


def _diagnostics(rows: ArticleRows) -> Iterator[SideRow]:
    for number, row in enumerate(rows.tables["diagnostics"]):
        yield SideRow(
            f"diagnostic:{number}",
            visible(row["reason"]),
            None,
            visible(row["stage"]),
            None,
            [(row["start"], row["end"])],
            [],
        )


def _marks(mentions: list[RowDict], groups: list[RowGroup]) -> list[Mark]:
    """Marks in text order; of overlapping ones (a third party's stage) the first stands."""
    rows: dict[Span, SideRow] = {}
    for group in groups:
        if group.label not in {"ROLE", "NOTE"}:
            rows |= {span: row for row in group.rows for span in row.spans}
    found: list[Mark] = []
    last = 0
    for m in sorted(mentions, key=lambda m: (m["start"], -m["end"])):
        if m["start"] < last:
            continue
        last = m["end"]
        row = rows.get((m["start"], m["end"]))
        if row is None:
            normal = visible(m["text"])
        elif m["label"] in _QUANTITIES:
            normal = row.normal
        else:
            normal = row.alt or row.text
        how = f"{m['stage']} · {m['rule']} · {m['score']:.2f}"
        found.append(
            Mark(m["start"], m["end"], m["label"], row.id if row else None, normal, visible(how))
        )
    return found
