"""Whether the corpus answers at all, and what to say when it does not.

It knows the best sentence that was found and the words of the question; it does not know why a corpus lacks
what it lacks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.answering.extractive import FEATURES, Candidate, DocumentFrequency
from assistant.answering.questions import content_terms
from assistant.stores.lexical import terms
from assistant.types import Abstention, Filters, Reason

# A logistic model of the best sentence's features, in the order of `extractive.FEATURES`; fitted on even
# lines of answerable and unanswerable questions: benchmarks/tune_answer.py
ANSWERABLE_WEIGHTS = (1.02, -0.97, 1.31, 1.96, 1.64, 2.23, 0.63, 0.39, -0.16, 0.01, 0.0, 0.43)
ANSWERABLE_BIAS = -4.77
# A sentence with every content word of the question, half of its word pairs and the kind of thing asked for
# answers it even where its passage is about something else; set by hand, the passage weighing so much above.
LITERAL_BONUS = 1.0
LITERAL = {"coverage": 0.99, "pairs": 0.5, "fit": 0.99}


def answerable_score(best: Candidate) -> float:
    """How likely it is that the best sentence answers the question, in [0, 1]."""
    logit = ANSWERABLE_BIAS + sum(w * x for w, x in zip(ANSWERABLE_WEIGHTS, best.features, strict=True))
    named = dict(zip(FEATURES, best.features, strict=True))
    if all(named[name] >= least for name, least in LITERAL.items()):
        logit += LITERAL_BONUS
    return 1 / (1 + math.exp(-logit))


def not_supported(
    question: str,
    found: Sequence[Candidate],
    frequency: DocumentFrequency,
    *,
    searched: int,
    filters: Filters,
) -> Abstention:
    """The abstention for a question that no sentence answers well enough.

    Args:
        question: The standalone question.
        found: The sentences that came nearest, best first.
        frequency: In how many passages a term occurs, and of how many.
        searched: How many articles were searched.
        filters: What the search was limited to.

    Returns:
        The abstention, with a message for the reader.
    """
    missing = missing_words(question, found[:3], frequency)
    where = f" ({filters.describe()})" if filters else ""
    parts = [f"{_articles(searched)}{where} searched; no sentence in them answers this well enough."]
    absent = [word for word, is_absent in missing if is_absent]
    elsewhere = [word for word, is_absent in missing if not is_absent]
    if absent:
        parts.append(f"Not found anywhere in the corpus: {_quoted(absent)}.")
    if elsewhere:
        parts.append(f"Found, but not near the rest of the question: {_quoted(elsewhere)}.")
    return Abstention(Reason.NOT_SUPPORTED, " ".join(parts), tuple(word for word, _ in missing))


def missing_words(
    question: str, nearest: Sequence[Candidate], frequency: DocumentFrequency
) -> list[tuple[str, bool]]:
    """Content words of the question that the nearest passages lack; True for those that the corpus lacks."""
    around = {term for candidate in nearest for term in terms(candidate.hit.passage.embedded_text)}
    wanted = set(content_terms(question)) - around
    words: dict[str, str] = {}
    for word in question.split():
        for term in terms(word):
            if term in wanted:
                words.setdefault(term, word.strip(".,;:!?\"'()[]“”‘’"))
    return [(word, frequency(term)[0] == 0) for term, word in words.items()]


def _articles(count: int) -> str:
    return "1 article was" if count == 1 else f"{count:,} articles were"


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
