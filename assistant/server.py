"""The web server: the page, `/healthz`, and what keeps both from strangers.

One ASGI guard stands in front of everything. It answers only to the names of this server (against DNS
rebinding), refuses requests that another site's page makes, bounds request bodies, blocks the routes by which
Gradio fetches addresses on a caller's behalf (a page could send out what it reads through them, past the
Content-Security-Policy), and puts security headers on every response. It knows HTTP, nothing about answers.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import socket
import webbrowser
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.assistant import Assistant
from assistant.errors import ConfigError
from assistant.settings import Settings

UPLOADS_FOLDER = "uploads"  # in the data folder
FILES_AT_ONCE = 20  # an upload may be as large as so many of the largest files
MAX_MESSAGE_BYTES = 1_000_000  # every other request; a question is a few kilobytes
UNQUOTE_ROUNDS = 5  # an address that still changes after so many was made to deceive
SHUTDOWN_SECONDS = 2  # open event streams get so long to end after Ctrl-C
MEGABYTE = 1024 * 1024

# Gradio needs inline scripts and styles, and evaluates its templates; what matters is that nothing can be
# fetched from, or sent to, another host. `base-uri 'self'`: Gradio sets a base of its own.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'none'",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

_FETCHES_ADDRESS = re.compile(r"/proxy=|/file[=/]\s*([a-z][a-z0-9+.-]+:|[/\\]{2})")


def create_app(assistant: Assistant, settings: Settings) -> FastAPI:
    """Build the web application: the page at `/`, `/healthz`, and the guard around both.

    Args:
        assistant: Answers the questions and takes the articles.
        settings: Where uploads go and how large they may be; which host names are ours.

    Returns:
        The application, ready to be served by one process.
    """
    app = FastAPI(title="Article Assistant", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/healthz", _health)
    app.add_middleware(_Guard, settings=settings)
    _set_up_gradio(settings)
    _with_event_loop(lambda: _mount(app, assistant, settings))
    return app


def _mount(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    import gradio as gr  # only now: it reads the environment when it is imported, and takes seconds

    from assistant.ui import page

    gr.mount_gradio_app(
        app,
        page.build(assistant),
        path="/",
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        ssr_mode=False,
        show_error=False,
        allowed_paths=[],
        max_file_size=settings.server.max_upload_mb * MEGABYTE,
        run_history=False,
        mcp_server=False,
        enable_monitoring=False,
        **page.mounting(),
    )


def serve(assistant: Assistant, settings: Settings, *, open_browser: bool) -> None:
    """Serve the page until the process is told to stop.

    Args:
        assistant: Answers the questions and takes the articles.
        settings: Host and port; port 0 takes a free one.
        open_browser: Whether to open the page in a browser, where there is a graphical one.

    Raises:
        ConfigError: If the host or the port cannot be had.
    """
    listener = _listen(settings.server.host, settings.server.port)
    app = create_app(assistant, settings)
    url = _address(listener)
    Console().print(f"The assistant is at {url} (Ctrl-C ends it).", highlight=False, soft_wrap=True)
    if open_browser:
        _open_in_browser(url)
    # One process, no workers: the corpus takes one writer.
    config = uvicorn.Config(
        app, log_level="warning", ws="none", server_header=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS
    )
    uvicorn.Server(config).run(sockets=[listener])


def _set_up_gradio(settings: Settings) -> None:
    """Tell Gradio where uploads go and that it reports to nobody.

    Gradio takes these from the environment only. This writes to it and reads nothing from it: `settings`
    stays the one reader. Without a folder of our own, uploads lie in the shared temporary folder.
    """
    uploads = settings.data_dir / UPLOADS_FOLDER
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["GRADIO_TEMP_DIR"] = str(uploads.resolve())
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def _with_event_loop(build: Callable[[], object]) -> None:
    """Call a function while an event loop runs: without one, Gradio makes several and closes none."""

    async def call() -> None:
        build()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(call())
    else:
        build()


async def _health() -> Mapping[str, str]:
    return {"status": "ok"}


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as exc:
        raise ConfigError(
            f"cannot listen on {host} port {port}: {exc.strerror or exc}",
            hint="Stop the program that uses the port, or choose another one with --port.",
        ) from exc


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if _is_every_address(host):
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _is_every_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _open_in_browser(url: str) -> None:
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    # Without a display, Python offers text browsers, which would take over this terminal; they are plain
    # GenericBrowsers, graphical ones are of a class of their own.
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(url)


class _Guard:
    """Refuses what no page or client of ours sends, and adds the security headers to every response.

    Which hosts are ours: `localhost`, the loopback addresses and the host of the settings. A server that
    listens on every address (0.0.0.0, ::) is reached by addresses and names that it cannot list: behind a
    container or a router they are not even its own. There every literal address is ours, and the machine's
    name. DNS rebinding needs a domain name that someone else controls, so it is kept out all the same; a
    proxy in front has to set Host to one of these. Starlette's TrustedHostMiddleware has no pattern for "any
    address".
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        host = settings.server.host.lower()
        self._takes_any_address = _is_every_address(host)
        self._names = {"localhost", "127.0.0.1", "::1", host}
        if self._takes_any_address:
            self._names |= {socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}
        self._max_upload = settings.server.max_upload_mb * MEGABYTE * FILES_AT_ONCE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        refusal = self._refusal(scope, Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_ours(host):
            return PlainTextResponse("This server does not answer to that host name.", 400)
        if origin is not None and _netloc(origin) != host.lower():
            return PlainTextResponse("Requests from pages of other sites are refused.", 403)
        if _fetches_an_address(scope):
            return PlainTextResponse("This server fetches no addresses.", 403)
        return self._refuse_body(scope, headers)

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or (self._takes_any_address and _is_address(name))

    def _refuse_body(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return None
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return PlainTextResponse("Content-Length is required.", 411)
        is_upload = scope["path"].endswith("/upload")
        if int(length) > (self._max_upload if is_upload else MAX_MESSAGE_BYTES):
            return PlainTextResponse("The request is too large.", 413)
        return None


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _fetches_an_address(scope: Mapping[str, Any]) -> bool:
    """Whether a path asks Gradio to fetch an address for the caller, however often it is quoted."""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    for _ in range(UNQUOTE_ROUNDS):
        if _FETCHES_ADDRESS.search(path.lower()):
            return True
        unquoted = unquote(path)
        if unquoted == path:
            return False
        path = unquoted
    return True
