"""The reader pane beside the tabs: it shows an article at the span that was clicked, in whichever tab.

It knows how to find the version of an article that was cited and what else of it matches, and nothing of how
it came to be cited.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr

from assistant.assistant import Assistant
from assistant.errors import UnknownArticleError
from assistant.types import Answer, Article, Filters, Hit
from assistant.ui import render
from assistant.ui.frame import PRIVATE, html, number, sent

OTHERS_SHOWN = 3  # other passages of the article that match: an offer, not a second search

Conversation = tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A span of one version of an article, as the page names it.

    Args:
        article_id: The article.
        version: Hash of its text.
        start: Offset in its text.
        end: Offset in its text, excluded.
        turn: Of the conversation that it was opened from.
        query: What was searched for, if it was opened from no conversation.
    """

    article_id: str
    version: str
    start: int
    end: int
    turn: int = 0
    query: str = ""


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
        actions = ("close", "read", "about")
        self.panel = html(render.Html(), elem_id="panel", actions=actions, script="reader.js")
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
        article, note = self._version(place, conversation)
        if article is None:
            return render.missing_article(note)
        answer = conversation[place.turn] if place.turn < len(conversation) else None
        if article.version != place.version:
            return render.reader(article, (0, 0), turn=place.turn, note=note)
        current = (place.start, place.end)
        cited = _cited_spans(answer, article)
        query = place.query or (answer.standalone_question or answer.question if answer else "")
        others = self._others(article, query, [current, *cited])
        return render.reader(article, current, cited=cited, others=others, turn=place.turn, note=note)

    def close(self) -> render.Html:
        """Put the article away."""
        return render.Html()

    def _others(self, article: Article, query: str, shown: Sequence[render.Span]) -> list[Hit]:
        """Passages of the article that match and hold nothing of what is marked already."""
        if not query:
            return []
        hits = self._assistant.search(query, filters=Filters(article_ids=(article.id,)))
        others = [
            hit
            for hit in hits
            if hit.article.version == article.version and not any(_overlap(hit, span) for span in shown)
        ]
        return others[:OTHERS_SHOWN]

    def _version(self, place: Place, conversation: Conversation) -> tuple[Article | None, str]:
        """The version to show, and what the reader must know about it."""
        current, cited = self._current(place), _cited_version(place, conversation)
        if current and current.version == place.version:
            return current, ""
        cited = cited or self._kept(place)
        if cited and current:
            return cited, "The article has changed since it was cited. This is the version that was cited."
        if cited:
            return cited, "The article has been removed from the corpus. This is the version that was cited."
        if current:
            return current, (
                "The article has changed, and the cited version is no longer at hand. "
                "This is the current one."
            )
        return None, "The article is no longer in the corpus."

    def _current(self, place: Place) -> Article | None:
        try:
            return self._assistant.article(place.article_id)
        except UnknownArticleError:
            return None

    def _kept(self, place: Place) -> Article | None:
        try:
            return self._assistant.article_version(place.article_id, place.version).article
        except UnknownArticleError:
            return None


def _place(event: gr.EventData) -> Place | None:
    """The place that an event names; None if it names none."""
    data = sent(event)
    start, end, turn = (number(data.get(name)) for name in ("start", "end", "turn"))
    article_id, version = data.get("article"), data.get("version")
    if start is None or end is None or not isinstance(article_id, str) or not isinstance(version, str):
        return None
    return Place(article_id, version, start, end, turn or 0, str(data.get("query", "")))


def _cited_version(place: Place, conversation: Conversation) -> Article | None:
    cited = (citation.article for answer in conversation for citation in answer.citations)
    near = (hit.article for answer in conversation for hit in answer.hits)
    wanted = (place.article_id, place.version)
    return next((a for a in itertools.chain(cited, near) if (a.id, a.version) == wanted), None)


def _cited_spans(answer: Answer | None, article: Article) -> list[render.Span]:
    """What an answer cites of this version of an article."""
    citations = answer.citations if answer else ()
    return [(c.start, c.end) for c in citations if (c.article.id, c.article.version) == _key(article)]


def _key(article: Article) -> tuple[str, str]:
    return article.id, article.version


def _overlap(hit: Hit, span: render.Span) -> bool:
    return hit.passage.start < span[1] and span[0] < hit.passage.end
