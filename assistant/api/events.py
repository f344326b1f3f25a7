"""Server-sent events: how an answer that grows, or work that goes on, is told over one response.

It knows the format and how a growing answer is cut into what is new; not where answers come from.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse

from assistant.api.problems import problem_of
from assistant.errors import AssistantError
from assistant.types import Answer

logger = logging.getLogger(__name__)

Event = tuple[str, Any]  # name and data


def stream(events: AsyncIterator[Event]) -> StreamingResponse:
    """Send events as they come; an error is the last one.

    Args:
        events: Their names and data.

    Returns:
        The response.
    """
    return StreamingResponse(
        _encoded(events),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},  # proxies would collect them
    )


async def growing(answers: AsyncIterator[Answer]) -> AsyncIterator[Event]:
    """Events of an answer: the evidence, each piece of text with its citations, the whole answer.

    Args:
        answers: The answer as it grows; the last one is complete.

    Yields:
        "evidence", then "delta" for text that is added or "replace" for text that takes the place of all
        before, and at last "answer".
    """
    shown, cited, has_evidence = "", 0, False
    async for answer in answers:
        if answer.hits and not has_evidence:
            has_evidence = True
            yield "evidence", _evidence(answer)
        for event in _news(answer, shown, cited):
            yield event
        shown, cited = answer.text, len(answer.citations)
        if answer.is_complete:
            yield "answer", answer.to_dict()


def _evidence(answer: Answer) -> dict[str, Any]:
    known = answer.to_dict()
    return {name: known[name] for name in ("standalone_question", "period", "hits", "searched_articles")}


def _news(answer: Answer, shown: str, cited: int) -> Iterator[Event]:
    if answer.text == shown:
        return
    is_longer = answer.text.startswith(shown)
    text, first = (answer.text[len(shown) :], cited) if is_longer else (answer.text, 0)
    citations = [citation.to_dict() for citation in answer.citations[first:]]
    yield "delta" if is_longer else "replace", {"text": text, "citations": citations}


async def _encoded(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    try:
        async with aclosing(events):  # type: ignore[type-var]  # ours are generators
            async for name, data in events:
                yield encode(name, data)
    except AssistantError as error:
        status, _ = problem_of(error)
        yield encode("error", {"status": status, "detail": str(error), "hint": error.hint})
    except Exception:
        logger.exception("an answer was cut off")
        yield encode("error", {"status": 500, "detail": "The server made a mistake; its log says which."})


def encode(name: str, data: Any) -> bytes:
    """One event as it is sent."""
    text = json.dumps(data, ensure_ascii=False)
    return f"event: {name}\ndata: {text}\n\n".encode("utf-8", "replace")


def documented(description: str, example: str) -> dict[str, Any]:
    """A stream of events, for the OpenAPI document; the schema is that of each event."""
    one = {"event": {"type": "string"}, "data": {"type": "string", "contentMediaType": "application/json"}}
    schema = {"type": "object", "properties": one, "required": ["event", "data"]}
    return {
        "description": description,
        "content": {"text/event-stream": {"schema": schema, "example": example}},
    }
