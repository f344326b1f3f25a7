"""One event loop in a thread of its own, in which all requests to chat models run.

Only an asynchronous request can be cancelled while the model is silent, and a provider's client may not be
used from two loops. It knows event loops, nothing of what runs in them.
"""

from __future__ import annotations

import asyncio
import threading
from functools import cache


@cache
def event_loop() -> asyncio.AbstractEventLoop:
    """The loop, running; its thread ends with the process."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="chat-models", daemon=True).start()
    return loop
