"""Conversations as files: `/conversations/ID.md`, `.json`, and `.html` to be printed.

An ASGI application in front of the page and behind the entrance, which says whose conversations they are. It
knows addresses and owners; what a file looks like is for `conversations` and `ui.render` to say.
"""

from __future__ import annotations

import json
import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.conversations import Conversation, Conversations
from assistant.entrance import OWNER_HEADER
from assistant.errors import UnknownConversationError

_ADDRESS = re.compile(r"/conversations/([0-9a-f]{24})\.(md|json|html)")
_NOT_STORED = {"cache-control": "no-store"}


class Downloads:
    """Answers what asks for a file; hands on all else.

    Args:
        app: The page.
        conversations: What may be downloaded.
    """

    def __init__(self, app: ASGIApp, conversations: Conversations) -> None:
        self._app = app
        self._conversations = conversations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        is_read = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        match = _ADDRESS.fullmatch(scope["path"]) if is_read else None
        if match is None:
            await self._app(scope, receive, send)
            return
        owner = Headers(scope=scope).get(OWNER_HEADER, "")
        response = await run_in_threadpool(self._file, match[1], match[2], owner)
        await response(scope, receive, send)

    def _file(self, conversation_id: str, kind: str, owner: str) -> Response:
        try:
            found = self._conversations.get(conversation_id, owner)
        except UnknownConversationError:
            return PlainTextResponse("There is no such conversation.", 404, _NOT_STORED)
        return _as_page(found) if kind == "html" else _as_file(found, kind)


def _as_page(conversation: Conversation) -> Response:
    from assistant.ui import render

    return HTMLResponse(render.printable(conversation), headers=_NOT_STORED)


def _as_file(conversation: Conversation, kind: str) -> Response:
    is_json = kind == "json"
    text = (
        json.dumps(conversation.to_dict(), ensure_ascii=False, indent=2)
        if is_json
        else conversation.to_markdown()
    )
    name = f"conversation-{conversation.head.id[:10]}.{kind}"
    media = "application/json" if is_json else "text/markdown; charset=utf-8"
    told = {"content-disposition": f'attachment; filename="{name}"', **_NOT_STORED}
    return Response(text.encode(errors="replace"), media_type=media, headers=told)
