"""The entrance to the page: who someone is, and whether they have to log in first.

An ASGI application around the page. Without accounts, each browser is known by a random id in a cookie that
no script can read and no other site's page makes it send; that is enough for two people not to see each
other's conversations, and no more. With a password or accounts, everything but the login is shut without a
session. Whoever it is, the page is told in a header that nobody else can set. What programs ask for at
`/api` does not come by here.

It knows cookies, sessions and logins; it does not know what the page shows.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.accounts import MAX_PASSWORD_CHARS, Account, fits
from assistant.errors import ConfigError

logger = logging.getLogger(__name__)

OWNER_HEADER = "x-assistant-owner"  # whose conversations the page keeps; empty for who sends no cookie
VISITOR, SESSION = "assistant_visitor", "assistant_session"  # cookies
LOGIN, LOGOUT = "/login", "/logout"
FORMS = (LOGIN, LOGOUT)
SHARED = ""  # the name of whoever logs in with the one password of the server

VISITOR_SECONDS = 365 * 86_400
SESSION_SECONDS = 30 * 86_400
MAX_SESSIONS = 10_000
MAX_FORM_BYTES = 4 * MAX_PASSWORD_CHARS
MAX_FAILURES, FAILURE_SECONDS = 20, 60  # logins that may fail in that time from one address
MAX_ADDRESSES = 10_000  # whose failed logins are remembered

_ID = re.compile(r"[A-Za-z0-9_-]{32}")
# Who follows a link of another site does not send our cookies at first: the page comes once more by itself.
_AGAIN = '<!doctype html><meta http-equiv="refresh" content="0"><title>Article Assistant</title>'

LoginPage = Callable[[bool, str], str]  # (whether a name is asked for, what went wrong) -> HTML
Credentials = Mapping[str, Account]  # by name, what passwords are checked against; empty: no login


@dataclass(frozen=True, slots=True)
class _Session:
    name: str
    account: Account  # as it was: a session ends when it changes
    until: float


class Entrance:
    """Lets in who may come in.

    Args:
        app: The page.
        credentials: Who may log in; asked at each request, so that a change counts at once.
        login_page: Makes the page that asks for it.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        app: ASGIApp,
        credentials: Callable[[], Credentials],
        login_page: LoginPage,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._credentials = credentials
        self._login_page = login_page
        self._clock = clock
        self._sessions: OrderedDict[str, _Session] = OrderedDict()  # by the hash of what the cookie says
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()  # by address
        self._checking = asyncio.Semaphore(1)  # a hash takes 32 MB

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or answer it with the login."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        if not cookies.keys() & {VISITOR, SESSION} and _comes_from_elsewhere(scope, headers):
            await HTMLResponse(_AGAIN)(scope, receive, send)
            return
        try:
            known = self._credentials()
        except ConfigError as exc:  # so nobody is let in
            logger.error("%s. %s", exc, exc.hint)
            await PlainTextResponse("The accounts cannot be read.", 503)(scope, receive, send)
            return
        path = scope["path"]
        if path in FORMS and scope["method"] == "POST":
            answer = await self._form(path, Request(scope, receive), known, cookies)
            await answer(scope, receive, send)
            return
        visitor = cookies.get(VISITOR, "")
        visitor = visitor if _ID.fullmatch(visitor) else ""
        session = self._session(cookies, known)
        if known and session is None:
            await self._ask_to_log_in(known, headers)(scope, receive, send)
            return
        fresh = "" if visitor or headers.get("sec-fetch-site") == "cross-site" else secrets.token_urlsafe(24)
        owner = owner_of(visitor, session.name, session.account.id) if session else owner_of(visitor)
        await self._app(_told(scope, owner), receive, _with_cookie(send, fresh, scope) if fresh else send)

    def _session(self, cookies: dict[str, str], known: Credentials) -> _Session | None:
        """The session that a cookie names, if it has not ended."""
        key = _digest(cookies.get(SESSION, ""))
        session = self._sessions.get(key)
        if session is None:
            return None
        if session.until < self._clock() or known.get(session.name) != session.account:
            del self._sessions[key]
            return None
        return session

    def _ask_to_log_in(self, known: Credentials, headers: Headers, problem: str = "") -> Response:
        if "text/html" not in headers.get("accept", ""):
            return PlainTextResponse("Log in first.", 401)
        return HTMLResponse(self._login_page(SHARED not in known, problem), 401, _NOT_STORED)

    async def _form(
        self, path: str, request: Request, known: Credentials, cookies: dict[str, str]
    ) -> Response:
        if path == LOGOUT:
            self._sessions.pop(_digest(cookies.get(SESSION, "")), None)
            return _leading(request, SESSION, "", 0)
        if not known:
            return RedirectResponse("/", 303)
        name, password = await _credentials_of(request)
        name = SHARED if SHARED in known else name
        async with self._checking:  # one after the other, so that each counts before the next is looked at
            now = self._clock()
            failures = self._failures_of(request.client.host if request.client else "")
            if len(failures) == MAX_FAILURES and now - failures[0] < FAILURE_SECONDS:
                problem = "Too many logins have failed. Wait a minute and try again."
                return HTMLResponse(self._login_page(SHARED not in known, problem), 429, _NOT_STORED)
            if not await _is_right(name, password, known):
                failures.append(now)
                return self._ask_to_log_in(known, Headers({"accept": "text/html"}), "That is not right.")
        secret = secrets.token_urlsafe(32)
        self._sessions[_digest(secret)] = _Session(name, known[name], now + SESSION_SECONDS)
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)
        return _leading(request, SESSION, secret, SESSION_SECONDS)

    def _failures_of(self, address: str) -> deque[float]:
        """When logins from an address have failed, latest last; who guesses locks out nobody elsewhere."""
        failures = self._failures.setdefault(address, deque(maxlen=MAX_FAILURES))
        self._failures.move_to_end(address)
        while len(self._failures) > MAX_ADDRESSES:
            self._failures.popitem(last=False)
        return failures


