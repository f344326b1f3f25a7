"""`/jobs`: what became of what was sent to be added."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from assistant.access import Caller
from assistant.api.article_schemas import Job as JobShape
from assistant.api.article_schemas import JobList
from assistant.api.desk import Desk, Json, Reading, Writing, problems
from assistant.api.events import Event, documented, stream
from assistant.api.problems import Problem
from assistant.stores.jobs import Job

POLL_SECONDS = 0.1  # how often a job that is followed is looked at
USUAL = problems(422, 503)
JobId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$", description="Id of the job.")]
EVENTS = 'event: progress\ndata: {"id": "5f1c…", "state": "running", "progress": {…}}\n\n'


def router(desk: Desk) -> APIRouter:
    """The addresses for jobs."""
    routes = APIRouter(prefix="/jobs", tags=["jobs"])

    @routes.get("", summary="List jobs", response_model=JobList, responses=USUAL)
    async def list_jobs(caller: Reading, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
        """List the caller's jobs, latest first; those that ended a week ago are forgotten."""
        found = await desk.workers.run(desk.jobs.latest, caller.id, limit)
        return Json({"jobs": [job_dict(desk, job) for job in found]})

    @routes.get(
        "/{job_id}", summary="How far is it?", response_model=JobShape, responses=problems(404, 422, 503)
    )
    async def get_job(job_id: JobId, caller: Reading) -> Response:
        """Say how far a job is, and what came of it once it has ended."""
        return Json(job_dict(desk, await _found(desk, job_id, caller)))

    @routes.get(
        "/{job_id}/events",
        summary="Follow it",
        response_class=Response,
        responses={200: documented("Until it has ended.", EVENTS), **problems(404, 422, 503)},
    )
    async def follow_job(job_id: JobId, caller: Reading) -> Response:
        """Follow a job by server-sent events: `progress` whenever something has changed, at last `end`."""
        await _found(desk, job_id, caller)
        return stream(_events(desk, job_id, caller))

    @routes.post(
        "/{job_id}/cancel", summary="Stop it", response_model=JobShape, responses=problems(404, 422, 503)
    )
    async def cancel_job(job_id: JobId, caller: Writing) -> Response:
        """Stop a job soon; what it has added by then stays."""
        job = await _found(desk, job_id, caller)
        if not job.state.has_ended:
            desk.runner.cancel(job)
        return Json(job_dict(desk, job))

    return routes


def job_dict(desk: Desk, job: Job) -> dict[str, Any]:
    """A job as plain JSON values."""
    outcome = job.outcome or {}
    return {
        "id": job.id,
        "state": job.state,
        "kind": job.what["kind"],
        "progress": desk.runner.progress(job),
        "report": outcome.get("report"),
        "error": outcome.get("error"),
        "created": _moment(job.created),
        "updated": _moment(job.updated),
    }


async def wait_for(desk: Desk, job: Job, seconds: float) -> Job:
    """Wait until a job has ended, but not longer than that."""
    deadline = time.monotonic() + seconds
    while not job.state.has_ended and time.monotonic() < deadline:
        await asyncio.sleep(POLL_SECONDS)
        found = await desk.workers.run(desk.jobs.get, job.id, job.owner)
        job = found or job
    return job


async def _found(desk: Desk, job_id: str, caller: Caller) -> Job:
    job = await desk.workers.run(desk.jobs.get, job_id, caller.id)
    if job is None:
        raise Problem(404, "There is no such job.", hint="Jobs that ended a week ago are forgotten.")
    return job


async def _events(desk: Desk, job_id: str, caller: Caller) -> AsyncIterator[Event]:
    told: dict[str, Any] = {}
    while True:
        job = await _found(desk, job_id, caller)
        now = job_dict(desk, job)
        if job.state.has_ended:
            yield "end", now
            return
        if now != told:
            told = now
            yield "progress", now
        await asyncio.sleep(POLL_SECONDS)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
