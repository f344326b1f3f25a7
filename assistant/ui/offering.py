"""Questions to ask next, found in the background: whoever waits for an answer comes first.

It knows when questions are answered, of all pages, and nothing of how one is made or shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from assistant.assistant import Assistant
from assistant.types import Answer, Filters

PATIENCE_SECONDS = 15.0  # after an answer; what comes later is of no use to its reader


class Offering:
    """Finds questions for one page at a time, and rests while anyone's answer is looked for.

    Args:
        assistant: Has the questions.
        patience_seconds: How long an answer's questions are sought, rests included.
    """

    def __init__(self, assistant: Assistant, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._assistant = assistant
        self._patience = patience_seconds
        self._answering = 0
        self._is_calm = threading.Event()
        self._is_calm.set()
        self._worker = ThreadPoolExecutor(1, "next")

    @contextlib.contextmanager
    def rests(self) -> Iterator[None]:
        """Until it is left, nothing is sought; to be entered and left in the event loop."""
        self._answering += 1
        self._is_calm.clear()
        try:
            yield
        finally:
            self._answering -= 1
            if not self._answering:
                self._is_calm.set()

    async def find(self, answer: Answer, filters: Filters, asked: Sequence[str]) -> list[str]:
        """Find questions to ask after an answer, as `Assistant.follow_ups`; none if there is no time."""
        end = time.monotonic() + self._patience

        def may_go_on() -> bool:
            return self._is_calm.wait(max(0.0, end - time.monotonic())) and time.monotonic() < end

        find = partial(self._assistant.follow_ups, answer, filters, asked=asked, may_go_on=may_go_on)
        return await asyncio.get_running_loop().run_in_executor(self._worker, find)
