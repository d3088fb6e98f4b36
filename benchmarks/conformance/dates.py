"""Run the date cases of Recognizers-Text and duckling that hold a year through the year stage.

python -m benchmarks.conformance.dates [--write]

The cases are read from ``quantities/cases.jsonl.gz`` of ZHNEWS_DATA. A case is in scope where its
expression is a date with a year in writing, explicit or relative to the reference date (given to
the stage as the publication date). A case passes where the years agree; days are compared as well
and counted apart. ``--write`` renews DATES.md beside this file; a miss without an entry in
``dates_misses.tsv`` makes the run fail.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipeline.document import Article, Document, HeaderField
from pipeline.normalize import Normalizer
from pipeline.stages.year import YearStage
from pipeline.values import YearValue

HERE = Path(__file__).parent
DUCKLING_REFERENCE = "2013-02-12"
OUT_OF_SCOPE = {
    "no_year": "The expression holds no year (a weekday, a clock time, 1月19日, a holiday). The "
    "years table marks year characters only.",
    "not_a_date": "The type is a duration, a repetition or a time of day (一年, 每年): it points "
    "at no calendar year, and the guidelines leave it unmarked.",
    "holiday": "年 or 新年 stands in the name of a holiday; no year is written.",
}
_YEAR = re.compile(r"年|(?<!\d)\d{4}(?!\d)|[〇零○一二三四五六七八九]{4}")
_HOLIDAY = re.compile(r"新年|青年|大年|老年|少年|年夜")
_TUPLE = re.compile(r"\((\d+), (\d+), (\d+), \d+, \d+, \d+\)")


@dataclass(frozen=True, slots=True)
class Case:
    """One expected expression: where it stands, the reference date, and its days (or none)."""

    key: str
    text: str
    reference: str
    start: int
    end: int
    spans: tuple[tuple[date, date], ...]
    """First and last day; several where a suite gives a past and a future reading."""
    days: bool
    """False where only the year is comparable (lunar dates, movable feasts)."""
    skip: str | None = None


def cases() -> Iterator[Case]:
    """All cases of the date suites, those out of scope with the reason in ``skip``."""
    folder = Path(os.environ.get("ZHNEWS_DATA", "../shared/data"))
    counts: Counter[str] = Counter()
    with gzip.open(folder / "quantities" / "cases.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            name = row["file"]
            if "/DateTime/" not in name and "Duckling/Time/" not in name:
                continue
            counts[name] += 1
            key = f"{row['suite']} {name.rsplit('/Specs/DateTime/Chinese/')[-1]} {counts[name]}"
            key = key.replace("Specs/DateTime/Chinese/", "").replace("Duckling/Time/", "")
            yield from _recognizers(key, row) if "/DateTime/" in name else _duckling(key, row)


def _recognizers(key: str, row: dict[str, Any]) -> Iterator[Case]:
    text = row["input"]
    context = row["context"] or {}
    reference = (context.get("ReferenceDateTime") or "2017-01-01")[:10]
    for number, expected in enumerate(row["expected"]):
        start = expected.get("start")
        start = text.find(expected["text"]) if start is None else start
        end = start + len(expected["text"])
        value = expected.get("value") or {}
        skip = _skip(expected["text"], expected.get("type") or "")
        timex = str(value.get("Timex", ""))
        readings = [value.get(f"{time}Resolution") or {} for time in ("Future", "Past")]
        spans = tuple(span for found in readings if (span := _resolution(found, timex)))
        lunar = re.search(r"农历|正月|初[一二三四五六七八九十]|大年|月十五$", expected["text"])
        name = key if number == 0 else f"{key}.{number + 1}"
        yield Case(name, text, reference, start, end, spans, not lunar, skip)


def _duckling(key: str, row: dict[str, Any]) -> Iterator[Case]:
    text, expected = row["input"], row["expected"]
    skip = _skip(text, "")
    holiday = "Holiday" in expected
    if skip is None and holiday and not re.search(r"\d{4}年", text):
        skip = "holiday"
    days = [_tuple(match) for match in _TUPLE.finditer(expected)]
    if skip is None and not days:
        skip = "not_a_date"
    spans: tuple[tuple[date, date], ...] = ()
    if skip is None:
        grain = expected.rstrip(")").rsplit(" ", 1)[-1]
        single = len(days) == 1
        last = _grain_end(days[0], grain) if single else days[-1] - timedelta(days=1)
        spans = ((days[0], last),)
    yield Case(key, text, DUCKLING_REFERENCE, 0, len(text), spans, not holiday, skip)


def _skip(expression: str, kind: str) -> str | None:
    if not _YEAR.search(expression):
        return "no_year"
    if _HOLIDAY.search(expression) and not re.search(
        r"\d{2}年|[一二三四五六七八九十元]年", expression
    ):
        return "holiday"
    if kind in ("duration", "set", "time", "timerange") or re.search(r"每", expression):
        return "not_a_date"
    return None


def _resolution(found: dict[str, str], timex: str) -> tuple[date, date] | None:
    """First and last day. Timex wins where the resolution is empty (2017-SU, 2019-02-29)."""
    start = found.get("startDate") or found.get("startDateTime") or found.get("date")
    start = start or found.get("dateTime")
    end = found.get("endDate") or found.get("endDateTime") or start
    if not start or start.startswith("0001"):
        year = re.match(r"(\d{4})", timex)
        return (date(int(year[1]), 1, 1), date(int(year[1]), 12, 31)) if year else None
    first, last = date.fromisoformat(start[:10]), date.fromisoformat((end or start)[:10])
    whole = "endDate" in found and not timex.startswith("(")
    return first, last - timedelta(days=1) if whole else last


def _tuple(match: re.Match[str]) -> date:
    return date(int(match[1]), max(1, int(match[2])), max(1, int(match[3])))


def _grain_end(first: date, grain: str) -> date:
    if grain == "Year":
        return date(first.year, 12, 31)
    if grain == "Month":
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return following - timedelta(days=1)
    return first


def judge(case: Case, stage: YearStage, normalizer: Normalizer) -> tuple[bool, bool]:
    """Whether the years of a case agree, and whether its days do."""
    normal = normalizer(case.text)
    article = Article(case.key, case.text, published=HeaderField(case.reference))
    read = stage([Document(article, normal.text, script=normal.script)])[0]
    inside = [m for m in read.mentions if case.start <= m.start and m.end <= case.end]
    values = [m.value for m in inside if isinstance(m.value, YearValue) and m.value.resolved]
    if not values:
        return False, False
    if not case.spans:
        return True, True
    verdicts = [_agree(values, first, last, case.days) for first, last in case.spans]
    return any(years for years, _ in verdicts), any(days for _, days in verdicts)


def _agree(values: list[YearValue], first: date, last: date, days: bool) -> tuple[bool, bool]:
    years = [y for v in values for y in (v.start_year, v.end_year) if y is not None]
    before = last - timedelta(days=1)
    same_years = min(years) == first.year and max(years) in (last.year, before.year)
    firsts = [v.first_day for v in values if v.first_day]
    lasts = [v.last_day for v in values if v.last_day]
    if not firsts or not lasts:
        return same_years, False
    same_days = min(firsts) == first and max(lasts) in (last, before)
    return same_years, same_years and (same_days or not days)


def main() -> int:
    """Print the counts; 1 where a miss is not explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew DATES.md")
    parser.add_argument("--show", action="store_true", help="print the misses with their texts")
    arguments = parser.parse_args()
    with (HERE / "dates_misses.tsv").open(encoding="utf-8") as file:
        reasons = {row["case"]: row["reason"] for row in csv.DictReader(file, delimiter="\t")}
    stage, normalizer = YearStage("CN"), Normalizer()
    skipped: Counter[tuple[str, str]] = Counter()
    totals: Counter[tuple[str, str]] = Counter()
    misses: list[tuple[str, str, str]] = []
    for case in cases():
        suite = case.key.split(" ")[0] + (" extractors" if "Extractor" in case.key else "")
        if case.skip is not None:
            skipped[(suite, case.skip)] += 1
            continue
        years, days = judge(case, stage, normalizer)
        totals[(suite, "in scope")] += 1
        totals[(suite, "years")] += years
        totals[(suite, "days")] += days
        if not days:
            misses.append((case.key, "days" if years else "year", reasons.get(case.key, "")))
            if arguments.show:
                print(*misses[-1], repr(case.text), case.spans, sep="\t")
    report = render(totals, skipped, misses)
    print(report)
    if arguments.write:
        (HERE / "DATES.md").write_text(report, encoding="utf-8")
    return int(any(not reason for *_, reason in misses))


