"""ZIP archives read as articles: each file in one by its own reader, archives within archives to a depth.

An article's path within the archive is that of its file, "/2024/report.html", so it stays the same article
when the archive is packed anew. It knows how much may be taken from an archive in all; how one is opened
safely is `safezip`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.errors import SourceError
from assistant.sources import clean, formats, safezip
from assistant.types import Article, Failure

MAX_DEPTH = 3  # archives within archives, the outermost counted
NOISE = "__MACOSX"  # folder in which one system keeps what another does not understand


@dataclass
class _Taken:
    """What was taken so far from an archive and all those within it."""

    members: int = 0
    size: int = 0


def read(data: bytes, name: str) -> Iterator[Article | Failure]:
    """Read an archive; hidden files in it are left out.

    Args:
        data: Its bytes.
        name: Its name, for errors and as the beginning of the names of its files.

    Yields:
        The articles of its files in the order of their names, and a failure for each file, or part of one,
        that is none.

    Raises:
        SourceError: If it is damaged, holds too much, or holds no file.
    """
    found = _read(data, name, 1, _Taken())
    first = next(found, None)
    if first is None:
        raise SourceError(name, "there is no file in it", hint=safezip.HINT)
    yield first
    yield from found


def _read(data: bytes, name: str, depth: int, taken: _Taken) -> Iterator[Article | Failure]:
    if depth > MAX_DEPTH:
        reason = f"archives within archives are opened to a depth of {MAX_DEPTH}"
        raise SourceError(name, reason, hint=safezip.HINT)
    with safezip.opened(data, name) as archive:
        taken.members += len(archive.members)
        if taken.members > safezip.MAX_MEMBERS:
            reason = f"with the archives around it, it holds more than {safezip.MAX_MEMBERS:,} files"
            raise SourceError(name, reason, hint=safezip.HINT)
        for member in sorted(archive.members):
            place = clean.printable(member.name.replace("\\", "/"))
            if not _is_noise(place):
                yield from _read_member(archive, member, f"/{place}", name, depth, taken)


def _read_member(
    archive: safezip.Archive, member: safezip.Member, place: str, name: str, depth: int, taken: _Taken
) -> Iterator[Article | Failure]:
    inner = name + place
    if member.problem:
        yield Failure(inner, member.problem, safezip.HINT)
        return
    try:
        data = archive.read(member.name)
        taken.size += len(data)
        if taken.size > safezip.MAX_TOTAL_BYTES:
            limit = f"{safezip.MAX_TOTAL_BYTES // 1_000_000} MB"
            raise SourceError(inner, f"more than {limit} came out of the archive by now", hint=safezip.HINT)
        is_archive = formats.kind(data, inner) == "zip"
        items = _read(data, inner, depth + 1, taken) if is_archive else formats.read(data, inner)
        for item in items:
            yield replace(item, path=place + item.path) if isinstance(item, Article) else item
    except SourceError as error:
        if isinstance(error.__cause__, MemoryError):
            raise
        yield Failure(error.name, error.reason, error.hint)


def _is_noise(place: str) -> bool:
    parts = place.split("/")
    return NOISE in parts or any(part.startswith(".") and part != ".." for part in parts)
