"""`GET /metrics`: how the server is doing, in the text form of Prometheus.

It counts requests by the address that took them, never by what was sent, so that the number of series is
bounded. The counters are of this process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from fastapi import APIRouter
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.desk import Desk, Reading, problems
from assistant.assistant import Assistant
from assistant.stores.jobs import JobStore

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counters of one server."""

    def __init__(self, assistant: Assistant, jobs: JobStore) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_State(assistant, jobs))
        self.requests = Counter(
            "assistant_requests", "Requests.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "assistant_request_seconds",
            "Time until a request was answered, streams to their end.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.in_progress = Gauge(
            "assistant_requests_in_progress", "Requests that are worked on.", registry=self.registry
        )


class _State:
    """What is counted when somebody looks."""

    def __init__(self, assistant: Assistant, jobs: JobStore) -> None:
        self._assistant = assistant
        self._jobs = jobs

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("assistant_articles", "Articles.", self._assistant.corpus.count())
        waiting = GaugeMetricFamily("assistant_jobs_unfinished", "Jobs that wait or run.", labels=("state",))
        states = [job.state for job in self._jobs.unfinished()]
        for state in ("queued", "running"):
            waiting.add_metric((state,), states.count(state))  # type: ignore[arg-type]  # a text, too
        yield waiting


class Counting:
    """Counts what an application answers.

    Args:
        app: The application.
        metrics: The counters.
        prefix: Where it is mounted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, prefix: str) -> None:
        self._app = app
        self._metrics = metrics
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._metrics.in_progress.track_inprogress():
            try:
                await self._app(scope, receive, send_noted)
            finally:
                self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        found = getattr(scope.get("route"), "path_format", None)  # the pattern: /articles/{article_id}
        route = self._prefix + found if found else "unknown"
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)


def router(desk: Desk, metrics: Metrics) -> APIRouter:
    """The address that shows them."""
    routes = APIRouter(tags=["server"])
    content = {"text/plain": {"schema": {"type": "string"}}}

    @routes.get(
        "/metrics",
        summary="Counters for Prometheus",
        response_class=Response,
        responses={200: {"description": "In text form.", "content": content}, **problems(503)},
    )
    async def show(caller: Reading) -> Response:  # noqa: ARG001
        """Show requests by address and status, their times, articles and unfinished jobs."""
        text = await desk.workers.run(generate_latest, metrics.registry)
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})

    return routes
