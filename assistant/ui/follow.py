"""Synchronous work in a thread, its growing result followed from an event loop.

The core of the assistant is synchronous; a page needs async generators, because Gradio closes those at once
when a reader stops or leaves. It knows threads and event loops, nothing of what is computed.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

THREADS = "followed work"

T = TypeVar("T")
Emit = Callable[[T], bool]


async def follow(work: Callable[[Emit[T]], None], *, pause_seconds: float = 0.2) -> AsyncIterator[T]:
    """Run work in a thread and yield what it emits, at most one value a pause.

    Values that arrive faster than the pauses are left out, never the last one: each is a whole state of the
    work, and a server that sent each small step to a hundred readers would be busy with nothing else.

    Args:
        work: Called in a thread with `emit(value)`, which returns False once nobody follows any more.
        pause_seconds: Least time between two values; the end of the work cuts a pause short.

    Yields:
        What was emitted last.

    Raises:
        Exception: Whatever the work raises, after its last value.
    """
    feed: _Feed[T] = _Feed(asyncio.get_running_loop())
    threading.Thread(target=feed.run, args=(work,), daemon=True, name=THREADS).start()
    try:
        while await feed.has_more():
            yield feed.take()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(feed.finished.wait(), pause_seconds)
        if feed.error:
            raise feed.error
    finally:
        feed.is_followed = False


def wait_for_all(seconds: float) -> None:
    """Wait until all that was begun here has ended, followed or not: a process that ends amid it is aborted.

    Args:
        seconds: How long at most.
    """
    until = time.monotonic() + seconds
    for thread in threading.enumerate():
        if thread.name == THREADS:
            thread.join(max(0.0, until - time.monotonic()))


class _Feed(Generic[T]):
    """The last value of a thread's work; everything but `run` and `emit` happens in the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._news: list[T] = []
        self._changed = asyncio.Event()
        self.finished = asyncio.Event()
        self.error: Exception | None = None
        self.is_followed = True

    def run(self, work: Callable[[Emit[T]], None]) -> None:
        error = None
        try:
            work(self.emit)
        except Exception as exc:  # noqa: BLE001 - handed to whoever follows
            error = exc
        self._tell(self._finish, error)

    def emit(self, value: T) -> bool:
        was_followed = self.is_followed
        self._tell(self._put, value)
        return was_followed

    def _tell(self, receive: Callable[..., None], value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(receive, value)

    def _put(self, value: T) -> None:
        self._news = [value]
        self._changed.set()

    def _finish(self, error: Exception | None) -> None:
        self.error = error
        self.finished.set()
        self._changed.set()

    async def has_more(self) -> bool:
        await self._changed.wait()
        return bool(self._news)

    def take(self) -> T:
        value = self._news.pop()
        if not self.finished.is_set():
            self._changed.clear()
        return value
