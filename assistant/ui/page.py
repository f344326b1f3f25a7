"""The web page: its tabs, the reader pane beside them, how it looks and how many it serves at once.

It knows which tabs there are and in which order; what one does is its own module.
"""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.events import api

from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.ui import render
from assistant.ui.ask import Ask
from assistant.ui.frame import Frame, Tab, asset
from assistant.ui.history import History
from assistant.ui.keeping import ConversationKeeper
from assistant.ui.library import Library
from assistant.ui.reading import ReaderPane
from assistant.ui.search import Search
from assistant.ui.warming import Warming

CONCURRENT_EVENTS = 64  # Gradio's default of 1 lets one reader wait for another
QUEUED_EVENTS = 256  # more than wait here are told at once that the server is busy; the default has no bound
MAX_THREADS = (
    250  # Gradio's 40 also caps async handlers: 100 readers waited 5 s instead of 0.6 (RELIABILITY.md)
)
CACHE_SECONDS = 3600  # uploads are read at once; what is left of them goes within the hour

PAPER, PAPER_DARK, INK, INK_DARK = "#fbfaf6", "#151619", "#1d1c1a", "#e8e5de"  # the same as in base.css
STYLES = ("base", "ask", "reader", "library", "search", "history")  # later ones may overrule earlier ones


def build(assistant: Assistant) -> gr.Blocks:
    """Put the page together.

    Args:
        assistant: Answers the questions and takes the articles.

    Returns:
        The page with its queue set up; `mounting` has what it needs to be mounted.
    """
    page = gr.Blocks(
        title="Article Assistant",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(CACHE_SECONDS, CACHE_SECONDS),
    )
    with page:
        _lay_out(page, assistant)
        _serve_programs(assistant)
    page.max_threads = MAX_THREADS
    page.queue(default_concurrency_limit=CONCURRENT_EVENTS, max_size=QUEUED_EVENTS, api_open=False)
    return page


def mounting() -> dict[str, Any]:
    """Look and behaviour of the page, as the arguments that Gradio takes where a page is mounted."""
    css = "\n".join(asset(f"styles/{name}.css") for name in STYLES)
    return {
        "theme": _theme(),
        # Not as `css`: Gradio rewrites the selectors of that, and takes lists inside of :is() apart.
        "head": render.style(css) + render.script(asset("scripts/page.js")),
        "footer_links": [],
    }


def _theme() -> gr.themes.Base:
    """What shows of Gradio before and beside the style sheets: paper, ink and font, light and dark."""
    return gr.themes.Base(font="sans-serif", font_mono="monospace", neutral_hue="stone").set(
        body_background_fill=PAPER,
        body_background_fill_dark=PAPER_DARK,
        body_text_color=INK,
        body_text_color_dark=INK_DARK,
    )


def _lay_out(page: gr.Blocks, assistant: Assistant) -> None:
    """Lay out the tabs and the reader pane, then let each tab say what its events do.

    To add a tab, put it in `shown`.
    """
    keeper = ConversationKeeper(assistant)
    reader, ask, warming = ReaderPane(assistant), Ask(assistant, keeper), Warming(assistant)
    history = History(assistant, ask, keeper)
    shown: tuple[Tab, ...] = (ask, Library(assistant, ask), Search(assistant), history)
    gr.HTML(render.masthead(), elem_id="masthead", apply_default_css=False)
    warming.lay_out()
    with gr.Row(elem_id="desk"):
        with gr.Tabs(elem_id="tabs") as tabs:
            for tab in shown:
                # all are rendered at once: an event may change a tab that was not looked at yet
                with gr.Tab(tab.label, id=tab.name, elem_id=f"tab-{tab.name}", render_children=True):
                    tab.lay_out()
        with gr.Column(elem_id="side"):
            reader.lay_out()
    history.lay_out_places()
    frame = Frame(page, tabs, reader)
    reader.wire(ask.conversation)
    warming.wire(page)
    for tab in shown:
        tab.wire(frame)


def _serve_programs(assistant: Assistant) -> None:
    """Offer `/chat` to programs."""

    def chat(question: str) -> str:
        try:
            return render.plain_text(assistant.ask(question))
        except AssistantError as exc:
            raise gr.Error(f"{exc}. {exc.hint}", print_exception=False) from exc

    api(chat, api_name="chat", api_description="Answers a question in plain text, with its sources.")
