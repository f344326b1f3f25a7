"""The files that articles were read from: `/originals/ARTICLE/VERSION`.

An ASGI application in front of the page and behind the entrance, so that whoever may not read the articles
does not get their files. It knows addresses and what may be shown; which headers keep such a file from being
live is for `guard` to say.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.assistant import Assistant
from assistant.errors import AssistantError, UnknownArticleError
from assistant.guard import ORIGINALS
from assistant.types import PDF

SHOWN = (PDF, "text/plain")  # anything else is only to be saved


class KeptFiles:
    """Answers what asks for the original of an article; hands on all else.

    Args:
        app: The page.
        assistant: Has the articles.
    """

    def __init__(self, app: ASGIApp, assistant: Assistant) -> None:
        self._app, self._assistant = app, assistant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        is_read = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not (is_read and scope["path"].startswith(ORIGINALS)):
            await self._app(scope, receive, send)
            return
        article_id, _, version = scope["path"].removeprefix(ORIGINALS).partition("/")
        response = await run_in_threadpool(self._file, article_id, version)
        await response(scope, receive, send)

    def _file(self, article_id: str, version: str) -> Response:
        try:
            original = self._assistant.original(article_id, version)
        except AssistantError as exc:
            return PlainTextResponse(f"{exc}.", 404 if isinstance(exc, UnknownArticleError) else 503)
        return FileResponse(
            original.path,
            media_type=original.media_type,
            filename=original.name,
            content_disposition_type="inline" if original.media_type in SHOWN else "attachment",
        )
