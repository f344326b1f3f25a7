"""What every address needs: the assistant, the threads that work for it, and how a value is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from threading import Event
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import JSONResponse

from assistant.access import Caller, Scope
from assistant.api.gate import CALLER
from assistant.api.problems import PROBLEM_TYPE, Problem
from assistant.api.runner import Runner
from assistant.api.schemas import ProblemDetails
from assistant.api.work import Workers
from assistant.assistant import Assistant
from assistant.stores.jobs import JobStore

DESCRIPTIONS = {
    400: "The body is not JSON, or nested too deep.",
    401: "No valid token; the same bytes whatever was asked for.",
    403: "The token is not good for this, the server takes no changes, or a page of another site asks.",
    404: "There is none.",
    409: "Another process is writing; try again a little later.",
    413: "The request is too large.",
    422: "The request is not as documented.",
    503: "The corpus or a model cannot be used; `detail` and `hint` say why.",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the addresses share."""

    assistant: Assistant
    workers: Workers
    jobs: JobStore
    runner: Runner
    is_warm: Event = field(default_factory=Event)  # set once the models are loaded


class Json(JSONResponse):
    """JSON in UTF-8; what cannot be written in it is replaced, not an error."""

    def render(self, content: Any) -> bytes:
        """Write a value down."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an address may answer besides what was asked for, for the OpenAPI document."""
    schema = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}
    return {
        status: {"description": DESCRIPTIONS[status], "content": {PROBLEM_TYPE: {"schema": schema}}}
        for status in sorted({401, 403, *statuses})
    }


def caller_of(request: Request) -> Caller:
    """Who asks; the gate has found out."""
    found: Caller = request.scope[CALLER]
    return found


def _must_write(request: Request) -> Caller:
    caller = caller_of(request)
    if Scope.WRITE not in caller.scopes:
        raise Problem(403, "This token may only read.", hint="Make one with `--scope write`.")
    return caller


def _must_read(request: Request) -> Caller:
    caller = caller_of(request)
    if Scope.READ not in caller.scopes:
        raise Problem(403, "This token may only write.", hint="Make one with `--scope read`.")
    return caller


Reading = Annotated[Caller, Depends(_must_read)]
Writing = Annotated[Caller, Depends(_must_write)]
