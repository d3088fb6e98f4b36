"""Normal forms of quantity mentions: what a percentage, a year or an amount says.

All are frozen and typed; numbers are ``Decimal``; an unknown part is ``None``, never a zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Relation(StrEnum):
    """How the quantity relates to the number written (不足 <, 以上 >=, 約 ~ ...)."""

    EQ = "="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    ABOUT = "~"


class Unit(StrEnum):
    """Unit of a PERCENT value. 17% is ``17 percent``; 三分之一 is ``0.3333 fraction``."""

    PERCENT = "percent"
    PERCENTAGE_POINT = "percentage_point"
    PERMILLE = "permille"
    BASIS_POINT = "basis_point"
    FRACTION = "fraction"
    MULTIPLE = "multiple"


class Direction(StrEnum):
    """Set only where the text says that a quantity rose or fell by the amount."""

    UP = "up"
    DOWN = "down"


class YearKind(StrEnum):
    """How a year is written."""

    EXPLICIT = "explicit"
    RELATIVE = "relative"
    OPEN = "open"
    DECADE = "decade"
    FISCAL = "fiscal"
    ROC = "roc"
    GENERATION = "generation"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of the raw article that supports a field (half-open code points)."""

    start: int
    end: int
    text: str
    """Simplified text of the stretch."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or an interval with its relation.

    Exactly one of ``value`` and (``low``, ``high``) is set, or none of them (數十, 上百億),
    in which case ``relation`` is ``~``. Bounds are inclusive.
    """

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    relation: Relation = Relation.EQ


@dataclass(frozen=True, slots=True)
class PercentValue:
    """A share or a rate. ``basis``: yoy, qoq, mom, ytd ... or None."""

    quantity: Quantity
    unit: Unit
    direction: Direction | None = None
    basis: str | None = None
    subject: Evidence | None = None
    attributed_to: Evidence | None = None


@dataclass(frozen=True, slots=True)
class YearValue:
    """A calendar year or years.

    ``start_year``/``end_year`` are those of the marked characters (Gregorian, inclusive; None
    where unresolved); ``first_day``/``last_day`` bound the whole expression (2023年至今 runs to
    the publication date); ``edtf`` is the whole expression in Extended Date/Time Format.
    ``anchor`` names what a relative year was resolved against: "published" (a header field),
    "dateline" (a date in the text), "mention" (an earlier year), or None.
    """

    start_year: int | None
    end_year: int | None
    first_day: date | None
    last_day: date | None
    edtf: str | None
    kind: YearKind
    anchor: str | None = None
    anchor_at: Evidence | None = None

    @property
    def resolved(self) -> bool:
        """True where the year is known."""
        return self.start_year is not None


@dataclass(frozen=True, slots=True)
class MoneyValue:
    """An amount of money in an ISO 4217 currency (None where nothing settles it)."""

    quantity: Quantity
    currency: str | None
    currency_implied: bool


Value = PercentValue | YearValue | MoneyValue
