"""An article to be read: its headings and text with the cited sentences marked, and what else matches.

It knows one article at a time, and nothing of how it was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.types import Article, Hit
from assistant.ui.render.articles import kept_file, language, opener, origin, original, title
from assistant.ui.render.markup import Html, Span, count, element

MAX_SNIPPET_CHARS = 220


def reader(
    article: Article,
    current: Span,
    *,
    cited: Sequence[Span] = (),
    others: Sequence[Hit] = (),
    turn: int = 0,
    note: str = "",
) -> Html:
    """Render an article to be read.

    Args:
        article: The article.
        current: Span to mark and to show first; may be empty.
        cited: All spans that the answer cites of it; they are marked, too, and can be stepped through.
        others: Other passages of the article that match the question.
        turn: Place of the answer in the conversation, from 0.
        note: What the reader must know first; plain text, often empty.

    Returns:
        The article as text: a heading or a paragraph for each of its lines.
    """
    spans = sorted({current, *cited})
    shown = [span for span in spans if span[0] < min(span[1], len(article.text))]
    return element(
        "article",
        _bar(len(shown), shown.index(current) if current in shown else 0),
        element("h2", title(article), tabindex=-1, dir="auto"),
        origin(article, with_author=True),
        _doings(article, current, turn),
        element("p", note, class_="note", role="status") if note else "",
        element("div", *_lines(article, shown, current), class_="text", lang=language(article)),
        _others(others, turn),
        class_="reader",
        aria_label="Article",
    )


def missing_article(message: str) -> Html:
    """Render the reader's place when there is no article to show."""
    said = element("p", message, class_="note", role="status")
    return element("article", _bar(0, 0), said, class_="reader", aria_label="Article")


def _bar(marks: int, at: int) -> Html:
    """Close, and the way from one cited sentence to the next; the page's script does the stepping."""
    close = element("button", "Close", type="button", class_="close", data_action="close")
    if marks < 2:
        return element("div", close, class_="bar")
    steps = [
        element("button", "‹ Previous", type="button", data_step=-1),
        element("span", f"Citation {at + 1} of {marks}", class_="at", aria_live="polite"),
        element("button", "Next ›", type="button", data_step=1),
    ]
    return element("div", close, element("span", *steps, class_="steps"), class_="bar")


def _doings(article: Article, current: Span, turn: int) -> Html:
    about = element(
        "button", "Ask about this article", type="button", class_="about", data_action="about",
        data_article=article.id, data_turn=turn,
    )  # fmt: skip
    place = f"#article/{article.id}/{article.version}/{current[0]}-{current[1]}"
    link = element("a", "Link to this sentence", href=place) if current[0] < current[1] else ""
    return element("p", about, link, kept_file(article, current), original(article, current), class_="doings")


def _lines(article: Article, cited: Sequence[Span], current: Span) -> Iterator[Html]:
    headings = {section.start for section in article.sections}
    pages = list(enumerate(article.pages, start=1))
    for start, end in _spans_of_lines(article.text):
        while pages and pages[0][1] < end:
            yield element("p", f"Page {pages.pop(0)[0]}", class_="page")
        if article.text[start:end].strip():
            tag = "h3" if start in headings else "p"
            yield element(tag, *_marked(article.text, (start, end), cited, current), dir="auto")


def _spans_of_lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line.rstrip("\r\n"))
        start += len(line)


def _marked(text: str, line: Span, cited: Sequence[Span], current: Span) -> list[str]:
    """A line in parts, each cited one in an element that says of which citation it is."""
    parts: list[str] = []
    position, end = line
    for number, span in enumerate(cited):
        start, stop = max(span[0], position), min(span[1], end)
        if start < stop:
            is_current = "is-current" if span == current else None
            mark = element("mark", text[start:stop], data_cited=number, class_=is_current)
            parts += [text[position:start], mark]
            position = stop
    return [part for part in [*parts, text[position:end]] if part]


def _others(others: Sequence[Hit], turn: int) -> Html:
    if not others:
        return Html()
    items = []
    for hit in others:
        text = " ".join(hit.passage.text[: 4 * MAX_SNIPPET_CHARS].split())
        cut = "…" if len(text) > MAX_SNIPPET_CHARS else ""
        span = (hit.passage.start, hit.passage.end)
        snippet = text[:MAX_SNIPPET_CHARS] + cut
        items.append(element("li", opener(snippet, hit.article, span, turn, class_="other", dir="auto")))
    heading = element("h3", f"{count(len(others), 'other passage')} of this article that may help")
    return element("section", heading, element("ul", *items), class_="others")
