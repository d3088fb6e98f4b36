"""One document as the affiliation rules see it: text, mentions by their edges, entities."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.affiliations.words import stop_words
from pipeline.document import Document
from pipeline.entities import Entity
from pipeline.names.firms import is_place

CLAUSE_END = "。！？；：!?;\n，,"
SENTENCE_END = "。！？!?\n；"
OPENING = '《「『“‘"〈【'
CLOSING = '》」』”’"〉】'
_BRACKET_BEFORE = re.compile(r"[(（][^()（）\n]{1,60}[)）]\Z")
_BRACKET_AFTER = re.compile(r"[(（][^()（）\n]{1,60}[)）]")
_DEPARTMENT = re.compile(r"[\w·&＆()（）\-—]*\Z")
_TORN = re.compile(r"\A[^(（]*[)）]|[(（][^)）]*\Z")
"""A bracket that opens or closes outside the stretch."""
_CONJOINED = re.compile("[和与及](?:前|原|现)")
_VARIANTS = str.maketrans({"巿": "市"})


@dataclass
class Scene:
    """A document with what rules look up. Offsets are those of the article."""

    document: Document
    entities: Sequence[Entity]
    text: str = ""
    people: list[tuple[int, int, str]] = field(default_factory=list)
    organisations: list[tuple[int, int, str]] = field(default_factory=list)
    by_id: dict[str, Entity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.text = self.document.text.translate(_VARIANTS)
        self.by_id = {entity.id: entity for entity in self.entities}
        for entity in self.entities:
            if not entity.is_person and is_place(entity.name):
                continue
            spans = self.people if entity.is_person else self.organisations
            for index in entity.mentions:
                m = self.document.mentions[index]
                spans.append((m.start, m.end, entity.id))
        self.people.sort()
        self.organisations.sort()
        self._people_starts = [p[0] for p in self.people]
        self._org_starts = [o[0] for o in self.organisations]
        self._org_at_end = {end: (start, end, i) for start, end, i in self.organisations}
        self._org_at_start = {start: (start, end, i) for start, end, i in self.organisations}
        self._token_starts = [t.start for t in self.document.tokens]
        self._token_ends = {t.end for t in self.document.tokens}
        self._sentence_starts = [s.start for s in self.document.sentences]

    def sentence(self, at: int) -> tuple[int, int]:
        """Bounds of the sentence that holds an offset (the whole text without sentences)."""
        sentences = self.document.sentences
        if not sentences:
            return 0, len(self.text)
        k = max(bisect_right(self._sentence_starts, at) - 1, 0)
        return sentences[k].start, max(sentences[k].end, at)

    def organisation_ending(self, at: int) -> tuple[int, int, str] | None:
        """The organisation mention that ends at an offset."""
        return self._org_at_end.get(at)

    def organisation_starting(self, at: int) -> tuple[int, int, str] | None:
        """The organisation mention that starts at an offset."""
        return self._org_at_start.get(at)

    def organisations_in(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """Organisation mentions wholly inside a stretch, in text order."""
        first = bisect_left(self._org_starts, start)
        last = bisect_left(self._org_starts, end)
        return [o for o in self.organisations[first:last] if o[1] <= end]

    def people_in(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """Person mentions that start inside a stretch, in text order."""
        first = bisect_left(self._people_starts, start)
        return self.people[first : bisect_left(self._people_starts, end)]

    def word_ends(self, at: int) -> bool:
        """True where a word of the segmenter ends (or nothing was segmented)."""
        return not self._token_ends or at in self._token_ends

    def stop_word_ends(self, at: int) -> bool:
        """True where a word that cannot belong to a title ends at an offset."""
        stops = stop_words()
        return any(self.text[at - n : at] in stops for n in (1, 2) if at >= n) and self.word_ends(
            at
        )

    def is_department(self, start: int, end: int) -> bool:
        """True where a stretch can stand between an organisation and a title as part of the title.

        It holds no punctuation, no name and none of the words that end such a phrase.
        """
        stretch = self.text[start:end]
        if len(stretch) > 16 or not _DEPARTMENT.match(stretch) or _CONJOINED.search(stretch):
            return False
        if _TORN.search(stretch):
            return False
        if self.people_in(start, end) or self.organisations_in(start, end):
            return False
        stops = stop_words()
        first = bisect_left(self._token_starts, start)
        for token in self.document.tokens[first:]:
            if token.start >= end:
                break
            if self.text[token.start : min(token.end, end)] in stops:
                return False
        return stretch not in stops and "的" not in stretch

    def skip_back(self, at: int) -> int:
        """Step back over a bracket, closing quotes, blanks and 的 that follow a name."""
        moved = True
        while moved:
            moved = False
            bracket = _BRACKET_BEFORE.search(self.text, max(0, at - 62), at)
            if bracket is not None:
                at, moved = bracket.start(), True
            elif at and self.text[at - 1] in CLOSING + " 的":
                at, moved = at - 1, True
        return at

    def skip_forward(self, at: int) -> int:
        """Step over a bracket, closing quotes, blanks and 的 that follow a name."""
        moved = True
        while moved:
            moved = False
            bracket = _BRACKET_AFTER.match(self.text, at)
            if bracket is not None:
                at, moved = bracket.end(), True
            elif at < len(self.text) and self.text[at] in CLOSING + " 的）)":
                at, moved = at + 1, True
        return at