def render(
    totals: Counter[tuple[str, str]],
    skipped: Counter[tuple[str, str]],
    misses: list[tuple[str, str, str]],
) -> str:
    """The Markdown report. Cases are named by suite, file and number; their texts stay out."""
    suites = sorted({suite for suite, _ in (*totals, *skipped)})
    lines = [
        "# Dates with a year: the cases of other projects",
        "",
        "Made by `python -m benchmarks.conformance.dates --write`. A case counts as right where",
        "the years agree with the expected ones, and, in the last column, first and last day too.",
        "",
        "| suite | cases in scope | years right | days right as well |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {suite} | {totals[(suite, 'in scope')]} | {totals[(suite, 'years')]} "
        f"| {totals[(suite, 'days')]} |"
        for suite in suites
        if totals[(suite, "in scope")]
    ]
    lines += ["", "## Out of scope by definition", "", "| reason | cases | why |", "|---|---|---|"]
    for reason, why in OUT_OF_SCOPE.items():
        count = sum(n for (_, key), n in skipped.items() if key == reason)
        lines.append(f"| {reason} | {count} | {why} |")
    lines += ["", "## Every miss", "", "| case | what differs | why |", "|---|---|---|"]
    lines += [f"| {key} | {what} | {reason or 'UNEXPLAINED'} |" for key, what, reason in misses]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
