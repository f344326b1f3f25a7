"""The web page: its components, what happens on each event, and nothing about answers.

It asks the `Assistant`, hands what comes back to `render`, and keeps one conversation a browser tab. It
builds no HTML and decides nothing that the assistant could decide.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

import gradio as gr
from gradio.events import api

from assistant.assistant import Assistant
from assistant.errors import AssistantError, UnknownArticleError
from assistant.types import Answer, Article, Turn
from assistant.ui import render
from assistant.ui.examples import answerable
from assistant.ui.follow import Emit, follow
from assistant.ui.library import Library, explain

logger = logging.getLogger(__name__)

CONCURRENT_EVENTS = 64  # Gradio's default of 1 lets one reader wait for another
QUEUED_EVENTS = 256  # more than wait here are told at once that the server is busy; the default has no bound
MAX_THREADS = (
    250  # Gradio's 40 also caps async handlers: 100 readers waited 5 s instead of 0.6 (RELIABILITY.md)
)
CACHE_SECONDS = 3600  # uploads are read at once; what is left of them goes within the hour
TITLES_LOOKED_AT = (
    2000  # examples are for a first look; a larger corpus is not searched through for their articles
)

PAPER, PAPER_DARK, INK, INK_DARK = "#fbfaf6", "#151619", "#1d1c1a", "#e8e5de"  # the same as in style.css

Conversation = tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A span of one version of an article, as the page names it, and the turn that it was opened from."""

    article_id: str
    version: str
    start: int
    end: int
    turn: int


def build(assistant: Assistant) -> gr.Blocks:
    """Put the page together.

    Args:
        assistant: Answers the questions and takes the articles.

    Returns:
        The page with its queue set up; `mounting` has what it needs to be mounted.
    """
    desk = Desk(assistant)
    page = gr.Blocks(
        title="Article Assistant",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(CACHE_SECONDS, CACHE_SECONDS),
    )
    with page:
        _lay_out(page, desk)
        api(desk.chat, api_name="chat", api_description="Answers a question in plain text, with its sources.")
    page.max_threads = MAX_THREADS
    page.queue(default_concurrency_limit=CONCURRENT_EVENTS, max_size=QUEUED_EVENTS, api_open=False)
    return page


def mounting() -> dict[str, Any]:
    """Look and behaviour of the page, as the arguments that Gradio takes where a page is mounted."""
    return {
        "theme": _theme(),
        # Not as `css`: Gradio rewrites the selectors of that, and takes lists inside of :is() apart.
        "head": render.style(_asset("style.css")),
        "footer_links": [],
    }


def _theme() -> gr.themes.Base:
    """What shows of Gradio before and beside `style.css`: paper, ink and font, light and dark."""
    return gr.themes.Base(font="sans-serif", font_mono="monospace", neutral_hue="stone").set(
        body_background_fill=PAPER,
        body_background_fill_dark=PAPER_DARK,
        body_text_color=INK,
        body_text_color_dark=INK_DARK,
    )


def _asset(name: str) -> str:
    return (files("assistant.ui") / name).read_text(encoding="utf-8")


def _lay_out(page: gr.Blocks, desk: Desk) -> None:
    """Lay out the components and say what each event does.

    Events are private: a page is no interface for programs, those have `/chat`.
    """
    script = _asset("page.js")
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    conversation = gr.State(())
    gr.HTML(render.masthead(), elem_id="masthead")
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="chat", scale=3, min_width=300):
            # Not in the transcript: what comes late, after the page has loaded or an upload has ended, would
            # take the place of an answer. The style hides it once there is a turn.
            welcome = gr.HTML(render.welcome(), elem_id="welcome", js_on_load=script, apply_default_css=False)
            transcript = gr.HTML(
                render.transcript(()), elem_id="transcript", js_on_load=script, apply_default_css=False
            )
            question = gr.Textbox(**_question_box(), **_IDLE)
        with gr.Column(elem_id="side", scale=2, min_width=300):
            panel = gr.HTML(render.sources(), elem_id="panel", js_on_load=script, apply_default_css=False)
            Library(desk.assistant, desk.welcome).lay_out(page, welcome, private)

    answered = [question, transcript, panel, conversation]
    asking = [
        # a question sent while another is being answered waits for its turn
        question.submit(desk.ask, [question, conversation], answered, trigger_mode="always_last", **private),
        welcome.ask(desk.ask_example, [conversation], answered, **private),
        transcript.ask(desk.ask_example, [conversation], answered, **private),
    ]
    question.stop(desk.stop, [conversation], [question, transcript], cancels=asking, **private)
    for component in (transcript, panel):
        component.read(desk.read, [conversation], [panel], **private)
        component.sources(desk.sources, [conversation], [panel], **private)
    page.load(desk.welcome, None, [welcome], **private)


_IDLE: dict[str, Any] = {"submit_btn": "Ask", "stop_btn": False}
_ANSWERING: dict[str, Any] = {"submit_btn": False, "stop_btn": "Stop"}


