"""Properties of normalisation and segmentation that hold for any text."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.conversion import Converter, Dictionaries, encode
from pipeline.normalize import Normalizer
from pipeline.segment import Segmenter
from pipeline.sentences import split_sentences

NEWS = st.text(
    st.sampled_from("著名看著藉藉乾隆坤於倫敦覆盤瞭解說妳，。「」（）！？…\n 12.%a"), max_size=60
)
ANY = st.text(st.characters(exclude_categories=()), max_size=60)
MARKS = st.text(st.sampled_from('字a。！？!?.…「」『』“”（）《》"， \r\n的'), max_size=80)


@lru_cache(maxsize=1)
def normalizer() -> Normalizer:
    return Normalizer()


@lru_cache(maxsize=1)
def segmenter() -> Segmenter:
    return Segmenter()


@settings(deadline=None, max_examples=200)
@given(st.one_of(NEWS, ANY))
def test_normalisation_keeps_the_length_and_repeats_itself(text: str) -> None:
    result = normalizer()(text)
    assert len(result.text) == len(text)
    assert normalizer()(text) == result
    assert (result.text == text) == (result.conversion in ("none", "overrides"))


def longest_first(phrases: dict[str, str], text: str) -> str:
    """The package's way, said as plainly as possible."""
    for length in range(len(text), 0, -1):
        for start in range(len(text) - length + 1):
            found = phrases.get(text[start : start + length])
            if found is not None:
                left, right = text[:start], text[start + length :]
                return longest_first(phrases, left) + found + longest_first(phrases, right)
    return text


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(st.text("abc", min_size=2, max_size=4), st.just(""), max_size=6),
    st.text("abc", max_size=14),
)
def test_phrases_are_chosen_as_the_package_does(terms: dict[str, str], text: str) -> None:
    # Upper case marks a changed character; every second phrase changes only its last one.
    phrases = {
        term: term.upper() if at % 2 else term[:-1] + term[-1].upper()
        for at, term in enumerate(sorted(terms))
    }
    tables = Dictionaries({}, phrases, frozenset(), frozenset(), (), "")
    codes, _ = Converter(tables).convert(text, encode(text))
    assert "".join(map(chr, codes)) == longest_first(phrases, text)


@settings(deadline=None, max_examples=200)
@given(st.one_of(NEWS, ANY))
def test_joined_tokens_equal_the_text(text: str) -> None:
    tokens = segmenter().tokens(text)
    assert "".join(text[token.start : token.end] for token in tokens) == text
    assert [t.end for t in tokens[:-1]] == [t.start for t in tokens[1:]]


@settings(deadline=None, max_examples=400)
@given(st.one_of(MARKS, ANY))
def test_sentences_cover_what_is_not_blank(text: str) -> None:
    found = split_sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    for sentence in found:
        body = text[sentence.start : sentence.end]
        assert body
        assert body == body.strip()
        assert "\n" not in body
        assert "\r" not in body
    inside = {at for sentence in found for at in range(sentence.start, sentence.end)}
    assert all(character.isspace() for at, character in enumerate(text) if at not in inside)
