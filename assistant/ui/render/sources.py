"""The articles that an answer cites, each with its passages.

It knows citations and hits, no conversation.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.types import Answer, Citation, Hit
from assistant.ui.render.answer import marker
from assistant.ui.render.articles import opener, origin, title
from assistant.ui.render.markup import Html, Span, element, marked


def sources(answer: Answer, turn: int = 0) -> Html:
    """List the articles that an answer cites, each with its passages and the cited sentences marked.

    Args:
        answer: The answer, complete or not.
        turn: Its place in the conversation, from 0.

    Returns:
        The list; nothing if nothing is cited.
    """
    if not answer.citations:
        return Html()
    cards = [_card(answer, citations, turn) for citations in by_article(answer.citations)]
    return element("div", element("h3", "Sources"), element("ol", *cards), class_="sources")


def by_article(citations: Sequence[Citation]) -> list[list[Citation]]:
    """The citations of each article version, in the order of its first marker."""
    grouped: dict[tuple[str, str], list[Citation]] = {}
    for citation in citations:
        grouped.setdefault((citation.article.id, citation.article.version), []).append(citation)
    return list(grouped.values())


def _card(answer: Answer, citations: Sequence[Citation], turn: int) -> Html:
    article = citations[0].article
    span = (citations[0].start, citations[0].end)
    passages: dict[Span, list[Citation]] = {}
    for citation in citations:
        passages.setdefault(_surroundings(answer.hits, citation), []).append(citation)
    return element(
        "li",
        opener(title(article), article, span, turn, class_="title", dir="auto"),
        origin(article),
        *(element("p", details, class_="origin") for details in _details(citations)),
        *(_cited_passage(passage, cited, turn) for passage, cited in passages.items()),
        class_="card",
    )


def _details(citations: Sequence[Citation]) -> list[str]:
    """Pages and near copies of cited sentences, each once."""
    return list(dict.fromkeys(citation.details for citation in citations if citation.details))


def _cited_passage(passage: Span, citations: Sequence[Citation], turn: int) -> Html:
    markers = [marker(citations, citation.marker, turn) or "" for citation in citations]
    parts = marked(
        citations[0].article.text, passage, [(citation.start, citation.end) for citation in citations]
    )
    return element(
        "div", element("div", *markers, class_="markers"), element("p", *parts, dir="auto"), class_="passage"
    )


def _surroundings(hits: Sequence[Hit], citation: Citation) -> Span:
    """The found passage that holds the cited sentence, else the sentence's own line."""
    for hit in hits:
        passage = hit.passage
        is_same = (
            hit.article.version == citation.article.version and passage.article_id == citation.article.id
        )
        if is_same and passage.start <= citation.start and citation.end <= passage.end:
            return passage.start, passage.end
    text = citation.article.text
    line_end = text.find("\n", citation.end)
    return text.rfind("\n", 0, citation.start) + 1, line_end if line_end >= 0 else len(text)
