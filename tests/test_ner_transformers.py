"""Sub-words back onto characters: tag sets, long texts, several sub-words a character."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import NerConfig
from pipeline.errors import BackendError
from pipeline.ner.backend import Span
from pipeline.ner.transformers_backend import Piece, TransformersBackend, build, join_pieces
from tests.ner_models import tiny_transformer

LABELS = {"PER": "PERSON", "ORG": "ORG"}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-PER I-PER O", [(0, 2, "PERSON")]),
        ("B-PER B-PER O", [(0, 1, "PERSON"), (1, 2, "PERSON")]),
        ("I-PER I-PER I-ORG", [(0, 2, "PERSON"), (2, 3, "ORG")]),
        ("B-PER E-PER S-PER", [(0, 2, "PERSON"), (2, 3, "PERSON")]),
        ("S-ORG S-ORG O", [(0, 1, "ORG"), (1, 2, "ORG")]),
        ("B-PER L-PER U-ORG", [(0, 2, "PERSON"), (2, 3, "ORG")]),
        ("PER PER O", [(0, 2, "PERSON")]),
        ("B-MISC I-MISC B-ORG", [(2, 3, "ORG")]),
        ("E-PER I-PER O", [(0, 1, "PERSON"), (1, 2, "PERSON")]),
        ("O O O", []),
    ],
)
def test_tag_sets(tags: str, expected: list[tuple[int, int, str]]) -> None:
    pieces = [Piece(i, i + 1, tag, 0.5) for i, tag in enumerate(tags.split())]
    assert join_pieces(pieces, LABELS) == [Span(*span, 0.5) for span in expected]


def test_a_span_keeps_the_blank_between_its_words() -> None:
    pieces = [Piece(0, 4, "B-PER", 0.9), Piece(5, 8, "I-PER", 0.7)]
    assert join_pieces(pieces, LABELS) == [Span(0, 8, "PERSON", 0.8)]


@pytest.mark.torch
def test_model_labels_are_mapped_and_unknown_ones_dropped(tmp_path: Path) -> None:
    folder = str(tiny_transformer(tmp_path))
    assert build(NerConfig(model=folder)).labels == {"PERSON", "ORG"}
    mapped = build(NerConfig(model=folder, label_map={"MISC": "COMPANY", "PER": ""}))
    assert mapped.labels == {"COMPANY", "ORG"}


@pytest.mark.torch
def test_a_text_of_too_many_sub_words_is_read_in_halves(tmp_path: Path) -> None:
    backend = build(NerConfig(model=str(tiny_transformer(tmp_path))))
    assert isinstance(backend, TransformersBackend)
    text = "王大明" * 40
    assert max(span.end for span in backend._read([text])[0]) > 110


@pytest.mark.torch
def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="save_pretrained"):
        build(NerConfig(model=str(tmp_path)))
