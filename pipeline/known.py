"""Which articles earlier runs have done: a file of sorted 16-byte hashes, looked up by halving.

A million articles take 16 MB, once per worker; the manifest, which knows more, stays where the
run is started.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

_WIDTH = 16


class Known:
    """The hashes of one file; nothing is known where there is no file."""

    def __init__(self, path: str | None) -> None:
        self._hashes = _load(path) if path is not None else b""

    def __contains__(self, hexadecimal: str) -> bool:
        wanted = bytes.fromhex(hexadecimal)
        low, high = 0, len(self._hashes) // _WIDTH
        while low < high:
            middle = (low + high) // 2
            found = self._hashes[middle * _WIDTH : (middle + 1) * _WIDTH]
            if found == wanted:
                return True
            if found < wanted:
                low = middle + 1
            else:
                high = middle
        return False


def write_known(path: Path, hexadecimals: Iterable[str]) -> bool:
    """Write hashes that come sorted; whether there were any."""
    with path.open("wb") as file:
        for hexadecimal in hexadecimals:
            file.write(bytes.fromhex(hexadecimal))
        return file.tell() > 0


@lru_cache(maxsize=1)
def _load(path: str) -> bytes:
    return Path(path).read_bytes()
