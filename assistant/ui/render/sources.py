"""The articles that an answer cites.

It knows citations, no conversation.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.types import Answer, Citation
from assistant.ui.render.answer import marker
from assistant.ui.render.articles import opener, origin, title
from assistant.ui.render.markup import Html, element


def sources(answer: Answer, turn: int = 0) -> Html:
    """List the articles that an answer cites, each with the markers of its sentences.

    Args:
        answer: The answer, complete or not.
        turn: Its place in the conversation, from 0.

    Returns:
        The list; nothing if nothing is cited.
    """
    if not answer.citations:
        return Html()
    cards = [_card(citations, turn) for citations in by_article(answer.citations)]
    return element("div", element("h3", "Sources"), element("ol", *cards), class_="sources")


def by_article(citations: Sequence[Citation]) -> list[list[Citation]]:
    """The citations of each article version, in the order of its first marker."""
    grouped: dict[tuple[str, str], list[Citation]] = {}
    for citation in citations:
        grouped.setdefault((citation.article.id, citation.article.version), []).append(citation)
    return list(grouped.values())


def _card(citations: Sequence[Citation], turn: int) -> Html:
    article = citations[0].article
    span = (citations[0].start, citations[0].end)
    markers = [marker(citations, citation.marker, turn) or "" for citation in citations]
    return element(
        "li",
        element("div", *markers, class_="markers"),
        element(
            "div",
            opener(title(article), article, span, turn, class_="title", dir="auto"),
            origin(article),
            *(element("p", details, class_="origin") for details in _details(citations)),
        ),
        class_="card",
    )


def _details(citations: Sequence[Citation]) -> list[str]:
    """Pages and near copies of cited sentences, each once."""
    return list(dict.fromkeys(citation.details for citation in citations if citation.details))
