"""``nlp.add_pipe("zhnews")``: this extractor inside a user's spaCy pipeline.

    nlp = spacy.blank("zh")
    nlp.add_pipe("zhnews", config={"alignment": "expand"})
    doc = nlp(text)  # doc.ents, doc.spans["zhnews"]

An entry point tells spaCy where the factory is, so no import of this package is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from pipeline.interop.spacy_docs import SPANS, user_data

if TYPE_CHECKING:
    from pipeline.document import Document
    from pipeline.extractor import Extractor

ALIGNMENTS = ("strict", "contract", "expand")


class ZhnewsComponent:
    """Marks people, companies and quantities in docs of any tokenizer.

    A mention whose edges lie inside a token is dropped (``strict``), or moved to the token edges
    within (``contract``) or around it (``expand``); ``doc.user_data["zhnews"]`` has the exact
    offsets of all. Entities that the doc already has are kept, unless ``overwrite_ents``.
    """

    def __init__(self, config_path: str | None, alignment: str, *, overwrite_ents: bool) -> None:
        from pipeline.errors import ConfigError

        if alignment not in ALIGNMENTS:
            raise ConfigError(f"alignment must be one of {', '.join(ALIGNMENTS)}: {alignment!r}")
        self.config_path = config_path
        self.alignment = alignment
        self.overwrite_ents = overwrite_ents
        self._extractor: Extractor | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Mark one doc."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Mark docs, a batch at a time."""
        docs = iter(stream)
        while batch := list(islice(docs, batch_size)):
            extractions = self._loaded().extract_many(doc.text for doc in batch)
            for doc, extraction in zip(batch, extractions, strict=True):
                self._mark(doc, extraction.document)
                yield doc

    def __getstate__(self) -> dict[str, Any]:
        """Live engines do not pickle; they are loaded again where they are needed."""
        return {**self.__dict__, "_extractor": None}

    def _loaded(self) -> Extractor:
        if self._extractor is None:
            from pipeline.config import load_config
            from pipeline.extractor import Extractor

            path = Path(self.config_path) if self.config_path else None
            self._extractor = Extractor(load_config(path))
        return self._extractor

    def _mark(self, doc: Doc, document: Document) -> None:
        spans: list[Span] = []
        for m in document.mentions:
            span = doc.char_span(m.start, m.end, label=str(m.label), alignment_mode=self.alignment)
            if span is not None and len(span):
                spans.append(span)
        doc.spans[SPANS] = spans
        doc.user_data[SPANS] = user_data(document)
        kept = [] if self.overwrite_ents else list(doc.ents)
        taken = {token.i for ent in kept for token in ent}
        free = [span for span in spans if taken.isdisjoint(range(span.start, span.end))]
        doc.set_ents(filter_spans([*kept, *free]))


@Language.factory(
    "zhnews",
    assigns=["doc.ents", "doc.spans"],
    default_config={"config_path": None, "alignment": "expand", "overwrite_ents": False},
)
def create(
    nlp: Language, name: str, config_path: str | None, alignment: str, overwrite_ents: bool
) -> ZhnewsComponent:
    """The factory that spaCy calls."""
    return ZhnewsComponent(config_path, alignment, overwrite_ents=overwrite_ents)
