"""A LangChain chat model as deltas: bounded in time, retried within bounds, cancelled at once.

A request is tried again only while nothing of its answer has come. Every failure becomes a ModelError whose
text holds no key. It knows requests and deltas; it does not know what they say.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Generator
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from assistant.chat.background import event_loop
from assistant.chat.deltas import CutOff
from assistant.chat.providers import open_model, parts, window
from assistant.chat.redaction import redacted, without_secret
from assistant.errors import ModelError, ModelTimeoutError
from assistant.settings import ChatSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

HEARTBEAT_SECONDS = 0.2  # between the empty deltas of a silent model: how soon a stop is noticed
MAX_PAUSE_SECONDS = 20.0  # before a further try, whatever the server asks for
CHARS_PER_TOKEN = 12  # no language has more; an answer that goes on beyond is a server out of bounds
RETRIED = frozenset([408, 409, 425, 429, 500, 502, 503, 504, 529])
FINISHES = ("finish_reason", "stop_reason", "done_reason")  # as the providers call it
CUT = frozenset(["length", "max_tokens", "model_length", "MAX_TOKENS"])
WITHHELD = frozenset(["content_filter", "refusal", "SAFETY", "PROHIBITED_CONTENT", "RECITATION"])
_SAYINGS = {
    400: "refused the request",
    401: "refused the key",
    403: "refused the key",
    404: "does not know the model, or nothing is served at the address",
    413: "says that the request is too long",
    429: "is overloaded, or the quota is used up",
}
_HINTS = {
    401: "Check chat.api_key.",
    403: "Check chat.api_key.",
    404: "Check chat.model and chat.base_url.",
}
Ask = Callable[[], AsyncIterator[Any]]
Put = Callable[[str | ModelError | None], None]


class StreamedModel:
    """A chat model of LangChain.

    Args:
        settings: Its name, address, key and bounds.

    Raises:
        ConfigError: If the name is wrong.
    """

    def __init__(self, settings: ChatSettings) -> None:
        parts(settings.model)  # a wrong name is said now, a missing package when it is needed
        self._settings = settings
        self.name = settings.model.strip()

    @cached_property
    def _model(self) -> BaseChatModel:
        return open_model(self._settings)

    @property
    def window(self) -> int:
        """Tokens that it reads at most, its answer included."""
        return window(self._model, self._settings)

    def stream(self, instructions: str, message: str) -> Generator[str, None, None]:
        """Answer one message, delta by delta, as `ChatModel.stream` says."""
        news: queue.SimpleQueue[str | ModelError | None] = queue.SimpleQueue()
        ask = partial(self._model.astream, [("system", instructions), ("human", message)])
        request = asyncio.run_coroutine_threadsafe(self._request(ask, news.put), event_loop())
        try:
            while True:
                try:
                    item = news.get(timeout=HEARTBEAT_SECONDS)
                except queue.Empty:
                    item = ""
                if item is None:
                    return
                if isinstance(item, ModelError):
                    raise item
                yield item
        finally:
            request.cancel()

    async def _request(self, ask: Ask, put: Put) -> None:
        try:
            async with asyncio.timeout(self._settings.total_seconds):
                await self._tries(ask, put)
            put(None)
        except ModelError as exc:
            put(exc)
        except TimeoutError:
            put(self._late(f"did not finish within {self._settings.total_seconds:g} s"))
        except Exception as exc:  # noqa: BLE001 - each provider has errors of its own; the key stays here
            put(self._explained(exc))

    async def _tries(self, ask: Ask, put: Put) -> None:
        pause = self._settings.retry_seconds
        for left in range(self._settings.max_retries, -1, -1):
            length = 0
            try:
                async for delta in self._deltas(ask):
                    length += len(delta)
                    put(delta)
            except ModelError:
                raise
            except Exception as exc:
                if length or not left or not _is_passing(exc):
                    raise
                await asyncio.sleep(min(max(pause, _retry_after(exc)), MAX_PAUSE_SECONDS))
                pause *= 2
                continue
            if not length:
                raise ModelError(f"the chat model {self.name} gave an empty answer", hint="Ask again.")
            return

    async def _deltas(self, ask: Ask) -> AsyncIterator[str]:
        """The texts of the answer that are not empty; an answer that nobody ended is an error."""
        length, finish = 0, ""
        chunks = ask()
        try:
            async for chunk in self._in_time(chunks):
                finish = _finish(chunk) or finish
                text = without_secret(str(chunk.text), self._settings.api_key)
                length += len(text)
                if text:
                    yield text
                if length > self._settings.max_output_tokens * CHARS_PER_TOKEN:
                    finish = "length"
                    break
        finally:
            await chunks.aclose()  # type: ignore[attr-defined] # an async generator, typed as an iterator
        self._judge(finish)
        if finish in CUT:
            yield CutOff()

    def _judge(self, finish: str) -> None:
        if not finish:
            raise ModelError(f"the chat model {self.name} broke off its answer", hint="Ask again.")
        if finish in WITHHELD:
            raise ModelError(f"the provider of {self.name} withheld the answer", hint="Ask in other words.")

    async def _in_time(self, chunks: AsyncIterator[Any]) -> AsyncIterator[Any]:
        silence = self._settings.silence_seconds
        while True:
            try:
                async with asyncio.timeout(silence):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise self._late(f"said nothing for {silence:g} s") from None
            yield chunk

    def _late(self, what: str) -> ModelTimeoutError:
        return ModelTimeoutError(f"the chat model {self.name} {what}")

    def _explained(self, exc: BaseException) -> ModelError:
        status = _status(exc)
        secret = self._settings.api_key
        if status:
            saying = _SAYINGS.get(status, "failed" if status >= 500 else "refused the request")
            hint = _HINTS.get(
                status, "Try again later." if status in RETRIED else "See the provider's words above."
            )
            detail = redacted(exc, secret)
            return ModelError(f"the chat model {self.name} {saying} (HTTP {status}): {detail}", hint=hint)
        if _is_connection(exc):
            address = self._settings.base_url or "its provider"
            return ModelError(
                f"the chat model {self.name} cannot be reached at {address}",
                hint="Check chat.base_url, and that the server runs.",
            )
        return ModelError(
            f"the chat model {self.name} sent no answer: {type(exc).__name__}: {redacted(exc, secret)}",
            hint="Check that chat.base_url is the address of a chat model.",
        )


def _finish(chunk: Any) -> str:
    known = getattr(chunk, "response_metadata", None) or {}
    return next((str(known[name]) for name in FINISHES if known.get(name)), "")


def _status(exc: BaseException) -> int:
    """The HTTP status of a provider's error; 0 if it has none."""
    response = getattr(exc, "response", None)
    values = [getattr(exc, name, None) for name in ("status_code", "http_status", "code")]
    values.append(getattr(response, "status_code", None))
    return next((value for value in values if isinstance(value, int) and 400 <= value < 600), 0)


def _is_connection(exc: BaseException) -> bool:
    names = {each.__name__ for each in type(exc).__mro__}
    return bool(
        isinstance(exc, ConnectionError)
        or names
        & {"APIConnectionError", "ConnectError", "ConnectTimeout", "RemoteProtocolError", "ReadError"}
    )


def _is_passing(exc: BaseException) -> bool:
    """Whether the same request may do better a little later."""
    return _status(exc) in RETRIED or _is_connection(exc)


def _retry_after(exc: BaseException) -> float:
    headers = getattr(getattr(exc, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", 0)))
    except (TypeError, ValueError):
        return 0.0
