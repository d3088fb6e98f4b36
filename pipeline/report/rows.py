"""The side list of an article: extracted rows in groups, each with the places that support it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.report.forms import money_form, percent_form, visible, year_form
from pipeline.report.load import ArticleRows, RowDict

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SideRow:
    """A row of the list. ``spans`` light up strongly, ``evidence`` lightly (subject, anchor)."""

    id: str
    text: str
    alt: str | None
    detail: str
    spans: list[Span]
    evidence: list[Span]

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
    aliases: dict[str, list[str]] = {}
    for alias in rows.tables["aliases"]:
        names = aliases.setdefault(alias["entity_id"], [])
        if alias["alias_raw"] not in names:
            names.append(alias["alias_raw"])
    found = []
    for row in rows.tables[table]:
        if kind is not None and row["kind"] != kind:
            continue
        notes = [row["kind"]] if table == "people" and row["kind"] != "full" else []
        if aliases.get(row[key]):
            notes.append("also " + ", ".join(aliases[row[key]]))
        if row.get("link_name") and not row["link_id"].startswith("key:"):
            notes.append(row["link_id"])
        spans = of_entity.get(row[key], [])
        found.append(
            SideRow(
                row[key],
                visible(row["name_raw"]),
                _alt(row["name_raw"], row["name"]),
                visible(" · ".join(notes)),
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
            [(row["start"], row["end"])],
            [],
        )


def _quantities(rows: ArticleRows, table: str, label: str) -> Iterator[SideRow]:
    mentions = {m["mention_id"]: m for m in rows.tables["mentions"]}
    for row in rows.tables[table]:
        m = mentions.get(row["mention_id"])
        if m is None:
            continue
        evidence: list[Span] = []
        notes: list[str] = []
        if label == "PERCENT":
            form = percent_form(row)
            for field, word in (("subject", "of "), ("attributed", "according to ")):
                text = row["subject"] if field == "subject" else row["attributed_to"]
                if text:
                    notes.append(word + text)
                if row[f"{field}_start"] is not None:
                    evidence.append((row[f"{field}_start"], row[f"{field}_end"]))
        elif label == "YEAR":
            form = year_form(row)
            if row["kind"] != "explicit":
                notes.append(row["kind"] + (f" to {row['anchor']}" if row["anchor"] else ""))
            if row["anchor_start"] is not None:
                evidence.append((row["anchor_start"], row["anchor_end"]))
        else:
            form = money_form(row)
        said = form == m["text"] and bool(notes)
        yield SideRow(
            row["mention_id"],
            visible(m["text_raw"]),
            _alt(m["text_raw"], m["text"]),
            visible(" · ".join(notes if said else (form, *notes))),
            [(m["start"], m["end"])],
            evidence,
        )


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
            normal = row.detail
        else:
            normal = row.alt or row.text
        how = f"{m['stage']} · {m['rule']} · {m['score']:.2f}"
        found.append(
            Mark(m["start"], m["end"], m["label"], row.id if row else None, normal, visible(how))
        )
    return found
