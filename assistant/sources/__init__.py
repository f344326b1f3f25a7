"""Files, folders and bytes read as articles.

`READERS` says which module reads which kind of file; a new format is one small module and one line there.
Nothing here knows what becomes of the articles.

A reader takes the bytes of a file and its name. It yields an `Article` for each article in the file and a
`Failure` for each part that is none, and raises `SourceError` if the file as a whole cannot be read. The path
of an article that is only a part of its file says where in the file it stands, such as "#7".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from assistant.errors import SourceError
from assistant.sources import clean, files, jsonl, markdown, text
from assistant.types import Article, Failure

Reader = Callable[[bytes, str], Iterator[Article | Failure]]
ParseFile = Callable[[Path, str], Iterator[Article | Failure]]
ParseBytes = Callable[[bytes, str], Iterator[Article | Failure]]


def _read_html(data: bytes, name: str) -> Iterator[Article]:
    from assistant.sources import html  # only now: it brings trafilatura, a tenth of a search's time

    return html.read(data, name)


READERS: dict[str, Reader] = {
    ".txt": text.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".html": _read_html,
    ".htm": _read_html,
    ".jsonl": jsonl.read,
}

__all__ = [
    "READERS",
    "ParseBytes",
    "ParseFile",
    "Reader",
    "count_files",
    "is_address",
    "parse_bytes",
    "parse_file",
    "read",
    "read_bytes",
]


def parse_file(path: Path, name: str) -> Iterator[Article | Failure]:
    """Parse one file, in this process and without limits; see `parsers` for the other way.

    Args:
        path: The file; not a symbolic link.
        name: What it is called; its suffix says which kind of file it is.

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
        yield from parse_bytes(data, name)


def parse_bytes(data: bytes, name: str) -> Iterator[Article | Failure]:
    """Parse the bytes of a file; as `parse_file`."""
    try:
        yield from _reader(name)(data, name)
    except SourceError as error:
        if isinstance(error.__cause__, MemoryError):
            raise error.__cause__ from None
        yield Failure(error.name, error.reason, error.hint)


def read(path: Path, *, parse: ParseFile = parse_file) -> Iterator[Article | Failure]:
    """Read a file, or every file of a folder.

    A folder is read at any depth, in the order of the paths within it. Hidden files and folders and the
    README.md at its top are left out; what leads out of the folder is not followed.

    Args:
        path: A file or a folder.
        parse: What parses a file.

    Yields:
        Articles, and a failure for each file, or part of a file, that is none. An article of a folder has the
        folder as its `root` and the POSIX path within it as its `path`; failures are named by that path. Of a
        single file, `root` is empty and `path` the whole path. The path of a row of a .jsonl file ends with
        "#" and the row's id, title or number.
    """
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as exc:  # links in a circle, a NUL in the name
        reason = files.explain(exc) if isinstance(exc, OSError) else "it cannot be opened"
        yield Failure(clean.printable(str(path)), reason)
        return
    if resolved.is_dir():
        yield from _read_folder(resolved, parse)
    else:
        yield from _read_file(resolved, parse, root="", place=clean.printable(resolved.as_posix()))


def read_bytes(data: bytes, name: str, *, parse: ParseBytes = parse_bytes) -> list[Article | Failure]:
    """Read the bytes of a file, such as an upload.

    Args:
        data: The bytes.
        name: The file's name; its suffix says which kind of file it is.
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


def count_files(path: Path) -> int:
    """Count the files that `read` would read; a .jsonl file counts as one."""
    if path.is_dir():
        entries = files.walk(path.resolve())
        return sum(1 for entry in entries if not entry.problem and _suffix(entry.place) in READERS)
    return int(path.is_file() and _suffix(path.name) in READERS)


def _read_folder(folder: Path, parse: ParseFile) -> Iterator[Article | Failure]:
    root = clean.printable(str(folder))
    for file, place, problem in files.walk(folder):
        if problem:
            yield Failure(place, problem)
        else:
            yield from _read_file(file, parse, root=root, place=place)


def _read_file(file: Path, parse: ParseFile, *, root: str, place: str) -> Iterator[Article | Failure]:
    for item in parse(file, place):
        yield replace(item, root=root, path=place + item.path) if isinstance(item, Article) else item


def _reader(name: str) -> Reader:
    suffix = _suffix(name)
    if suffix not in READERS:
        kind = suffix or "no suffix"
        hint = f"Files that can be read: {', '.join(READERS)}."
        raise SourceError(name, f"this kind of file cannot be read yet ({kind})", hint=hint)
    return READERS[suffix]


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
