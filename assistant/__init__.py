"""Ask questions about a collection of articles and get answers whose every sentence is cited.

>>> from assistant import Assistant
>>> with Assistant.open() as assistant:           # doctest: +SKIP
...     print(assistant.ask("Who met in Baku?").text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError
from assistant.types import Answer, Article, Citation, Filters, Hit, IngestReport, Turn

if TYPE_CHECKING:
    from assistant.assistant import Assistant

__all__ = [
    "Answer",
    "Article",
    "Assistant",
    "AssistantError",
    "Citation",
    "Filters",
    "Hit",
    "IngestReport",
    "Turn",
]


def __getattr__(name: str) -> Any:
    """Load `Assistant` when it is first asked for: it brings the stores with it."""
    if name == "Assistant":
        from assistant.assistant import Assistant

        return Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
