"""What the web server lets through: an ASGI guard in front of the page and all routes of Gradio.

It answers only to the names of this server (against DNS rebinding), refuses requests that another site's page
makes, bounds request bodies, keeps shut what Gradio offers and the page does not use, and puts security
headers on every response. It knows HTTP and Gradio's routes, nothing about articles or answers.

Three of Gradio's ways would undo the rest, found by trying them on 6.31:

- its file route fetches any public address for a caller, which gets what a page could leak past the
  Content-Security-Policy;
- in a mounted app it does not check where the files of an event come from: an event that names a path on this
  machine gets that file read, and one that names an address gets it fetched;
- its file route hands any upload to whoever knows its path.

So the file and proxy routes are shut, and an event may name files of the upload folder only.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.gate import is_for_programs
from assistant.api.problems import refusal as program_refusal
from assistant.entrance import FORMS
from assistant.types import PDF

FILES_AT_ONCE = 20  # an upload may be as large as so many of the largest files
MAX_PATH_CHARS = 4096  # as long as Linux takes one
MAX_MESSAGE_BYTES = 1_000_000  # every other request; a question is a few kilobytes
UNQUOTE_ROUNDS = 5  # an address that still changes after so many was made to deceive

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
    "referrer-policy": "same-origin",  # with "no-referrer", forms of our own pages say Origin: null
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

OTHER_HOST = "This server does not answer to that host name."
OTHER_SITE = "Requests from pages of other sites are refused."
ORIGINALS = "/originals/"  # files that came from anywhere: nothing in them may run, load or send anything
_NOTHING = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
_SANDBOX = f"{_NOTHING}; sandbox"  # not of a PDF: some browsers then do not show it

GRADIO = "/gradio_api/"
UPLOAD = GRADIO + "upload"
# What the page and Gradio's clients send; Gradio has more, such as a video converter and a code editor.
POSTS = {UPLOAD, *(GRADIO + name for name in ("queue/join", "cancel", "reset", "call/chat"))}

_SHUT = re.compile(r"/(proxy|file)[=/]|/deep_link")


class Guard:
    """Refuses what no page or client of ours sends, and adds the security headers to every response.

    Which hosts are ours: `localhost`, the loopback addresses and the host of the settings. A server that
    listens on every address (0.0.0.0, ::) is reached by addresses and names that it cannot list: behind a
    container or a router they are not even its own. There every literal address is ours, and the machine's
    name. DNS rebinding needs a domain name that someone else controls, so it is kept out all the same; a
    proxy in front has to set Host to one of these. Starlette's TrustedHostMiddleware has no pattern for "any
    address".

    Args:
        app: What it guards.
        host: The address that the server listens on.
        uploads: The folder that uploads lie in.
        max_upload_bytes: Largest file that may be uploaded.
        names: Further names of this server.
        takes_uploads: Whether files may be uploaded at all.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        uploads: Path,
        max_upload_bytes: int,
        names: Collection[str] = (),
        *,
        takes_uploads: bool = True,
    ) -> None:
        self._app = app
        self._uploads = uploads.resolve()
        self._max_upload = max_upload_bytes * FILES_AT_ONCE
        self._takes_uploads = takes_uploads
        self._takes_any_address = is_every_address(host)
        self._names = {"localhost", "127.0.0.1", "::1", host.lower(), *names}
        if self._takes_any_address:
            name = socket.gethostname().lower()
            self._names |= {name, f"{name}.local"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with a refusal, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY_HEADERS)
                if scope["path"].startswith(ORIGINALS):
                    headers.update(_of_original(headers.get("content-type", "")))
            await send(message)

        refusal = self._refusal(scope, Headers(scope=scope))
        is_message = scope["method"] == "POST" and scope["path"] not in (UPLOAD, *FORMS)
        if refusal is None and is_message and not is_for_programs(scope["path"]):
            body = await _read(receive)
            receive = _replay(body, receive)
            refusal = self._refuse_files(body)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        is_foreign = origin is not None and _netloc(origin) != host.lower()
        if is_for_programs(scope["path"]):
            return self._refuse_program(scope["path"], host, headers, is_foreign=is_foreign)
        if not self._is_ours(host):
            return PlainTextResponse(OTHER_HOST, 400)
        if is_foreign:
            return PlainTextResponse(OTHER_SITE, 403)
        if _is_shut(scope["path"]):
            return PlainTextResponse("This route is shut.", 403)
        return None if scope["method"] in ("GET", "HEAD") else self._refuse_body(scope, headers)

    def _refuse_program(self, path: str, host: str, headers: Headers, *, is_foreign: bool) -> Response | None:
        """The same for addresses of programs, whose bodies the gate of `api` bounds.

        A page of another site may make a browser ask for an address without saying so in Origin, as for the
        source of a picture; browsers say it in Sec-Fetch-Site.
        """
        if not self._is_ours(host):
            return program_refusal(path, 400, OTHER_HOST)
        if is_foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return program_refusal(path, 403, OTHER_SITE)
        return None

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or (self._takes_any_address and _is_address(name))

    def _refuse_body(self, scope: Scope, headers: Headers) -> Response | None:
        is_refused = scope["path"] == UPLOAD and not self._takes_uploads
        if is_refused or (scope["path"].startswith(GRADIO) and scope["path"] not in POSTS):
            return PlainTextResponse("This route is shut.", 403)
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return PlainTextResponse("Content-Length is required.", 411)
        if int(length) > (self._max_upload if scope["path"] == UPLOAD else MAX_MESSAGE_BYTES):
            return PlainTextResponse("The request is too large.", 413)
        return None

    def _refuse_files(self, body: bytes) -> PlainTextResponse | None:
        """Refuse a message that names a file which is not an upload."""
        try:
            named = list(_file_paths(json.loads(body)))
        except (ValueError, RecursionError):  # not JSON: no route of ours reads it
            return PlainTextResponse("The request is not JSON.", 400)
        if len(named) <= FILES_AT_ONCE and all(self._is_upload(path) for path in named):
            return None
        return PlainTextResponse("Only files that were uploaded here can be used.", 403)

    def _is_upload(self, path: object) -> bool:
        try:
            # a path is followed part by part, and each costs as much as all before it
            is_path = isinstance(path, str) and len(path) <= MAX_PATH_CHARS
            return is_path and Path(str(path)).resolve().is_relative_to(self._uploads)
        except (OSError, ValueError, RuntimeError):  # a NUL in it, too long, links in a circle
            return False


def _of_original(media_type: str) -> dict[str, str]:
    """Headers of a file that came from anywhere."""
    policy = _NOTHING if media_type == PDF else _SANDBOX
    return {"content-security-policy": policy, "cache-control": "private, no-cache"}


def is_every_address(host: str) -> bool:
    """Whether a server that listens on this host listens on all addresses of the machine."""
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_shut(path: str) -> bool:
    """Whether a path leads to a route that is shut, however often it is quoted."""
    for _ in range(UNQUOTE_ROUNDS):
        if _SHUT.search(path):
            return True
        unquoted = unquote(path)
        if unquoted == path:
            return False
        path = unquoted
    return True


def _file_paths(message: object) -> Iterator[object]:
    """What a message gives as path or address of a file, at any depth."""
    pending = [message]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if "path" in value:
                yield value["path"]
            pending += value.values()
        elif isinstance(value, list):
            pending += value


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A body that was read, to be received once more, and whatever comes after it."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again
