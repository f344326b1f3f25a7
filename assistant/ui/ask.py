"""The Ask tab: a question, its answer as it grows, and the conversation before it.

It asks the `Assistant`, hands what comes back to `render`, and keeps one conversation a browser tab. It
builds no HTML and decides nothing that the assistant could decide.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr
from gradio.events import Dependency

from assistant.assistant import Assistant
from assistant.conversations import turns_before
from assistant.errors import UnknownArticleError
from assistant.types import Answer, Failure, Reason
from assistant.ui import render
from assistant.ui.examples import answerable
from assistant.ui.follow import Emit, follow
from assistant.ui.frame import PRIVATE, Frame, html, number, sent
from assistant.ui.keeping import ConversationKeeper
from assistant.ui.offering import Offering
from assistant.ui.options import Options
from assistant.ui.reading import Conversation
from assistant.ui.telling import explain

TITLES_LOOKED_AT = (
    2000  # examples are for a first look; a larger corpus is not searched through for their articles
)

CHANGED_ELSEWHERE = (
    "This conversation was changed elsewhere, such as in another tab. "
    "What stands here goes on as one of its own."
)
SHORTEN = "It is in the box again, to be shortened there."

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
        keeper: Keeps the conversation.
    """

    name, label = "ask", "Ask"
    conversation: gr.State
    options: gr.State
    welcome: gr.HTML
    transcript: gr.HTML
    question: gr.Textbox
    strip: gr.HTML
    asking: Sequence[Dependency]  # the events that answer
    working: Sequence[Dependency]  # these, and those that find what to ask next

    def __init__(self, assistant: Assistant, keeper: ConversationKeeper) -> None:
        self._assistant = assistant
        self._keeper = keeper
        self._sources: tuple[str, ...] = ()  # publishers to offer as filters
        self._offering = Offering(assistant)

    def lay_out(self) -> None:
        """Lay out the conversation and the box below it."""
        self.conversation, self.options = gr.State(()), gr.State(Options())
        with gr.Column(elem_id="chat"):
            # Not in the transcript: what comes late, after the page has loaded or an upload has ended, would
            # take the place of an answer. The style hides it once there is a turn.
            self.welcome = html(render.welcome(), elem_id="welcome", actions=("ask",))
            actions = ("ask", "read", "again", "revise", "rate")
            self.transcript = html(
                render.transcript(()),
                elem_id="transcript",
                actions=actions,
                script="ask.js",
                html_template=render.transcript_frame(),
                earlier=render.transcript(()),
            )
            self._next = html(render.Html(), elem_id="next", actions=("ask",), script="next.js")
            strip = ("begin", "drop", "narrow", "mode")
            self.strip = html(self._shown(Options()), elem_id="strip", actions=strip, script="strip.js")
            attributes = gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send")
            self.question = gr.Textbox(**_QUESTION_BOX, **_IDLE, html_attributes=attributes)

    def wire(self, frame: Frame) -> None:
        """Say what each event does."""
        question, known = self.question, [self.conversation, self.options]
        answered = [question, self.transcript, self.conversation, self.options, self.strip]
        clicked = [self.welcome.ask, self.transcript.ask, self._next.ask]
        asking = [
            # a question sent while another is being answered waits for its turn
            question.submit(self.ask, [question, *known], answered, trigger_mode="always_last", **PRIVATE),
            *(listen(self.ask_example, known, answered, **PRIVATE) for listen in clicked),
            self.transcript.again(self.ask_again, known, answered, **PRIVATE),
        ]
        offering = [event.then(self.follow_ups, known, [self._next], **PRIVATE) for event in asking]
        self.asking, self.working = asking, [*asking, *offering]
        stopped = [question, self.transcript]
        question.stop(self.stop, [self.conversation], stopped, cancels=asking, **PRIVATE)
        self.transcript.revise(self.revise, known, [question, self.options, self.strip], **PRIVATE)
        for listen, change in (("drop", self.drop), ("narrow", self.narrow), ("mode", self.switch_mode)):
            event = getattr(self.strip, listen)
            # each click counts, and sees what the one before it came to
            in_turn = {"trigger_mode": "multiple", "concurrency_limit": 1}
            event(change, [self.options], [self.options, self.strip], **in_turn, **PRIVATE)
        about = [self.options, self.strip, frame.tabs]
        frame.reader.panel.about(self.about, [self.options], about, **PRIVATE)
        frame.reader.opens_from(self.transcript, self.conversation)
        frame.page.load(self.first_look, [self.options], [self.welcome, self.strip], **PRIVATE)

    # --- asking

    async def ask(
        self,
        question: str,
        conversation: Conversation,
        options: Options,
        request: gr.Request,
        *,
        dates: bool = True,
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Stream the answer to a question into the conversation; an empty box asks nothing."""
        if not question.strip():
            yield (gr.skip(),) * 5
            return
        before, asked_with, shown = conversation, options, self._keeper.at(request)
        seen = shown.turns
        if options.revising is not None:
            conversation, options = conversation[: options.revising], replace(options, revising=None)
        place = len(conversation)
        answer = Answer(question, filters=options.filters)
        # what came before is sent once, and then only the turn that grows
        begun = _transcript(render.turn(answer, place, is_answering=True), render.transcript(conversation))
        box = gr.Textbox(value="", **_ANSWERING)
        yield box, begun, (*conversation, answer), options, self._shown(options)
        try:
            with contextlib.ExitStack() as rest:
                rest.enter_context(self._offering.rests())
                async for answer in follow(partial(self._answer, question, conversation, options, dates)):
                    growing = render.turn(answer, place, is_answering=True)
                    yield gr.skip(), growing, (*conversation, answer), gr.skip(), gr.skip()
                    if answer.text:
                        rest.close()  # what a chat model writes costs this machine nothing
        except Exception as exc:  # noqa: BLE001 - the edge: whatever failed, the reader is told
            yield *_given_back(explain(question, exc), before), gr.skip(), gr.skip()
            return
        if answer.abstention and answer.abstention.reason is Reason.QUESTION_TOO_LONG:
            refused = Failure(question, answer.abstention.message, SHORTEN)
            yield *_given_back(refused, before), asked_with, self._shown(asked_with)
            return
        if await asyncio.to_thread(self._keeper.keep, request, (*conversation, answer), shown, seen):
            gr.Info(CHANGED_ELSEWHERE)
        yield gr.Textbox(**_IDLE), render.turn(answer, place), gr.skip(), gr.skip(), gr.skip()

    async def ask_example(
        self, conversation: Conversation, options: Options, request: gr.Request, event: gr.EventData
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Ask the question that was clicked: an example, or one of before without its period."""
        clicked = sent(event)
        question = str(clicked.get("question", clicked.get("text", "")))
        dates = clicked.get("dates") != "any"
        async for update in self.ask(question, conversation, options, request, dates=dates):
            yield update

    async def ask_again(
        self, conversation: Conversation, options: Options, request: gr.Request, event: gr.EventData
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Answer the last question anew, such as with other filters."""
        turn = number(sent(event).get("turn"))
        question = conversation[-1].question if conversation and turn == len(conversation) - 1 else ""
        anew = replace(options, revising=turn)
        async for update in self.ask(question, conversation, anew, request):
            yield update

    def revise(self, conversation: Conversation, options: Options, event: gr.EventData) -> tuple[Any, ...]:
        """Put the last question into the box; what is sent next takes its place."""
        turn = number(sent(event).get("turn"))
        if not conversation or turn != len(conversation) - 1:
            return (gr.skip(),) * 3
        revised = replace(options, revising=turn)
        return conversation[-1].question, revised, self._shown(revised)

    def _answer(
        self, question: str, conversation: Conversation, options: Options, dates: bool, emit: Emit[Answer]
    ) -> None:
        history, filters = turns_before(conversation), options.filters
        stream = self._assistant.stream(question, history, filters, dates=dates, quoted=options.is_quoted)
        for answer in stream:
            if not emit(answer):
                return

    def stop(self, conversation: Conversation) -> tuple[Any, Any]:
        """Make the page ready for the next question after the running answer was cancelled."""
        return gr.Textbox(**_IDLE), _transcript(render.transcript(conversation))

    async def follow_ups(self, conversation: Conversation, options: Options) -> str:
        """Offer questions to ask next; this comes after the answer, and no answer of anyone waits for it."""
        if not conversation or not conversation[-1].is_complete:
            return render.Html()
        asked = [answer.question for answer in conversation]
        found = await self._offering.find(conversation[-1], options.filters, asked)
        return render.next_questions(found, len(conversation))

    # --- how it is asked

    def drop(self, options: Options, event: gr.EventData) -> tuple[Options, str]:
        """Take a filter away."""
        clicked = sent(event)
        changed = options.without(str(clicked.get("filter")), str(clicked.get("value", "")))
        return changed, self._shown(changed)

    def narrow(self, options: Options, event: gr.EventData) -> tuple[Options, str]:
        """Add what is written in the filter's fields."""
        fields = sent(event).get("fields")
        changed = options.narrowed(fields if isinstance(fields, dict) else {})
        return changed, self._shown(changed)

    def switch_mode(self, options: Options) -> tuple[Options, str]:
        """Let the chat model write the next answer, or quote it."""
        changed = replace(options, is_quoted=not options.is_quoted)
        return changed, self._shown(changed)

    def about(self, options: Options, event: gr.EventData) -> tuple[Any, ...]:
        """Ask about one article only, from now on."""
        try:
            changed = options.about(self._assistant.article(str(sent(event).get("article"))))
        except UnknownArticleError:
            return (gr.skip(),) * 3
        return changed, self._shown(changed), gr.Tabs(selected=self.name)

    def _shown(self, options: Options) -> render.Html:
        writer = self._assistant.writer
        return render.strip(options, self._sources, self._assistant.settings.chat.model if writer else "")

    # --- for other tabs

    @property
    def opened(self) -> list[Any]:
        """The outputs of an event that shows another conversation; `open` has what they get."""
        return [self.transcript, self.conversation, self.options, self.strip, self._next, self.question]

    def open(self, conversation: Conversation, options: Options) -> tuple[Any, ...]:
        """Show another conversation, which has nothing of the one before.

        Args:
            conversation: The answers; none for a new one.
            options: How the next question of the one before would have been asked.

        Returns:
            What `opened` get. A question that was typed stays for a conversation that is there, since it may
            be the reason for opening it.
        """
        is_draft = conversation and options.revising is None
        box = gr.Textbox(**_IDLE) if is_draft else gr.Textbox(value="", **_IDLE)
        shown = _transcript(render.transcript(conversation))
        return shown, conversation, Options(), self._shown(Options()), render.Html(), box

    def examples(self) -> str:
        """Offer the example questions that the corpus can answer."""
        articles = list(itertools.islice(self._assistant.articles(), TITLES_LOOKED_AT))
        self._sources = tuple(sorted({article.source for article in articles} - {""}, key=str.casefold))
        return render.welcome(
            answerable(article.title for article in articles), self._assistant.corpus.count()
        )

    def first_look(self, options: Options) -> tuple[str, str]:
        """What a page shows that was just opened."""
        return self.examples(), self._shown(options)


def _given_back(failure: Failure, conversation: Conversation) -> tuple[Any, ...]:
    """What box, transcript and conversation get when a question, the failure's name, is no turn of it."""
    box = gr.Textbox(value=failure.name, **_IDLE)
    return box, _transcript(render.transcript(conversation, failure=failure)), conversation


def _transcript(turns: str, earlier: str = "") -> dict[str, Any]:
    """What the transcript gets so that it shows these turns, after earlier ones that stay as they are."""
    update: dict[str, Any] = gr.update(value=turns, earlier=earlier)
    return update
