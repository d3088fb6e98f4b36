"""spaCy's DocBin, with characters or jieba's tokens as tokens.

A mention that does not begin and end at a token edge cannot stand in a ``Doc``; it is left out and
counted (with characters there is none). All mentions are in ``doc.spans["zhnews"]``; ``doc.ents``,
which cannot overlap, holds the longest. Normal forms, scores and the article's fields stand in
``Doc.user_data["zhnews"]`` as JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipeline.evaluate.gold import GoldArticle, GoldMention, norm_from_json, norm_to_json
from pipeline.interop.metadata import metadata, restored

KEY = "zhnews"


def write_characters(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write docs whose tokens are characters."""
    return _write(path, articles, list)


def write_jieba(path: Path, articles: Sequence[GoldArticle]) -> Counter[str]:
    """Write docs whose tokens are jieba's, of the simplified text."""
    from pipeline.normalize import Normalizer
    from pipeline.segment import Segmenter

    normalizer, segmenter = Normalizer(), Segmenter()

    def words(text: str) -> list[str]:
        found, at = [], 0
        for start, end in segmenter.tokens(normalizer(text).text):
            found += list(text[at:start])
            found.append(text[start:end])
            at = end
        return [*found, *text[at:]]

    return _write(path, articles, words)


def read(path: Path) -> list[GoldArticle]:
    """Read a DocBin of this project or of others (their ``doc.ents`` are the mentions)."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    docs = DocBin().from_disk(path).get_docs(Vocab())
    return [_article(doc, f"{path.stem}-{n}") for n, doc in enumerate(docs)]


def _write(
    path: Path, articles: Sequence[GoldArticle], words_of: Callable[[str], list[str]]
) -> Counter[str]:
    from spacy.tokens import Doc, DocBin
    from spacy.util import filter_spans
    from spacy.vocab import Vocab

    vocab = Vocab()
    lost: Counter[str] = Counter()
    docs = DocBin(store_user_data=True)
    for article in articles:
        words = words_of(article.text)
        doc = Doc(vocab, words=words, spaces=[False] * len(words))
        spans = []
        norms: dict[str, Any] = {}
        for m in article.mentions:
            span = doc.char_span(m.start, m.end, label=m.label)
            if span is None:
                lost["mentions not on token edges"] += 1
                continue
            spans.append(span)
            if m.norm is not None or m.score is not None:
                norms[f"{m.start}-{m.end}-{m.label}"] = [norm_to_json(m.norm), m.score]
        doc.set_ents(filter_spans(spans))
        doc.spans[KEY] = spans
        doc.user_data[KEY] = json.dumps({**metadata(article), "norms": norms}, ensure_ascii=False)
        docs.add(doc)
    docs.to_disk(path)
    return lost


def _article(doc: Any, fallback: str) -> GoldArticle:
    free = json.loads(doc.user_data.get(KEY, "{}"))
    norms = free.get("norms", {})
    mentions = []
    for ent in doc.spans.get(KEY, doc.ents):
        norm, score = norms.get(f"{ent.start_char}-{ent.end_char}-{ent.label_}", (None, None))
        mentions.append(
            GoldMention(
                ent.start_char, ent.end_char, ent.label_, ent.text, norm_from_json(norm), score
            )
        )
    return restored(free, doc.text, mentions, fallback)
