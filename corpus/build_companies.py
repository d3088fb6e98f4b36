"""Rebuild the listed companies of ``lexicons/companies.tsv``; its hand-made rows are kept.

Run from the repository root with ZHNEWS_DATA set: ``python corpus/build_companies.py``. Sources:
``tw_listed`` (Taiwan's listed shares, MIT) and the company column of ``a_share_executives`` (MIT).
A listed company whose id a hand-made row has only adds its short name to that row's aliases.
"""

from __future__ import annotations

import csv
import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path

import jieba
import opencc

from pipeline.normalize import to_simplified
from pipeline.resources import read_lexicon

TARGET = Path(__file__).parent / "lexicons" / "companies.tsv"
COLUMNS = ("term", "value", "source", "name", "name_traditional", "aliases", "kind", "ambiguous")
MARKETS = {"上市": "TWSE", "上市臺灣創新板": "TWSE", "上櫃": "TPEX", "興櫃": "TPEX"}
SHARES = {"股票", "創新板", "臺灣存託憑證(TDR)"}
MARKS = re.compile(
    r"^(?:\*?ST|S\*?ST|[XD]R|XD|N|C|U)(?=[\u4e00-\u9fff])|[-－](?:KY|DR|創|U|W|UW)$|[AB]$|\s"
)
COMMON = 3
"""A short name that jieba's dictionary holds at least so often is an everyday word or name."""


def rows(name: str) -> Iterator[dict[str, str]]:
    """Rows of a table of ZHNEWS_DATA."""
    folder = Path(os.environ.get("ZHNEWS_DATA", "../shared/data")) / "lexicons"
    with gzip.open(folder / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def listed() -> Iterator[tuple[str, str, str, str]]:
    """Id, simplified and traditional short name, source."""
    for row in rows("tw_listed"):
        if row["type"] in SHARES and row["market"] in MARKETS:
            plain = MARKS.sub("", row["name"]).replace("*", "")
            yield (
                f"{MARKETS[row['market']]}:{row['code']}",
                to_simplified(plain),
                plain,
                "tw_listed",
            )
    to_traditional = opencc.OpenCC("s2t").convert
    for row in rows("a_share_executives"):
        code = row["code"]
        exchange = "SSE" if code[0] in "69" else "BSE" if code[0] in "48" else "SZSE"
        plain = MARKS.sub("", row["company"].replace(" ", ""))
        yield f"{exchange}:{code}", plain, to_traditional(plain), "a_share_executives"


def main() -> None:
    """Write the table, hand-made rows first."""
    with TARGET.open(encoding="utf-8", newline="") as lines:
        comments = [line for line in lines if line.startswith("#")]
    with TARGET.open(encoding="utf-8", newline="") as lines:
        plain = (line for line in lines if not line.startswith("#"))
        kept = [
            row
            for row in csv.DictReader(plain, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row["source"].startswith("own")
        ]
    by_id = {row["value"]: row for row in kept}
    known = {form for row in kept for form in (row["term"], *row["aliases"].split("|"))}
    jieba.initialize()
    doubles = {row.term for row in read_lexicon("ambiguous_names")}
    added: dict[str, dict[str, str]] = {}
    for key, name, traditional, source in listed():
        if len(name) < 2 or key in added:
            continue
        if key in by_id or name in known:
            row = by_id.get(key)
            if row is not None and name not in {row["term"], *row["aliases"].split("|")}:
                row["aliases"] = "|".join(filter(None, (row["aliases"], name)))
            continue
        common = name in doubles or jieba.dt.FREQ.get(name, 0) >= COMMON
        values = (name, key, source, name, traditional, "", "company", name if common else "")
        added[key] = dict(zip(COLUMNS, values, strict=True))
    for row in kept:
        forms = {row["term"], row["name"], *row["aliases"].split("|")}
        marked = {*row["ambiguous"].split("|"), *(forms & doubles)} - {""}
        row["ambiguous"] = "|".join(sorted(marked))
    with TARGET.open("w", encoding="utf-8", newline="") as out:
        out.writelines(comments)
        writer = csv.DictWriter(
            out, COLUMNS, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(sorted(kept, key=lambda row: row["value"]))
        writer.writerows(sorted(added.values(), key=lambda row: row["value"]))


if __name__ == "__main__":
    main()
