"""Ask questions and compare what comes with what is right.

It knows what counts as a hit and as a right citation; it does not add anything up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.assistant import Assistant
from assistant.evaluation.matching import holds_answer
from assistant.evaluation.questions import EvaluationQuestion, Evidence
from assistant.types import Answer, Article, Citation, Hit

DEPTH = 10  # hits that are looked at


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one question.

    Args:
        question: The question.
        answer: What the assistant said.
        rank: Rank of the first hit that is right, from 1; None if none of the first `DEPTH` is.
        right: Whether each citation of the answer is right, in order.
        found: How much of the evidence was cited, in [0, 1]; without evidence 1 if a citation is right.
        is_matched: Whether one of the gold answers stands in the answer; None if there are none.
    """

    question: EvaluationQuestion
    answer: Answer
    rank: int | None
    right: tuple[bool, ...]
    found: float
    is_matched: bool | None


def measure(assistant: Assistant, questions: Sequence[EvaluationQuestion]) -> Iterator[Row]:
    """Ask the questions one after the other.

    Args:
        assistant: Is asked, with the settings that it has.
        questions: Each by itself.

    Yields:
        What came of each, in order.
    """
    for question in questions:
        hits = assistant.search(question.question, DEPTH, rerank=True)
        answer = assistant.ask(question.question)
        cited = {citation.marker: citation for citation in answer.citations}.values()
        yield Row(
            question,
            answer,
            rank=next((rank for rank, hit in enumerate(hits, 1) if _is_hit(hit, question)), None),
            right=tuple(_is_right(citation, question) for citation in cited),
            found=_found(list(cited), question),
            is_matched=holds_answer(answer.text, question.answers) if question.answers else None,
        )


def _is_hit(hit: Hit, question: EvaluationQuestion) -> bool:
    return _says(hit.article, hit.passage.start, hit.passage.end, question)


def _is_right(citation: Citation, question: EvaluationQuestion) -> bool:
    return _says(citation.article, citation.start, citation.end, question)


def _says(article: Article, start: int, end: int, question: EvaluationQuestion) -> bool:
    """Whether a slice of an article answers a question, as far as can be told from what is right."""
    if not question.is_answerable or (question.article and not _is_named(article, question.article)):
        return False
    if question.evidence:
        return any(_overlaps(article, start, end, one) for one in question.evidence)
    return not question.answers or holds_answer(article.text[start:end], question.answers)


def _found(citations: Sequence[Citation], question: EvaluationQuestion) -> float:
    if not question.evidence:
        return float(any(_is_right(citation, question) for citation in citations))
    cited = [
        any(_overlaps(one.article, one.start, one.end, evidence) for one in citations)
        for evidence in question.evidence
    ]
    return sum(cited) / len(cited)


def _overlaps(article: Article, start: int, end: int, evidence: Evidence) -> bool:
    if evidence.article and not _is_named(article, evidence.article):
        return False
    words = map(re.escape, evidence.text.split())
    places = re.finditer(r"\s+".join(words), article.text)
    return any(place.start() < end and start < place.end() for place in places)


def _is_named(article: Article, name: str) -> bool:
    names = (article.title, article.id, article.url, article.path)
    return name in names or (len(name) >= 6 and article.id.startswith(name))
