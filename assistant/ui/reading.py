"""The reader pane beside the tabs: it shows an article at the span that was clicked, in whichever tab.

It knows how to find the version of an article that was cited, and nothing of how it came to be cited.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import gradio as gr

from assistant.assistant import Assistant
from assistant.errors import UnknownArticleError
from assistant.types import Answer, Article
from assistant.ui import render
from assistant.ui.frame import PRIVATE, html, number, sent

Conversation = tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A span of one version of an article, as the page names it."""

    article_id: str
    version: str
    start: int
    end: int


class ReaderPane:
    """The pane and what opens it; one a page, shared by all tabs.

    Args:
        assistant: Has the articles.
    """

    panel: gr.HTML

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def lay_out(self) -> None:
        """Make the pane; it takes no room until it shows an article."""
        self.panel = html(render.Html(), elem_id="panel", actions=("close", "read"), script="reader.js")
        self._nothing = gr.State(())

    def wire(self, conversation: gr.State) -> None:
        """Say what the pane's own events do.

        Args:
            conversation: Of the page; it may have cited versions that the corpus no longer holds.
        """
        self.opens_from(self.panel, conversation)
        self.panel.close(self.close, None, [self.panel], **PRIVATE)

    def opens_from(self, component: gr.HTML, conversation: gr.State | None = None) -> None:
        """Open an article where an element of a component that `render` made for it is clicked.

        Args:
            component: One with the action "read".
            conversation: What was cited in; none for components that show the corpus as it is now.
        """
        component.read(self.read, [conversation or self._nothing], [self.panel], **PRIVATE)

    def read(self, conversation: Conversation, event: gr.EventData) -> object:
        """Open an article at the span that was clicked."""
        place = _place(event)
        return gr.skip() if place is None else self.show(place, conversation)

    def show(self, place: Place, conversation: Conversation = ()) -> render.Html:
        """Render the article of a place, in the version that was cited if that is at hand."""
        try:
            current = self._assistant.article(place.article_id)
        except UnknownArticleError:
            current = None
        article, note = _version(place, current, conversation)
        if article is None:
            return render.missing_article(note)
        cited = (place.start, place.end) if article.version == place.version else (0, 0)
        return render.reader(article, cited, note=note)

    def close(self) -> render.Html:
        """Put the article away."""
        return render.Html()


def _place(event: gr.EventData) -> Place | None:
    """The place that an event names; None if it names none."""
    data = sent(event)
    start, end = number(data.get("start")), number(data.get("end"))
    article_id, version = data.get("article"), data.get("version")
    if start is None or end is None or not isinstance(article_id, str) or not isinstance(version, str):
        return None
    return Place(article_id, version, start, end)


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
