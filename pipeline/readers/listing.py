"""Which sources an input holds: folders (recursive, by glob), files, archives, URLs, stdin."""

from __future__ import annotations

import logging
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from pipeline.config import InputConfig
from pipeline.errors import InputError
from pipeline.readers.archive import list_members
from pipeline.readers.source import READABLE, Format, Source, format_of, printable
from pipeline.storage import StorageError, is_url, list_files, local_path, name_of, shown_url

_log = logging.getLogger(__name__)


def list_sources(
    inputs: Sequence[str], config: InputConfig, own: Path | None = None
) -> list[Source]:
    """Everything that ``inputs`` hold, in a stable order with unique ids.

    A folder is searched recursively for readable suffixes; hidden files are left out, and so are
    files that ``config.glob`` does not match (a pattern without ``/`` matches file names at any
    depth). A file named explicitly is read whatever its suffix; ``-`` is standard input. A URL
    (``s3://bucket/folder``) is listed as a folder is. Folders that cannot be opened become
    sources, so that reading reports them. The folder ``own``, where a run writes, is no input.

    Raises ``InputError`` where an input does not exist or there is nothing to read, and
    ``ConfigError`` where a URL's protocol needs a package that is not installed.
    """
    matches = _glob_pattern(config.glob)
    roots: list[tuple[str, list[Source]]] = []
    skipped: Counter[str] = Counter()
    for given in map(local_path, inputs):
        if given == "-":
            found = [Source("-", "-", 0)]
        elif is_url(given):
            found = list(_stored(given, matches, skipped))
        elif (path := Path(given)).is_dir():
            found = list(_folder(path, matches, skipped, own))
        elif path.exists() and not _is_file(path):
            raise InputError(
                f"input {printable(given)!r} is a pipe or a device: send it to - instead"
            )
        elif path.exists() or path.is_symlink():
            found = list(_file(path, path.name))
        else:
            raise InputError(f"input {printable(given)!r} does not exist")
        roots.append((given, found))
    sources = _unique(roots)
    if skipped:
        kinds = ", ".join(
            f"{n} {suffix or 'without suffix'}" for suffix, n in skipped.most_common(5)
        )
        _log.warning("left out %d files of other kinds (%s)", sum(skipped.values()), kinds)
    if not sources:
        seen = f"; {sum(skipped.values())} files of other kinds were left out" if skipped else ""
        raise InputError(
            f"nothing to read in {', '.join(map(printable, inputs)) or 'no input'} "
            f"(glob {config.glob!r}): readable are {READABLE}{seen}"
        )
    return sources


def _folder(
    root: Path, matches: re.Pattern[str], skipped: Counter[str], own: Path | None
) -> Iterator[Source]:
    unopened: list[str] = []
    left_out = os.path.realpath(own) if own is not None else ""
    if os.path.realpath(root) == left_out:
        raise InputError(f"{root} is input and output at once: give another folder for the tables")

    def note(error: OSError) -> None:
        unopened.append(str(error.filename))

    for folder, names, files in os.walk(root, onerror=note):
        if os.path.realpath(folder) == left_out:
            names.clear()
            continue
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in names:
            if Path(folder, name).is_symlink():
                _log.warning("left out %s: links to folders are not followed", Path(folder, name))
        for name in files:
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            if name.startswith(".") or not matches.fullmatch(relative):
                continue
            if format_of(name)[0] is None and not name.lower().endswith(".gz"):
                skipped[path.suffix.lower()] += 1
                continue
            if not _is_file(path):
                skipped["pipe or device"] += 1
                continue
            yield from _file(path, relative)
    for lost in unopened:
        relative = Path(lost).relative_to(root).as_posix()
        yield Source(printable(root.name if relative == "." else relative), lost, 0)


def _stored(url: str, matches: re.Pattern[str], skipped: Counter[str]) -> Iterator[Source]:
    try:
        files = list_files(url)
    except StorageError as error:
        raise InputError(f"input {error}") from error
    if not files:
        raise InputError(f"input {shown_url(url)!r} does not exist, or holds no file")
    for file in files:
        parts = file.name.split("/")
        if file.name:
            if any(part.startswith(".") for part in parts) or not matches.fullmatch(file.name):
                continue
            if format_of(parts[-1])[0] is None and not parts[-1].lower().endswith(".gz"):
                skipped[PurePosixPath(parts[-1]).suffix.lower()] += 1
                continue
        name = printable(file.name or name_of(url))
        yield from _members(
            Source(name, file.url, file.size, mtime_ns=file.mtime_ns, version=file.version)
        )


def _is_file(path: Path) -> bool:
    """Whether opening it gives an end: a pipe may never. What cannot be looked at is reported."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return True
    return stat.S_ISREG(mode)


def _file(path: Path, relative: str) -> Iterator[Source]:
    name = printable(relative)
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    yield from _members(Source(name, str(path), size))


def _members(source: Source) -> Iterator[Source]:
    if format_of(source.path)[0] is not Format.ZIP:
        yield source
        return
    members = list_members(source)
    yield from members or [source]


def _unique(roots: Sequence[tuple[str, list[Source]]]) -> list[Source]:
    """Sources sorted by id; ids that two inputs share are put under the inputs as given."""
    seen: set[tuple[str, str | None]] = set()
    kept: list[tuple[str, Source]] = []
    for given, found in roots:
        for source in found:
            plain = source.path == "-" or is_url(source.path)
            key = (source.path if plain else os.path.realpath(source.path), source.member)
            if key not in seen:
                seen.add(key)
                kept.append((given, source))
    counts = Counter(source.id for _, source in kept)
    sources = []
    for given, source in kept:
        if counts[source.id] == 1:
            sources.append(source)
            continue
        sources.append(replace(source, id=f"{_prefix(given, source)}/{source.id}"))
    return sorted(sources, key=lambda source: (source.id, source.member or ""))


def _prefix(given: str, source: Source) -> str:
    if is_url(given):
        shown = shown_url(given).rstrip("/")
        return shown.rpartition("/")[0] if given == source.path else shown
    root = Path(given)
    return printable((root.parent if root.is_file() else root).as_posix())


def _glob_pattern(glob: str) -> re.Pattern[str]:
    if "/" not in glob:
        glob = f"**/{glob}"
    out = []
    for part in re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|.", glob, re.DOTALL):
        if part == "**/":
            out.append(r"(?:[^/]+/)*")
        elif part == "**":
            out.append(r".*")
        elif part == "*":
            out.append(r"[^/]*")
        elif part == "?":
            out.append(r"[^/]")
        elif part.startswith("[") and len(part) > 1:
            body = part[1:-1].replace("\\", r"\\")
            out.append(f"[^{body[1:]}]" if body.startswith("!") else f"[{body}]")
        else:
            out.append(re.escape(part))
    return re.compile("".join(out), re.DOTALL)
