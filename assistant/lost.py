"""What a browser is shown at an address where nothing is: a page with a way back, in place of bare JSON.

An ASGI application around the page and its files. It knows HTTP; how such a page looks is for others to say.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOTHING = "There is nothing at this address."
MAX_SAID_BYTES = 1000  # of a reason in plain text

LostPage = Callable[[str], str]  # what is wrong -> HTML


class Lost:
    """Says to people what programs are told with a status.

    Args:
        app: What is asked first.
        page: Makes the page.
    """

    def __init__(self, app: ASGIApp, page: LostPage) -> None:
        self._app, self._page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; if nothing is there and it comes from an address bar, answer with the page."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        await self._app(scope, receive, answer.take)
        if answer.is_lost:
            page = HTMLResponse(self._page(answer.said or NOTHING), 404, {"cache-control": "no-store"})
            await page(scope, receive, send)


class _Answer:
    """An answer on its way; one that says that nothing is there is kept back."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_lost = False
        self._is_plain = False
        self._body = b""

    @property
    def said(self) -> str:
        """The reason, if it is in plain text."""
        return self._body.decode(errors="replace") if self._is_plain else ""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 404:
            self.is_lost = True
            self._is_plain = Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")
        elif self.is_lost:
            self._body = (self._body + message.get("body", b""))[:MAX_SAID_BYTES]
        else:
            await self._send(message)
