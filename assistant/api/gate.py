"""What stands in front of the addresses for programs: who asks, how large it is, how deep.

It decides before anything is looked up: who shows no token gets the same bytes whatever they asked for. It
knows HTTP, nothing about articles.
"""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from assistant.access import Access, Scope, is_handed_on
from assistant.api.problems import refusal, unauthorized

MCP = "/mcp"
DOORS = ("/api", "/v1", MCP)
PLACES = ("/api/v1/", "/v1/")  # what is behind them, beside MCP itself
CALLER = "assistant.caller"  # where a request's scope says who asks
UPLOAD = "/api/v1/articles/upload"
MAX_DEPTH = 32  # of lists and objects in a body
MAX_BRACKETS = 500_000  # the same with all that may be text; to count how deep more are takes seconds
FILES_AT_ONCE = 20

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")


def is_for_programs(path: str) -> bool:
    """Whether a path is one of those for programs, the ones that lead nowhere included."""
    return any(path == door or path.startswith(door + "/") for door in DOORS)


class Gate:
    """Lets through to the addresses for programs who may ask, with bodies that can be read.

    Args:
        app: What is behind it.
        access: Who may ask.
        max_json_bytes: Largest body that is no upload.
        max_upload_bytes: Largest file.
    """

    def __init__(self, app: ASGIApp, access: Access, max_json_bytes: int, max_upload_bytes: int) -> None:
        self._app = app
        self._access = access
        self._max_json = max_json_bytes
        self._max_form = max_upload_bytes * FILES_AT_ONCE

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Answer a request with a refusal, or hand it on."""
        if scope["type"] != "http" or not is_for_programs(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        address = scope["client"][0] if scope.get("client") else ""
        authorization, handed_on = headers.get("authorization", ""), is_handed_on(headers)
        caller = self._access.caller(address, authorization, is_handed_on=handed_on)
        if caller is None:
            await unauthorized()(scope, receive, send)
            return
        is_upload = scope["path"] == UPLOAD and _is_form(headers) and Scope.WRITE in caller.scopes
        answer = self._refusal(scope["path"], headers, self._max_form if is_upload else self._max_json)
        if answer is None and not is_upload:
            body = await _read(receive, self._max_json)
            # not in the event loop: a body of megabytes takes its time
            answer = await run_in_threadpool(_refuse_body, scope["path"], body)
            receive = _replay(body or b"", receive)
        elif answer is None:
            receive = _bounded(receive, self._max_form)
        await (answer or self._app)({**scope, CALLER: caller}, receive, send)

    def _refusal(self, path: str, headers: Headers, max_bytes: int) -> Response | None:
        is_there = path == MCP or path.startswith(PLACES)
        if not is_there or not path.isprintable():  # mounts do not look behind a line's end
            return refusal(path, 404, "There is nothing at this address.")
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return refusal(path, 400, "Content-Length is not a number.")
        if int(length) > max_bytes:
            return _too_large(path)
        return None


def _is_form(headers: Headers) -> bool:
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


def _too_large(path: str) -> Response:
    return refusal(path, 413, "The request is too large.", hint="Send it in several requests.")


def _refuse_body(path: str, body: bytes | None) -> Response | None:
    if body is None:
        return _too_large(path)
    if body.count(b"[") + body.count(b"{") > MAX_BRACKETS:
        return refusal(path, 400, f"The body has more than {MAX_BRACKETS:,} lists and objects.")
    if depth(body) > MAX_DEPTH:
        return refusal(path, 400, f"The body is nested more than {MAX_DEPTH} levels deep.")
    return None


def depth(body: bytes) -> int:
    """How deep lists and objects of JSON are nested, found without reading it as JSON."""
    deepest = level = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        level += 1 if bracket in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


async def _read(receive: Receive, max_bytes: int) -> bytes | None:
    """The whole body; None if it is larger than that."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > max_bytes:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again


def _bounded(receive: Receive, max_bytes: int) -> Receive:
    """The same body, which is an error as soon as it is larger than that."""
    size = 0

    async def receive_counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > max_bytes:
            raise HTTPException(413, "The request is too large.")
        return message

    return receive_counted
