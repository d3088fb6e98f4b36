"""Build the feature table: vocabulary and folding of the base encoder, lexicon word classes."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.recipe.data import data_folder
from pipeline.ner.features import CODE_LIMIT, MAX_WORD, FeatureTable, word_hash
from pipeline.ner.organisation_rules import read_companies
from pipeline.normalize import to_simplified
from pipeline.resources import read_lexicon

CLASSES = (
    "word2", "word3", "word4", "person", "place", "body", "other_name", "noun", "function",
    "company", "short_form", "surname", "japanese_surname", "known_company", "known_body",
    "title",
)  # fmt: skip
N_BIGRAMS = 32768
_SUFFIXES = ("投控", "控股", "金控", "国际", "科技", "股份", "金")
_JIEBA = {
    "nr": "person", "nrt": "person", "nrfg": "person", "ns": "place", "nt": "body",
    "nz": "other_name", "j": "body", "n": "noun", "vn": "noun",
    "v": "function", "d": "function", "p": "function", "c": "function", "r": "function",
    "a": "function", "t": "function", "u": "function", "m": "function", "f": "function",
}  # fmt: skip


def _bit(name: str) -> int:
    return 1 << CLASSES.index(name)


def _jieba_words() -> Iterator[tuple[str, int]]:
    import jieba

    path = Path(jieba.__file__).parent / "dict.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        word, frequency, tag = line.split(" ")
        if not 2 <= len(word) <= MAX_WORD or int(frequency) < 3:
            continue
        bits = _bit(f"word{min(len(word), 4)}")
        if tag in _JIEBA:
            bits |= _bit(_JIEBA[tag])
        yield word, bits


def _lines(name: str) -> list[str]:
    with gzip.open(data_folder() / "lexicons" / f"{name}.gz", "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n") for line in lines][1:]


def word_list(name: str) -> list[str]:
    """Words of a hand-made list in ``lexicons/``."""
    text = (Path(__file__).parent / "lexicons" / f"{name}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return [word for line in lines for word in line.split("|") if word]


def _known() -> Iterator[tuple[str, int]]:
    """Names written down for this project, and the pipeline's own list of titles."""
    for word in word_list("known_companies"):
        yield word, _bit("known_company")
    for word in word_list("known_bodies"):
        yield word, _bit("known_body")
    for company in read_companies():
        if company.source == "own":
            yield from ((form, _bit("known_company")) for form in company.forms)
    for row in read_lexicon("titles"):
        yield row.term, _bit("title")


def _companies() -> Iterator[tuple[str, int]]:
    for line in _lines("tw_listed.tsv"):
        _, name, kind, *_ = line.split("\t")
        if kind in ("股票", "創新板"):
            short = to_simplified(name.split("-")[0].rstrip("*"))
            yield short, _bit("company")
            for suffix in _SUFFIXES:
                if short.endswith(suffix) and len(short) >= len(suffix) + 2:
                    yield short.removesuffix(suffix), _bit("company")
    for line in _lines("a_share_executives.tsv"):
        name = line.split("\t")[4].lstrip("*").removeprefix("ST")
        yield name.rstrip("A").strip(), _bit("company")
    for name in _lines("company_short_forms.txt"):
        if 3 <= len(name) <= 4:
            yield name, _bit("short_form")


def _surnames() -> Iterator[tuple[str, int]]:
    for line in _lines("surnames.tsv"):
        name, frequency = line.split("\t")
        if float(frequency) >= 10:
            yield name, _bit("surname")
    heads = Counter(to_simplified(name[:2]) for name in _lines("person_names_japanese.txt"))
    for head, count in heads.items():
        if count >= 15:
            yield head, _bit("japanese_surname")


def build_feature_table(base_vocab: dict[str, int], folding: dict[str, str]) -> FeatureTable:
    """Table of the shipped features over the base encoder's character ids (0 is unknown)."""
    vocab = np.zeros(CODE_LIMIT, dtype=np.int64)
    fold = np.arange(CODE_LIMIT, dtype=np.uint32)
    for code in range(0xFF01, 0xFF5F):
        fold[code] = code - 0xFEE0
    for source, target in folding.items():
        if len(source) == len(target) == 1:
            fold[ord(source)] = ord(target)
    for code in (9, 10, 13, 0xA0, 0x3000, 0x200B, 0xFEFF):
        fold[code] = 32
    for char, number in base_vocab.items():
        vocab[ord(char)] = number
    words: dict[int, int] = {}
    table = {ord(a): b for a, b in folding.items() if len(a) == len(b) == 1}
    for entries in (_jieba_words(), _companies(), _surnames(), _known()):
        for word, bits in entries:
            if 1 <= len(word) <= MAX_WORD:
                key = word_hash(word.translate(table))
                words[key] = words.get(key, 0) | bits
    keys = np.array(sorted(words), dtype=np.uint32)
    masks = np.array([words[int(key)] for key in keys], dtype=np.uint32)
    settings = np.array([len(CLASSES), N_BIGRAMS, MAX_WORD], dtype=np.int64)
    return FeatureTable(
        {"vocab": vocab, "fold": fold, "keys": keys, "masks": masks, "settings": settings}
    )


def person_names() -> list[str]:
    """Executives' names of two and three characters."""
    names = {line.split("\t")[0] for line in _lines("a_share_executives.tsv")}
    return sorted(name for name in names if 2 <= len(name) <= 3)


def company_names() -> list[str]:
    """Short names of listed companies (Taiwan and mainland) of two to four characters."""
    names = {word for word, bits in _companies() if bits == _bit("company")}
    return sorted(name for name in names if 2 <= len(name) <= 4)