def _question_box() -> dict[str, Any]:
    return {
        "lines": 1,  # with one line Enter sends, and Shift and Enter begin a new one
        "max_lines": 8,
        "placeholder": "Ask about the articles",
        "label": "Question",
        "show_label": False,
        "container": False,
        "autofocus": True,
        "elem_id": "question",
        "html_attributes": gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send"),
    }


class Desk:
    """What happens on each event; the arguments and results follow the components wired in `_lay_out`."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    # --- asking

    async def ask(
        self, question: str, conversation: Conversation, *, dates: bool = True
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Stream the answer to a question into the conversation; an empty box asks nothing."""
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        pending = (*conversation, Answer(question))
        yield gr.Textbox(value="", **_ANSWERING), _answering(pending), render.sources(), pending
        try:
            async for answer in follow(partial(self._answer, question, conversation, dates)):
                grown = (*conversation, answer)
                yield gr.skip(), _answering(grown), render.sources(answer, len(conversation)), grown
        except Exception as exc:  # noqa: BLE001 - the edge: whatever failed, the reader is told
            failed = render.transcript(conversation, failure=explain(question, exc))
            yield gr.Textbox(**_IDLE), failed, gr.skip(), conversation
            return
        yield gr.Textbox(**_IDLE), render.transcript(grown), gr.skip(), grown

    async def ask_example(
        self, conversation: Conversation, event: gr.EventData
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Ask the question that was clicked: an example, or one of before without its period."""
        sent = _sent(event)
        question = str(sent.get("question", sent.get("text", "")))
        async for update in self.ask(question, conversation, dates=sent.get("dates") != "any"):
            yield update

    def _answer(self, question: str, conversation: Conversation, dates: bool, emit: Emit[Answer]) -> None:
        for answer in self.assistant.stream(question, _history(conversation), dates=dates):
            if not emit(answer):
                return

    def chat(self, question: str) -> str:
        """Answer a question in plain text, with numbered sources."""
        try:
            return render.plain_text(self.assistant.ask(question))
        except AssistantError as exc:
            raise gr.Error(f"{exc}. {exc.hint}", print_exception=False) from exc

    def stop(self, conversation: Conversation) -> tuple[Any, str]:
        """Make the page ready for the next question after the running answer was cancelled."""
        return gr.Textbox(**_IDLE), render.transcript(conversation)

    # --- reading

    def read(self, conversation: Conversation, event: gr.EventData) -> Any:
        """Open an article at the span that was clicked."""
        place = _place(event)
        if place is None:
            return gr.skip()
        try:
            current = self.assistant.article(place.article_id)
        except UnknownArticleError:
            current = None
        article, note = _version(place, current, conversation)
        if article is None:
            return render.missing_article(note, turn=place.turn)
        cited = (place.start, place.end) if article.version == place.version else (0, 0)
        return render.reader(article, cited, turn=place.turn, note=note)

    def sources(self, conversation: Conversation, event: gr.EventData) -> str:
        """List the sources of the turn that was clicked."""
        turn = _number(_sent(event).get("turn"))
        if turn is None or turn >= len(conversation):
            return render.sources()
        return render.sources(conversation[turn], turn)

    # --- examples

    def welcome(self) -> str:
        """Offer the example questions that the corpus can answer."""
        articles = itertools.islice(self.assistant.articles(), TITLES_LOOKED_AT)
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


def _sent(event: gr.EventData) -> dict[str, Any]:
    """What the page sent with an event; anyone can send one, with anything in it."""
    return event._data if isinstance(event._data, dict) else {}


def _place(event: gr.EventData) -> Place | None:
    """The place that an event names; None if it names none."""
    data = _sent(event)
    numbers = [_number(data.get(name)) for name in ("start", "end", "turn")]
    start, end, turn = numbers
    article_id, version = data.get("article"), data.get("version")
    if (
        start is None
        or end is None
        or turn is None
        or not isinstance(article_id, str)
        or not isinstance(version, str)
    ):
        return None
    return Place(article_id, version, start, end, turn)


def _number(value: object) -> int | None:
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 12
        else None
    )


def _version(place: Place, current: Article | None, conversation: Conversation) -> tuple[Article | None, str]:
    """The version to show, and what the reader must know about it."""
    if current and current.version == place.version:
        return current, ""
    cited = _cited_version(place, conversation)
    if cited and current:
        return cited, "The article has changed since it was cited. This is the version that was cited."
    if cited:
        return cited, "The article has been removed from the corpus. This is the version that was cited."
    if current:
        return (
            current,
            "The article has changed, and the cited version is no longer at hand. This is the current one.",
        )
    return None, "The article is no longer in the corpus."


def _cited_version(place: Place, conversation: Conversation) -> Article | None:
    cited = (citation.article for answer in conversation for citation in answer.citations)
    near = (hit.article for answer in conversation for hit in answer.hits)
    wanted = (place.article_id, place.version)
    return next((a for a in itertools.chain(cited, near) if (a.id, a.version) == wanted), None)
