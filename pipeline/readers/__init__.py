"""Article readers: folders, files, archives and record files to ``Article``.

Start with ``list_sources`` (what there is to read) and ``read_source`` (articles, and a
``ReadFailure`` for each that cannot be had). Every format's library is imported in one file,
when a file of that format is read.
"""

from pipeline.readers.article import RecordFields, article_from_text
from pipeline.readers.listing import list_sources
from pipeline.readers.read import read_source
from pipeline.readers.source import ReadFailure, Source

__all__ = [
    "ReadFailure",
    "RecordFields",
    "Source",
    "article_from_text",
    "list_sources",
    "read_source",
]
