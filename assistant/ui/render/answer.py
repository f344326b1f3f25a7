"""The words of an answer with their markers.

It knows how an answer's text is cut into quotes, markers and paragraphs, nothing of what stands around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.answering.citations import quote, short_answer_span
from assistant.types import Answer, Citation
from assistant.ui.render.articles import opener, title
from assistant.ui.render.markup import Html, Span, element, marked
from assistant.ui.render.quotes import quote_id


def answer_text(answer: Answer, turn: int) -> Html:
    """Render the text with its markers as buttons; nothing while there is no text."""
    written = _written(answer, turn) if answer.sentences else _paragraphs(answer, turn)
    paragraphs = [element("p", *parts, dir="auto") for parts in written]
    is_even = answer.form is not None and not answer.sentences  # no sentence is the answer, all are
    return (
        element("div", *paragraphs, class_="answer even" if is_even else "answer") if paragraphs else Html()
    )


def _written(answer: Answer, turn: int) -> Iterator[list[str]]:
    """The parts of each paragraph that a chat model wrote; what is not supported has a note that says why."""
    parts: list[str] = []
    for sentence in answer.sentences:
        if parts and sentence.opens_paragraph:
            yield parts
            parts = []
        parts += [" "] if parts else []
        if sentence.is_supported:
            parts += [sentence.text, *(marker(answer.citations, n, turn) or "" for n in sentence.markers)]
        else:
            note = element("span", f" ({sentence.doubt})", class_="why")
            name = "unconfirmed" if sentence.is_unconfirmed else "unsupported"
            parts.append(element("span", sentence.text, note, class_=name, title=sentence.doubt))
    if parts:
        yield parts


def _paragraphs(answer: Answer, turn: int) -> Iterator[list[str]]:
    """The parts of each paragraph; a quote that follows a marker begins a new one."""
    short = short_answer_span(answer)
    in_bold = [short] if short else []
    parts: list[str] = []
    is_cited = False  # whether the last thing said was a marker
    for kind, (start, end) in _tokens(answer):
        token = answer.text[start:end]
        if parts and (kind == "break" or (kind == "quote" and is_cited)):
            yield parts
            parts = []
        if kind == "marker":
            parts.append(marker(answer.citations, int(token[1:-1]), turn) or token)
        elif kind != "break":
            start += 0 if parts else len(token) - len(token.lstrip())
            parts += marked(answer.text, (start, end), in_bold, tag="strong")
        is_cited = kind == "marker" or (is_cited and not token.strip())
    if "".join(parts).strip():
        yield parts


def _tokens(answer: Answer) -> Iterator[tuple[str, Span]]:
    """Cut an answer's text into ("quote" | "marker" | "break" | "text", span of the text).

    Quotes are matched whole, first: an article's own "[1]" inside of a quoted sentence is text, not a marker.
    """
    quotes = sorted({quote(citation.text) for citation in answer.citations} - {""}, key=len, reverse=True)
    quoted = "|".join(map(re.escape, quotes)) or r"(?!)"
    pattern = re.compile(rf"(?P<quote>{quoted})|(?P<marker>\[[1-9][0-9]{{0,3}}\])|(?P<break>\s*\n\s*)")
    position = 0
    for match in pattern.finditer(answer.text):
        if match.start() > position:
            yield "text", (position, match.start())
        yield str(match.lastgroup), match.span()
        position = match.end()
    if position < len(answer.text):
        yield "text", (position, len(answer.text))


def marker(citations: Sequence[Citation], number: int, turn: int) -> Html | None:
    """The button that opens the article at the sentence cited by a marker; None if it cites nothing."""
    citation = next((citation for citation in citations if citation.marker == number), None)
    if citation is None:
        return None
    label = f"Source {number}: {title(citation.article)}"
    span = (citation.start, citation.end)
    described = quote_id(turn, number)
    return opener(
        str(number), citation.article, span, turn, class_="marker", aria_label=label,
        aria_describedby=described,
    )  # fmt: skip
