"""Where a system and the gold corpus differ, mention by mention, and what kind of error it is.

Each gold mention and each answer stands in at most one pair. Exact pairs are taken first, then the
same span under another label (``type``), then overlaps, the longest first and the same label before
another (``boundary``; ``boundary+type``). What is left is ``missed`` or ``spurious``. A pair of
equal span and label whose normal form differs is ``value``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pipeline.evaluate.gold import GoldArticle, GoldMention, comparable, norm_to_json
from pipeline.evaluate.system import QUANTITY_LABELS, System

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("missed", "spurious", "boundary", "type", "boundary+type", "value")


class Difference(NamedTuple):
    """One error: ``gold`` is None where spurious, ``answer`` where missed."""

    article: int
    kind: str
    gold: GoldMention | None
    answer: GoldMention | None

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return min(m.start for m in (self.gold, self.answer) if m is not None)

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return max(m.end for m in (self.gold, self.answer) if m is not None)

    @property
    def label(self) -> str:
        """The gold label, or the system's where the gold corpus has nothing."""
        mention = self.gold or self.answer
        assert mention is not None
        return mention.label


class Pairing(NamedTuple):
    """The mentions of one article side by side; either may be None, not both."""

    gold: GoldMention | None
    answer: GoldMention | None


def pairings(gold: Sequence[GoldMention], answers: Sequence[GoldMention]) -> list[Pairing]:
    """Put gold mentions and answers side by side, by the rule in this module's heading."""
    free_gold = dict(enumerate(sorted(gold, key=_place)))
    free_ours = dict(enumerate(sorted(answers, key=_place)))
    pairs = []
    overlaps = list(_overlapping(free_gold, free_ours))
    closeness = {(g, o): _closeness(free_gold[g], free_ours[o]) for g, o in overlaps}
    for g, o in sorted(overlaps, key=closeness.__getitem__):
        if g in free_gold and o in free_ours:
            pairs.append(Pairing(free_gold.pop(g), free_ours.pop(o)))
    pairs += [Pairing(m, None) for m in free_gold.values()]
    pairs += [Pairing(None, m) for m in free_ours.values()]
    return sorted(pairs, key=lambda pair: min(_place(m) for m in pair if m is not None))


def differences(
    gold: Sequence[GoldArticle], system: System, labels: Sequence[str]
) -> Iterator[Difference]:
    """Every error of a system, in the order of the corpus and its texts."""
    for n, (article, answer) in enumerate(zip(gold, system.predictions, strict=True)):
        wanted = [m for m in article.mentions if m.label in labels]
        given = [m for m in answer.mentions if m.label in labels]
        for pair in pairings(wanted, given):
            kind = kind_of(pair)
            if kind is not None:
                yield Difference(n, kind, *pair)


def kind_of(pair: Pairing) -> str | None:
    """The kind of error of a pairing, None where there is none."""
    gold, answer = pair
    if gold is None:
        return "spurious"
    if answer is None:
        return "missed"
    same_span = (gold.start, gold.end) == (answer.start, answer.end)
    if gold.label != answer.label:
        return "type" if same_span else "boundary+type"
    if not same_span:
        return "boundary"
    if gold.label in QUANTITY_LABELS and comparable(gold.norm) != comparable(answer.norm):
        return "value"
    return None


def differences_frame(
    gold: Sequence[GoldArticle], system: System, labels: Sequence[str]
) -> pd.DataFrame:
    """Errors as a frame: article, kind, label, gold and answered span, text, label, normal form."""
    import json

    import pandas as pd

    def cells(mention: GoldMention | None) -> tuple[object, ...]:
        if mention is None:
            return (None,) * 5
        norm = norm_to_json(mention.norm)
        told = json.dumps(norm, ensure_ascii=False) if norm is not None else None
        return mention.start, mention.end, mention.label, mention.text, told

    rows = [
        (gold[d.article].id, gold[d.article].source, d.kind, *cells(d.gold), *cells(d.answer))
        for d in differences(gold, system, labels)
    ]
    names = ("start", "end", "label", "text", "norm")
    frame = pd.DataFrame(
        rows,
        columns=[
            "article_id",
            "source",
            "kind",
            *(f"gold_{name}" for name in names),
            *(f"system_{name}" for name in names),
        ],
    )
    places = [f"{side}_{name}" for side in ("gold", "system") for name in ("start", "end")]
    return frame.astype(dict.fromkeys(places, "Int64"))


def confusion(gold: Sequence[GoldArticle], system: System, labels: Sequence[str]) -> pd.DataFrame:
    """Gold labels (rows) against answered labels (columns) of paired mentions; ``none`` is absence.

    Only equal spans and overlaps are paired; the diagonal holds both exact and boundary pairs.
    """
    import pandas as pd

    names = [*labels, "none"]
    counts: Counter[tuple[str, str]] = Counter()
    for article, answer in zip(gold, system.predictions, strict=True):
        wanted = [m for m in article.mentions if m.label in labels]
        given = [m for m in answer.mentions if m.label in labels]
        for g, o in pairings(wanted, given):
            counts[g.label if g else "none", o.label if o else "none"] += 1
    rows = [[row, *(counts[row, column] for column in names)] for row in names]
    return pd.DataFrame(rows, columns=["gold", *names])


def _place(mention: GoldMention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.label


def _overlapping(
    gold: dict[int, GoldMention], ours: dict[int, GoldMention]
) -> Iterator[tuple[int, int]]:
    """Index pairs that share a character; both sides are sorted by their starts."""
    widest = max((m.end - m.start for m in ours.values()), default=0)
    begin = 0
    for g, wanted in gold.items():
        while begin < len(ours) and ours[begin].start + widest <= wanted.start:
            begin += 1
        for o in range(begin, len(ours)):
            if ours[o].start >= wanted.end:
                break
            if ours[o].end > wanted.start:
                yield g, o


def _closeness(wanted: GoldMention, given: GoldMention) -> tuple[bool, bool, int, int]:
    """Sorts exact pairs first, then equal spans, then the same label, then the longest overlap."""
    other_span = (wanted.start, wanted.end) != (given.start, given.end)
    shared = min(wanted.end, given.end) - max(wanted.start, given.start)
    return other_span, wanted.label != given.label, -shared, wanted.start
