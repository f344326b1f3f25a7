"""The Model Context Protocol over HTTP, at `/mcp`: the tools of `assistant mcp` that read.

It puts the SDK's application behind the gate and minds the scope of a token; what the tools do is for
`assistant.mcp`.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import Receive, Send
from starlette.types import Scope as Connection

from assistant import mcp
from assistant.access import Scope
from assistant.api.gate import CALLER, MCP
from assistant.api.problems import refusal
from assistant.assistant import Assistant


class ProtocolDoor:
    """The tools as an ASGI application. Each request stands by itself: no session is kept.

    Args:
        assistant: Answers what the tools are asked.
        max_bytes: Largest request.
    """

    def __init__(self, assistant: Assistant, max_bytes: int) -> None:
        self._server = mcp.build(assistant)
        # Which hosts and origins are ours, the guard in front has decided; the SDK knows loopback only.
        elsewhere = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        self._app = self._server.streamable_http_app(
            streamable_http_path=MCP,
            json_response=True,
            stateless_http=True,
            max_request_body_size=max_bytes,
            transport_security=elsewhere,
        )

    def running(self) -> AbstractAsyncContextManager[None]:
        """What begins and ends with the web server."""
        return self._server.session_manager.run()

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Answer a request of someone whom the gate let in."""
        if Scope.READ in scope[CALLER].scopes:
            await self._app(scope, receive, send)
        else:
            await refusal(MCP, 403, "This token may only write.")(scope, receive, send)
