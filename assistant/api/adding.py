"""`POST /articles…`: articles as JSON, from an address or as files; each becomes a job.

A request with an `Idempotency-Key` may be sent again by who heard no answer: it is the same job. It knows how
a request becomes a job; `runner` does it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, File, Header, Query, UploadFile
from starlette.responses import Response

from assistant.access import Caller
from assistant.api.article_schemas import Job as JobShape
from assistant.api.bodies import AddAddressBody, AddArticlesBody
from assistant.api.desk import Desk, Json, Writing, problems
from assistant.api.jobs import job_dict, wait_for
from assistant.api.problems import Problem
from assistant.api.runner import ADDRESS, ARTICLES, FILES
from assistant.sources import is_address

MAX_WAIT_SECONDS = 60
MAX_FILES = 20
MAX_NAME_CHARS = 255
REPLAYED = "idempotency-replayed"

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="A text of your own for this request; sent again with it, it is the same job.",
    ),
]
Wait = Annotated[
    float, Query(ge=0, le=MAX_WAIT_SECONDS, description="Answer when it is done, or after so many seconds.")
]
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": JobShape, "description": "The job, which has ended."},
    202: {"model": JobShape, "description": "The job; Location is where to ask how far it is."},
    **problems(400, 413, 422, 503),
}


def router(desk: Desk) -> APIRouter:
    """The addresses that take articles."""
    routes = APIRouter(prefix="/articles", tags=["articles"])

    @routes.post("", summary="Add articles", status_code=202, responses=ANSWERS, response_class=Response)
    async def add_articles(
        body: AddArticlesBody, caller: Writing, key: Key = None, wait: Wait = 0
    ) -> Response:
        """Add articles whose text is at hand, or replace their earlier versions.

        An article is known by its `url` if it has one, else by its text.
        """
        articles = [article.model_dump(mode="json") for article in body.articles]
        data = json.dumps(articles, sort_keys=True).encode()
        return await _take(desk, caller, key, wait, {"kind": ARTICLES}, [data])

    @routes.post(
        "/from-url",
        summary="Add from an address",
        status_code=202,
        responses=ANSWERS,
        response_class=Response,
    )
    async def add_address(body: AddAddressBody, caller: Writing, key: Key = None, wait: Wait = 0) -> Response:
        """Add the article, or the articles of the feed or sitemap, at a web address."""
        what = {"kind": ADDRESS, **body.model_dump(mode="json")}
        if not is_address(body.url):
            raise Problem(422, "Only http and https addresses can be added.")
        return await _take(desk, caller, key, wait, what, [])

    @routes.post("/upload", summary="Add files", status_code=202, responses=ANSWERS, response_class=Response)
    async def add_files(
        files: Annotated[list[UploadFile], File(min_length=1, max_length=MAX_FILES)],
        caller: Writing,
        key: Key = None,
        wait: Wait = 0,
    ) -> Response:
        """Add files of any kind that `assistant add` reads; several in one request."""
        what = {"kind": FILES, "names": [_name(file.filename or "") for file in files]}
        return await _take(desk, caller, key, wait, what, [await _bytes(desk, file) for file in files])

    return routes


async def _take(
    desk: Desk, caller: Caller, key: str | None, wait: float, what: dict[str, Any], files: list[bytes]
) -> Response:
    desk.assistant.corpus.check_writable()  # at once, and not as a job that fails
    print_ = _fingerprint(what, files)
    job, is_new = await desk.workers.run(desk.jobs.put, caller.id, key, print_, what, files)
    if job.fingerprint != print_:
        raise Problem(
            422, "This Idempotency-Key was used for another request.", hint="Use a new key for each request."
        )
    if is_new:
        desk.runner.take(job)
    job = await wait_for(desk, job, wait)
    headers = {"location": f"/api/v1/jobs/{job.id}"} | ({} if is_new else {REPLAYED: "true"})
    return Json(job_dict(desk, job), 200 if job.state.has_ended else 202, headers=headers)


async def _bytes(desk: Desk, file: UploadFile) -> bytes:
    most = desk.assistant.settings.server.max_upload_mb * 1024 * 1024
    data = await file.read(most + 1)
    if len(data) > most:
        raise Problem(413, "A file is too large.", hint="The setting is server.max_upload_mb.")
    return data


def _name(given: str) -> str:
    """The name of a file without the folders that some programs send along."""
    name = given.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[-MAX_NAME_CHARS:] or "text.txt"


def _fingerprint(what: dict[str, Any], files: list[bytes]) -> str:
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode())
    for file in files:
        digest.update(hashlib.sha256(file).digest())
    return digest.hexdigest()
