"""An answer without markup, for callers that are programs and for the clipboard."""

from __future__ import annotations

from assistant.answering.telling import generation_notes, nearest
from assistant.types import Answer, Article
from assistant.ui.render.articles import day_in_words, title


def plain_text(answer: Answer) -> str:
    """The answer and its numbered sources as plain text, for callers that are programs."""
    filters = ["", f"Filters: {answer.asked_of}"] if answer.filters else []
    if answer.abstention:
        near = [f"- {_reference(hit.article)}" for hit in nearest(answer)]
        close = ["", "Not an answer, but close:", *near] if near else []
        return "\n".join([answer.abstention.message, *filters, *close])
    cited = [f"[{citation.marker}] {_reference(citation.article)}" for citation in answer.citations]
    notes = [note for note in (answer.note, *generation_notes(answer)) if note]
    doubted = [f"- {s.text} ({s.doubt})" for s in answer.sentences if s.doubt]
    note = [*filters, "", *notes] if notes else filters
    note += ["", "Not supported by the articles, or not confirmed:", *doubted] if doubted else []
    return "\n".join([answer.text, *note, *(["", "Sources:", *cited] if cited else [])])


def _reference(article: Article) -> str:
    published = day_in_words(article.published) if article.published else ""
    return ", ".join(part for part in (title(article), article.source, published, article.url) if part)
