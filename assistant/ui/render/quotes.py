"""The cards that show what a marker stands for: title, publisher, date and the quoted sentence.

The page's script shows the card of the marker that is pointed at or has the focus. It knows citations, no
answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.types import Citation
from assistant.ui.render.articles import language, origin, title
from assistant.ui.render.markup import Html, element

MAX_QUOTE_CHARS = 600  # of the sentence; the reader pane shows it whole


def quote_id(turn: int, marker: int) -> str:
    """The id of the card of a marker, for what describes itself by it."""
    return f"quote-{turn}-{marker}"


def quotes(citations: Sequence[Citation], turn: int) -> Html:
    """The cards of all markers of an answer, hidden until one is asked for."""
    cards = [_card(citation, quote_id(turn, citation.marker)) for citation in citations]
    return element("div", *cards, class_="quotes") if cards else Html()


def _card(citation: Citation, card_id: str) -> Html:
    article = citation.article
    text = " ".join(citation.text.split())
    text = text if len(text) <= MAX_QUOTE_CHARS else f"{text[:MAX_QUOTE_CHARS]}…"
    where = [element("p", citation.details, class_="origin")] if citation.details else []
    return element(
        "div",
        element("p", title(article), class_="title", dir="auto"),
        origin(article),
        *where,
        element("p", text, class_="said", dir="auto", lang=language(article)),
        class_="quote",
        id=card_id,
        role="tooltip",
    )
