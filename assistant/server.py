"""The web server: the page at `/`, addresses for programs, originals, `/healthz`, the guard before all.

It knows how Gradio is mounted and how a port is found; what may pass is for `guard` to say, what an event
does for `ui.page`, what programs are answered for `api`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import webbrowser
from collections.abc import Callable, Mapping
from functools import partial

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from starlette.routing import Mount

from assistant.access import check_exposure
from assistant.accounts import Account, Accounts
from assistant.api.application import Programs
from assistant.assistant import Assistant
from assistant.downloads import Downloads
from assistant.entrance import SHARED, Credentials, Entrance
from assistant.errors import ConfigError
from assistant.guard import Guard, is_every_address
from assistant.kept_files import KeptFiles
from assistant.lost import Lost
from assistant.page_sessions import PageSessions
from assistant.settings import Settings

UPLOADS_FOLDER = "uploads"  # in the data folder
ANSWER_SECONDS = 5.0  # an answer that nobody waits for any more gets so long to notice
SHUTDOWN_SECONDS = 1  # open event streams get so long to end after Ctrl-C
MEGABYTE = 1024 * 1024


def create_app(assistant: Assistant, settings: Settings) -> FastAPI:
    """Build the web application: the page at `/`, `/api/v1`, originals, `/healthz`, and the guard around all.

    Args:
        assistant: Answers the questions and takes the articles.
        settings: Where uploads go and how large they may be; which host names are ours.

    Returns:
        The application, ready to be served by one process.
    """
    check_exposed(settings)
    assistant.is_read_only = settings.server.read_only
    programs = Programs(assistant, settings.server)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=programs.lifespan)
    app.add_api_route("/healthz", _health)
    programs.hang_into(app)
    uploads, max_bytes = settings.data_dir / UPLOADS_FOLDER, settings.server.max_upload_mb * MEGABYTE
    app.add_middleware(
        Guard,
        takes_uploads=not settings.server.read_only,
        host=settings.server.host,
        uploads=uploads,
        max_upload_bytes=max_bytes,
        names=settings.server.names,
    )
    _set_up_gradio(settings)
    _with_event_loop(lambda: _mount(app, assistant, settings))
    return app


def _mount(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    import gradio as gr  # only now: it reads the environment when it is imported, and takes seconds

    from assistant.ui import page, render

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
    # What Gradio mounted is the last route, and takes all that no other one does.
    mounted = app.router.routes[-1]
    assert isinstance(mounted, Mount)
    files = KeptFiles(Downloads(PageSessions(mounted.app), assistant.conversations), assistant)
    shown = Lost(files, render.lost)
    mounted.app = Entrance(shown, partial(_credentials, settings, Accounts(settings.data_dir)), render.login)


def check_exposed(settings: Settings) -> None:
    """Raise ConfigError if strangers could come in and the settings do not say that they may."""
    _credentials(settings, Accounts(settings.data_dir))


def _credentials(settings: Settings, accounts: Accounts) -> Credentials:
    """What logins are checked against: the accounts, and without any the one password."""
    if known := accounts.all():
        return known
    password = settings.server.password.get_secret_value() if settings.server.password else ""
    check_exposure(
        settings.server.host, asks_who=bool(password), is_meant=settings.server.without_password
    )  # also when the last account is removed while the server runs
    return {SHARED: Account(password)} if password else {}


def listen(settings: Settings) -> socket.socket:
    """Take the port; who connects waits until it is served.

    Args:
        settings: Host and port; port 0 takes a free one.

    Returns:
        The socket, for `serve`.

    Raises:
        ConfigError: If the host or the port cannot be had.
    """
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as exc:
        raise ConfigError(
            f"cannot listen on {host} port {port}: {str(exc.strerror or exc).partition(' (')[0]}",
            hint="Stop the program that uses the port, or choose another one with --port.",
        ) from exc


def serve(assistant: Assistant, settings: Settings, listener: socket.socket, *, open_browser: bool) -> None:
    """Serve the page until the process is told to stop.

    Args:
        assistant: Answers the questions and takes the articles.
        settings: Where uploads go and how large they may be; which host names are ours.
        listener: What `listen` gave.
        open_browser: Whether to open the page in a browser, where there is a graphical one.
    """
    app = create_app(assistant, settings)
    url = _address(listener)
    Console().print(f"The assistant is at {url} (Ctrl-C ends it).", highlight=False, soft_wrap=True)
    if open_browser:
        _open_in_browser(url)
    # One process, no workers: the corpus takes one writer.
    config = uvicorn.Config(
        app, log_level="warning", ws="none", server_header=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS
    )
    with contextlib.suppress(KeyboardInterrupt):  # raised once more when the server has ended in good order
        _Server(config).run(sockets=[listener])
    from assistant.ui.follow import wait_for_all  # by now the page is there, and what it brings

    wait_for_all(ANSWER_SECONDS)


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


class _Server(uvicorn.Server):
    """Ends quietly: a page holds an event stream open while it is shown, and cutting it is no error."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logger = logging.getLogger("uvicorn.error")
        level = logger.level
        logger.setLevel(logging.CRITICAL)
        try:
            await super().shutdown(sockets)
        finally:
            logger.setLevel(level)


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


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if is_every_address(host):
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _open_in_browser(url: str) -> None:
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    # Without a display, Python offers text browsers, which would take over this terminal; they are plain
    # GenericBrowsers, graphical ones are of a class of their own.
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(url)
