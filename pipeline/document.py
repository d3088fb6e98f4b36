"""The types that flow through the pipeline. Read this file first.

    Article  --normalize, segment-->  Document  --stages-->  Document with mentions

Everything here is frozen. Offsets are half-open code points into ``Article.text``, which is
never altered; the simplified text of a document has the same length, so offsets are shared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from pipeline.errors import NormalizeError, OffsetError
from pipeline.values import Value


class Label(StrEnum):
    """The labels of the shipped stages (third-party stages may add strings of their own)."""

    PERSON = "PERSON"
    COMPANY = "COMPANY"
    ORG = "ORG"
    LOC = "LOC"
    PERCENT = "PERCENT"
    YEAR = "YEAR"
    MONEY = "MONEY"


NAME_LABELS = frozenset({Label.PERSON, Label.COMPANY, Label.ORG, Label.LOC})
QUANTITY_LABELS = frozenset({Label.PERCENT, Label.YEAR, Label.MONEY})


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A header field and the raw offsets that it was read from.

    ``start``/``end`` are None where the field came from a column of a record file.
    """

    value: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered or headed part of an article; ``start``..``end`` covers heading and body.

    ``number`` counts from 1 in the order of the text; what precedes the first heading is section 0
    and has no ``heading``.
    """

    number: int
    start: int
    end: int
    heading: HeaderField | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something seen and not settled. ``reason`` is a short code, optionally ``code: detail``."""

    stage: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Article:
    """One input article: its raw text exactly as read, and what its header says.

    ``id`` is the path relative to the input root (plus ``#`` and the record id or number).
    ``published.value`` is ISO 8601 at ``published_precision`` (year, month, day, minute, second).
    """

    id: str
    text: str
    source_path: str = ""
    encoding: str = "utf-8"
    title: HeaderField | None = None
    published: HeaderField | None = None
    published_precision: str | None = None
    byline: HeaderField | None = None
    site: HeaderField | None = None
    body_start: int = 0
    body_end: int | None = None
    sections: tuple[Section, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def content_sha256(self) -> str:
        """Hash of the raw text (UTF-8; lone surrogates are passed through)."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


class Sentence(NamedTuple):
    """A sentence: half-open offsets, and the number of the section that holds it."""

    start: int
    end: int
    section: int = 0


class Token(NamedTuple):
    """A jieba token: half-open offsets into the article. Evidence, never the grid of spans."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """One labelled stretch of one article.

    ``text`` is the raw surface and equals ``article.text[start:end]`` (``Document.mention`` cuts
    it, ``Document.with_mentions`` refuses any other). ``score`` is in 0..1; ``stage`` and ``rule``
    say what made it; ``value`` is the normal form of a quantity.
    """

    start: int
    end: int
    label: str
    text: str
    score: float
    stage: str
    rule: str
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """An article in flight: raw text, simplified text of the same length, and what was found."""

    article: Article
    text: str
    script: str = "simplified"
    conversion: str = "none"
    sentences: tuple[Sentence, ...] = ()
    tokens: tuple[Token, ...] = ()
    mentions: tuple[Mention, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self.text) != len(self.article.text):
            raise NormalizeError(
                f"{self.article.id}: simplified text has {len(self.text)} characters, "
                f"the raw text {len(self.article.text)}; a conversion must keep the length"
            )

    def mention(
        self,
        start: int,
        end: int,
        label: str,
        *,
        score: float,
        stage: str,
        rule: str,
        value: Value | None = None,
    ) -> Mention:
        """Cut a mention out of the raw text."""
        return Mention(start, end, label, self.article.text[start:end], score, stage, rule, value)

    def recut(self, mention: Mention, start: int, end: int) -> Mention:
        """The mention at other offsets, its surface cut anew."""
        return replace(mention, start=start, end=end, text=self.article.text[start:end])

    def with_mentions(self, mentions: Iterable[Mention]) -> Document:
        """This document with exactly these mentions, in text order.

        Raises ``OffsetError`` where a mention is empty, out of range, or differs from the text.
        """
        ordered = tuple(sorted(mentions, key=lambda m: (m.start, m.end, m.label, m.stage)))
        raw = self.article.text
        for m in ordered:
            if not 0 <= m.start < m.end <= len(raw) or raw[m.start : m.end] != m.text:
                raise OffsetError(
                    f"{self.article.id}: {m.stage}/{m.rule} marked {m.text!r} at "
                    f"{m.start}-{m.end}, where the article has {raw[m.start : m.end]!r}"
                )
        return replace(self, mentions=ordered)

    def adding(
        self, mentions: Iterable[Mention], diagnostics: Iterable[Diagnostic] = ()
    ) -> Document:
        """This document with further mentions and diagnostics."""
        grown = self.with_mentions((*self.mentions, *mentions))
        return replace(grown, diagnostics=(*self.diagnostics, *diagnostics))

    def _repr_html_(self) -> str:
        """What a notebook shows: the text with its marks."""
        from pipeline.report.notebook import document_fragment

        return document_fragment(self)
