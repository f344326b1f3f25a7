"""The Ask tab: a question, its answer as it grows, and the conversation before it.

It asks the `Assistant`, hands what comes back to `render`, and keeps one conversation a browser tab. It
builds no HTML and decides nothing that the assistant could decide.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.types import Answer, Turn
from assistant.ui import render
from assistant.ui.examples import answerable
from assistant.ui.follow import Emit, follow
from assistant.ui.frame import PRIVATE, Frame, html, sent
from assistant.ui.reading import Conversation
from assistant.ui.telling import explain

TITLES_LOOKED_AT = (
    2000  # examples are for a first look; a larger corpus is not searched through for their articles
)

_IDLE: dict[str, Any] = {"submit_btn": "Ask", "stop_btn": False}
_ANSWERING: dict[str, Any] = {"submit_btn": False, "stop_btn": "Stop"}
_QUESTION_BOX: dict[str, Any] = {
    "lines": 1,  # with one line Enter sends, and Shift and Enter begin a new one
    "max_lines": 8,
    "placeholder": "Ask about the articles",
    "label": "Question",
    "show_label": False,
    "container": False,
    "autofocus": True,
    "elem_id": "question",
}


class Ask:
    """The tab; the arguments and results of its events follow the components wired in `wire`.

    Other tabs find the conversation in `conversation`, and show another one with `open`.

    Args:
        assistant: Answers the questions.
    """

    name, label = "ask", "Ask"
    conversation: gr.State
    welcome: gr.HTML
    transcript: gr.HTML
    question: gr.Textbox

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def lay_out(self) -> None:
        """Lay out the conversation and the box below it."""
        self.conversation = gr.State(())
        actions = ("ask", "read")
        with gr.Column(elem_id="chat"):
            # Not in the transcript: what comes late, after the page has loaded or an upload has ended, would
            # take the place of an answer. The style hides it once there is a turn.
            self.welcome = html(render.welcome(), elem_id="welcome", actions=actions)
            self.transcript = html(
                render.transcript(()), elem_id="transcript", actions=actions, script="ask.js"
            )
            attributes = gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send")
            self.question = gr.Textbox(**_QUESTION_BOX, **_IDLE, html_attributes=attributes)

    def wire(self, frame: Frame) -> None:
        """Say what each event does."""
        question, conversation = self.question, self.conversation
        answered = [question, self.transcript, conversation]
        asking = [
            # a question sent while another is being answered waits for its turn
            question.submit(
                self.ask, [question, conversation], answered, trigger_mode="always_last", **PRIVATE
            ),
            self.welcome.ask(self.ask_example, [conversation], answered, **PRIVATE),
            self.transcript.ask(self.ask_example, [conversation], answered, **PRIVATE),
        ]
        question.stop(self.stop, [conversation], [question, self.transcript], cancels=asking, **PRIVATE)
        frame.reader.opens_from(self.transcript, conversation)
        frame.page.load(self.examples, None, [self.welcome], **PRIVATE)

    # --- asking

    async def ask(
        self, question: str, conversation: Conversation, *, dates: bool = True
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Stream the answer to a question into the conversation; an empty box asks nothing."""
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip()
            return
        pending = (*conversation, Answer(question))
        yield gr.Textbox(value="", **_ANSWERING), _answering(pending), pending
        try:
            async for answer in follow(partial(self._answer, question, conversation, dates)):
                grown = (*conversation, answer)
                yield gr.skip(), _answering(grown), grown
        except Exception as exc:  # noqa: BLE001 - the edge: whatever failed, the reader is told
            failed = render.transcript(conversation, failure=explain(question, exc))
            yield gr.Textbox(**_IDLE), failed, conversation
            return
        yield gr.Textbox(**_IDLE), render.transcript(grown), grown

    async def ask_example(
        self, conversation: Conversation, event: gr.EventData
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Ask the question that was clicked: an example, or one of before without its period."""
        clicked = sent(event)
        question = str(clicked.get("question", clicked.get("text", "")))
        async for update in self.ask(question, conversation, dates=clicked.get("dates") != "any"):
            yield update

    def _answer(self, question: str, conversation: Conversation, dates: bool, emit: Emit[Answer]) -> None:
        for answer in self._assistant.stream(question, _history(conversation), dates=dates):
            if not emit(answer):
                return

    def stop(self, conversation: Conversation) -> tuple[Any, str]:
        """Make the page ready for the next question after the running answer was cancelled."""
        return gr.Textbox(**_IDLE), render.transcript(conversation)

    # --- for other tabs

    def open(self, conversation: Conversation) -> tuple[str, Conversation]:
        """Show another conversation: what the outputs `[transcript, conversation]` get."""
        return render.transcript(conversation), conversation

    def examples(self) -> str:
        """Offer the example questions that the corpus can answer."""
        articles = itertools.islice(self._assistant.articles(), TITLES_LOOKED_AT)
        return render.welcome(answerable(article.title for article in articles))


def _answering(conversation: Conversation) -> str:
    return render.transcript(conversation, is_answering=True)


def _history(conversation: Conversation) -> list[Turn]:
    turns = []
    for answer in conversation:
        turns.append(Turn("user", answer.question))
        if answer.text:  # an abstention's words are ours: nothing to search for
            turns.append(Turn("assistant", answer.text))
    return turns
