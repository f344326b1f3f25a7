"""One request and its answer, over a connection to numbers that were checked before.

A time limit covers everything from the first byte sent to the last one received, and the size is counted
after decompression, while it arrives. No redirect is followed, no cookie kept, nothing sent but the request.
It does not know which addresses are allowed, nor what the bytes mean.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore

from assistant.errors import SourceError
from assistant.settings import WebSettings
from assistant.sources.web.addresses import Target, shown
from assistant.sources.web.network import Network

INFLATED_AT_ONCE = 65_536  # bytes; what a bomb can be ahead of the count
LATER_HINT = "Try again later; if it opens in a browser, save the page there and add the file."
SIZE_HINT = "Raise the setting web.max_mb, or save what you need and add the file."


class TransientError(SourceError):
    """What may go well at the next attempt: a connection that failed or broke, a busy server."""

    hint = LATER_HINT
    wait_seconds: float | None = None  # what the server asked for


class Deadline:
    """A moment that the clock runs up to; it can be put off, but not by the other side."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, more than 0; raises when there are none."""
        if self.is_over():
            raise _OutOfTime
        return max(self._end - time.monotonic(), 0.001)

    def is_over(self) -> bool:
        """Whether the moment has come."""
        return time.monotonic() >= self._end

    def put_off(self, seconds: float) -> None:
        """Give back time that was spent waiting on purpose."""
        self._end += seconds


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to one request; `body` is decompressed and whole."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


def get(
    target: Target,
    headers: Mapping[str, str],
    *,
    network: Network,
    settings: WebSettings,
    deadline: Deadline,
    max_bytes: int,
    reads_body: bool = True,
) -> Response:
    """Ask for an address once.

    Args:
        target: What was checked.
        headers: Sent besides Host.
        network: Opens the connection.
        settings: The time limits.
        deadline: When all must be over.
        max_bytes: Most bytes of the body, decompressed.
        reads_body: Whether the body of a success is wanted; that of a redirect or an error never is.

    Returns:
        The answer.

    Raises:
        TransientError: If the connection fails, breaks or takes too long.
        SourceError: If the answer is too large or no HTTP.
    """
    name = shown(target.url)
    url = httpcore.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=target.path.encode(),
    )
    timeouts = {
        "connect": settings.connect_timeout_seconds,
        "read": settings.read_timeout_seconds,
        "write": settings.read_timeout_seconds,
        "pool": settings.connect_timeout_seconds,
    }
    backend = _Pinned(target, network, deadline)
    sent = [("Connection", "close"), ("Accept-Encoding", "gzip"), *headers.items()]
    with (
        _explained(name, settings, deadline),
        httpcore.HTTPConnection(url.origin, ssl_context=_tls(), network_backend=backend) as connection,
        connection.stream("GET", url, headers=sent, extensions={"timeout": timeouts}) as response,
    ):
        found = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}
        body = b""
        if reads_body and response.status == 200:
            body = _body(response.iter_stream(), found, name, max_bytes)
        return Response(response.status, found, body)


def inflate(parts: Iterable[bytes], name: str, max_bytes: int) -> Iterator[bytes]:
    """Decompress gzip or zlib bytes in small pieces, so that a bomb is seen before it has gone off.

    Args:
        parts: The compressed bytes.
        name: What to call them in an error.
        max_bytes: Most bytes that may come out.

    Yields:
        At most 64 KiB at a time.

    Raises:
        SourceError: If more comes out, or they are not what they say.
    """
    machine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    done = 0
    for part in parts:
        rest = part
        while rest and not machine.eof:
            try:
                piece = machine.decompress(rest, INFLATED_AT_ONCE)
            except zlib.error as exc:
                raise SourceError(name, "its compressed answer is damaged", hint=LATER_HINT) from exc
            rest = machine.unconsumed_tail
            done += len(piece)
            if done > max_bytes:
                raise SourceError(
                    name, f"unpacked it is larger than {max_bytes // 1_000_000} MB", hint=SIZE_HINT
                )
            yield piece
    if not machine.eof:
        raise TransientError(name, "its compressed answer breaks off")


