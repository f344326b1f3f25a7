"""A real HTTP server on loopback that speaks the OpenAI chat protocol and plays models from a script.

A script has a list of steps for each request. A string is a delta, streamed as an event; the other steps are
below. The server keeps every request that it got, and says when a client has gone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Status:
    """Answer with an HTTP status and a body instead of a stream."""

    code: int
    body: str = '{"error": {"message": "no"}}'
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Silence:
    """Send nothing until the client goes, at most so long."""

    seconds: float = 20.0


@dataclass(frozen=True)
class Raw:
    """Send these bytes as they are."""

    data: bytes


@dataclass(frozen=True)
class Finish:
    """End the answer for a reason; without one of these it ends with "stop"."""

    reason: str


class BreakOff:
    """Close the connection in the middle of the answer."""


Step = str | Status | Silence | Raw | Finish | BreakOff
Script = Sequence[Step] | Callable[[dict[str, Any]], Sequence[Step]]


class ScriptedServer:
    """Plays one script a request, the last one again and again."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = scripts
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.client_left = threading.Event()
        self.url = ""

    def next_steps(self, request: dict[str, Any], headers: dict[str, str]) -> Sequence[Step]:
        script = self.scripts[min(len(self.requests), len(self.scripts) - 1)]
        self.requests.append(request)
        self.headers.append(headers)
        return script(request) if callable(script) else script


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    playing: ScriptedServer

    def do_POST(self) -> None:
        self.close_connection = True
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._play(self.playing.next_steps(body, headers))
        except (BrokenPipeError, ConnectionResetError):
            self.playing.client_left.set()

    def _play(self, steps: Sequence[Step]) -> None:
        if steps and isinstance(steps[0], Status):
            self._refuse(steps[0])
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self._event({"role": "assistant", "content": ""})
        finish = "stop"
        for step in steps:
            if isinstance(step, BreakOff):
                return
            if isinstance(step, Finish):
                finish = step.reason
            elif isinstance(step, Raw):
                self.wfile.write(step.data)
            elif isinstance(step, Silence):
                self._wait(step.seconds)
            elif isinstance(step, str):
                self._event({"content": step})
        self._event({}, finish)
        self.wfile.write(b"data: [DONE]\n\n")

    def _refuse(self, status: Status) -> None:
        data = status.body.encode()
        self.send_response(status.code)
        for name, value in {"Content-Type": "application/json", **status.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _event(self, delta: dict[str, str], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        event = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [choice],
        }
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()

    def _wait(self, seconds: float) -> None:
        """Until the client closes its end, which makes a read return nothing."""
        self.connection.settimeout(seconds)
        try:
            if not self.connection.recv(1):
                self.playing.client_left.set()
                raise BrokenPipeError
        except TimeoutError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def scripted(*scripts: Script) -> Iterator[ScriptedServer]:
    """Serve scripts until the block ends."""
    playing = ScriptedServer(*scripts)
    handler = type("Handler", (_Handler,), {"playing": playing})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    playing.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield playing
    finally:
        server.shutdown()
        server.server_close()
