"""ZIP archives opened with limits: how many members, how large, how much larger than they were packed.

The only importer of zipfile. It knows archives and nothing of what is in them; nothing is ever unpacked to
the disk. Sizes are counted while members are read, whatever their headers say.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import NamedTuple

from assistant.errors import SourceError
from assistant.sources import clean

MAX_MEMBERS = 2000
MAX_TOTAL_BYTES = 100_000_000  # unpacked, of all members together
MAX_RATIO = 200  # unpacked to packed; real XML stays below 100, deflate ends at 1,032
RATIO_FREE_BYTES = 1_000_000  # a member up to this size may have any ratio
MAX_RECORDS = 4 * MAX_MEMBERS  # of all directories in the file, those of archives inside of it included

HINT = "Unpack it with your own program and add what is in it."

_READ_BYTES = 1 << 20
_DIRECTORY_RECORD = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # LZMA may ask for gigabytes of memory
_IS_ENCRYPTED = 0x1
_PROBLEMS = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError),
    *(RuntimeError, ValueError, KeyError, IndexError, OverflowError),
)


class Member(NamedTuple):
    """A file in an archive."""

    name: str  # as the archive has it
    size: int  # bytes unpacked, as its header says
    problem: str  # why it is not read; empty if it can be


class Archive:
    """A ZIP archive in memory; close it, or use `opened`.

    Args:
        data: Its bytes.
        name: What to call it in an error.

    Raises:
        SourceError: If it is no archive, is damaged, or holds too much.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._read_bytes = 0
        if data.count(_DIRECTORY_RECORD) > MAX_RECORDS:  # before zipfile makes an object of each
            raise self._too_many()
        with _explained(name):
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(infos) > MAX_MEMBERS:
            raise self._too_many()
        if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
            raise self._too_large()
        self.members = tuple(_members(infos))

    def close(self) -> None:
        """Release the memory."""
        self._zip.close()

    def names(self) -> set[str]:
        """Names of the members that can be read."""
        return {member.name for member in self.members if not member.problem}

    def read(self, name: str) -> bytes:
        """Unpack one member.

        Args:
            name: One of `names()`.

        Returns:
            Its bytes.

        Raises:
            SourceError: If there is none of that name, it is damaged, or more was read from the archive by
                now than an archive may hold.
        """
        parts = []
        with _explained(self._name):
            info = self._zip.getinfo(name)
            with self._zip.open(info) as file:
                while part := file.read(_READ_BYTES):
                    self._read_bytes += len(part)
                    if self._read_bytes > MAX_TOTAL_BYTES:
                        raise self._too_large()
                    parts.append(part)
        return b"".join(parts)

    def _too_many(self) -> SourceError:
        return SourceError(self._name, f"it holds more than {MAX_MEMBERS:,} files", hint=HINT)

    def _too_large(self) -> SourceError:
        limit = f"{MAX_TOTAL_BYTES // 1_000_000} MB"
        return SourceError(self._name, f"what it holds is larger than {limit} when unpacked", hint=HINT)


@contextmanager
def opened(data: bytes, name: str) -> Iterator[Archive]:
    """An archive that is closed at the end of the block; arguments and errors are those of `Archive`."""
    archive = Archive(data, name)
    try:
        yield archive
    finally:
        archive.close()


def check(data: bytes, name: str) -> set[str]:
    """Read a whole archive once, so that a library may open it without a surprise.

    Args:
        data: The bytes of a document that is an archive, such as DOCX or EPUB.
        name: What to call it in an error.

    Returns:
        The names of its members.

    Raises:
        SourceError: If it is no archive, is damaged, holds too much, or any member has a problem.
    """
    with opened(data, name) as archive:
        for member in archive.members:
            if member.problem:
                raise SourceError(name, f"in it, {clean.printable(member.name)}: {member.problem}", hint=HINT)
            archive.read(member.name)
        return archive.names()


def _members(infos: list[zipfile.ZipInfo]) -> Iterator[Member]:
    taken: set[str] = set()
    for info in infos:
        problem = _problem(info) or ("a file of this name came before" if info.filename in taken else "")
        taken.add(info.filename)
        yield Member(info.filename, info.file_size, problem)


def _problem(info: zipfile.ZipInfo) -> str:
    if _leads_out(info.filename):
        return "its path leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link, not a file"
    if info.flag_bits & _IS_ENCRYPTED:
        return "it is locked with a password"
    if info.compress_type not in _METHODS:
        return "it is packed in a way that is not read here"
    if info.file_size > max(RATIO_FREE_BYTES, MAX_RATIO * info.compress_size):
        return f"it becomes more than {MAX_RATIO} times as large when unpacked"
    return ""


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in path.parts[0] if path.parts else True


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except SourceError:
        raise
    except _PROBLEMS as exc:
        reason = (
            "it is not a ZIP archive, or it is damaged"
            if isinstance(exc, zipfile.BadZipFile)
            else (f"the archive is damaged ({type(exc).__name__})")
        )
        raise SourceError(name, reason, hint="Check that it was copied whole.") from exc
