"""Politeness: one request a host at a time, with a pause between two.

It knows hosts and moments; what is asked for it does not know.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Pace:
    """When which host was asked last; safe to use from several threads.

    Args:
        sleep: Waits for a number of seconds.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._last: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str, delay_seconds: float) -> Iterator[float]:
        """Wait for a host's turn and hold it.

        Args:
            host: The host.
            delay_seconds: Least time since its last answer.

        Yields:
            The seconds waited.
        """
        began = time.monotonic()
        with self._lock:
            turn = self._turns.setdefault(host, threading.Lock())
        with turn:
            pause = self._last.get(host, float("-inf")) + delay_seconds - time.monotonic()
            if pause > 0:
                self._sleep(pause)
            try:
                yield time.monotonic() - began
            finally:
                if delay_seconds:  # else what was asked for, such as robots.txt, does not count
                    self._last[host] = time.monotonic()
