"""Errors as programs read them: problem details (RFC 9457) for `/api`, OpenAI's shape for `/v1`.

It knows which error of ours has which status; a message never names more than the error itself does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from assistant import errors

PROBLEM_TYPE = "application/problem+json"
OPENAI_PREFIX = "/v1"
RETRY_SECONDS = 5  # after which a writer is worth another try
MOST_ERRORS = 20  # that are listed of one request

# The most special first. 503: not the request is wrong, and it may work once someone has mended the rest.
STATUSES: tuple[tuple[type[errors.AssistantError], int], ...] = (
    (errors.ReadOnlyError, 403),
    (errors.UnknownArticleError, 404),
    (errors.UnknownConversationError, 404),
    (errors.CorpusBusyError, 409),
    (errors.SourceError, 422),
    (errors.AssistantError, 503),
)


class Problem(Exception):
    """A request that is refused, with what its sender can do about it."""

    def __init__(
        self, status: int, detail: str, *, hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.hint, self.headers = status, detail, hint, headers


def refusal(
    path: str,
    status: int,
    detail: str,
    *,
    hint: str = "",
    wrong: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer to a request that is refused, in the shape that the path's clients read.

    Args:
        path: What was asked for.
        status: Of HTTP.
        detail: What is wrong, in a sentence.
        hint: What can be done, in a sentence; may be empty.
        wrong: Of a body or query: what is wrong where, as {"detail", "pointer"}.
        headers: Further headers.

    Returns:
        The answer.
    """
    if path == OPENAI_PREFIX or path.startswith(OPENAI_PREFIX + "/"):
        status = 400 if status == 422 else status  # as its clients expect
        body = openai_error(status, " ".join(filter(None, (detail, *(w["detail"] for w in wrong), hint))))
        kind = "application/json"
    else:
        known = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        }
        body = known | ({"hint": hint} if hint else {}) | ({"errors": list(wrong)} if wrong else {})
        kind = PROBLEM_TYPE
    return Response(_encode(body), status, media_type=kind, headers=headers)


def openai_error(status: int, message: str, code: str | None = None) -> dict[str, Any]:
    """An error in the shape that OpenAI's clients read."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def unauthorized() -> Response:
    """The answer to everyone who shows no token that is good for anything: always the same bytes.

    It is both a problem and OpenAI's error, so that it does not even say which door was knocked at.
    """
    detail = "This server wants a token: send it as Authorization: Bearer TOKEN."
    body = {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": detail}
    body |= openai_error(401, detail, "invalid_api_key")
    return Response(_encode(body), 401, media_type=PROBLEM_TYPE, headers={"www-authenticate": "Bearer"})


def problem_of(error: errors.AssistantError) -> tuple[int, dict[str, str]]:
    """Status and headers of an error of ours."""
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    return status, {"retry-after": str(RETRY_SECONDS)} if status == 409 else {}


def include(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Give an application its addresses, and have every error answered in the shape of its clients."""
    for router in routers:
        app.include_router(router)
    app.state.routes = [route for router in routers for route in router.routes]
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(errors.AssistantError, _on_ours)
    app.add_exception_handler(Exception, _on_bug)


def _on_problem(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, Problem)
    return refusal(request.url.path, exc.status, exc.detail, hint=exc.hint, headers=exc.headers)


def _on_http(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    details = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    detail = details.get(exc.status_code, exc.detail)
    headers = {"allow": _methods(request)} if exc.status_code == 405 else exc.headers
    return refusal(request.url.path, exc.status_code, detail, headers=headers)


def _methods(request: Request) -> str:
    """All methods of an address; Starlette itself names those of one route only."""
    known: list[BaseRoute] = request.app.state.routes
    routes = [r for r in known if isinstance(r, Route) and r.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for route in routes for method in route.methods or ()}))


def _on_invalid(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    found = exc.errors()
    if any(error["type"] == "json_invalid" for error in found):
        return refusal(request.url.path, 400, "The body is not JSON.")
    # Not what was sent: it may be of any size, and hold what JSON cannot.
    wrong = [{"detail": str(e["msg"]), "pointer": _pointer(e["loc"])} for e in found[:MOST_ERRORS]]
    return refusal(request.url.path, 422, "The request is not as documented.", wrong=wrong)


def _on_ours(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, errors.AssistantError)
    status, headers = problem_of(exc)
    return refusal(request.url.path, status, str(exc), hint=exc.hint, headers=headers)


def _on_bug(request: Request, exc: Exception) -> Response:  # noqa: ARG001 - it is logged by the server
    return refusal(request.url.path, 500, "The server made a mistake; its log says which.")


def _pointer(location: Sequence[int | str]) -> str:
    """Where in a request something is: "#/filters/sources/0" in a body, "query: limit" elsewhere."""
    place, *parts = location
    if place == "body":
        return "#" + "".join(f"/{str(part)[:100]}" for part in parts)
    return f"{place}: {'.'.join(str(part)[:100] for part in parts)}"


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
