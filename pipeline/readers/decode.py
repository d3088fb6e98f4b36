"""Bytes to text: UTF-8, UTF-16/32, Big5 and GB18030, never a guess that reads as nonsense.

Order: byte-order mark, strict UTF-8, then the Chinese encodings. Each candidate has to decode
strictly; charset-normalizer's guess and the share of frequent Chinese characters then decide
(its guess alone mixes up Big5 and GB18030 on short texts). What nothing explains raises.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache

from pipeline.errors import ConfigError, ReadError
from pipeline.resources import read_lexicon

SAMPLE_BYTES = 64 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip or Office file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x7fELF", "a program"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "a SQLite file"),
)
_CHINESE = ("cp950", "big5hkscs", "gb18030")
_WIDE = ("utf-16-le", "utf-16-be")
_MIN_SCORE = 0.25
"""Share of frequent characters below which a decoding is nonsense (real news: 0.6 and more;
a wrong decoding: below 0.15)."""
_LIBRARY_BONUS = 0.05
_MAX_CONTROLS = 0.02
_ASCII = re.compile(r"[\x00-\x7f]+")


def decode(raw: bytes, forced: str | None = None) -> tuple[str, str]:
    """The text of ``raw`` without its byte-order mark, and the name of its encoding.

    ``forced`` names an encoding to use instead of detecting one. Raises ``ReadError``
    (``binary``, ``undecodable``) and ``ConfigError`` where ``forced`` is no known encoding.
    """
    encoding = forced_codec(forced) if forced else detect(raw)
    try:
        return raw.decode(encoding), _public_name(encoding, raw)
    except UnicodeDecodeError as error:
        raise ReadError(
            "undecodable",
            f"byte 0x{raw[error.start]:02x} at offset {error.start} is not valid {encoding}",
        ) from error


def forced_codec(name: str) -> str:
    """The Python codec for an encoding that the user named."""
    try:
        found = codecs.lookup(name).name
        "".encode(found)
    except LookupError as error:
        raise ConfigError(
            f"input.encoding {name!r} is unknown; use utf-8, utf-16, big5 or gb18030"
        ) from error
    return {"utf-8": "utf-8-sig", "gbk": "gb18030", "gb2312": "gb18030", "big5": "cp950"}.get(
        found, found
    )


def detect(raw: bytes) -> str:
    """The codec that reads ``raw`` strictly and as Chinese. Raises ``ReadError``."""
    for bom, codec in _BOMS:
        if raw.startswith(bom):
            return codec
    for magic, what in _MAGIC:
        if raw.startswith(magic):
            raise ReadError("binary", f"this is {what}, no text")
    sparse = raw[:SAMPLE_BYTES].count(0) > len(raw[:SAMPLE_BYTES]) // 20
    utf8_error: UnicodeDecodeError | None = None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        utf8_error = error
    else:
        if not sparse:
            if _controls(text[:SAMPLE_BYTES]) <= _MAX_CONTROLS:
                return "utf-8"
            # A few characters of UTF-16 can happen to be valid UTF-8.
            if (wide := _best(raw, _WIDE)) is None:
                raise ReadError("binary", "mostly control characters, no text")
            return wide
    found = _best(raw, _WIDE if sparse else (*_CHINESE, *_WIDE))
    if found is not None:
        return found
    sample = raw[:SAMPLE_BYTES]
    junk = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in sample)
    if sparse or junk > len(sample) * _MAX_CONTROLS:
        raise ReadError("binary", "looks like a binary file, no text")
    where = f" (no UTF-8 at byte {utf8_error.start})" if utf8_error else ""
    raise ReadError(
        "undecodable",
        f"neither UTF-8, UTF-16, Big5 nor GB18030{where}; name its encoding with --encoding",
    )


def best_chinese(raw: bytes) -> str | None:
    """A short name read as GB18030 or Big5, whichever reads as Chinese; None for neither."""
    codec = _best(raw, _CHINESE, library=False)
    return raw.decode(codec) if codec else None


def plausibility(text: str) -> float:
    """Share of frequent Chinese characters among the non-ASCII ones; odd characters count against.

    0 for text without any Chinese character.
    """
    common = _common()
    good = bad = total = 0
    for char in text:
        if char < "\x80":
            bad += char < " " and char not in "\t\n\r\f"
            continue
        total += 1
        if char in common:
            good += 1
        elif unicodedata.category(char) in ("Co", "Cn", "Cc", "Cs"):
            bad += 1
    return max(0.0, (good - 2 * bad) / total) if total else 0.0


def _best(raw: bytes, codecs_: tuple[str, ...], library: bool = True) -> str | None:
    scored: list[tuple[float, str]] = []
    for codec in codecs_:
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        sample = text[:SAMPLE_BYTES]
        if sample.isascii():
            sample = _ASCII.sub("", text)[:SAMPLE_BYTES]
        scored.append((plausibility(sample), codec))
    scored = [(score, codec) for score, codec in scored if score >= _MIN_SCORE]
    if len(scored) > 1 and library:
        guess = _library_guess(raw)
        scored = [(s + _LIBRARY_BONUS * (_family(c) == guess), c) for s, c in scored]
    # max keeps the first of equals: cp950 before its superset.
    return max(scored, key=lambda pair: pair[0])[1] if scored else None


def _library_guess(raw: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:SAMPLE_BYTES], cp_isolation=["big5", "gb18030", "utf_16"]).best()
    return _family(best.encoding) if best else None


def _family(codec: str) -> str:
    name = codec.replace("_", "-")
    for family in ("utf-16", "gb", "big5"):
        if name.startswith(family):
            return family
    return "big5" if name == "cp950" else name


def _public_name(codec: str, raw: bytes) -> str:
    if codec == "utf-16":
        return "utf-16-le" if raw.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    if codec == "utf-8-sig":
        return "utf-8-sig" if raw.startswith(codecs.BOM_UTF8) else "utf-8"
    return {"cp950": "big5"}.get(codec, codec)


def _controls(text: str) -> float:
    bad = sum(char < " " and char not in "\t\n\r\f\x00\x0b" for char in text)
    return bad / len(text) if text else 0.0


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    rows = read_lexicon("reader_common_characters")
    return frozenset(row.term for row in rows) | frozenset("，。、；：？！「」『』（）《》“”…—　")
