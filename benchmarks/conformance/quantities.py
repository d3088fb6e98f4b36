"""Peers' own test cases for numerals, percentages and money, run through adapters.

    python -m benchmarks.conformance.quantities          # prints the scores, writes REPORT.md

Reads ``$ZHNEWS_DATA/quantities/cases.jsonl.gz``; the cases stay there. An adapter translates
between two definitions (span with or without a sign, percent for permille); it never repairs a
reading. Cases outside the definitions here are counted by reason, each with a rule below.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import NumeralError
from pipeline.normalize import to_simplified
from pipeline.numerals import find_numerals, parse_number
from pipeline.quantities.money_forms import find_amounts
from pipeline.quantities.percent_forms import Found, find_shares
from pipeline.values import Unit

REPORT = Path(__file__).parent / "REPORT.md"
Row = tuple[int, int, str]

_TO_PERCENT = {
    Unit.PERCENT: Decimal(1),
    Unit.PERCENTAGE_POINT: Decimal(1),
    Unit.PERMILLE: Decimal("0.1"),
    Unit.BASIS_POINT: Decimal("0.01"),
    Unit.FRACTION: Decimal(100),
}
_CHINESE = "〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟点半成折个分之又负余几"
_UNITS = "十百千万亿拾佰仟点半成折个分之又"
_BLANK = re.compile(
    rf"(?<=\d) +(?=[kKＫｋ]$)|(?<=[{_CHINESE}]) +(?=[{_CHINESE}])|(?<=\d) +(?=[{_UNITS}])"
    rf"|(?<=[{_CHINESE}]) +(?=[{_CHINESE}\d])"
)


class Suite(NamedTuple):
    """One file of cases: its name, how a case is read, and what is out of scope with reasons."""

    title: str
    file: str
    read: Callable[[dict[str, Any]], tuple[object, object]]
    outside: Callable[[dict[str, Any]], str]


def cases(file: str) -> Iterator[dict[str, Any]]:
    """Cases of one file of the collection."""
    folder = Path(os.environ.get("ZHNEWS_DATA", "../shared/data"))
    with gzip.open(folder / "quantities" / "cases.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            if case["file"] == file:
                yield case


def close_blanks(text: str) -> tuple[str, list[int]]:
    """The text without blanks inside Chinese numerals, and the offset of each character left."""
    gone = {i for m in _BLANK.finditer(text) for i in range(*m.span())}
    kept = [i for i in range(len(text)) if i not in gone]
    return "".join(text[i] for i in kept), [*kept, len(text)]


def plain(value: Decimal | None) -> str:
    """A number without trailing zeros."""
    return "?" if value is None else f"{value.normalize():f}"


def _same(left: str, right: str) -> bool:
    try:
        a, b = Decimal(left.rstrip("%")), Decimal(right.rstrip("%"))
    except InvalidOperation:
        return left == right
    # Fractions are rounded to four places by the guidelines.
    rounded = a if a == round(a, 4) and a != round(a, 3) else None
    if rounded is not None and rounded == round(b, 4):
        return True
    return a == b or abs(a - b) <= Decimal("1e-9") * max(abs(a), abs(b))


def read_percent(case: dict[str, Any]) -> tuple[object, object]:
    """Recognizers PercentModel: spans and values in percent; discounts come from diagnostics."""
    text, offsets = close_blanks(to_simplified(case["input"]))
    found = []
    for share in find_shares(text):
        value = _in_percent(share)
        if value is not None:
            found.append((offsets[share.start], offsets[share.end - 1] + 1, value))
    return found, _spans(case)


def _in_percent(share: Found) -> str | None:
    if share.unit is None:
        return plain(share.quantity.value) if share.reason == "discount" else None
    if share.unit is Unit.MULTIPLE:
        return None
    quantity = share.quantity
    if quantity.low is not None:
        return f"{plain(quantity.low)}..{plain(quantity.high)}"
    assert quantity.value is not None
    return plain(quantity.value * _TO_PERCENT[share.unit])


def _spans(case: dict[str, Any]) -> list[Row]:
    return [
        (e["start"], e["end"], str(e["value"]["value"]) if e["value"] else "?")
        for e in case["expected"]
    ]


def read_numbers(case: dict[str, Any]) -> tuple[object, object]:
    """Recognizers NumberModel: a sign before the numeral belongs to their span, not to ours."""
    text, offsets = close_blanks(to_simplified(case["input"]))
    fractions = [share for share in find_shares(text) if share.unit is Unit.FRACTION]
    found = []
    for share in fractions:  # the percent stage reads them
        start, value = share.start, share.quantity.value
        if start and text[start - 1] in "-负" and value is not None:
            start, value = start - 1, -value
        found.append((offsets[start], offsets[share.end - 1] + 1, plain(value)))
    for n in find_numerals(text):
        if any(share.start <= n.start < share.end for share in fractions):
            continue
        value, start, end = n.quantity.value, n.start, n.end
        if start and text[start - 1] in "-负" and value is not None:
            start, value = start - 1, -value
        if text[end - 1] in "多余几来":
            end -= 1
        found.append((offsets[start], offsets[end - 1] + 1, plain(value)))
    return sorted(found), _spans(case)


def read_money(case: dict[str, Any]) -> tuple[object, object]:
    """Recognizers CurrencyModel: explicit amounts; 元 is CNY in their definition."""
    text = to_simplified(case["input"])
    found = [
        (a.start, a.end, plain(a.quantity.value), "CNY" if a.currency in ("*", "¥") else a.currency)
        for a in find_amounts(text)
        if not a.reason and a.currency
    ]
    expected = [
        (e["start"], e["end"], str(e["value"]["value"]), e["value"].get("isoCurrency"))
        for e in case["expected"]
        if e["value"]
    ]
    return found, expected


def read_duckling_money(case: dict[str, Any]) -> tuple[object, object]:
    """duckling AmountOfMoney: the whole input is one amount."""
    text = to_simplified(case["input"])
    numbers = re.findall(r"-?\d+(?:\.\d+)?(?:e\d+)?", case["expected"])
    kind = case["expected"].strip("()").split()
    code = next((word for word in kind[1:] if word.isalpha()), "?")
    scale = Decimal("0.01") if code == "Cent" else Decimal(1)
    found = [a for a in find_amounts(text) if not a.reason]
    if len(found) != 1:
        return f"{len(found)} amounts", case["expected"]
    quantity = found[0].quantity
    got = [plain(v) for v in (quantity.value, quantity.low, quantity.high) if v is not None]
    names = {"Dollar": "$", "Cent": "*", "Pound": "GBP", "Yen": "¥"}
    wanted_code = names.get(code, code)
    code_found = found[0].currency or wanted_code
    right = [plain(Decimal(n) * scale) for n in numbers]
    settled = code_found if code_found not in ("*", "¥") else wanted_code
    return (got, settled), (right, wanted_code)


def read_duckling_numeral(case: dict[str, Any]) -> tuple[object, object]:
    """duckling Numeral: the whole input is one number."""
    wanted = case["expected"].replace("(", " ").replace(")", " ").split()[-1]
    text = re.sub(r"^([-负負]) |[个個]$", r"\1", case["input"])
    shares = find_shares(to_simplified(text))
    whole = [s for s in shares if s.unit is Unit.FRACTION and (s.start, s.end) == (0, len(text))]
    if whole:
        return plain(whole[0].quantity.value), plain(Decimal(wanted))
    return _parsed(text), plain(Decimal(wanted))


def read_cn2an(case: dict[str, Any]) -> tuple[object, object]:
    """cn2an cn2an(): the whole input is one number; sums of money go through the money forms."""
    text = case["input"]
    wanted = plain(Decimal(str(case["expected"])))
    if re.search("[元圆角分]", text):
        amounts = find_amounts(to_simplified(text))
        return [plain(a.quantity.value) for a in amounts if not a.reason], [wanted]
    return _parsed(text), wanted


def _parsed(text: str) -> str:
    try:
        return plain(parse_number(text))
    except NumeralError as error:
        return f"refused: {error}"


GAP = "gap: "
"""Begins a reason that is a shortcoming; every other reason is a difference of definitions."""


def _outside_percent(case: dict[str, Any]) -> str:
    text = case["input"]
    if not case["expected"] and re.search("二三十", text):
        return "theirs leaves 二三十 unread; it is 20 to 30 here"
    if re.search(r"\d-\d+%", text):
        return "an interval is one mention here (5-20%), theirs keeps its second half only"
    return ""


def _outside_numbers(case: dict[str, Any]) -> str:
    text = case["input"]
    if re.search(r"\^|\d ?[eE][+\-－]?\d|\d[eE]", text.translate({0xFF45: "e"})):
        return "powers and exponents are refused (2.5e8)"
    if re.search(r"(?<![\d０-９])\.\d", text):
        return "a point before a figure is a full stop in converted text: not joined to it"
    if re.search("[百佰千仟万萬] *分 *之", text):
        return "百分之, 千分之 and 万分之 are rates with their own units in the percent stage"
    if re.search("负.*分 *之 *负|負.*分 *之 *負|分 *之.*[百千]|一百万又|壹百萬又", text):
        return "parts with a sign of their own, and parts of hundreds, are not written in news"
    if re.search("分 *之|[/／]", text):
        return "3/2 is a fraction only where words show a share: dates and scores look like it"
    if re.search(r"\d ?[kKmMgG]|M$", text):
        return "k, M and G are read by the parser, not by the finder (4K is a screen)"
    if re.search("[打对對雙双][^开]|[打對双雙]$", text):
        return "dozen and pair are classifiers, not numerals"
    if re.search("百分", text):
        return "百分 is read by the percent stage; the finder gives its 百 too"
    if re.search("半百|一千陆", text):
        return "半百 is an idiom of age, 陆 a numeral before a unit only (大陆, 登陆)"
    if re.search("零十|倆千", text):
        return "零十 and 倆千 are no numerals in writing"
    if "－－" in text:
        return "of a doubled sign the second is read"
    words = (
        "一[切看美]|壹切|两美刀|四川|陽光|十足|[队伍隊]|伍|拾|肆|大陆|陆地|海陆|登陆|收拾|两两|萬萬|万万"
        r"|^[萬万]$|折|%|％|\.\d+\."
    )
    if re.search(words, text):
        return "whether a word holds a numeral (四川, 一切) is decided by the stage that wants it"
    return ""


def _outside_money(case: dict[str, Any]) -> str:
    text = case["input"]
    if re.search("人民币 ?美元", text):
        return "a currency without an amount is no amount"
    if "比特币" in text:
        return "Bitcoin has no ISO 4217 code"
    if "$20，300" in text:
        return "a full-width comma before three digits groups thousands, as in Taiwan papers"
    if "銭" in text:
        return "the sen has been out of use since 1953"
    return ""


def _outside_duckling(case: dict[str, Any]) -> str:
    text = case["input"]
    if re.search("^(?:[超少][过過]|[少低多大高][于於]|至少|最少|最多)|以上|以下|之[间間]", text):
        return "the relation stands outside the amount"
    if re.search("[打對对雙双]", text):
        return "dozen and pair are classifiers, not numerals"
    if re.search("分之|份|分一|又|半", text):
        return "fractions and halves belong to the percent stage, with their unit"
    if re.search(r"(?<!\d)\.\d", text):
        return "a point before a figure is a full stop in converted text: not joined to it"
    return ""


def _outside_duckling_money(case: dict[str, Any]) -> str:
    text = case["input"]
    if "蚊" in text:
        return "蚊 is the Hong Kong dollar, theirs a dollar of no place; the numbers agree"
    if re.search("^[一五]?[個个][半九]$", text):
        return "個 alone counts anything: 一個半 is money in talk only"
    if re.search("^[两兩二五0-9十]+[分毛角毫仙]五?分?$", text):
        return (
            "a bare 分, 角, 毛, 毫 or 五仙 is no money without 钱 or a price word (points, angles)"
        )
    return _outside_duckling(case)


def _outside_cn2an(case: dict[str, Any]) -> str:
    return "幺 is read in telephone numbers only" if "幺" in case["input"] else ""


SPECS = "Specs/Number"
SUITES = (
    Suite(
        "Recognizers-Text PercentModel",
        f"{SPECS}/Chinese/PercentModel.json",
        read_percent,
        _outside_percent,
    ),
    Suite(
        "Recognizers-Text NumberModel",
        f"{SPECS}/Chinese/NumberModel.json",
        read_numbers,
        _outside_numbers,
    ),
    Suite(
        "Recognizers-Text CurrencyModel",
        f"{SPECS}WithUnit/Chinese/CurrencyModel.json",
        read_money,
        _outside_money,
    ),
    Suite(
        "duckling AmountOfMoney",
        "Duckling/AmountOfMoney/ZH/Corpus.hs",
        read_duckling_money,
        _outside_duckling_money,
    ),
    Suite(
        "duckling Numeral",
        "Duckling/Numeral/ZH/Corpus.hs",
        read_duckling_numeral,
        _outside_duckling,
    ),
    Suite("cn2an", "cn2an/cn2an_test.py", read_cn2an, _outside_cn2an),
)


def equal(got: object, wanted: object) -> bool:
    """Equal, numbers compared as numbers."""
    if isinstance(got, list | tuple) and isinstance(wanted, list | tuple):
        return len(got) == len(wanted) and all(map(equal, got, wanted))
    if isinstance(got, str) and isinstance(wanted, str):
        return _same(got, wanted)
    return got == wanted


def run(suite: Suite) -> tuple[int, Counter[str], list[tuple[str, object, object]]]:
    """Cases read as expected, cases outside the definitions by reason, and the misses."""
    right, outside, missed = 0, Counter[str](), []
    for case in cases(suite.file):
        got, wanted = suite.read(case)
        if equal(got, wanted):
            right += 1
        elif reason := suite.outside(case):
            outside[reason] += 1
        else:
            missed.append((case["input"], got, wanted))
    return right, outside, missed


def main() -> None:
    """Run all suites and write the report."""
    scores, definitions, gaps, missed_rows = [], [], [], []
    for suite in SUITES:
        right, outside, missed = run(suite)
        gap = {reason: n for reason, n in outside.items() if reason.startswith(GAP)}
        defined = {reason: n for reason, n in outside.items() if reason not in gap}
        counts = (sum(defined.values()), sum(gap.values()), len(missed))
        row = f"| {suite.title} | {right + sum(counts)} | {right} | " + " | ".join(map(str, counts))
        scores.append(f"{row} |")
        print(scores[-1])
        definitions += [f"| {suite.title} | {n} | {reason} |" for reason, n in defined.items()]
        gaps += [
            f"| {suite.title} | {n} | {reason.removeprefix(GAP)} |" for reason, n in gap.items()
        ]
        for text, got, wanted in missed:
            missed_rows.append(
                f"| {suite.title} | `{text[:24]}` | {str(got)[:90]} | {str(wanted)[:90]} |"
            )
            print("   ", repr(text)[:60], "| got", str(got)[:120], "| want", str(wanted)[:120])
    REPORT.write_text(_report(scores, definitions, gaps, missed_rows), encoding="utf-8")


def _report(scores: list[str], definitions: list[str], gaps: list[str], missed: list[str]) -> str:
    """The report: scores, then differences of definition, gaps and unexplained misses apart."""
    why = ["| suite | cases | reason |", "|---|---|---|"]
    lines = [
        "# Conformance with the peers' own cases",
        "",
        "Written by `python -m benchmarks.conformance.quantities`; do not edit.",
        "Inputs of the peers' cases are not repeated here beyond short stretches.",
        "",
        "| suite | cases | as expected | other definition | gap | unexplained |",
        "|---|---|---|---|---|---|",
        *scores,
        "",
        "## Other definition",
        "",
        "Their expectation contradicts the definitions of this project; nothing is to be mended.",
        "",
        *why,
        *definitions,
        "",
        "## Gap",
        "",
        "Not read here although it could be.",
        "",
        *why,
        *gaps,
    ]
    if missed:
        lines += [
            "",
            "## Unexplained",
            "",
            "| suite | input | read | expected |",
            "|---|---|---|---|",
        ]
        lines += missed
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
