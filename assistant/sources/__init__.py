"""Files, folders and bytes read as articles.

`formats` says which kinds of files there are and which module reads each. Nothing here knows what becomes of
the articles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.errors import SourceError
from assistant.sources import clean, files, formats, ignoring
from assistant.sources.formats import SUFFIXES
from assistant.types import Article, Failure

ParseFile = Callable[[Path, str], Iterator[Article | Failure]]
ParseBytes = Callable[[bytes, str], Iterator[Article | Failure]]


__all__ = [
    "SUFFIXES",
    "ParseBytes",
    "ParseFile",
    "count_files",
    "entries",
    "is_address",
    "parse_bytes",
    "parse_file",
    "read",
    "read_bytes",
    "read_entry",
    "without_password",
]


def parse_file(path: Path, name: str, fields: Mapping[str, str] | None = None) -> Iterator[Article | Failure]:
    """Parse one file, in this process and without limits; see `parsers` for the other way.

    Args:
        path: The file; not a symbolic link.
        name: What it is called; its suffix says which kind of file it is where its content does not.
        fields: For tables and JSON: field of an article to the name of its column; see `tabular`.

    Yields:
        What its reader finds, and a failure if it cannot be read as a whole.

    Raises:
        MemoryError: If there is not enough memory.
    """
    try:
        data = files.load(path, name)
    except SourceError as error:
        yield Failure(error.name, error.reason, error.hint)
    else:
        yield from parse_bytes(data, name, fields)


def parse_bytes(
    data: bytes, name: str, fields: Mapping[str, str] | None = None
) -> Iterator[Article | Failure]:
    """Parse the bytes of a file; as `parse_file`."""
    try:
        yield from formats.read(data, name, fields)
    except SourceError as error:
        if isinstance(error.__cause__, MemoryError):
            raise error.__cause__ from None
        yield Failure(error.name, error.reason, error.hint)


def read(path: Path, *, parse: ParseFile = parse_file) -> Iterator[Article | Failure]:
    """Read a file, or every file of a folder.

    A folder is read at any depth, in the order of the paths within it. Hidden files and folders, data folders
    of ours below it, the README.md at its top and what its `.assistantignore` names are left out; what leads
    out of the folder is not followed.

    Args:
        path: A file or a folder.
        parse: What parses a file.

    Yields:
        Articles, and a failure for each file, or part of a file, that is none. An article of a folder has the
        folder as its `root` and the POSIX path within it as its `path`; failures are named by that path. Of a
        single file, `root` is empty and `path` the whole path. The path of a part of a file, such as a row of
        a table, ends with "#" and the row's id, title or number.
    """
    root, found = entries(path)
    for entry in found:
        yield from read_entry(entry, root, parse=parse)


def entries(path: Path, *, ignore: Sequence[str] = ()) -> tuple[str, list[files.Entry]]:
    """Find the files to read, without opening any.

    Args:
        path: A file or a folder.
        ignore: Patterns of what to leave out of a folder, beside those of its `.assistantignore`.

    Returns:
        (the folder, empty for a single file; the files in the order in which they are read).
    """
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as exc:  # links in a circle, a NUL in the name
        reason = files.explain(exc) if isinstance(exc, OSError) else "it cannot be opened"
        return "", [files.Entry(path, clean.printable(str(path)), reason)]
    if resolved.is_dir():
        root = clean.printable(str(resolved))
        try:
            is_ignored = ignoring.ignored_in(resolved, ignore)
        except SourceError as error:  # what it would leave out may be private: nothing is read
            return root, [files.Entry(resolved, ".", f"{error.name}: {error.reason}")]
        return root, files.walk(resolved, is_ignored=is_ignored)
    return "", [files.Entry(resolved, clean.printable(resolved.as_posix()), *files.examine(resolved))]


def read_entry(
    entry: files.Entry, root: str, *, parse: ParseFile = parse_file
) -> Iterator[Article | Failure]:
    """Read one of the files that `entries` found.

    Args:
        entry: The file.
        root: The folder that its articles belong to; empty if to none.
        parse: What parses a file.

    Yields:
        Its articles, and a failure for each part of it that is none.
    """
    if entry.problem:
        yield Failure(entry.place, entry.problem)
        return
    for item in parse(entry.path, entry.place):
        yield replace(item, root=root, path=entry.place + item.path) if isinstance(item, Article) else item


def read_bytes(data: bytes, name: str, *, parse: ParseBytes = parse_bytes) -> list[Article | Failure]:
    """Read the bytes of a file, such as an upload.

    Args:
        data: The bytes.
        name: The file's name; its suffix says which kind of file it is where its content does not.
        parse: What parses the bytes.

    Returns:
        At least one article, and a failure for each part of the file that is none. `root` and `path` of the
        articles are empty.

    Raises:
        SourceError: If there is no article in it.
    """
    name = clean.printable(name)
    found = list(parse(data, name))
    failures = [item for item in found if isinstance(item, Failure)]
    if len(failures) == len(found):
        raise SourceError(failures[0].name, failures[0].reason, hint=failures[0].hint)
    return [replace(item, path="") if isinstance(item, Article) else item for item in found]


def is_address(text: str) -> bool:
    """Whether this is meant as a web address and not as the path of a file."""
    return text.lstrip().lower().startswith(("http://", "https://"))


def without_password(address: str) -> str:
    """A web address without the name and password that some carry."""
    return re.sub(r"(?<=//)[^/?#\s]*@", "", address)


def count_files(found: Sequence[files.Entry]) -> int:
    """How many of these files have names of a kind that is read; each counts as one, whatever is in it."""
    return sum(not entry.problem and formats.is_known(entry.place) for entry in found)
