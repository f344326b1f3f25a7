"""The short answer: the few words of a quoted sentence that answer, and whether articles give different ones.

It knows what kind of words a question asks for; it does not know how sentences were chosen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from assistant.answering import names
from assistant.answering.candidates import Candidate
from assistant.answering.questions import Kind, content_terms, kind_of, names_kind
from assistant.dates.words import DAY, MONTH, OF_MONTH, YEAR
from assistant.reader import ReadSpan
from assistant.stores.lexical import terms
from assistant.types import ShortAnswer

# Of a span over "no answer" in a sentence that is quoted: its words are wanted if it answers.
MIN_SCORE = -4.0
MIN_TIMED_SCORE = -10.0  # beside a time in the period asked about, which the reader cannot reckon
COMPARED_SCORE = 0.0  # of spans that are held against each other
MAX_CHARS = 120  # longer ones are as well read in their sentence
_COMPARED = frozenset({Kind.HOW_MANY, Kind.WHEN})  # the kinds of answer that can be told apart by their words
_WHO_DOES = re.compile(r"\s*who\s+(?:all\s+|else\s+)?(\w+)", re.IGNORECASE)
_WHICH_WILL = re.compile(r"\s*(?i:which\s+\w+|who)\s+((?:will|would|has|have|had)\s+[a-z]+)\b")
_NAME = r"[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*"
_NEXT_WORD = re.compile(r"[\s,]*(\w+)")
_DATE = re.compile(
    rf"(?:\b{DAY},?\s+)?(?:\b{OF_MONTH}\s+(?:of\s+)?{MONTH}|{MONTH}\s+{OF_MONTH}\b)(?:,?\s+{YEAR})?"
    rf"|{MONTH},?\s+{YEAR}|\b{YEAR}\b",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"\d[\d,.]*\d|\d")


def short_answer(question: str, chosen: Sequence[Candidate]) -> ShortAnswer | None:
    """The words of the first quoted sentence that answer, if they are of the kind that is asked for.

    Args:
        question: The standalone question.
        chosen: The quoted sentences, in the order in which they are quoted.

    Returns:
        The words, or None: the question asks for more than a few words, the reader is not sure, or the kind
        does not fit.
    """
    if not chosen:
        return None
    least = MIN_TIMED_SCORE if chosen[0].is_timed else MIN_SCORE
    if not _has_answer(question, chosen[0], least):
        return None
    span = chosen[0].span
    assert span is not None
    start, end = (
        _who_does(question, chosen[0])
        or _date_alone(question, chosen[0], span)
        or (_start_of_all(question, chosen[0], span), span.end)
    )
    return ShortAnswer(1, chosen[0].hit.article, start, end)


def disagreement(question: str, chosen: Sequence[Candidate]) -> str:
    """A note for the reader if articles that are quoted give different numbers or dates; else empty.

    They may speak of different events: that is for the reader to see, which is why both are quoted.
    """
    for marker, other in enumerate(chosen[1:], start=2):
        if differ(question, chosen[0], other):
            one, another = _dated(chosen[0], 1, other), _dated(other, marker, chosen[0])
            return f"The articles may differ: {one}, {another}."
    return ""


def newest_first(question: str, chosen: Sequence[Candidate]) -> list[Candidate]:
    """Put the newest article first where articles give different numbers or dates: tolls rise, plans change.

    Args:
        question: The standalone question; one about a period of the past is none of these.
        chosen: The quoted sentences, best first.

    Returns:
        The same sentences; those of newer articles that do not differ from the first stay where they are.
    """
    newer = [
        other for other in chosen[1:] if _is_newer(other, chosen[0]) and differ(question, chosen[0], other)
    ]
    if not newer:
        return list(chosen)
    first = max(newer, key=lambda candidate: candidate.hit.article.published or date.min)
    return [first, *(candidate for candidate in chosen if candidate is not first)]


def _is_newer(one: Candidate, other: Candidate) -> bool:
    ours, theirs = one.hit.article.published, other.hit.article.published
    return bool(ours and theirs and ours > theirs)


def _dated(candidate: Candidate, marker: int, other: Candidate) -> str:
    """What a sentence answers, the day of its article, unless the other has the same one, and its marker."""
    day = candidate.hit.article.published
    known = f" ({day.isoformat()})" if day and day != other.hit.article.published else ""
    return f"“{_words(candidate)}”{known} [{marker}]"


def differ(question: str, one: Candidate, other: Candidate) -> bool:
    """Whether sentences of two articles answer with different numbers or dates."""
    return (
        kind_of(question) in _COMPARED
        and one.hit.article.id != other.hit.article.id
        and _has_answer(question, one, COMPARED_SCORE)
        and _has_answer(question, other, COMPARED_SCORE)
        and _figures_differ(_words(one), _words(other))
    )


def _has_answer(question: str, candidate: Candidate, least: float) -> bool:
    span = candidate.span
    if span is None or span.score < least or span.end - span.start > MAX_CHARS:
        return False
    kind = kind_of(question)
    return kind not in {Kind.WHY, Kind.WORDS} and names_kind(kind, _words(candidate))


def _start_of_all(question: str, candidate: Candidate, span: ReadSpan) -> int:
    """Where the answer begins if all who did it are named: who met, if "Ding and Sharif met"."""
    asked, does = (
        _WHO_DOES.match(question),
        _NEXT_WORD.match(candidate.hit.article.text[span.end : candidate.end]),
    )
    if not asked or not does or terms(asked[1]) != terms(does[1]):
        return span.start
    return candidate.start + names.start_of_joined(candidate.text, span.start - candidate.start)


def _who_does(question: str, candidate: Candidate) -> tuple[int, int] | None:
    """The place of the name before the question's own verb: which country will host, if "Türkiye will host".

    The reader may prefer another name of the kind that is asked for, such as who gave up hosting.
    """
    asked = _WHICH_WILL.match(question)
    does = r"\s+".join(asked[1].split()) if asked else ""
    found = re.search(rf"({_NAME})\s+{does}\b", candidate.text) if does else None
    if not found or found[1].lower() in question.lower():
        return None
    return candidate.start + found.start(1), candidate.start + found.end(1)


def _date_alone(question: str, candidate: Candidate, span: ReadSpan) -> tuple[int, int] | None:
    """The place of the only date in a span, if the span ends within it or begins with what was asked.

    Of "met in Baku on 13 November" it is "13 November"; of "on Wednesday" of a longer date, all of it.
    """
    if kind_of(question) is not Kind.WHEN:
        return None
    text = candidate.hit.article.text
    dates = [
        (found.start() + candidate.start, found.end() + candidate.start)
        for found in _DATE.finditer(candidate.text)
        if found.start() + candidate.start < span.end and found.end() + candidate.start > span.start
    ]
    if len(dates) != 1:
        return None
    ((start, end),) = dates
    begins_with_it = set(terms(text[span.start : start])) & set(content_terms(question))
    return (start if begins_with_it else min(start, span.start)), max(end, span.end)


def _words(candidate: Candidate) -> str:
    span = candidate.span
    return " ".join(candidate.hit.article.text[span.start : span.end].split()) if span else ""


def _figures_differ(one: str, other: str) -> bool:
    """Whether both hold figures and no figure of one stands in the other."""
    ours, theirs = set(_NUMBERS.findall(one)), set(_NUMBERS.findall(other))
    return bool(ours and theirs) and not ours & theirs
