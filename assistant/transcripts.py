"""A conversation as Markdown with numbered references, for a note or a mail.

Words of articles, questions and models are escaped, so that they are shown and never become markup of the
note that they are put into. It knows answers and Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from assistant.types import Answer, Citation

# What can begin or be markup in CommonMark and its tables; a backslash takes each for itself.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:@=$^\"'])")


def markdown(title: str, answers: Iterable[Answer]) -> str:
    """Write a conversation down.

    Args:
        title: Its name.
        answers: Its answers, oldest first.

    Returns:
        Markdown; each answer is followed by the sentences that it rests on.
    """
    parts = [f"# {escaped(title)}"]
    for answer in answers:
        parts += [f"## {escaped(answer.question)}", *_body(answer), *_references(answer.citations)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _body(answer: Answer) -> Iterator[str]:
    if answer.abstention:
        yield f"*{escaped(answer.abstention.message)}*"
    for paragraph in answer.text.splitlines():
        if paragraph.strip():
            yield escaped(paragraph)
    if answer.note:
        yield f"*{escaped(answer.note)}*"


def _references(citations: Iterable[Citation]) -> Iterator[str]:
    for citation in citations:
        article = citation.article
        day = article.published.isoformat() if article.published else ""
        told = ", ".join(filter(None, (article.source, day, citation.details)))
        about = f"{escaped(article.name)}{f' ({escaped(told)})' if told else ''}"
        address = f" {escaped(article.url)}" if article.url else ""
        yield f"\\[{citation.marker}\\] {about}{address}\n\n> {escaped(citation.text)}"
