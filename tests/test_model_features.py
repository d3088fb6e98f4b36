"""Character ids, bigrams and lexicon bits: padding and neighbours change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.ner.features import CODE_LIMIT, FeatureTable, code_points, word_hash


@pytest.fixture(scope="module")
def table() -> FeatureTable:
    vocab = np.zeros(CODE_LIMIT, dtype=np.int64)
    for number, char in enumerate("台积电董事长A", start=1):
        vocab[ord(char)] = number
    fold = np.arange(CODE_LIMIT, dtype=np.uint32)
    fold[ord("Ａ")] = ord("A")
    words = {word_hash("台积电"): 1, word_hash("董事长"): 2, word_hash("长"): 1}
    keys = np.array(sorted(words), dtype=np.uint32)
    masks = np.array([words[int(key)] for key in keys], dtype=np.uint32)
    settings = np.array([2, 64, 4], dtype=np.int64)
    return FeatureTable(
        {"vocab": vocab, "fold": fold, "keys": keys, "masks": masks, "settings": settings}
    )


def test_words_give_begin_inside_end_bits(table: FeatureTable) -> None:
    features = table.encode(["台积电董事长"]).features[0].reshape(6, 3, 2)
    assert features[:, :, 0].tolist() == [
        [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [1, 0, 1],
    ]  # fmt: skip
    assert features[:, :, 1].tolist() == [
        [0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1],
    ]  # fmt: skip


def test_full_width_is_folded_and_unknown_is_zero(table: FeatureTable) -> None:
    assert table.encode(["ＡA?𠀀\U0010fffd"]).chars.tolist() == [[7, 7, 0, 0, 0]]


def test_a_text_does_not_depend_on_its_neighbours(table: FeatureTable) -> None:
    texts = ["台积", "电董事长A", "", "台积电"]
    together = table.encode(texts)
    for row, text in enumerate(texts):
        alone = table.encode([text])
        n = len(text)
        assert np.array_equal(together.chars[row, :n], alone.chars[0])
        assert np.array_equal(together.bigrams[row, :n], alone.bigrams[0])
        assert np.array_equal(together.features[row, :n], alone.features[0])
        assert not together.features[row, n:].any()
    assert together.lengths.tolist() == [2, 5, 0, 3]


def test_words_are_not_found_across_texts(table: FeatureTable) -> None:
    assert not table.encode(["台积", "电"]).features.any()


def test_lone_surrogates_pass(table: FeatureTable) -> None:
    assert table.encode(["\ud800台"]).chars.tolist() == [[0, 1]]


@pytest.mark.parametrize("word", ["", "一二三四五六七八九十十"])
def test_word_lengths_are_bounded(word: str) -> None:
    with pytest.raises(ValueError, match="1 to"):
        word_hash(word)


def test_code_points_are_one_a_character() -> None:
    assert code_points("a𠀀").tolist() == [0x61, 0x20000]
