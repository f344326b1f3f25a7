"""What was found in each file when it was last read: a SQLite file that may be lost without harm.

It knows rows; when a file has to be read again, and what was found in it, is for others to say. If it is
damaged it is begun anew, and if it cannot be written it is as good as empty.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from assistant.errors import CorpusError
from assistant.stores.connections import DAMAGE_HINT, Database

logger = logging.getLogger(__name__)

FILE_NAME = "seen.sqlite"
MOST_FORGOTTEN_SINGLY = 100  # each looks through all rows

_SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
    root TEXT NOT NULL, place TEXT NOT NULL, stamp TEXT NOT NULL, found TEXT NOT NULL,
    PRIMARY KEY (root, place)
) WITHOUT ROWID;
"""


class SeenFile(NamedTuple):
    """One file, as it was read."""

    stamp: str  # of the file and of what read it; another one means that it is to be read again
    found: str  # what was in it


class SeenFiles(Database):
    """The files that were read for one data folder; the file is made when something is first remembered.

    Args:
        data_dir: The folder.
    """

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir / FILE_NAME)

    def of(self, root: str, place: str | None = None) -> dict[str, SeenFile]:
        """Find what is remembered.

        Args:
            root: The folder; empty for single files.
            place: One file of it; by default all.

        Returns:
            What was seen, by the places of the files.
        """
        if not self.path.exists():
            return {}
        query, values = "SELECT place, stamp, found FROM seen WHERE root = ?", [root]
        if place is not None:
            query, values = f"{query} AND place = ?", [root, place]
        try:
            return {where: SeenFile(stamp, found) for where, stamp, found in self._rows(query, values)}
        except CorpusError as exc:
            self._give_up(exc)
            return {}

    def put(self, root: str, found: Mapping[str, SeenFile], *, gone: Collection[str] = ()) -> None:
        """Remember files by their places, and forget those of files that have gone."""
        if not found and not gone:
            return
        try:
            with self._transaction() as db:
                db.execute(_SCHEMA)
                rows = [(root, place, *file) for place, file in found.items()]
                db.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", rows)
                db.executemany("DELETE FROM seen WHERE root = ? AND place = ?", [(root, p) for p in gone])
        except CorpusError as exc:
            self._give_up(exc)

    def forget(self, article_ids: Sequence[str]) -> None:
        """Forget for good the files in which these articles were found; of very many, all files."""
        if not self.path.exists() or not article_ids:
            return
        try:
            with self._transaction() as db:
                if len(article_ids) > MOST_FORGOTTEN_SINGLY:
                    db.execute("DELETE FROM seen")
                db.executemany("DELETE FROM seen WHERE instr(found, ?)", [(i,) for i in article_ids])
            self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        except CorpusError as exc:
            self._give_up(exc)

    def _give_up(self, problem: CorpusError) -> None:
        if self._is_closed:  # by who stops without waiting for the end
            return
        logger.warning("files are read again that have not changed: %s", problem)
        if problem.hint == DAMAGE_HINT or "no such" in str(problem):  # not one that is only locked or full
            for suffix in ("", "-wal", "-shm"):
                with suppress(OSError):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            self.discard_connections()
