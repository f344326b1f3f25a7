"""Synchronous work of the assistant, done in a bounded number of threads for an event loop.

The bound keeps a hundred callers from slowing one another down: the processor does the work, and more threads
than it has cores only wait for one another. It knows threads, nothing of what is computed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")
_DONE = object()


class Workers:
    """Threads that work for callers.

    Args:
        threads: How many work at once; who comes later waits.
    """

    def __init__(self, threads: int) -> None:
        self._limiter = CapacityLimiter(threads)

    async def run(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        """Call a function in a thread; its result."""
        return await to_thread.run_sync(partial(work, *args, **named), limiter=self._limiter)

    async def each(self, values: Iterator[T]) -> AsyncIterator[T]:
        """Take an iterator's values, each in a thread; between two, others have their turn."""
        try:
            while (value := await self.run(next, values, _DONE)) is not _DONE:
                yield value
        finally:
            if close := getattr(values, "close", None):
                close()
