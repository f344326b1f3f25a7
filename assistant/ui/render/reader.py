"""An article to be read: its text with the cited sentences marked.

It knows one article at a time, and nothing of how it was found.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.types import Article
from assistant.ui.render.articles import language, origin, title
from assistant.ui.render.markup import Html, Span, element, marked


def reader(article: Article, cited: Span, *, note: str = "") -> Html:
    """Render an article to be read.

    Args:
        article: The article.
        cited: Span to mark; may be empty.
        note: What the reader must know first; plain text, often empty.

    Returns:
        The article as text: a paragraph for each of its lines.
    """
    lines = [
        element("p", *marked(article.text, line, [cited]), dir="auto")
        for line in _lines(article.text)
        if article.text[slice(*line)].strip()
    ]
    return element(
        "article",
        _close(),
        element("h2", title(article), tabindex=-1, dir="auto"),
        origin(article, with_author=True),
        element("p", note, class_="note", role="status") if note else "",
        element("div", *lines, class_="text", lang=language(article)),
        class_="reader",
        aria_label="Article",
    )


def missing_article(message: str) -> Html:
    """Render the reader's place when there is no article to show."""
    return element("article", _close(), element("p", message, class_="note", role="status"), class_="reader")


def _close() -> Html:
    return element("button", "Close", type="button", class_="close", data_action="close")


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line.rstrip("\r\n"))
        start += len(line)
