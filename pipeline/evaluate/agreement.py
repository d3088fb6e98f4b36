"""Agreement of two annotators of the same texts.

F1 is the strict F1 of one against the other (symmetric); it is what span annotation is usually
reported in, because the number of unmarked stretches, which kappa needs, is not defined (Hripcsak
and Rothschild 2005). Kappa and alpha are therefore given at character level: Cohen's kappa (1960)
of "is this character within the label", and Krippendorff's nominal alpha (2004) of the same.
``type_kappa`` (in row ``all``) is Cohen's kappa of the labels where both mark the very same span.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.evaluate.gold import GoldArticle, GoldMention, comparable
from pipeline.evaluate.system import QUANTITY_LABELS

if TYPE_CHECKING:
    import pandas as pd

_Table = Counter[tuple[Hashable, Hashable]]


def agreement(
    first: Sequence[GoldArticle],
    second: Sequence[GoldArticle],
    labels: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Agreement per label and for all.

    Columns: label, first, second, same (strict), f1, kappa, alpha (characters), value_agreement
    (normal forms, of the same spans), type_kappa. Undefined cells are empty. Articles that only
    one annotator has are left aside. Raises ``InputError`` where no article is shared or a shared
    one has two texts.
    """
    import pandas as pd

    pairs = _shared(first, second)
    if labels is None:
        labels = sorted({m.label for pair in pairs for a in pair for m in a.mentions})
    rows = [_row(label, pairs, {label}) for label in labels]
    rows.append(_row("all", pairs, set(labels)) | {"type_kappa": _type_kappa(pairs, set(labels))})
    return pd.DataFrame(rows)


def cohen_kappa(table: _Table) -> float | None:
    """Cohen's kappa of a contingency table; None where one category is all there is."""
    total = sum(table.values())
    ours: Counter[Hashable] = Counter()
    theirs: Counter[Hashable] = Counter()
    for (a, b), count in table.items():
        ours[a] += count
        theirs[b] += count
    if not total:
        return None
    observed = sum(count for (a, b), count in table.items() if a == b) / total
    expected = sum(ours[c] * theirs[c] for c in ours) / total**2
    return (observed - expected) / (1 - expected) if expected < 1 else None


def krippendorff_alpha(table: _Table) -> float | None:
    """Krippendorff's nominal alpha of two coders without gaps; None where nothing can vary."""
    units = sum(table.values())
    values: Counter[Hashable] = Counter()
    for (a, b), count in table.items():
        values[a] += count
        values[b] += count
    pairable = 2 * units
    expected = pairable**2 - sum(count**2 for count in values.values())
    if expected <= 0:
        return None
    observed = 2 * sum(count for (a, b), count in table.items() if a != b)
    return 1 - (pairable - 1) * observed / expected


_Pair = tuple[GoldArticle, GoldArticle]


def _shared(first: Sequence[GoldArticle], second: Sequence[GoldArticle]) -> list[_Pair]:
    theirs = {article.id: article for article in second}
    pairs = [(a, theirs[a.id]) for a in first if a.id in theirs]
    if not pairs:
        raise InputError("the two annotations share no article id")
    for a, b in pairs:
        if a.text != b.text:
            raise InputError(f"the two annotations have different texts of {a.id!r}")
    return pairs


def _row(name: str, pairs: Sequence[_Pair], labels: set[str]) -> dict[str, Any]:
    ours, theirs, same, values, right = 0, 0, 0, 0, 0
    characters: _Table = Counter()
    for a, b in pairs:
        one, two = _spans(a.mentions, labels), _spans(b.mentions, labels)
        both = one.keys() & two.keys()
        ours, theirs, same = ours + len(one), theirs + len(two), same + len(both)
        quantities = [key for key in both if key[2] in QUANTITY_LABELS]
        values += len(quantities)
        right += sum(comparable(one[k].norm) == comparable(two[k].norm) for k in quantities)
        characters += _characters(len(a.text), _covered(one), _covered(two))
    return {
        "label": name,
        "first": ours,
        "second": theirs,
        "same": same,
        "f1": 2 * same / (ours + theirs) if ours + theirs else None,
        "kappa": cohen_kappa(characters),
        "alpha": krippendorff_alpha(characters),
        "value_agreement": right / values if values else None,
    }


def _spans(
    mentions: Iterable[GoldMention], labels: set[str]
) -> dict[tuple[int, int, str], GoldMention]:
    return {(m.start, m.end, m.label): m for m in mentions if m.label in labels}


def _covered(spans: Iterable[tuple[int, int, str]]) -> dict[int, str]:
    return {n: label for start, end, label in spans for n in range(start, end)}


def _characters(length: int, one: dict[int, str], two: dict[int, str]) -> _Table:
    table: _Table = Counter((one.get(n), two.get(n)) for n in one.keys() | two.keys())
    table[(None, None)] += length - len(one.keys() | two.keys())
    return table


def _type_kappa(pairs: Sequence[_Pair], labels: set[str]) -> float | None:
    table: _Table = Counter()
    for a, b in pairs:
        one = {(m.start, m.end): m.label for m in a.mentions if m.label in labels}
        two = {(m.start, m.end): m.label for m in b.mentions if m.label in labels}
        table.update((one[place], two[place]) for place in one.keys() & two.keys())
    return cohen_kappa(table)
