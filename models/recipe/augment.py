"""Variation of training text: other names of the same kind, blanks, brackets, residual script."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from models.recipe.data import ANY, OUTSIDE, TAGS, Rule, Sample, allow
from models.recipe.lexicon import company_names, person_names, word_list

_BRACKETS = ("（）", "()", "「」", "【】", "“”", "《》", "『』")
_LATIN = ("Kelly", "David", "Amy Chen", "Kevin", "Tim Cook", "John Smith", "Sarah", "Jason Wu")


class Names(NamedTuple):
    """Names to swap in, simplified."""

    persons: Sequence[str]
    given: Sequence[str]
    surnames: Sequence[str]
    companies: Sequence[str]
    tails: Sequence[str]
    """What a firm's name ends with, longest first (股份有限公司, 科技)."""


def load_names() -> Names:
    """Names from the lexicons (facts; the texts of the corpora are not used)."""
    persons = person_names()
    given = [name[1:] for name in persons if len(name) in (2, 3)]
    surnames = [name[0] for name in persons if len(name) in (2, 3)]
    tails = sorted(word_list("company_tails"), key=lambda tail: (-len(tail), tail))
    return Names(persons, given, surnames, company_names(), tails)


class Variation:
    """Random variation with a fixed seed."""

    def __init__(self, names: Names, seed: int) -> None:
        self.names = names
        self.random = random.Random(seed)

    def person(self, old: str) -> str | None:
        """Another name of the same shape, or None where the shape is not known."""
        rnd = self.random
        if old.isascii():
            return rnd.choice(_LATIN) if len(old) > 2 else None
        if len(old) == 1:
            return rnd.choice(self.names.surnames)
        if len(old) in (2, 3):
            return rnd.choice(self.names.surnames) + rnd.choice(self.names.given)
        return None

    def company(self, old: str) -> str | None:
        """Another company name of the same build, half of them invented: 联发科技 -> 台瑞科技."""
        if len(old) < 2 or any(char.isascii() for char in old):
            return None
        tail = next((t for t in self.names.tails if old.endswith(t) and len(old) > len(t) + 1), "")
        head = old.removesuffix(tail)
        if len(head) > 4:
            return None
        if not tail and self.random.random() < 0.5:
            return self.random.choice(self.names.companies)
        return self.invented(len(head)) + tail

    def invented(self, length: int) -> str:
        """A name that no lexicon knows, from characters that firms' names hold at its places."""
        parts = [self.random.choice(self.names.companies) for _ in range(length)]
        return "".join(name[min(at, len(name) - 1)] for at, name in enumerate(parts))

    def vary(self, sample: Sample, swap: float = 0.25, noise: float = 0.04) -> Sample:
        """Swap names with probability ``swap`` a sample, add blanks and brackets at ``noise``."""
        swapping = self.random.random() < swap
        if not swapping and self.random.random() > 0.3:
            return sample
        text: list[str] = []
        allowed: list[int] = []
        seen: dict[str, str] = {}
        at = 0
        for start, end, label in _spans(sample):
            text.append(sample.text[at:start])
            allowed += sample.allowed[at:start]
            old = sample.text[start:end]
            new = seen.get(old)
            if new is None:
                change = self.person(old) if label == "PERSON" else None
                change = self.company(old) if label == "COMPANY" else change
                new = seen[old] = change if change and swapping else old
            before, after = self._around(noise)
            inner = [0] * len(new)
            allow(inner, 0, len(new), Rule(True, (label,)))
            text += [before, new, after]
            allowed += [OUTSIDE] * len(before) + inner + [OUTSIDE] * len(after)
            at = end
        text.append(sample.text[at:])
        allowed += sample.allowed[at:]
        return Sample("".join(text), tuple(allowed))

    def _around(self, noise: float) -> tuple[str, str]:
        value = self.random.random()
        if value < noise:
            return (" ", "") if value < noise / 2 else ("", " ")
        if value < 1.5 * noise:
            pair = self.random.choice(_BRACKETS)
            return pair[0], pair[1]
        return "", ""


def _spans(sample: Sample) -> list[tuple[int, int, str]]:
    """Stretches whose tags are known to the letter (one label, one place)."""
    single = {1 << number: tag for number, tag in enumerate(TAGS)}
    found = []
    start = -1
    for at, mask in enumerate(sample.allowed):
        tag = single.get(mask, "O") if mask != ANY else "O"
        if tag[0] == "B":
            start = at
        elif tag[0] == "S":
            found.append((at, at + 1, tag[2:]))
            start = -1
        elif tag[0] == "E" and start >= 0:
            found.append((start, at + 1, tag[2:]))
            start = -1
        elif tag[0] == "O":
            start = -1
    return found
