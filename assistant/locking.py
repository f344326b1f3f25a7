"""One writer at a time, over threads and processes; the message says who it is, and since when.

It knows a lock file; it does not know what is written under its protection.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import CorpusBusyError, CorpusError

LOOK_SECONDS = 0.2  # between two tries to take a turn
WAIT_SECONDS = 5.0  # how long a second process waits before it gives up


class WriteLock:
    """A lock that a thread may take again; other threads wait, other processes give up after a while."""

    def __init__(self, path: Path, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._threads = threading.RLock()
        self._file = FileLock(path, thread_local=False, fallback_to_soft=False)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises:
            CorpusBusyError: If another process holds it for longer than the wait.
            CorpusError: If the lock file cannot be written.
        """
        with self._threads:
            self._acquire(self._wait_seconds)
            try:
                yield
            finally:
                self._file.release()

    @contextmanager
    def held_if_free(self) -> Iterator[bool]:
        """Hold the lock if nobody else does; yields whether it is held."""
        if not self._threads.acquire(blocking=False):
            yield False
            return
        try:
            with suppress(CorpusBusyError):
                self._acquire(0)
            yield self._file.is_locked
        finally:
            if self._file.is_locked:
                self._file.release()
            self._threads.release()

    def _acquire(self, wait_seconds: float) -> None:
        try:
            self._file.acquire(timeout=wait_seconds)
        except Timeout as exc:
            process, since = self._owner()
            raise CorpusBusyError(f"process {process} is writing to {self._path.parent}{since}") from exc
        except (OSError, NotImplementedError) as exc:  # not allowed, or a file system without locks
            hint = "Check that the data folder may be written to and is on a disk of this machine."
            raise CorpusError(f"{self._path} cannot be locked: {exc}", hint=hint) from exc
        if self._file.lock_counter == 1:  # not taken again by the same thread
            with suppress(OSError):  # a full disk; this is for a message only
                self._path.write_text(f"{os.getpid()} {time.strftime('%Y-%m-%d %H:%M:%S')}", encoding="utf-8")

    def _owner(self) -> tuple[str, str]:
        """The process that holds the lock, and since when, in words."""
        try:
            process, _, since = self._path.read_text(encoding="utf-8").strip().partition(" ")
        except OSError:
            return "?", ""
        return process or "?", since and f" since {since}"


@contextmanager
def turn(path: Path, on_wait: Callable[[], bool]) -> Iterator[bool]:
    """Wait until no other thread or process does the same work, however long that takes.

    Args:
        path: The lock file of this work; its folder is made.
        on_wait: Called again and again while another one works; whether to wait no longer.

    Yields:
        Whether it is our turn; where no lock can be had, it always is, and work may be done twice.
    """
    lock = FileLock(path, thread_local=False, fallback_to_soft=False)
    is_ours = False
    try:
        while not is_ours:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                lock.acquire(timeout=LOOK_SECONDS)
                is_ours = True
            except Timeout:
                if on_wait():
                    break
            except (OSError, NotImplementedError):
                is_ours = True
        yield is_ours
    finally:
        lock.release()
