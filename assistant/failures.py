"""What could not be added and was not mended since, remembered in the data folder.

One JSON file, replaced as a whole. It is a note for people: if it cannot be read or written, that is logged
and stops nothing. It knows failures and where they came from, not how anything is read or added.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError
from assistant.types import Failure, IngestReport, RememberedFailure

logger = logging.getLogger(__name__)

FAILURES_NAME = "failures.json"


class Failures:
    """The failures of one data folder that are not mended yet.

    Args:
        data_dir: The folder.
        locked: The corpus's write lock; held while the file is replaced.
    """

    def __init__(self, data_dir: Path, locked: Callable[[], AbstractContextManager[None]]) -> None:
        self._path = data_dir / FAILURES_NAME
        self._locked = locked

    def all(self) -> tuple[RememberedFailure, ...]:
        """All that is remembered, oldest first."""
        try:
            return tuple(map(_from_dict, json.loads(self._path.read_text(encoding="utf-8"))))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as exc:
            logger.warning("%s cannot be read, and is begun anew: %s", self._path, exc)
            return ()

    def note(self, origin: str, name: str, report: IngestReport) -> None:
        """Remember what failed this time, and forget what failed when the same was added before.

        Args:
            origin: Path or address that was added; empty if the bytes of a file were.
            name: The name that goes with it: of the folder, or of the bytes.
            report: What came of it. If it was cancelled, what failed earlier stays remembered.
        """
        if not report.failed and not self._path.exists():
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        new = [RememberedFailure(failure, origin, name, now) for failure in report.failed]
        again = {failure.name for failure in report.failed}
        try:
            with self._locked():
                kept = [
                    old
                    for old in self.all()
                    if (old.origin, old.name) != (origin, name)
                    or (report.is_cancelled and old.failure.name not in again)
                ]
                self._write([*kept, *new])
        except (OSError, CorpusError) as exc:  # a full disk, a read-only folder, a busy one
            logger.warning("what failed could not be noted in %s: %s", self._path, exc)

    def forget(self, origin: str, name: str) -> None:
        """Forget what failed when this was added."""
        self.note(origin, name, IngestReport())

    def forget_names(self, names: Collection[str]) -> None:
        """Forget what failed under the names, paths or addresses of articles that are gone for good."""
        try:
            with self._locked():
                before = self.all()
                kept = [one for one in before if not {one.failure.name, one.origin, one.name} & set(names)]
                if len(kept) < len(before):
                    self._write(kept)
        except (OSError, CorpusError) as exc:
            logger.warning("what failed could not be forgotten in %s: %s", self._path, exc)

    def _write(self, remembered: Sequence[RememberedFailure]) -> None:
        if not remembered:
            self._path.unlink(missing_ok=True)
            return
        aside = self._path.with_suffix(".new")
        text = json.dumps([one.to_dict() for one in remembered], ensure_ascii=False, indent=1)
        aside.write_text(text, encoding="utf-8", errors="replace")
        os.replace(aside, self._path)  # noqa: PTH105 - the atomic one, by its name


def _from_dict(found: dict[str, Any]) -> RememberedFailure:
    failure = Failure(str(found["name"]), str(found["reason"]), str(found["hint"]))
    return RememberedFailure(failure, str(found["origin"]), str(found["origin_name"]), str(found["at"]))
