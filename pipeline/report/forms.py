"""How cells are put into words for a reader: numbers, quantities, dates, odd characters."""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from typing import Any

from pipeline.report.load import RowDict

_RELATIONS = {"=": "", "<": "< ", "<=": "≤ ", ">": "> ", ">=": "≥ ", "~": "≈ "}
_UNITS = {
    "percent": "%",
    "percentage_point": " points",
    "permille": "‰",
    "basis_point": " bp",
    "fraction": "",
    "multiple": "×",
}
_BASES = {
    "yoy": "year on year",
    "qoq": "quarter on quarter",
    "mom": "month on month",
    "wow": "week on week",
    "dod": "day on day",
    "ytd": "year to date",
}
_NOTES = {
    "ambiguous-organisation": "a short name that fits more than one organisation of the article",
    "ambiguous-person": "a surname or short name that fits more than one person of the article",
    "ambiguous_date": "a date that can be read in two ways",
    "bad_date": "a line like a date that is none",
    "currency unknown": "an amount whose currency neither the text nor its place tells",
    "date_without_year": "a date at the head without its year",
    "discount": "a price reduction in 折; no percentage",
    "full price": "the full price in 折; no percentage",
    "index points": "points of an index; no percentage points",
    "machine_conversion": "a wrong character that a machine conversion left; read past",
    "no-share": "成 or 半 after a number that speaks for no share",
    "no_anchor": "a relative year (去年) without a date to count from",
    "ratio": "a ratio or score; no percentage",
    "several_dates": "more than one date at the head",
    "title_uncertain": "a first line that may be no title",
    "trailing_date": "a date at the foot; not taken for the publication",
    "unit of a table": "the unit of a table (單位：千元); no amount",
    "url": "a percent sign within an address",
    "vague": "years without a number (近幾年)",
}
# Unicode 16, UAX 9: embeddings, overrides, isolates, marks; and the deprecated format controls.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """The text with characters that would act on the page, not stand on it, written out.

    Bidirectional controls, control characters, lone surrogates and deprecated format characters
    become ``⟨U+202E⟩``; line breaks and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char in "\n\t\u200d" or char.isprintable():
        return char
    acts = (
        char in _BIDI or unicodedata.category(char) in {"Cc", "Cs"} or "\u206a" <= char <= "\u206f"
    )
    return f"⟨U+{ord(char):04X}⟩" if acts else char


def json_for_script(content: Any) -> str:
    """JSON that may stand in a ``script`` element: no character in it can end the element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def number(value: float | None) -> str:
    """12345.5 -> ``12,345.5``; no exponent, no trailing zeros."""
    if value is None:
        return "?"
    exact = Decimal(repr(value))
    if exact == exact.to_integral_value():
        return f"{int(exact):,}"
    return f"{exact.normalize():,f}"


def amount(row: RowDict) -> str:
    """The number or range of a quantity row with its relation."""
    relation = _RELATIONS.get(row["relation"], str(row["relation"]))
    if row["value"] is not None:
        return f"{relation}{number(row['value'])}"
    if row["low"] is not None and row["high"] is not None:
        return f"{relation}{number(row['low'])}–{number(row['high'])}"
    return f"{relation}?"


def percent_form(row: RowDict) -> str:
    """``↑ 17% year on year``."""
    arrow = {"up": "↑ ", "down": "↓ "}.get(row["direction"] or "", "")
    basis = _BASES.get(row["basis"] or "", row["basis"] or "")
    return f"{arrow}{amount(row)}{_UNITS.get(row['unit'], ' ' + row['unit'])} {basis}".strip()


def year_form(row: RowDict) -> str:
    """``2023-01/2023-06``: the expression in EDTF, else its years, else ``not resolved``."""
    if row["edtf"]:
        return str(row["edtf"])
    if row["start_year"] is None:
        return "not resolved"
    if row["start_year"] == row["end_year"] or row["end_year"] is None:
        return str(row["start_year"])
    return f"{row['start_year']}/{row['end_year']}"


def money_form(row: RowDict) -> str:
    """``TWD 2,500,000``; a currency that the article's place implies stands in brackets."""
    currency = row["currency"] or "currency unknown"
    return f"{f'({currency})' if row['currency_implied'] else currency} {amount(row)}"


def note_words(code: str) -> str:
    """What the code of a diagnostic means; empty where it speaks for itself or is a stage's own."""
    return _NOTES.get(code, "")


def language(script: str) -> str:
    """The ``lang`` of a page part, which chooses the glyphs of the system's fonts."""
    return "zh-Hans" if script == "simplified" else "zh-Hant"
