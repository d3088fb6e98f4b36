"""The index of a run as one JSON object: short rows, entities merged across articles.

Companies are one where the lexicon links them, else where their names are equal; people where
their full names are equal. Bare surnames (王某) are people of one article only and are not merged
or ranked. Lists stand for rows (see ``assets/views.js``, which names their places).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline.report.forms import language, money_form, note_words, percent_form, visible
from pipeline.report.load import ArticleRows, RowDict, RunRows, headline, raw_at

_CONTEXT = 28
_TO_PERCENT = {
    "percent": 1.0,
    "percentage_point": 1.0,
    "fraction": 100.0,
    "permille": 0.1,
    "basis_point": 0.01,
}


class _Names:
    """Entities of one sort, by key, with their counts and the form most often written."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._forms: list[Counter[tuple[str, str]]] = []
        self._facts: list[tuple[str, str]] = []
        self._mentions: list[int] = []
        self._articles: list[int] = []

    def add(self, row: RowDict, key: str, link: str) -> int:
        """Count an entity of one more article; its number."""
        at = self._at.setdefault(key, len(self._at))
        if at == len(self._forms):
            self._forms.append(Counter())
            self._facts.append((row["kind"], link))
            self._mentions.append(0)
            self._articles.append(0)
        self._forms[at][row["name_raw"], row["name"]] += 1
        self._mentions[at] += row["n_mentions"]
        self._articles[at] += 1
        return at

    def rows(self) -> list[list[Any]]:
        """``[name, simplified or 0, mentions, articles, kind, link]`` by number."""
        found = []
        for forms, facts, mentions, articles in zip(
            self._forms, self._facts, self._mentions, self._articles, strict=True
        ):
            (raw, plain), _ = min(forms.items(), key=lambda item: (-item[1], item[0]))
            found.append([visible(raw), _alt(raw, plain), mentions, articles, *facts])
        return found


