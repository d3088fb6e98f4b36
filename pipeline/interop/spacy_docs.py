"""Documents as spaCy docs, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pipeline.document import Article, Document, Sentence, Token
from pipeline.evaluate.gold import gold_label, norm_of, norm_to_json
from pipeline.extraction import Extraction

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

SPANS = "zhnews"
"""Key of all mentions in ``doc.spans``, and of the article's fields in ``doc.user_data``."""


def to_spacy(
    source: Document | Extraction, vocab: Vocab | None = None, *, characters: bool = False
) -> Doc:
    """A document as a spaCy ``Doc`` over its raw text, ready for displaCy.

    Tokens are jieba's, cut where a mention begins or ends (one in seven gold names of the MSRA
    test set has an edge inside a jieba word), or characters; so every mention has a span. They are
    in ``doc.ents`` (of overlapping ones the longest) and all in ``doc.spans["zhnews"]``; a span's
    ``id_`` is its key in the mentions table, its ``kb_id_`` the person or company that it names.
    ``doc.user_data["zhnews"]`` is JSON: article_id, and ``mentions`` with label, score and norm.
    """
    from spacy.tokens import Doc as SpacyDoc
    from spacy.util import filter_spans
    from spacy.vocab import Vocab as SpacyVocab

    from pipeline.tables import mention_id

    extraction = source if isinstance(source, Extraction) else Extraction(source)
    document = extraction.document
    text = document.article.text
    edges = _edges(document, characters=characters)
    words = [text[a:b] for a, b in pairwise(edges)]
    sentence_starts = {sentence.start for sentence in document.sentences}
    doc = SpacyDoc(
        vocab if vocab is not None else SpacyVocab(),
        words=words,
        spaces=[False] * len(words),
        sent_starts=[edge in sentence_starts for edge in edges[:-1]] if sentence_starts else None,
    )
    entity_of = {n: entity.id for entity in extraction.entities for n in entity.mentions}
    found = [
        doc.char_span(
            m.start,
            m.end,
            label=str(m.label),
            kb_id=entity_of.get(n, ""),
            span_id=mention_id(document.article.id, m),
        )
        for n, m in enumerate(document.mentions)
    ]
    spans = [span for span in found if span is not None]
    doc.spans[SPANS] = spans
    doc.set_ents(filter_spans(spans))
    doc.user_data[SPANS] = user_data(document)
    return doc


def from_spacy(
    doc: Doc, article_id: str = "text", labels: Mapping[str, str] | None = None
) -> Document:
    """A spaCy ``Doc`` as a document: its text, sentences, tokens and entities.

    Mentions are ``doc.spans["zhnews"]`` where there are any, else ``doc.ents``. ``labels`` maps the
    doc's labels to this project's; an empty string drops one, a label that is not in it stays.
    Normal forms are not carried back: run the extractor for those.
    """
    from pipeline.normalize import Normalizer

    normal = Normalizer()(doc.text)
    document = Document(
        Article(article_id, doc.text),
        normal.text,
        script=normal.script,
        conversion=normal.conversion,
        sentences=_sentences(doc),
        tokens=tuple(Token(t.idx, t.idx + len(t)) for t in doc if not t.is_space),
    )
    wanted = labels or {}
    held = _scores(doc)
    mentions = []
    for span in doc.spans.get(SPANS) or doc.ents:
        label = wanted.get(span.label_, span.label_)
        if label:
            start, end = span.start_char, span.end_char
            score = held.get((start, end, span.label_), 1.0)
            mentions.append(
                document.mention(start, end, label, score=score, stage="spacy", rule="ents")
            )
    return document.with_mentions(mentions)


def user_data(document: Document) -> str:
    """What spans cannot hold, as JSON."""
    mentions = [
        {
            "start": m.start,
            "end": m.end,
            "label": str(m.label),
            "gold_label": gold_label(m),
            "score": m.score,
            "norm": norm_to_json(norm_of(m)),
        }
        for m in document.mentions
    ]
    told = {"article_id": document.article.id, "mentions": mentions}
    return json.dumps(told, ensure_ascii=False)


def _edges(document: Document, *, characters: bool) -> list[int]:
    length = len(document.article.text)
    if characters:
        return list(range(length + 1))
    edges = {0, length}
    for stretches in (document.tokens, document.sentences, document.mentions):
        for stretch in stretches:
            edges.update((stretch.start, stretch.end))
    return sorted(edges)


def _sentences(doc: Doc) -> tuple[Sentence, ...]:
    if not doc.has_annotation("SENT_START"):
        return ()
    return tuple(Sentence(s.start_char, s.end_char) for s in doc.sents)


def _scores(doc: Doc) -> dict[tuple[int, int, str], float]:
    told: Any = doc.user_data.get(SPANS)
    rows: Iterable[Any] = json.loads(told).get("mentions", ()) if told else ()
    return {(row["start"], row["end"], row["label"]): row["score"] for row in rows}
