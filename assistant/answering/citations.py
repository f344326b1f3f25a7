"""Markers and what they stand for: the `[n]` of a text, resolved to exact sentences.

Only code makes citations, from offsets that were kept since chunking; nothing is copied from an answer's
text.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.candidates import Candidate
from assistant.types import Answer, Citation

SEPARATOR = "\n\n"


def cite(chosen: Sequence[Candidate], labels: Sequence[str] = ()) -> tuple[str, tuple[Citation, ...]]:
    """Quote sentences, each followed by its marker.

    Args:
        chosen: The sentences, in the order in which they are quoted.
        labels: What to say before each, such as the day in a timeline; by default, and where empty, nothing.

    Returns:
        The text, one paragraph a sentence, and one citation for each marker, in order.
    """
    citations = tuple(
        Citation(marker, candidate.hit.article, candidate.start, candidate.end, candidate.hit.also_in)
        for marker, candidate in enumerate(chosen, start=1)
    )
    led = zip(labels or [""] * len(chosen), citations, strict=True)
    return SEPARATOR.join((f"{label}: " if label else "") + _cited(cited) for label, cited in led), citations


def quote(text: str) -> str:
    """A slice of an article as it is quoted: each run of white space is one space, none at the ends."""
    return " ".join(text.split())


def short_answer_span(answer: Answer) -> tuple[int, int] | None:
    """Find the words of the short answer in the text of its answer.

    Args:
        answer: An answer, complete or growing.

    Returns:
        Start and end in `answer.text`, of `quote(answer.short_answer.text)` in the sentence that its marker
        cites; None if there is no short answer, or the text does not quote its sentence (yet).
    """
    position = 0
    for citation in answer.citations:
        # in order and each after the one before: what a quote says of other quotes is not searched
        position = answer.text.find(_cited(citation), position)
        if position < 0:
            return None
        if within := _words_in_quote(answer, citation):
            return position + within[0], position + within[1]
        position += len(_cited(citation))
    return None


def _cited(citation: Citation) -> str:
    return f"{quote(citation.text)} [{citation.marker}]"


def _words_in_quote(answer: Answer, citation: Citation) -> tuple[int, int] | None:
    """Where the short answer stands in a citation's quote; None if it is not in this one."""
    short = answer.short_answer
    if short is None or short.marker != citation.marker or short.article != citation.article:
        return None
    words = quote(short.text)
    if not words or not citation.start <= short.start < short.end <= citation.end:
        return None
    up_to_end = quote(short.article.text[citation.start : short.end])
    return len(up_to_end) - len(words), len(up_to_end)
