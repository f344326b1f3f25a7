"""What clients of OpenAI's interface send; what there is no use for, such as a temperature, is ignored."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.api.bodies import FilterBody
from assistant.api.problems import Problem
from assistant.types import Turn

MAX_MESSAGES = 1000
MAX_INPUTS = 256  # of one request for embeddings
MAX_INPUT_CHARS = 100_000
SOURCES = "\n\nSources:\n"  # in an answer, what follows is no part of it


class Lenient(BaseModel):
    """What all bodies have in common."""

    model_config = ConfigDict(extra="ignore")


class Part(Lenient):
    """A part of a message."""

    type: str = Field(max_length=100)
    text: str | None = None


class Message(Lenient):
    """A message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def text(self) -> str:
        """Its text; pictures and sounds are refused, since an answer could not be about them."""
        if not isinstance(self.content, list):
            return _checked(self.content or "")
        if strange := next((part.type for part in self.content if part.type != "text"), None):
            raise Problem(400, f"A part of a message is {strange!r}; only text is understood.")
        return _checked("\n".join(part.text or "" for part in self.content))


class StreamOptions(Lenient):
    """What a stream tells besides."""

    include_usage: bool = False


class ChatBody(Lenient):
    """A conversation whose last question is to be answered."""

    model: str = Field(max_length=500)
    messages: list[Message] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(default=None, ge=1, le=1)
    filters: FilterBody = FilterBody()  # ours: which articles may be used

    def question(self) -> tuple[str, list[Turn]]:
        """(the last message of the user, what was said before it).

        What the system says is left out: it is meant for a model that writes freely, and would only be
        searched for in the articles.
        """
        asked = [number for number, message in enumerate(self.messages) if message.role == "user"]
        if not asked:
            raise Problem(400, "No message is of the role user.")
        turns = [_turn(message) for message in self.messages[: asked[-1]]]
        return self.messages[asked[-1]].text(), [turn for turn in turns if turn is not None]


class EmbeddingBody(Lenient):
    """Texts to be embedded."""

    model: str = Field(max_length=500)
    input: str | list[str] = Field(max_length=MAX_INPUT_CHARS)
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None

    def texts(self) -> list[str]:
        """The texts, of which none may be empty."""
        texts = [self.input] if isinstance(self.input, str) else self.input
        if not 0 < len(texts) <= MAX_INPUTS:
            raise Problem(400, f"From 1 to {MAX_INPUTS} texts can be embedded at once.")
        if not all(0 < len(text) <= MAX_INPUT_CHARS for text in texts):
            raise Problem(400, f"A text has from 1 to {MAX_INPUT_CHARS:,} characters.")
        return [_checked(text) for text in texts]


def _checked(text: str) -> str:
    """A text, if it is one: JSON can spell halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise Problem(400, "A text holds half of a character.") from exc
    return text


def _turn(message: Message) -> Turn | None:
    if message.role == "user":
        return Turn("user", message.text())
    return Turn("assistant", message.text().partition(SOURCES)[0]) if message.role == "assistant" else None
