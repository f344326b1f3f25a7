"""A folder followed for as long as it takes: what is added, changed, renamed or deleted in it.

Each time something has changed and then been quiet for a moment, the folder is synced as `assistant add`
does it, so that nothing depends on the order or the number of the events. It knows folders and when to look
at them; what a sync does it leaves to the assistant.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.ingest import OnProgress
from assistant.sources.files import holds_corpus
from assistant.types import IngestReport

logger = logging.getLogger(__name__)

QUIET_MS = 400  # without a change before the folder is looked at; editors write a file in several steps
LONGEST_MS = 5_000  # that changes are waited for while they go on
LOOK_SECONDS = 1.0  # between two looks at whether the folder is still there, or has come back
AGAIN_SECONDS = 5.0  # after a sync that failed, such as while another process writes


class Watcher:
    """Keeps the corpus as a folder is.

    Args:
        assistant: What the folder is synced into; other processes may write to its corpus, too.
        folder: The folder.
        name: A name to know the folder by instead of its place on the disk.
        on_report: Called after each sync that changed something, or in which something failed.
        on_problem: Called with what is wrong and what to do, once for as long as it stays the same.
        on_progress: Called while a sync goes on.
    """

    def __init__(
        self,
        assistant: Assistant,
        folder: Path,
        *,
        name: str = "",
        on_report: Callable[[IngestReport], None],
        on_problem: Callable[[str, str], None],
        on_progress: OnProgress | None = None,
    ) -> None:
        self._assistant, self._folder, self._name = assistant, folder.absolute(), name
        self._on_report, self._on_problem, self._on_progress = on_report, on_problem, on_progress
        self._is_due = True
        self._due_at = 0.0
        self._problem = ""
        self._identity: tuple[int, int] | None = None
        self._failed: tuple[str, ...] = ()

    def run(self, stop: threading.Event) -> None:
        """Follow the folder until `stop` is set; a sync under way then keeps what it has done.

        Args:
            stop: Set by another thread or a signal handler.
        """
        while not stop.is_set():
            self._is_due = True  # whatever happened while nobody watched
            identity = _identity(self._folder)
            if identity is None or (identity != self._identity and self._identity and self._is_empty()):
                gone = f"{self._folder} is not there"
                self._tell(gone, "Its articles stay as they are; they are followed when it is back.")
                stop.wait(LOOK_SECONDS)
                continue
            self._watch(identity, stop)

    def _watch(self, identity: tuple[int, int], stop: threading.Event) -> None:
        """Sync the folder whenever it changes, until it is replaced by another one or goes."""
        import watchfiles

        changes = watchfiles.watch(
            self._folder,
            watch_filter=self._is_followed,
            debounce=LONGEST_MS,
            step=QUIET_MS,
            stop_event=stop,
            rust_timeout=int(LOOK_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
        )
        try:
            for changed in changes:
                if stop.is_set() or _identity(self._folder) != identity:
                    return
                self._identity = identity
                self._is_due = self._is_due or bool(changed)
                if self._is_due and time.monotonic() >= self._due_at:
                    self._sync(stop)
        except OSError as exc:  # it went between our look and the watch, or too many folders are watched
            self._tell(f"{self._folder} cannot be watched: {exc}", "It is tried again.")
            stop.wait(AGAIN_SECONDS)

    def _sync(self, stop: threading.Event) -> None:
        self._is_due = False
        try:
            report = self._assistant.add(
                self._folder, name=self._name, on_progress=self._on_progress, cancelled=stop.is_set
            )
        except AssistantError as exc:
            self._is_due, self._due_at = True, time.monotonic() + AGAIN_SECONDS
            self._tell(str(exc), f"{exc.hint} The folder is looked at again in a moment.".strip())
            return
        self._problem = ""
        failed = tuple(failure.name for failure in report.failed)
        if report.added or report.updated or report.removed or failed != self._failed:
            self._on_report(report)
        self._failed = failed

    def _tell(self, problem: str, hint: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._on_problem(problem, hint)

    def _is_followed(self, _change: object, path: str) -> bool:
        """Whether a changed file may be one of the articles: hidden ones and those of a corpus are not."""
        try:
            parts = Path(path).relative_to(self._folder).parts
        except ValueError:
            return True  # through a link: better once too often
        if any(part.startswith(".") for part in parts):
            return False
        inside = (self._folder.joinpath(*parts[: depth + 1]) for depth in range(len(parts)))
        return not any(holds_corpus(part) for part in inside)  # our own writes must not wake us

    def _is_empty(self) -> bool:
        """Whether a folder in the place of ours holds nothing, as where a disk is not mounted."""
        try:
            with os.scandir(self._folder) as entries:
                return next(entries, None) is None
        except OSError:
            return True


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of the same name; None if it is not there."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if folder.is_dir() else None
