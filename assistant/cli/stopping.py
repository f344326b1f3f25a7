"""Ctrl-C while something is added: the first keeps what is done, the second ends at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOPPED = 130  # exit code

_NOTICE = "\nStopping: what is embedded is kept. Once more ends at once.\n"


@contextmanager
def stoppable(notice: str = _NOTICE) -> Iterator[threading.Event]:
    """Let Ctrl-C, and the signal that asks a program to end, set an event.

    Args:
        notice: What is printed on the standard error the first time.

    Yields:
        The event; once it is set, the next signal raises KeyboardInterrupt.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        with suppress(OSError, ValueError):  # no console to write to; print could be inside of another print
            os.write(sys.stderr.fileno(), notice.encode())

    if threading.current_thread() is not threading.main_thread():  # only that may set handlers
        yield stop
        return
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
