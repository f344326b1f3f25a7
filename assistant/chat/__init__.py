"""Chat models by the name of the settings: text in, deltas out, every failure one of ours.

It knows what a chat model is asked for and how it is opened; it does not know what the answers are about.
LangChain and the provider's package are imported when a model is opened.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

from assistant.chat.deltas import CutOff
from assistant.settings import ChatSettings

__all__ = ["ChatModel", "CutOff", "complete", "open_chat_model"]


class ChatModel(Protocol):
    """Answers one message; safe to use from several threads."""

    @property
    def name(self) -> str:
        """As in the settings: "provider:model"."""

    @property
    def window(self) -> int:
        """Tokens that it reads at most, its answer included."""

    def stream(self, instructions: str, message: str) -> Generator[str, None, None]:
        """Answer one message, delta by delta.

        While the model is silent, empty deltas come several times a second, so that whoever reads them can
        stop; closing the iterator ends the request.

        Args:
            instructions: What the model is told to do; the system message.
            message: What it is to do it with; the user's message.

        Returns:
            The deltas; together they are the answer. A last one of the type `CutOff`, empty, says that the
            answer reached its longest length.

        Raises:
            ModelError: If the model cannot be reached, refuses, breaks off or answers nothing.
            ModelTimeoutError: If it is silent for too long, or takes too long in all.
        """


def open_chat_model(settings: ChatSettings) -> ChatModel | None:
    """The chat model of the settings; its package is loaded when it is first asked.

    Args:
        settings: Its name, address, key and bounds.

    Returns:
        The model; None if none is set.

    Raises:
        ConfigError: If the name is not "provider:model", or the provider is unknown.
    """
    if not settings.model.strip():
        return None
    from assistant.chat.streaming import StreamedModel

    return StreamedModel(settings)


def complete(model: ChatModel, instructions: str, message: str) -> str:
    """Ask a chat model and wait for the whole answer; raises as `ChatModel.stream` does."""
    return "".join(model.stream(instructions, message))