class _OutOfTime(Exception):
    """The deadline has passed."""


class _Pinned(httpcore.NetworkBackend):
    """Connects to the numbers that were checked, whatever the name stands for by now."""

    def __init__(self, target: Target, network: Network, deadline: Deadline) -> None:
        self._target, self._network, self._deadline = target, network, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        assert (host, port) == (self._target.host, self._target.port)
        failure: Exception | None = None
        for address in self._target.addresses[:4]:
            try:
                stream = self._network.connect(address, port, min(timeout or 5.0, self._deadline.left()))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
            else:
                return _Bounded(stream, self._deadline)
        raise failure or httpcore.ConnectError("no address")


class _Bounded(httpcore.NetworkStream):
    """A connection that ends with the deadline, however slowly it drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, min(timeout or 10.0, self._deadline.left()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, min(timeout or 10.0, self._deadline.left()))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = min(timeout or 5.0, self._deadline.left())
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@cache
def _tls() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


def _body(stream: Iterable[bytes], headers: Mapping[str, str], name: str, max_bytes: int) -> bytes:
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and int(declared[:20]) > max_bytes:
        raise SourceError(name, _too_large(max_bytes), hint=SIZE_HINT)
    encoding = headers.get("content-encoding", "").strip().lower()
    parts = _counted(stream, name, max_bytes)
    if encoding in ("gzip", "x-gzip", "deflate"):
        parts = inflate(parts, name, max_bytes)
    elif encoding not in ("", "identity"):
        raise SourceError(name, f"its answer is packed as {encoding[:30]!r}, which was not asked for")
    return b"".join(parts)


def _counted(stream: Iterable[bytes], name: str, max_bytes: int) -> Iterator[bytes]:
    done = 0
    for part in stream:
        done += len(part)
        if done > max_bytes:
            raise SourceError(name, _too_large(max_bytes), hint=SIZE_HINT)
        yield part


def _too_large(max_bytes: int) -> str:
    return f"it is larger than {max_bytes // 1_000_000} MB"


def _too_slow(deadline: Deadline) -> str:
    return f"it took longer than {deadline.seconds:g} s: cut off"


@contextmanager
def _explained(name: str, settings: WebSettings, deadline: Deadline) -> Iterator[None]:
    """Errors of the connection as ours, with what went wrong in words."""
    try:
        yield
    except _OutOfTime as exc:
        raise SourceError(name, _too_slow(deadline), hint=LATER_HINT) from exc
    except httpcore.ConnectTimeout as exc:
        seconds = settings.connect_timeout_seconds
        raise TransientError(name, f"no connection within {seconds:g} s") from exc
    except (httpcore.ReadTimeout, httpcore.WriteTimeout) as exc:
        if deadline.is_over():
            raise SourceError(name, _too_slow(deadline), hint=LATER_HINT) from exc
        seconds = settings.read_timeout_seconds
        raise TransientError(name, f"the server was silent for {seconds:g} s") from exc
    except httpcore.ConnectError as exc:
        if isinstance(exc.__context__, ssl.SSLError) or "CERTIFICATE" in str(exc):
            raise SourceError(name, "its certificate cannot be trusted", hint=LATER_HINT) from exc
        raise TransientError(name, "the connection was refused or there is no way to it") from exc
    except httpcore.RemoteProtocolError as exc:
        if "without sending" in str(exc) or "incomplete" in str(exc):
            raise TransientError(name, "the server broke off before the end") from exc
        raise SourceError(name, "its answer is not valid HTTP", hint=LATER_HINT) from exc
    except (httpcore.NetworkError, httpcore.ProtocolError) as exc:
        raise TransientError(name, "the connection broke off") from exc
