"""jieba's words, in a third of its time.

jieba (0.42.1, MIT) cuts a run of characters along the path of the largest probability over its
dictionary, and leaves stretches of single characters on that path to a hidden Markov model. Both
are computed here on its own tables, without its generators and with what recurs remembered; the
cuts are the same, which tests hold against jieba itself.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from math import log
from typing import Any

_PREFIX = 1.0
"""In place of a log-probability: begins a word, is none."""
_MISSING = -3.14e100
"""Log-probability of what the Markov model has not seen, as in jieba."""
_REMEMBERED = 1 << 16
_HAN = re.compile("([\u4e00-\u9fd5]+)")
_OTHER = re.compile(r"([a-zA-Z0-9]+(?:\.\d+)?%?)")


class JiebaWords:
    """Word lengths of runs of characters, by a jieba tokenizer's dictionary and its model."""

    def __init__(self, tokenizer: Any) -> None:
        """Take over the dictionary of a tokenizer; later changes to it are not seen."""
        total = log(tokenizer.total)
        logs = {n: log(n) - total if n else _PREFIX for n in {0, *tokenizer.FREQ.values()}}
        self._unknown = -total
        self._table = {word: logs[count] for word, count in tokenizer.FREQ.items()}
        self._by_model = lru_cache(_REMEMBERED)(_MarkovModel().lengths)

    def lengths(self, run: str) -> list[int]:
        """Lengths of the words of a run of Chinese characters, letters and digits."""
        steps = self._steps(run)
        found: list[int] = []
        at, singles = 0, 0
        while at < len(run):
            step = steps[at]
            if step == 1:
                singles += 1
            else:
                if singles:
                    self._close(run[at - singles : at], found)
                    singles = 0
                found.append(step)
            at += step
        if singles:
            self._close(run[at - singles :], found)
        return found

    def _steps(self, run: str) -> list[int]:
        """Length of the best first word at each position; of equal ones the longest."""
        get, size = self._table.get, len(run)
        after = 0.0
        scores = [0.0] * (size + 1)
        steps = [1] * size
        for at in range(size - 1, -1, -1):
            value = get(run[at])
            best = self._unknown + after if value is None or value > 0 else value + after
            if value is not None:
                # A character that only begins words is no choice where a longer word fits.
                open_choice = value > 0
                for end in range(at + 2, size + 1):
                    value = get(run[at:end])
                    if value is None:
                        break
                    if value <= 0:
                        value += scores[end]
                        if value >= best or open_choice:
                            best, steps[at] = value, end - at
                            open_choice = False
            scores[at] = after = best
        return steps

    def _close(self, run: str, found: list[int]) -> None:
        """Words of a run that the dictionary left in single characters."""
        if len(run) == 1:
            found.append(1)
        elif self._table.get(run, _PREFIX) <= 0:
            found += [1] * len(run)
        else:
            found += self._by_model(run)


class _MarkovModel:
    """jieba's model of begin, middle, end and single characters."""

    def __init__(self) -> None:
        from jieba.finalseg import emit_P, start_P, trans_P

        self._start = tuple(start_P[state] for state in "BMES")
        self._moves = tuple(
            trans_P[old][new] for old, new in ("EB", "SB", "MM", "BM", "SS", "ES", "BE", "ME")
        )
        self._emit = {
            character: tuple(emit_P[state].get(character, _MISSING) for state in "BMES")
            for character in {c for state in "BMES" for c in emit_P[state]}
        }

    def lengths(self, run: str) -> tuple[int, ...]:
        """Lengths of the words of a run; letters and digits stand by themselves."""
        found: list[int] = []
        for part in _HAN.split(run):
            if _HAN.match(part):
                found += self._han(part)
            else:
                found += [len(piece) for piece in _OTHER.split(part) if piece]
        return tuple(found)

    def _han(self, run: str) -> list[int]:
        """Where words end on the best path of states; of equal paths the one jieba takes."""
        unseen = (_MISSING,) * 4
        emit = self._emit.get
        eb, sb, mm, bm, ss, es, be, me = self._moves
        b, m, e, s = (x + y for x, y in zip(self._start, emit(run[0], unseen), strict=True))
        back = []
        for character in run[1:]:
            emit_b, emit_m, emit_e, emit_s = emit(character, unseen)
            # Compared with the emission in the sum, as there: an unseen character makes all equal.
            b1, b2 = s + sb + emit_b, e + eb + emit_b
            m1, m2 = m + mm + emit_m, b + bm + emit_m
            e1, e2 = m + me + emit_e, b + be + emit_e
            s1, s2 = s + ss + emit_s, e + es + emit_s
            back.append((b1 >= b2, m1 >= m2, e1 >= e2, s1 >= s2))
            b, m = b1 if b1 >= b2 else b2, m1 if m1 >= m2 else m2
            e, s = e1 if e1 >= e2 else e2, s1 if s1 >= s2 else s2
        state = "S" if s >= e else "E"
        ends = []
        for at in range(len(run) - 1, -1, -1):
            if state in "ES":
                ends.append(at + 1)
            if at:
                from_s, from_m, to_end, single = back[at - 1]
                if state == "B":
                    state = "S" if from_s else "E"
                elif state == "S":
                    state = "S" if single else "E"
                else:
                    middle = from_m if state == "M" else to_end
                    state = "M" if middle else "B"
        ends.reverse()
        return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def read_dictionary(words: Sequence[str] = ()) -> Any:
    """A jieba tokenizer of its own, with further words."""
    with warnings.catch_warnings():
        # jieba 0.42.1 imports pkg_resources and has unescaped backslashes in its patterns.
        warnings.filterwarnings("ignore", category=UserWarning, message="pkg_resources")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=SyntaxWarning)
        import jieba

        tokenizer = jieba.Tokenizer()
        # Tokenizer.initialize() would load and write a marshal file in the shared temporary
        # folder, where anyone may have put another; the dictionary is read instead.
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word in words:
        if not tokenizer.FREQ.get(word):
            tokenizer.add_word(word, max(1, tokenizer.suggest_freq(word)))
    return tokenizer
