"""The project's own errors. Each message says what is wrong and how to mend it.

ZhnewsError
├── ConfigError        a key, a value or a combination that cannot be used  (exit 2)
├── InputError         the input or output location as a whole is unusable  (exit 2)
├── ReadError          one article cannot be read      -> a row in ``errors``
├── NormalizeError     conversion would change a length -> a row in ``errors``
├── OffsetError        a mention does not equal the text at its offsets (a defect)
├── NumeralError       a numeral with an unknown or misplaced character -> a diagnostic
├── StageError         a stage cannot be found or built
├── BackendError       an NER engine or its model cannot be loaded or used
├── SchemaError        rows that do not fit the table schema
├── EngineError        workers cannot be started, or fail outside any article (exit 1)
├── OutputError        the output cannot be written                          (exit 1)
├── LockedError        another run holds the output folder                   (exit 2)
└── StaleError         the output was made with other settings               (exit 2)
"""

from __future__ import annotations


class ZhnewsError(Exception):
    """Root of every error that this project raises on purpose."""


class ConfigError(ZhnewsError):
    """A configuration key, value or combination that cannot be used."""


class InputError(ZhnewsError):
    """The input or the output location as a whole is unusable."""


class ReadError(ZhnewsError):
    """One article cannot be read; ``reason`` is a short stable code for the errors table."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[ReadError], tuple[str, str]]:
        return type(self), (self.reason, str(self))


class NormalizeError(ZhnewsError):
    """A conversion would have changed the length of a text."""


class OffsetError(ZhnewsError):
    """A mention's text differs from the article's characters at its offsets."""


class NumeralError(ZhnewsError):
    """A numeral that the strict parser does not accept."""


class StageError(ZhnewsError):
    """A stage cannot be found or built."""


class BackendError(ZhnewsError):
    """An NER engine or its model cannot be loaded or used."""


class SchemaError(ZhnewsError):
    """Rows that do not fit the table schema."""


class EngineError(ZhnewsError):
    """Workers cannot be started, or fail outside any article."""


class OutputError(ZhnewsError):
    """The output cannot be written: the disk is full, or the folder may not be written to."""


class LockedError(ZhnewsError):
    """Another run holds the output folder."""


class StaleError(ZhnewsError):
    """The output folder was made with another configuration, and mixing is refused."""
