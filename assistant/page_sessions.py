"""Ties the page's sessions to who opened them: a name that someone learns leads into no page but their own.

The page chooses a name for its session (Gradio's `session_hash`) and sends it with every event; it stands in
the addresses of its event stream, and so in logs of proxies. Gradio gives the stream to whoever has the name.
This ASGI application stands behind the entrance and, for each owner, puts another name in the place of the
one that was sent, before Gradio sees it. Nothing has to be remembered for that, and nothing can be claimed.
It knows Gradio's addresses and owners, nothing of what an event does.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.entrance import OWNER_HEADER

NAME = "session_hash"
BODIES = frozenset(f"/gradio_api/{name}" for name in ("queue/join", "cancel", "reset", "call/chat"))
STREAM = "/gradio_api/queue/data"
ALIVE = "/gradio_api/heartbeat/"  # a page is open as long as this is


class PageSessions:
    """Gives each owner's sessions names of their own; all else is handed on as it came.

    Who sends no cookie has no name either: such programs share what they call the same.

    Args:
        app: The page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on with the owner's name of its session."""
        if scope["type"] == "http":
            owner = Headers(scope=scope).get(OWNER_HEADER, "")
            path = scope["path"]
            if path in BODIES and scope["method"] == "POST":
                scope, receive = await _with_body(scope, receive, owner)
            elif path == STREAM:
                scope = {**scope, "query_string": _query(scope["query_string"], owner)}
            elif path.startswith(ALIVE):
                scope = _at(scope, ALIVE + named(path.removeprefix(ALIVE), owner))
        await self._app(scope, receive, send)


def named(session: str, owner: str) -> str:
    """What a session that its page calls so is called here.

    Args:
        session: Any text.
        owner: As the entrance says it; empty for who sends no cookie.

    Returns:
        32 hexadecimal digits, others for each owner.
    """
    return hashlib.sha256(f"{owner}\n{session}".encode(errors="replace")).hexdigest()[:32]


def _query(query: bytes, owner: str) -> bytes:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return urlencode([(key, named(value, owner) if key == NAME else value) for key, value in pairs]).encode()


def _at(scope: Scope, path: str) -> Scope:
    return {**scope, "path": path, "raw_path": path.encode()}


async def _with_body(scope: Scope, receive: Receive, owner: str) -> tuple[Scope, Receive]:
    """The request with the session's name in its body changed; a body without one stays as it is."""
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    said = _parsed(body)
    if isinstance(said, dict) and isinstance(said.get(NAME), str):
        body = json.dumps({**said, NAME: named(said[NAME], owner)}).encode()
        scope = {**scope, "headers": [*scope["headers"]]}
        MutableHeaders(scope=scope)["content-length"] = str(len(body))
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return scope, receive_again


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # whoever reads it says so
        return None
