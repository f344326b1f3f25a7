"""The one thread that adds what programs send, a job at a time, and knows how far it is.

A job that was under way when the server ended is done again from the start: what is in already costs nothing
the second time. It knows jobs and the assistant, nothing of HTTP.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from assistant.assistant import Assistant
from assistant.errors import AssistantError, CorpusBusyError
from assistant.sources import is_address
from assistant.stores.jobs import Job, JobState, JobStore
from assistant.types import Article, IngestReport, Progress

logger = logging.getLogger(__name__)

BUSY_PAUSE_SECONDS = 1.0  # between tries while another process is writing
END_SECONDS = 5.0  # that a job is waited for when the server ends; it goes on at the next start
ARTICLES, ADDRESS, FILES = "articles", "address", "files"  # kinds of jobs
NOTHING: dict[str, Any] = {"done": 0, "total": None, "name": "", "passages": 0}


class Runner:
    """Does jobs, one after the other.

    Args:
        assistant: Takes the articles.
        jobs: Where they are kept.
    """

    def __init__(self, assistant: Assistant, jobs: JobStore) -> None:
        self._assistant = assistant
        self._jobs = jobs
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._progress: dict[str, dict[str, Any]] = {}  # of what is under way
        self._to_cancel: set[str] = set()
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    def start(self) -> None:
        """Begin, with what was left undone."""
        self._jobs.tidy()
        for job in self._jobs.unfinished():
            self._queue.put(job)
        self._thread.start()

    def stop(self) -> None:
        """End soon; what is under way is done at the next start."""
        self._is_ending.set()
        self._queue.put(None)
        self._thread.join(END_SECONDS)

    def take(self, job: Job) -> None:
        """Do a new job when those before it are done."""
        self._queue.put(job)

    def cancel(self, job: Job) -> None:
        """Stop a job; what it has added stays."""
        self._to_cancel.add(job.id)

    def progress(self, job: Job) -> dict[str, Any]:
        """How far a job is, as plain JSON values."""
        return self._progress.get(job.id, NOTHING)

    def _run(self) -> None:
        while (job := self._queue.get()) and not self._is_ending.is_set():
            try:
                self._do(job)
            except AssistantError as error:  # its own record cannot be written
                logger.error("job %s: %s", job.id, error)
            finally:
                self._progress.pop(job.id, None)
                self._to_cancel.discard(job.id)

    def _do(self, job: Job) -> None:
        self._jobs.update(job.id, JobState.RUNNING)
        try:
            report = self._add(job)
        except AssistantError as error:
            if not self._is_ending.is_set():
                self._fail(job, str(error), error.hint)
            return
        except Exception:
            logger.exception("job %s", job.id)
            self._fail(job, "The server made a mistake; its log says which.", "")
            return
        if self._is_ending.is_set() and report.is_cancelled:
            return
        state = JobState.CANCELLED if report.is_cancelled else JobState.DONE
        self._jobs.update(job.id, state, {"report": report.to_dict()})

    def _fail(self, job: Job, detail: str, hint: str) -> None:
        self._jobs.update(job.id, JobState.FAILED, {"error": {"detail": detail, "hint": hint}})

    def _add(self, job: Job) -> IngestReport:
        """Add what a job is about; while another process is writing, wait for it."""
        work = {ARTICLES: self._add_articles, ADDRESS: self._add_address, FILES: self._add_files}
        while True:
            try:
                return work[job.what["kind"]](job, self._jobs.files(job.id), lambda: self._is_off(job))
            except CorpusBusyError:
                if self._is_off(job):
                    return IngestReport(is_cancelled=True)
                time.sleep(BUSY_PAUSE_SECONDS)

    def _is_off(self, job: Job) -> bool:
        return self._is_ending.is_set() or job.id in self._to_cancel

    def _add_articles(self, job: Job, files: Sequence[Path], cancelled: Callable[[], bool]) -> IngestReport:
        articles = [_article(fields) for fields in json.loads(files[0].read_bytes())]
        return self._assistant.add(articles, on_progress=self._tell(job), cancelled=cancelled)

    def _add_address(self, job: Job, files: Sequence[Path], cancelled: Callable[[], bool]) -> IngestReport:
        address, since = job.what["url"], job.what["since"]
        if files or not is_address(address):  # anything else would be the path of a file of this machine
            raise ValueError(f"{address!r} is no address")
        return self._assistant.add(
            address,
            limit=job.what["limit"],
            since=since and date.fromisoformat(since),
            on_progress=self._tell(job),
            cancelled=cancelled,
        )

    def _add_files(self, job: Job, files: Sequence[Path], cancelled: Callable[[], bool]) -> IngestReport:
        report = IngestReport()
        for number, (file, name) in enumerate(zip(files, job.what["names"], strict=True)):
            if cancelled():
                return report + IngestReport(is_cancelled=True)
            self._progress[job.id] = {
                "done": number,
                "total": len(files),
                "name": name,
                "passages": report.passages,
            }
            report += self._assistant.add(file.read_bytes(), name=name, cancelled=cancelled)
        return report

    def _tell(self, job: Job) -> Callable[[Progress], None]:
        def tell(progress: Progress) -> None:
            self._progress[job.id] = {name: getattr(progress, name) for name in NOTHING}

        return tell


def _article(fields: dict[str, Any]) -> Article:
    published = fields.pop("published")
    return Article(**fields, published=published and date.fromisoformat(published))
