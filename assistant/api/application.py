"""The applications for programs, put together and hung into the web server.

It knows which modules there are and what begins and ends with the server; each address is for its own module.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.routing import Route

from assistant.access import Access, Caller, Scope, are_others_meant
from assistant.accounts import Accounts
from assistant.api import adding, articles, asking, conversations, health, jobs, schemas
from assistant.api.desk import Desk
from assistant.api.gate import MCP, Gate
from assistant.api.metrics import Counting, Metrics
from assistant.api.metrics import router as router_of_metrics
from assistant.api.openai import chat, models
from assistant.api.problems import include
from assistant.api.protocol import ProtocolDoor
from assistant.api.runner import END_SECONDS, Runner
from assistant.api.work import Workers
from assistant.assistant import Assistant
from assistant.errors import AssistantError, CorpusError
from assistant.settings import ServerSettings
from assistant.stores.jobs import JobStore
from assistant.stores.tokens import TokenStore

MEGABYTE = 1024 * 1024
logger = logging.getLogger(__name__)

DESCRIPTION = """
Search the articles and ask questions about them; every sentence of an answer carries the citation that it
rests on. Errors are problem details (RFC 9457). A server that listens beyond its own machine wants a token,
made with `assistant token create`, as `Authorization: Bearer TOKEN`.
"""


class Programs:
    """All that the web server has for programs.

    Args:
        assistant: Answers the questions and takes the articles.
        settings: How many requests are worked on at once, how large they may be, who may ask.
    """

    def __init__(self, assistant: Assistant, settings: ServerSettings) -> None:
        self._settings = settings
        self._tokens = TokenStore(assistant.corpus.data_dir)
        store = JobStore(assistant.corpus.data_dir)
        self._desk = Desk(assistant, Workers(settings.threads), store, Runner(assistant, store))
        self._metrics = Metrics(assistant, store)
        self._protocol = ProtocolDoor(assistant, settings.max_request_mb * MEGABYTE)

    def hang_into(self, app: FastAPI) -> None:
        """Mount the addresses, with the gate before them."""
        accounts = Accounts(self._desk.assistant.corpus.data_dir)
        require_token = are_others_meant(self._settings, accounts)
        access = Access(self._settings.host, _Callers(self._tokens), require_token=require_token)
        app.mount("/api/v1", _for_scripts(self._desk, self._metrics))
        app.mount("/v1", _for_openai_clients(self._desk, self._metrics))
        app.router.routes.append(Route(MCP, self._protocol))
        app.add_middleware(
            Gate,
            access=access,
            max_json_bytes=self._settings.max_request_mb * MEGABYTE,
            max_upload_bytes=self._settings.max_upload_mb * MEGABYTE,
        )

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG002 - given by the server
        """What begins and ends with the server."""
        warming_up = threading.Thread(target=self._warm_up, daemon=True, name="warm-up")
        warming_up.start()
        self._desk.runner.start()
        async with self._protocol.running():
            yield
        warming_up.join(END_SECONDS)  # a process that ends amid native code is aborted
        self._desk.runner.stop()
        self._desk.jobs.close()
        self._tokens.close()

    def _warm_up(self) -> None:
        """Load the models, so that the first question is answered as fast as the second."""
        try:
            self._desk.assistant.warm_up()
        except AssistantError as error:
            logger.warning("the models could not be loaded yet: %s", error)
        self._desk.is_warm.set()


class _Callers:
    """Tokens as `Access` asks for them."""

    def __init__(self, tokens: TokenStore) -> None:
        self._tokens = tokens

    def find(self, secret: str) -> Caller | None:
        try:
            token = self._tokens.with_secret(secret)
        except CorpusError as error:  # what cannot be read lets nobody in
            logger.warning("tokens cannot be read: %s", error)
            return None
        return Caller(token.id, frozenset(map(Scope, token.scopes))) if token else None


def _for_scripts(desk: Desk, metrics: Metrics) -> FastAPI:
    app = FastAPI(
        title="Article Assistant",
        version=version("article-assistant"),
        description=DESCRIPTION,
        docs_url=None,  # the page for trying it out would be fetched from another host
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    routers = [module.router(desk) for module in (asking, conversations, adding, articles, jobs, health)]
    include(app, [*routers, router_of_metrics(desk, metrics)])
    app.add_middleware(Counting, metrics=metrics, prefix="/api/v1")
    _describe_problems(app)
    return app


def _describe_problems(app: FastAPI) -> None:
    """Put the shape of errors into the OpenAPI document, which every address points to."""
    document = app.openapi()
    shape = schemas.ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    document["components"]["schemas"] |= {**shape.pop("$defs"), schemas.ProblemDetails.__name__: shape}


def _for_openai_clients(desk: Desk, metrics: Metrics) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    include(app, [module.router(desk) for module in (chat, models)])
    app.add_middleware(Counting, metrics=metrics, prefix="/v1")
    return app
