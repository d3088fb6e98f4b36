"""Annotation formats, both ways, and spaCy.

``read_corpus`` and ``write_corpus`` move annotated articles between the project's gold JSONL and
the forms of annotation tools and training code.
"""

from pipeline.interop.formats import FORMATS, read_corpus, write_corpus

__all__ = ["FORMATS", "read_corpus", "write_corpus"]