class Index:
    """Gathers the index article by article; ``content`` gives it."""

    def __init__(self) -> None:
        self._people, self._bodies = _Names(), _Names()
        self._articles: list[list[Any]] = []
        self._roles: list[list[Any]] = []
        self._percents: list[list[Any]] = []
        self._amounts: list[list[Any]] = []
        self._years: Counter[int] = Counter()
        self._notes: dict[str, list[list[Any]]] = {}
        self._chars: dict[str, Counter[str]] = {}
        self._texts: list[str] = []
        self._counts: Counter[str] = Counter()

    def add(self, rows: ArticleRows) -> None:
        """Count one more article."""
        number = len(self._articles)
        people, bodies = self._entities(rows)
        tables = rows.tables
        self._counts.update({name: len(found) for name, found in tables.items()})
        self._add_roles(number, rows, people, bodies)
        self._add_percents(number, rows)
        self._add_amounts(number, rows)
        self._years.update(
            year["start_year"] for year in tables["years"] if year["start_year"] is not None
        )
        for note in tables["diagnostics"]:
            code, _, detail = note["reason"].partition(":")
            self._notes.setdefault(visible(code), []).append(
                [number, note["start"], note["end"], visible(detail.strip()), note["stage"]]
            )
        row = rows.article
        title, plain = headline(rows)
        self._articles.append(
            [
                visible(title),
                _alt(title, plain),
                (row["published_at"] or "")[:10],
                visible(row["site"] or rows.id.rpartition("/")[0].partition("/")[0]),
                row["n_chars"],
                [len(tables[name]) for name in ("percentages", "years", "money", "diagnostics")],
                sorted(set(people.values())),
                sorted(set(bodies.values())),
                int(language(row["script"]) == "zh-Hans"),
            ]
        )
        self._learn(rows)

    def _entities(self, rows: ArticleRows) -> tuple[dict[str, int], dict[str, int]]:
        people = {
            row["person_id"]: self._people.add(row, row["name"], "")
            for row in rows.tables["people"]
            if row["kind"] != "surname"
        }
        bodies = {
            row["company_id"]: self._bodies.add(
                row,
                f"link:{row['link_id']}" if row["link_id"] else f"{row['kind']}:{row['name']}",
                "" if not row["link_id"] or row["link_id"].startswith("key:") else row["link_id"],
            )
            for row in rows.tables["companies"]
        }
        return people, bodies

    def _add_roles(
        self, number: int, rows: ArticleRows, people: dict[str, int], bodies: dict[str, int]
    ) -> None:
        names = {row["person_id"]: row for row in rows.tables["people"]}
        names |= {row["company_id"]: row for row in rows.tables["companies"]}
        for row in rows.tables["affiliations"]:
            person, body = names.get(row["person_id"]), names.get(row["company_id"])
            where = body["name_raw"] if body else row["description"] or ""
            plain = body["name"] if body else where
            who = person["name_raw"] if person else ""
            self._roles.append(
                [
                    number,
                    people.get(row["person_id"], -1),
                    visible(who),
                    _alt(who, person["name"] if person else ""),
                    visible(row["title_raw"] or ""),
                    _alt(row["title_raw"] or "", row["title"] or ""),
                    bodies.get(row["company_id"], -1),
                    visible(where),
                    _alt(where, plain),
                    row["status"],
                    row["start"],
                    row["end"],
                ]
            )

    def _add_percents(self, number: int, rows: ArticleRows) -> None:
        mentions = {row["mention_id"]: row for row in rows.tables["mentions"]}
        years: dict[int, list[tuple[int, int]]] = {}
        for year in rows.tables["years"]:
            place = mentions.get(year["mention_id"])
            if place is not None and year["start_year"] is not None:
                years.setdefault(year["sentence_no"], []).append(
                    (place["start"], year["start_year"])
                )
        published = (rows.article["published_at"] or "")[:4]
        for row in rows.tables["percentages"]:
            m = mentions.get(row["mention_id"])
            if m is None:
                continue
            year_at, told = _year_of(m["start"], years.get(row["sentence_no"], []))
            if year_at is None and published.isdigit():
                year_at = int(published)
            self._percents.append(
                [
                    number,
                    m["start"],
                    m["end"],
                    visible(m["text_raw"]),
                    visible(percent_form(row)),
                    _in_percent(row),
                    {"up": 1, "down": 2}.get(row["direction"] or "", 0),
                    visible(row["subject"] or ""),
                    year_at,
                    int(told),
                    *_context(rows, row["sentence_no"], m),
                    visible(
                        raw_at(rows, row["subject_start"], row["subject_end"])
                        or row["subject"]
                        or ""
                    ),
                ]
            )

    def _add_amounts(self, number: int, rows: ArticleRows) -> None:
        mentions = {row["mention_id"]: row for row in rows.tables["mentions"]}
        for row in rows.tables["money"]:
            m = mentions.get(row["mention_id"])
            if m is None:
                continue
            self._amounts.append(
                [
                    number,
                    m["start"],
                    m["end"],
                    visible(m["text_raw"]),
                    visible(money_form(row)),
                    _middle(row),
                    visible(row["currency"] or ""),
                    *_context(rows, row["sentence_no"], m),
                ]
            )

    def _learn(self, rows: ArticleRows) -> None:
        """Remember the run's own traditional characters, so that a search finds either script."""
        parts = []
        for sentence in rows.sentences:
            raw, plain = sentence["text_raw"], sentence["text"]
            parts.append(" ".join(raw.split()))
            if raw != plain:
                for a, b in zip(raw, plain, strict=False):
                    if a != b:
                        self._chars.setdefault(a, Counter())[b] += 1
        self._texts.append(visible("\n".join(parts)))

    def bodies(self) -> list[list[Any]]:
        """Companies and organisations: name, simplified or 0, mentions, articles, kind, link."""
        return self._bodies.rows()

    def percents(self) -> list[list[Any]]:
        """Percentages, as ``assets/views.js`` has them."""
        return self._percents

    def content(self, run: RunRows, links: list[str]) -> dict[str, Any]:
        """The whole index; ``links`` are the addresses of the article pages, empty where inside."""
        return {
            "articles": self._articles,
            "links": links,
            "people": self._people.rows(),
            "bodies": self._bodies.rows(),
            "roles": self._roles,
            "percents": self._percents,
            "amounts": self._amounts,
            "years": sorted(self._years.items()),
            "notes": [
                [code, note_words(code), found]
                for code, found in sorted(
                    self._notes.items(), key=lambda item: (-len(item[1]), item[0])
                )
            ],
            "errors": [[visible(str(cell)) for cell in row.values()] for row in run.errors],
            "counts": dict(sorted(self._counts.items())),
            "chars": {
                a: min(found.items(), key=lambda item: (-item[1], item[0]))[0]
                for a, found in sorted(self._chars.items())
            },
        }

    @property
    def texts(self) -> list[str]:
        """Text by article, for searching."""
        return self._texts


def _alt(raw: str, simplified: str | None) -> str | int:
    return visible(simplified) if simplified is not None and simplified != raw else 0


def _year_of(at: int, years: list[tuple[int, int]]) -> tuple[int | None, bool]:
    """The last year named before ``at`` in the sentence, else the first one after it."""
    before = [year for start, year in years if start < at]
    if before:
        return before[-1], True
    return (years[0][1], True) if years else (None, False)


def _middle(row: RowDict) -> float | None:
    if row["value"] is None and row["low"] is not None and row["high"] is not None:
        return float(row["low"] + row["high"]) / 2
    return None if row["value"] is None else float(row["value"])


def _in_percent(row: RowDict) -> float | None:
    factor, value = _TO_PERCENT.get(row["unit"]), _middle(row)
    return round(value * factor, 4) if value is not None and factor is not None else None


def _context(rows: ArticleRows, sentence_no: int | None, m: RowDict) -> tuple[str, str]:
    if sentence_no is None or sentence_no >= len(rows.sentences):
        return "", ""
    sentence = rows.sentences[sentence_no]
    low, high = m["start"] - sentence["start"], m["end"] - sentence["start"]
    before, after = sentence["text_raw"][:low], sentence["text_raw"][max(high, 0) :]
    return (
        visible(("…" if len(before) > _CONTEXT else "") + before[-_CONTEXT:]),
        visible(after[:_CONTEXT] + ("…" if len(after) > _CONTEXT else "")),
    )
