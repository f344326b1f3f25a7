"""Names looked up and connections opened: the only place of the package that does either for an address.

It connects to numbers, never to names, and judges nothing: what may be connected to is decided before.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import httpcore

LOOKUP_SECONDS = 5.0  # the system's own limit is half a minute


class Network(Protocol):
    """What the web is to the rest of this package."""

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """The numbers that a name stands for; none if there is no such name."""
        ...

    def connect(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        """Open a connection to a number; raises httpcore.ConnectError or ConnectTimeout."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait, out of politeness."""
        ...


class SystemNetwork:
    """The network of this machine. No proxy is used, whatever the environment says."""

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """The numbers that a name stands for; none if there is none, or no answer within five seconds."""
        answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        threading.Thread(target=_look_up, args=(host, port, answers), daemon=True).start()
        with suppress(queue.Empty):
            return answers.get(timeout=LOOKUP_SECONDS)
        return []

    def connect(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        """Open a connection to a number."""
        return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout)

    def sleep(self, seconds: float) -> None:
        """Wait, out of politeness."""
        time.sleep(seconds)


def _look_up(host: str, port: int, answers: queue.SimpleQueue[list[str]]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        answers.put([])
    else:
        answers.put([str(address[0]) for *_, address in found])
