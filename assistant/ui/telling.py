"""What to tell the reader of an error."""

from __future__ import annotations

import logging

from assistant.errors import AssistantError
from assistant.types import Failure

logger = logging.getLogger(__name__)


def explain(name: str, exc: Exception) -> Failure:
    """What to tell the reader of an error: ours with its hint, any other only that it is in the log."""
    if isinstance(exc, AssistantError):
        return Failure(name, str(exc), exc.hint)
    logger.error("while working on %r", name, exc_info=exc)
    return Failure(
        name, "Something went wrong inside the assistant.", "The details are in the terminal that runs it."
    )
