"""`GET /health` and `GET /ready`: that the server runs, and whether it would answer at once."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter
from starlette.responses import Response

from assistant.api.desk import Desk, Json, Reading, problems
from assistant.api.problems import Problem
from assistant.api.schemas import Health, Readiness


def router(desk: Desk) -> APIRouter:
    """The addresses that say how the server is."""
    routes = APIRouter(tags=["server"])

    @routes.get("/health", summary="Is it alive?", response_model=Health, responses=problems(503))
    async def health(caller: Reading) -> Response:  # noqa: ARG001
        """Say that the server runs, its version, and how many articles it has."""
        chat = desk.assistant.settings.chat.model
        return Json(
            {
                "status": "ok",
                "version": version("article-assistant"),
                "articles": await desk.workers.run(desk.assistant.corpus.count),
                "answers": chat or "extractive",
            }
        )

    @routes.get(
        "/ready", summary="Would it answer at once?", response_model=Readiness, responses=problems(503)
    )
    async def ready(caller: Reading) -> Response:  # noqa: ARG001
        """Say whether the models are loaded; 503 while they are not."""
        if not desk.is_warm.is_set():
            raise Problem(503, "The models are being loaded.", headers={"retry-after": "1"})
        return Json({"status": "ready"})

    return routes
