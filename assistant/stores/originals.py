"""The files that articles were read from, kept as they came: one file each in `originals/`, named by content.

A file is first staged, in a folder of this process, and settles under the write lock just before its article
is written; so what has settled and is not named by the catalog is left over, and may be swept. It knows
files and their hashes; which are worth keeping, and for which article, is for others to say.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from assistant.errors import CorpusError
from assistant.stores import FREE_SPACE_HINT

FOLDER_NAME = "originals"
STAGING_PREFIX = ".staging-"  # and the number of the process
BLOCK_BYTES = 1 << 20  # hashed at once

_NAME = re.compile(r"([0-9a-f]{64})(\.[a-z0-9]{1,8})?")


class Originals:
    """The originals of one data folder; the folder is made when something is first kept.

    A name is the SHA-256 of the content in hexadecimal digits, and the suffix of the file if it has one.
    Safe to use from several threads.

    Args:
        data_dir: The data folder.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER_NAME
        self._staging: Path | None = None
        self._lock = threading.Lock()

    def stage(self, blocks: Iterable[bytes], suffix: str) -> tuple[str, Path]:
        """Write a file that may become an original, and forget it with `close` unless it settles.

        Args:
            blocks: Its bytes; what reading them raises is passed on.
            suffix: Its suffix, such as ".pdf"; empty for none.

        Returns:
            (its name, where it is until it settles).

        Raises:
            CorpusError: If it cannot be written.
        """
        digest = hashlib.sha256()
        try:
            descriptor, place = tempfile.mkstemp(dir=self._staging_folder(), prefix="new-")
        except OSError as exc:
            raise self._error(exc) from exc
        try:
            with os.fdopen(descriptor, "wb") as file:
                for block in blocks:
                    digest.update(block)
                    self._write(file.fileno(), block)
        except BaseException:
            Path(place).unlink(missing_ok=True)
            raise
        name = digest.hexdigest() + suffix
        staged = Path(place).with_name(name)
        Path(place).replace(staged)
        return name, staged

    def unstage(self, name: str) -> None:
        """Forget a staged file that becomes no original; what is no name of one is nothing to forget."""
        if self._staging and self.path(name):
            (self._staging / name).unlink(missing_ok=True)

    def settle(self, name: str) -> bool:
        """Keep a staged file for good; the write lock is held.

        Args:
            name: As `stage` gave it.

        Returns:
            Whether it is kept now, or was before.

        Raises:
            CorpusError: If it cannot be moved to its place.
        """
        place = self.path(name)
        if place is None:
            return False
        staged = self._staging / name if self._staging else None
        if place.exists() or staged is None or not staged.exists():
            return place.exists()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(place)
        except OSError as exc:
            raise self._error(exc) from exc
        return True

    def path(self, name: str) -> Path | None:
        """Where an original is, or would be, if that is the name of one."""
        if not _NAME.fullmatch(name):
            return None
        return self._folder / name[:2] / name[2:]

    def is_sound(self, name: str) -> bool:
        """Whether an original is there with the content that its name says."""
        place = self.path(name)
        try:
            if place is None:
                return False
            with place.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == name[:64]
        except OSError:
            return False

    def discard(self, name: str) -> None:
        """Delete an original, such as a damaged one; the write lock is held."""
        if place := self.path(name):
            place.unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """All that have settled."""
        for place in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            if _NAME.fullmatch(name := place.parent.name + place.name):
                yield name

    def sweep(self, wanted: Collection[str]) -> int:
        """Delete what is wanted no more, and what processes left that are gone; the write lock is held.

        Args:
            wanted: Names of all that is to stay.

        Returns:
            How many originals were deleted.
        """
        self.tidy()
        left_over = [name for name in self.names() if name not in wanted]
        for name in left_over:
            self.discard(name)
        return len(left_over)

    def tidy(self) -> None:
        """Delete what processes staged that are gone."""
        for folder in self._folder.glob(f"{STAGING_PREFIX}*"):
            process = folder.name.removeprefix(STAGING_PREFIX).partition("-")[0]
            if not (process.isdecimal() and _is_running(int(process))):
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Forget what is staged."""
        if self._staging:
            shutil.rmtree(self._staging, ignore_errors=True)
            self._staging = None

    def _staging_folder(self) -> Path:
        with self._lock:
            if self._staging is None or not self._staging.is_dir():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                prefix = f"{STAGING_PREFIX}{os.getpid()}-"
                self._staging = Path(tempfile.mkdtemp(dir=self._folder, prefix=prefix))
            return self._staging

    def _write(self, descriptor: int, block: bytes) -> None:
        rest = memoryview(block)
        while rest:
            try:
                rest = rest[os.write(descriptor, rest) :]
            except OSError as exc:
                raise self._error(exc) from exc

    def _error(self, exc: OSError) -> CorpusError:
        reason = f"an original cannot be kept: {exc.strerror or exc}"
        return CorpusError(f"{self._folder}: {reason}", hint=FREE_SPACE_HINT)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # such as one of another user
        return True
    return True
