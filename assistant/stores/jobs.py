"""Jobs that programs gave a server: what is to be added, how far it is and what came of it.

They lie in a SQLite file and, as long as they wait, in a folder beside it, so that a server that is killed
goes on with them when it starts again. It knows rows and files; what a job does is for others to say.
"""

from __future__ import annotations

import json
import secrets
import shutil
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.stores.connections import Database

FILE_NAME = "jobs.sqlite"
FOLDER = "jobs"  # of what waiting jobs are to add
KEPT_SECONDS = 7 * 86_400.0  # after which a job that has ended, and its key, are forgotten
ID_BYTES = 12

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, key TEXT, fingerprint TEXT NOT NULL, what TEXT NOT NULL,
    state TEXT NOT NULL, outcome TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS jobs_by_key ON jobs (owner, key) WHERE key IS NOT NULL;
"""
_COLUMNS = "id, owner, fingerprint, what, state, outcome, created, updated"


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Args:
        id: Its name.
        owner: Who gave it.
        fingerprint: Hash of what was asked for: the same key with another one is a mistake.
        what: What is to be added, as plain JSON values; the files are in its folder.
        state: How far it is.
        outcome: What came of it, as plain JSON values; empty until it has ended.
        created: Seconds since 1970.
        updated: When its state changed.
    """

    id: str
    owner: str
    fingerprint: str
    what: dict[str, Any]
    state: JobState = JobState.QUEUED
    outcome: dict[str, Any] | None = None
    created: float = 0.0
    updated: float = 0.0


class JobStore(Database):
    """The jobs of one data folder; the file is made with the first one.

    Args:
        data_dir: The folder.
    """

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir / FILE_NAME)
        self._folder = data_dir / FOLDER
        self._making, self._is_made = threading.Lock(), False

    def put(
        self,
        owner: str,
        key: str | None,
        fingerprint: str,
        what: dict[str, Any],
        files: Sequence[bytes | Path],
    ) -> tuple[Job, bool]:
        """Take a job, or find the one that was taken with this key before.

        Args:
            owner: Who gives it.
            key: Their name for it, so that they can ask again when they heard nothing; None without one.
            fingerprint: Hash of what is asked for.
            what: As in `Job`.
            files: What is to be added; a path is moved here.

        Returns:
            (the job, whether it is a new one). With a key that was used before, it may be one of another
            fingerprint.
        """
        self._make()
        if found := key and self._with_key(owner, key):
            return found, False
        now = time.time()
        job = Job(secrets.token_hex(ID_BYTES), owner, fingerprint, what, created=now, updated=now)
        self._keep(job, files)  # before the row: a job that is there is there with all that it needs
        with self._transaction() as db:
            row = (job.id, owner, key, fingerprint, json.dumps(what), job.state, "", now, now)
            put = db.execute("INSERT OR IGNORE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        if not put.rowcount and key and (found := self._with_key(owner, key)):  # taken at the same moment
            self.forget_files(job.id)
            return found, False
        return job, True

    def get(self, job_id: str, owner: str) -> Job | None:
        """The job of this id, if it is this owner's."""
        return next(iter(self._jobs("WHERE id = ? AND owner = ?", job_id, owner)), None)

    def latest(self, owner: str, limit: int) -> list[Job]:
        """An owner's jobs, latest first."""
        return self._jobs("WHERE owner = ? ORDER BY created DESC, id LIMIT ?", owner, limit)

    def unfinished(self) -> list[Job]:
        """Jobs that are to be done, in the order in which they were taken."""
        return self._jobs("WHERE state IN (?, ?) ORDER BY created", JobState.QUEUED, JobState.RUNNING)

    def update(self, job_id: str, state: JobState, outcome: dict[str, Any] | None = None) -> None:
        """Note how far a job is; what it was to add is deleted once it has ended."""
        with self._transaction() as db:
            values = (state, json.dumps(outcome) if outcome else "", time.time(), job_id)
            db.execute("UPDATE jobs SET state = ?, outcome = ?, updated = ? WHERE id = ?", values)
        if state.has_ended:
            self.forget_files(job_id)

    def files(self, job_id: str) -> list[Path]:
        """What a job is to add, in order."""
        return sorted((self._folder / job_id).iterdir()) if (self._folder / job_id).is_dir() else []

    def forget_files(self, job_id: str) -> None:
        """Delete what a job was to add."""
        shutil.rmtree(self._folder / job_id, ignore_errors=True)

    def forget(self, names: Collection[str]) -> None:
        """Forget for good the jobs that have ended and name one of these: titles, addresses, ids."""
        if not self.path.exists() or not names:
            return
        self._make()
        waiting = (JobState.QUEUED, JobState.RUNNING)
        with self._transaction() as db:
            rows = db.execute(
                "SELECT id, what, outcome FROM jobs WHERE state NOT IN (?, ?)", waiting
            ).fetchall()
            written = {json.dumps(name, ensure_ascii=flag)[1:-1] for name in names for flag in (True, False)}
            gone = [(i,) for i, *texts in rows if any(name in text for text in texts for name in written)]
            db.executemany("DELETE FROM jobs WHERE id = ?", gone)
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def tidy(self) -> None:
        """Forget jobs that ended long ago, and files that no waiting job needs."""
        if self.path.exists():
            self._make()
            with self._transaction() as db:
                waiting = (JobState.QUEUED, JobState.RUNNING, time.time() - KEPT_SECONDS)
                db.execute("DELETE FROM jobs WHERE state NOT IN (?, ?) AND updated < ?", waiting)
        wanted = {job.id for job in self.unfinished()}
        for folder in self._folder.glob("*"):
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)

    def _make(self) -> None:
        """Make the table, once; other threads wait, since a file without one is there for a moment."""
        with self._making:
            if not self._is_made:
                with self._transaction() as db:
                    for statement in _SCHEMA.split(";"):
                        db.execute(statement)
                self._is_made = True

    def _keep(self, job: Job, files: Sequence[bytes | Path]) -> None:
        folder = self._folder / job.id
        folder.mkdir(mode=0o700, parents=True)
        for number, file in enumerate(files):
            target = folder / f"{number:06}"
            if isinstance(file, bytes):
                target.write_bytes(file)
            else:
                shutil.move(file, target)

    def _with_key(self, owner: str, key: str) -> Job | None:
        return next(iter(self._jobs("WHERE owner = ? AND key = ?", owner, key)), None)

    def _jobs(self, rest: str, *values: Any) -> list[Job]:
        if not self.path.exists():
            return []
        self._make()
        return [
            Job(
                i,
                owner,
                print_,
                json.loads(what),
                JobState(state),
                json.loads(out or "null"),
                created,
                updated,
            )
            for i, owner, print_, what, state, out, created, updated in self._rows(
                f"SELECT {_COLUMNS} FROM jobs {rest}", values
            )
        ]
