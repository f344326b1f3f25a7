"""The extractive answer: the sentences of the corpus that answer the question, quoted exactly.

The best sentence is quoted, and up to two more that are nearly as good and add something new. It quotes, so
it cannot invent; it does not know what a chat model is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.answering import names, short
from assistant.answering.accounts import wants_several
from assistant.answering.candidates import Candidate
from assistant.answering.questions import Kind, kind_of

EmbedTexts = Callable[[Sequence[str]], NDArray[np.float32]]

SHORTLIST = 8  # candidates that further sentences are chosen from; they are embedded to be compared
MAX_REPETITION = 0.85  # cosine of two sentences above which the second says nothing new
ENOUGH = {Kind.OTHER: 0.5, Kind.WHY: 0.5}  # share of the best sentence's odds that a further one must reach
ENOUGH_FOR_FACTS = 0.6  # the same where one name, date, place or number is asked for
ENOUGH_FOR_LISTS = 0.25  # the same where several things are asked for


def select(
    question: str, found: Sequence[Candidate], embed: EmbedTexts, *, max_sentences: int
) -> list[Candidate]:
    """Choose the sentences to quote: the best one, and others that are nearly as good and add something new.

    Args:
        question: The standalone question.
        found: Candidates, best first.
        embed: Embeds texts: float32, shape (len(texts), dim), rows of unit length.
        max_sentences: Most sentences to quote, at least 1.

    Returns:
        The chosen ones, best first; none if there are no candidates.
    """
    chosen = list(found[:1])
    if chosen and max_sentences > 1 and (introduction := _introduction(question, found)):
        chosen.append(introduction)
    others = [c for c in _nearly_as_good(question, found) if c not in chosen]
    if not others or len(chosen) >= max_sentences:
        return chosen
    vectors = dict(zip([*chosen, *others], embed([c.text for c in [*chosen, *others]]), strict=True))
    for candidate in others:
        if len(chosen) < max_sentences and all(
            float(vectors[candidate] @ vectors[other]) < MAX_REPETITION
            or short.differ(question, candidate, other)
            for other in chosen
        ):
            chosen.append(candidate)
    return chosen


def _nearly_as_good(question: str, found: Sequence[Candidate]) -> list[Candidate]:
    least = found[0].score + math.log(_enough(question)) if found else 0.0
    return [candidate for candidate in found[1:SHORTLIST] if candidate.score >= least]


def _introduction(question: str, found: Sequence[Candidate]) -> Candidate | None:
    """The sentence that says who "Ding" is, if the question is who and the best sentence does not say it."""
    if kind_of(question) is not Kind.WHO:
        return None
    best = found[0]
    earlier = [c for c in found if c.hit.article.id == best.hit.article.id and c.start < best.start]
    for surname in names.alone(best.text):
        for candidate in sorted(earlier, key=lambda c: c.start):
            if names.in_full(surname, candidate.text):
                return candidate
    return None


def _enough(question: str) -> float:
    if wants_several(question):
        return ENOUGH_FOR_LISTS
    return ENOUGH.get(kind_of(question), ENOUGH_FOR_FACTS)
