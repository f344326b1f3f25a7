"""`POST /chat/completions`: the last question of a conversation, answered from the articles."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from assistant.api.desk import Desk, Json, Reading
from assistant.api.openai.bodies import ChatBody
from assistant.api.openai.content import annotations_of, sources_of, text_of, tokens
from assistant.api.openai.models import CHAT_MODEL, check_model
from assistant.api.problems import openai_error, problem_of
from assistant.errors import AssistantError
from assistant.types import Answer

logger = logging.getLogger(__name__)


def router(desk: Desk) -> APIRouter:
    """The address for conversations."""
    routes = APIRouter()

    @routes.post("/chat/completions")
    async def complete(body: ChatBody, request: Request, caller: Reading) -> Response:  # noqa: ARG001
        """Answer the last message of the user; what the articles do not say is said to be so."""
        check_model(desk, body.model, CHAT_MODEL)
        question, history = body.question()
        answers = desk.assistant.stream(question, history, body.filters.filters())
        base_url = str(request.base_url).removesuffix("/").removesuffix("/v1")
        completion = Completion(base_url, tokens(" ".join(message.text() for message in body.messages)))
        if body.stream:
            with_usage = bool(body.stream_options and body.stream_options.include_usage)
            lines = _lines(completion, desk.workers.each(answers), with_usage=with_usage)
            return StreamingResponse(lines, media_type="text/event-stream", headers=_UNBUFFERED)
        *_, answer = [answer async for answer in desk.workers.each(answers)]
        return Json(completion.whole(answer))

    return routes


_UNBUFFERED = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Completion:
    """One completion, whole or in chunks.

    Args:
        base_url: Where this server is.
        prompt_tokens: About how many tokens were sent.
    """

    def __init__(self, base_url: str, prompt_tokens: int) -> None:
        self._base_url = base_url
        self._prompt_tokens = prompt_tokens
        self._known = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": CHAT_MODEL,
        }

    def whole(self, answer: Answer) -> dict[str, Any]:
        """The completion as one object."""
        content = text_of(answer) + sources_of(answer)
        annotations = annotations_of(answer, self._base_url)
        message = {"role": "assistant", "content": content, "refusal": None, "annotations": annotations}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._known,
            "object": "chat.completion",
            "choices": [choice],
            "usage": self.usage(content),
            "article_assistant": self.ours(answer),
        }

    def chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        """A piece of it."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return {**self._known, "object": "chat.completion.chunk", "choices": [choice]}

    def last(self, answer: Answer) -> dict[str, Any]:
        """The last piece of its text: the references, with the annotations of all markers."""
        delta = {"content": sources_of(answer), "annotations": annotations_of(answer, self._base_url)}
        return self.chunk(delta) | {"article_assistant": self.ours(answer)}

    def usage_chunk(self, content: str) -> dict[str, Any]:
        """What follows the text if the client asked for it."""
        return {**self.chunk({}), "choices": [], "usage": self.usage(content)}

    def usage(self, content: str) -> dict[str, int]:
        """About how many tokens went to and fro."""
        written = tokens(content)
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": written,
            "total_tokens": self._prompt_tokens + written,
        }

    def ours(self, answer: Answer) -> dict[str, Any]:
        """What OpenAI's shape has no place for."""
        known = answer.to_dict()
        return {name: known[name] for name in ("citations", "abstention", "score", "confidence", "period")}


async def _lines(
    completion: Completion, answers: AsyncIterator[Answer], *, with_usage: bool
) -> AsyncIterator[bytes]:
    try:
        async for chunk in _chunks(completion, answers, with_usage=with_usage):
            yield _line(chunk)
    except AssistantError as error:
        yield _line(openai_error(problem_of(error)[0], f"{error}. {error.hint}"))
    except Exception:
        logger.exception("an answer was cut off")
        yield _line(openai_error(500, "The server made a mistake; its log says which."))
    else:
        yield b"data: [DONE]\n\n"


async def _chunks(
    completion: Completion, answers: AsyncIterator[Answer], *, with_usage: bool
) -> AsyncIterator[dict[str, Any]]:
    sent = ""
    yield completion.chunk({"role": "assistant", "content": ""})
    async for answer in answers:
        text = text_of(answer)
        if not text.startswith(sent):  # what was sent cannot be taken back
            sent, text = "", "\n\n" + text
        if text != sent:
            yield completion.chunk({"content": text[len(sent) :]})
        sent = text
        if answer.is_complete:
            yield completion.last(answer)
            yield completion.chunk({}, "stop")
            if with_usage:
                yield completion.usage_chunk(sent + sources_of(answer))


def _line(chunk: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode("utf-8", "replace")
