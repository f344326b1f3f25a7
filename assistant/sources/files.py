"""The files of a folder, in a fixed order and read safely; and in words, why one cannot be read.

It knows the file system, what marks a data folder of ours, and nothing of formats. Nothing outside the
folder is opened, nor anything but regular files.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from assistant.errors import SourceError
from assistant.sources import clean
from assistant.stores import CATALOG_NAME

MAX_FILE_BYTES = 50_000_000
DESCRIPTION = "README.md"  # at the top of a folder: it describes the folder and is no article of it

UNREADABLE_HINT = "Check that it is there and that you may read it."
NOT_A_FILE = "it is not a file but a pipe, a socket or a device"


class Stamp(NamedTuple):
    """What changes when a file does: a writer can set back the first time, but not the second."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """The stamp of a file of this status."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


class Entry(NamedTuple):
    """Something in a folder."""

    path: Path
    place: str  # POSIX path within the folder, so that it can be stored and shown
    problem: str  # why it is not read; empty for a regular file
    stamp: Stamp | None = None  # of a regular file, when it was seen


def walk(folder: Path, *, is_ignored: Callable[[str], bool] = lambda _path: False) -> list[Entry]:
    """Find what a folder holds, at any depth, in the order of the places within it.

    Hidden files and folders, data folders of ours below it, links to what is in the folder anyway, and the
    README.md at its top are left out.

    Args:
        folder: The folder, with no symbolic link in its path.
        is_ignored: Whether a path within it is left out; that of a folder ends with "/".

    Returns:
        Its regular files, and what is not read with the reason.
    """
    found: list[Entry] = []
    folders = [folder]
    while folders:
        for path, problem, stamp in _scan(folders.pop(), folder):
            place = path.relative_to(folder).as_posix()
            if is_ignored(f"{place}/" if problem is None else place):
                continue
            if problem is None:
                folders += [] if holds_corpus(path) else [path]
            else:
                found.append(Entry(path, clean.printable(place), problem, stamp))
    return sorted((entry for entry in found if entry.place != DESCRIPTION), key=lambda entry: entry.place)


def holds_corpus(folder: Path) -> bool:
    """Whether this is a data folder, whose files are nobody's articles; what is no folder is none."""
    try:
        return stat.S_ISREG((folder / CATALOG_NAME).lstat().st_mode)
    except OSError:
        return False


def load(path: Path, name: str) -> bytes:
    """Read the bytes of a regular file of at most `MAX_FILE_BYTES`.

    Args:
        path: The file; not a symbolic link.
        name: What to call it in an error.

    Returns:
        Its bytes.

    Raises:
        SourceError: If it cannot be read, is too large, or is not a regular file.
    """
    with opened(path, name) as file:
        return file.read(MAX_FILE_BYTES)


@contextmanager
def opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Open a file as `load` does; what goes wrong while it is read is a SourceError, too."""
    try:
        with open(path, "rb", opener=_open_safely) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceError(name, NOT_A_FILE, hint="")
            if size(file) > MAX_FILE_BYTES:
                raise SourceError(name, _too_large(size(file)), hint="Split it into smaller files.")
            yield file
    except OSError as exc:
        raise SourceError(name, explain(exc), hint=UNREADABLE_HINT) from exc


def size(file: IO[bytes]) -> int:
    """Bytes of an open file."""
    return os.fstat(file.fileno()).st_size


def examine(path: Path) -> tuple[str, Stamp | None]:
    """Look at a file without opening it.

    Args:
        path: The file; not a symbolic link.

    Returns:
        Why it cannot be read, empty if it is a regular file; and the stamp of a regular file.
    """
    try:
        status = path.lstat()
    except OSError as exc:
        return explain(exc), None
    return ("", Stamp.of(status)) if stat.S_ISREG(status.st_mode) else (NOT_A_FILE, None)


def explain(error: OSError) -> str:
    """Why the system did not give us a file, in words."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, PermissionError):
        return "reading it is not allowed"
    return f"it cannot be read ({error.strerror or type(error).__name__})"


def _scan(folder: Path, root: Path) -> Iterator[tuple[Path, str | None, Stamp | None]]:
    # Each entry with its problem and stamp; a problem of None stands for a folder to look into.
    try:
        entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except OSError as exc:
        yield folder, explain(exc), None
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_symlink():
            if problem := _link_problem(path, root):
                yield path, problem, None
        elif entry.is_dir(follow_symlinks=False):
            yield path, None, None
        else:
            yield path, *examine(path)


def _link_problem(link: Path, root: Path) -> str:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: links in a circle
        return "it is a link that leads nowhere"
    return "" if target.is_relative_to(root) else "it is a link that leads out of the folder"


def _open_safely(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe must not block us


def _too_large(size: int) -> str:
    return f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB ({size / 1_000_000:.0f} MB)"