async def _is_right(name: str, password: str, known: Credentials) -> bool:
    """Check a password; for a name that is not known it takes as long."""
    wanted = known.get(name)
    against = wanted or next(iter(known.values()))
    is_right = await asyncio.to_thread(fits, password, against.password)
    return is_right and wanted is not None


def owner_of(visitor: str, account: str = SHARED, account_id: str = "") -> str:
    """Whose conversations are kept: an account's, or a browser's; empty for who sends no cookie.

    What is stored does not say what the cookie says: who reads the file cannot pretend to be someone.

    Args:
        visitor: What the browser's cookie says.
        account: The name that someone is logged in with.
        account_id: The account's id; accounts of earlier releases have none and keep what is theirs.

    Returns:
        The owner; `account_of` finds the name in it.
    """
    if account != SHARED:
        return f"account:{account}#{account_id}" if account_id else f"account:{account}"
    return f"visitor:{_digest(visitor)}" if visitor else ""


def account_of(owner: str) -> str:
    """The name that an owner is logged in with; empty if there is none."""
    kind, _, account = owner.partition(":")
    return account.partition("#")[0] if kind == "account" else ""


def _comes_from_elsewhere(scope: Scope, headers: Headers) -> bool:
    is_page = scope["method"] == "GET" and headers.get("sec-fetch-dest") == "document"
    return is_page and headers.get("sec-fetch-site") in ("cross-site", "same-site")


def _told(scope: Scope, owner: str) -> Scope:
    """The request with our word on who it is, and nobody else's."""
    name = OWNER_HEADER.encode()
    headers = [(key, value) for key, value in scope["headers"] if key.lower() != name]
    return {**scope, "headers": [*headers, (name, owner.encode("utf-8"))]}


def _with_cookie(send: Send, secret: str, scope: Scope) -> Send:
    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            response = Response()
            _set(response, scope, VISITOR, secret, VISITOR_SECONDS)
            MutableHeaders(scope=message).append("set-cookie", response.headers["set-cookie"])
        await send(message)

    return send_with_cookie


def _leading(request: Request, cookie: str, value: str, seconds: int) -> Response:
    response = RedirectResponse("/", 303)
    _set(response, request.scope, cookie, value, seconds)
    return response


def _set(response: Response, scope: Scope, cookie: str, value: str, seconds: int) -> None:
    is_secure = scope.get("scheme") == "https"
    response.set_cookie(cookie, value, max_age=seconds, httponly=True, samesite="strict", secure=is_secure)


async def _credentials_of(request: Request) -> tuple[str, str]:
    """Name and password of a login form; empty if it is none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM_BYTES:
            return "", ""
    try:
        given = parse_qs(body.decode("ascii"), max_num_fields=10)
    except ValueError:
        return "", ""
    return given.get("name", [""])[0], given.get("password", [""])[0]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()[:32]


_NOT_STORED = {"cache-control": "no-store"}
