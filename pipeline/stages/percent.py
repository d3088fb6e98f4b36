"""Stage ``percent``: shares and rates with value, relation, unit, direction, basis and source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.config import Config
from pipeline.document import Diagnostic, Document, Label, Mention
from pipeline.quantities.attribution import source_of
from pipeline.quantities.basis import basis_of
from pipeline.quantities.direction import direction_of
from pipeline.quantities.percent_forms import Found, find_shares
from pipeline.quantities.relation import with_relation
from pipeline.quantities.subject import subject_of
from pipeline.values import PercentValue, Relation, Unit

# Items of one list: what stands between them, and words that make its frame hold for all items.
_LIST_JOINT = re.compile(r"[ \u3000]?(?:[、,，/]|和|与|及|以及|或|、?[及和与])[ \u3000]?")
_SHARED = re.compile(r"(?:分别|各自?|均|都|依序|依次|依次为)")
_REACH = 40


@dataclass(frozen=True, slots=True)
class PercentStage:
    """Marks PERCENT mentions from the simplified text; needs no earlier stage."""

    name: str = "percent"

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        """Return each document with its shares and rates, and what could not be settled."""
        return [self._one(document) for document in documents]

    def _one(self, document: Document) -> Document:
        mentions: list[Mention] = []
        diagnostics: list[Diagnostic] = []
        previous: tuple[Found, PercentValue] | None = None
        for found in find_shares(document.text):
            if found.unit is None:
                diagnostics.append(Diagnostic(self.name, found.start, found.end, found.reason))
                continue
            value = read_value(document.text, found, previous)
            previous = (found, value)
            mentions.append(
                document.mention(
                    found.start,
                    found.end,
                    Label.PERCENT,
                    score=1.0,
                    stage=self.name,
                    rule=found.rule,
                    value=value,
                )
            )
        return document.adding(mentions, diagnostics)


def build(config: Config) -> PercentStage:
    """The stage; nothing of the config changes it."""
    del config
    return PercentStage()


def read_value(
    text: str, found: Found, previous: tuple[Found, PercentValue] | None = None
) -> PercentValue:
    """The value of a share at its place in the text.

    ``previous`` is the share before it, with its value: items of one list (28%、31%和45%) take
    their frame (direction, basis; the relation after 分别 or 均) from the first.
    """
    assert found.unit is not None
    quantity = with_relation(found.quantity, text, found.start, found.end)
    direction = found.direction
    if direction is None and not found.signed:
        points = found.unit in (Unit.PERCENTAGE_POINT, Unit.BASIS_POINT)
        direction = direction_of(text, found.start, found.end, points=points)
    basis = basis_of(text, found.start, changes=direction is not None or found.signed)
    subject = subject_of(text, found.start)
    if previous is not None and _in_one_list(text, previous[0], found):
        earlier = previous[1]
        if direction is None and not found.signed:
            direction = earlier.direction
        basis = basis or earlier.basis
        subject = subject or earlier.subject
        frame = text[max(0, previous[0].start - _REACH) : found.start]
        relation = earlier.quantity.relation
        if (
            quantity.relation is Relation.EQ
            and relation is not Relation.EQ
            and _SHARED.search(frame)
        ):
            quantity = replace(quantity, relation=relation)
    source = source_of(text, found.start)
    return PercentValue(quantity, found.unit, direction, basis, subject, source)


def _in_one_list(text: str, first: Found, second: Found) -> bool:
    between = text[first.end : second.start]
    if len(between) > 4 or not _LIST_JOINT.fullmatch(between):
        return False
    if between.strip() in (",", "，"):
        return bool(_SHARED.search(text[max(0, first.start - _REACH) : first.start]))
    return first.unit is second.unit or Unit.PERCENT in (first.unit, second.unit)
