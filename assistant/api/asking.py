"""`POST /search` and `POST /ask`."""

from __future__ import annotations

import time

from fastapi import APIRouter
from starlette.responses import Response

from assistant.api.bodies import AskBody, SearchBody
from assistant.api.desk import Desk, Json, Reading, problems
from assistant.api.events import documented, growing, stream
from assistant.api.schemas import Answer, SearchAnswer

USUAL = problems(400, 413, 422, 503)
EVENTS = 'event: delta\ndata: {"text": "They met in Baku. [1]", "citations": []}\n\n'


def router(desk: Desk) -> APIRouter:
    """The addresses for questions."""
    routes = APIRouter(tags=["questions"])

    @routes.post("/search", summary="Find passages", response_model=SearchAnswer, responses=USUAL)
    async def search(body: SearchBody, caller: Reading) -> Response:  # noqa: ARG001
        """Find the passages that fit a query, best first."""
        started = time.perf_counter()

        def work() -> Response:
            hits = desk.assistant.search(body.query, body.top_k, body.filters.filters(), rerank=body.rerank)
            seconds = round(time.perf_counter() - started, 4)
            return Json({"hits": [hit.to_dict() for hit in hits], "seconds": seconds})

        return await desk.workers.run(work)

    @routes.post(
        "/ask",
        summary="Answer a question",
        response_model=Answer,
        responses={200: documented("The answer.", EVENTS), **USUAL},
    )
    async def ask(body: AskBody, caller: Reading) -> Response:  # noqa: ARG001
        """Answer a question from the articles, each sentence with its citation, or say why not.

        With `"stream": true` the answer comes as server-sent events: `evidence`, then `delta` for each piece
        of text that is added (`replace` if it takes the place of all before), and at last `answer`, which is
        what is sent without `stream`.
        """
        arguments = (body.question, body.turns(), body.filters.filters())
        named = {"today": body.today, "dates": body.dates}
        if body.stream:
            answers = desk.assistant.stream(*arguments, **named)  # type: ignore[arg-type]
            return stream(growing(desk.workers.each(answers)))
        return Json((await desk.workers.run(desk.assistant.ask, *arguments, **named)).to_dict())

    return routes
