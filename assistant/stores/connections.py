"""Connections to one SQLite file: a pool, transactions, and SQLite's errors in our words.

It knows SQLite; it does not know which tables there are.
"""

from __future__ import annotations

import queue
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError
from assistant.stores import FREE_SPACE_HINT

MAX_VARIABLES = 5000  # of one SQL statement; SQLite's own limit is 32,766
DAMAGE_SIGNS = ("malformed", "not a database")  # in SQLite's messages
DAMAGE_HINT = (
    "All else is rebuilt from the catalog, but not the catalog itself: bring it back from a backup with"
    " `assistant restore FILE --force`, or move the data folder away and add the articles again."
)
BUSY_SECONDS = 10.0  # how long a statement waits for another connection's write

Connection = sqlite3.Connection


class Database:
    """One SQLite file; connections are opened when they are needed and kept for the next.

    Args:
        path: The file.
    """

    what = "the catalog"  # that the file holds, in messages
    damage_hint = DAMAGE_HINT

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()
        self._is_closed = False

    def close(self) -> None:
        """Close all connections; the write-ahead log is folded in. What is asked for later is an error."""
        self._is_closed = True
        self.discard_connections()

    @property
    def is_closed(self) -> bool:
        """Whether this was closed."""
        return self._is_closed

    def discard_connections(self) -> None:
        """Close the connections that are not in use; others are opened when they are needed."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def copy_to(self, path: Path) -> None:
        """Write a copy as of one moment, while others read and write; damage is an error."""
        with self._mapped_errors(), self._connection() as db:
            db.execute("VACUUM INTO ?", (str(path),))

    def check_open(self) -> None:
        """Raise CorpusError if this was closed."""
        if self._is_closed:
            raise CorpusError("this assistant is closed", hint="Open the data folder again.")

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        self.check_open()
        try:
            db = self._idle.get_nowait()
        except queue.Empty:
            db = self._connect()
        try:
            yield db
        finally:
            if self._is_closed:  # by another thread, meanwhile
                db.close()
            else:
                self._idle.put(db)

    def _connect(self) -> Connection:
        db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, check_same_thread=False)
        try:
            _patiently(lambda: db.execute("PRAGMA journal_mode = WAL"))
            db.executescript(
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
            )
        except sqlite3.Error:
            db.close()
            raise
        return db

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._mapped_errors(), self._connection() as db, db:
            db.execute("BEGIN IMMEDIATE")
            yield db

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            is_damage = _is_damage(exc)
            problem = f"{self.what} is damaged ({exc})" if is_damage else str(exc)
            hint = self.damage_hint if is_damage else _hint(exc, self.what)
            raise CorpusError(f"{self.path}: {problem}", hint=hint) from exc

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._mapped_errors(), self._connection() as db:
            return db.execute(query, values).fetchall()

    def _rows_in(self, query: str, ids: Collection[str]) -> list[Any]:
        """Rows of a query whose `{}` is a list of ids, asked in parts that SQLite accepts."""
        rows, wanted = [], list(ids)
        for first in range(0, len(wanted), MAX_VARIABLES):
            part = wanted[first : first + MAX_VARIABLES]
            rows += self._rows(query.format(",".join("?" * len(part))), part)
        return rows


def _patiently(statement: Callable[[], object]) -> None:
    """Run a statement for which SQLite itself does not wait, such as a change of the journal's mode."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            statement()
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _hint(exc: sqlite3.Error, what: str) -> str:
    text = str(exc)
    if "full" in text:
        return FREE_SPACE_HINT
    if "readonly" in text or "unable to open" in text:
        return "Check that the data folder exists and may be written to."
    if "locked" in text:
        return f"Another program holds {what}; close it and try again."
    return CorpusError.hint


def _is_damage(exc: sqlite3.Error) -> bool:
    return any(sign in str(exc) for sign in DAMAGE_SIGNS)
