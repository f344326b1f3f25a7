"""Whether the corpus answers at all, and what to say when it does not.

It knows the best sentence that was found and the words of the question; it does not know why a corpus lacks
what it lacks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assistant.answering.accounts import is_framing
from assistant.answering.calibration import calibration, probability
from assistant.answering.candidates import FEATURES as CANDIDATE_FEATURES
from assistant.answering.candidates import Candidate, DocumentFrequency
from assistant.answering.questions import Kind, content_terms, kind_of
from assistant.settings import AnsweringSettings
from assistant.stores.lexical import terms
from assistant.types import Abstention, Confidence, Filters, Reason

TOLD = 8  # best sentences in which what a question supposes is looked for
OBJECTED_LOGIT = 1.0  # taken where something speaks against the best sentence: docs/log.md, 2026-11-28
FEATURES = (*CANDIDATE_FEATURES, "best_span", "best_answers", "ahead")


def answerable_score(found: Sequence[Candidate]) -> float:
    """How likely it is that the best sentence answers the question.

    Args:
        found: Candidates, best first.

    Returns:
        A probability, as `benchmarks/tune_answer.py` fitted it; 0 without candidates. How far it may be
        trusted is measured in benchmarks/README.md.
    """
    if not found:
        return 0.0
    learned = calibration()
    logit = learned.answered_bias + float(np.dot(learned.answered, features(found)))
    return probability(logit - (OBJECTED_LOGIT if found[0].is_objected else 0.0))


def features(found: Sequence[Candidate]) -> tuple[float, ...]:
    """What tells whether there is an answer, in the order of `FEATURES`, each in [0, 1].

    Those of the best sentence; the best span and the best passage of all, in the reader's eyes; how far the
    best sentence is ahead of the next.
    """
    span, answers = CANDIDATE_FEATURES.index("span"), CANDIDATE_FEATURES.index("passage_answers")
    best = found[0]
    rival = max((each.score - each.helped for each in found[1:]), default=-math.inf)
    ahead = 1 - math.exp(min(0.0, rival - (best.score - best.helped)))
    return (
        *best.features,
        max(candidate.features[span] for candidate in found),
        max(candidate.features[answers] for candidate in found),
        ahead,
    )


def threshold(settings: AnsweringSettings) -> float:
    """The least probability to answer at."""
    if settings.min_score is not None:
        return settings.min_score
    return calibration().thresholds[settings.caution]


def confidence(score: float) -> Confidence:
    """A probability in a word."""
    learned = calibration()
    if score >= learned.sure:
        return Confidence.SURE
    return Confidence.LIKELY if score >= learned.likely else Confidence.WEAK


def odds(score: float) -> str:
    """What a probability means to the reader, such as "about 7 in 10 answers like this are right"."""
    tenths = round(10 * score)
    share = "fewer than 1" if tenths < 1 else "more than 9" if tenths > 9 else f"about {tenths}"
    return f"{share} in 10 answers like this are right"


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
    missing = [each for each in missing_words(question, found[:3], frequency) if not is_vague(each[0])]
    where = f" ({filters.describe()})" if filters else ""
    them = "it" if searched == 1 else "them"
    parts = [f"{_articles(searched)} searched{where}; no sentence in {them} answers this well enough."]
    if is_told(question, found):
        told = "it tells" if searched == 1 else "they tell"
        parts = [f"{_articles(searched)} searched{where}; {told} that, but not why."]
    absent = [word for word, is_absent in missing if is_absent]
    elsewhere = [word for word, is_absent in missing if not is_absent]
    if absent:
        parts.append(f"Not found anywhere in the corpus: {_quoted(absent)}.")
    if elsewhere:
        found_at = "Not in these articles beside" if filters else "Found, but not near"
        parts.append(f"{found_at} the rest of the question: {_quoted(elsewhere)}.")
    return Abstention(Reason.NOT_SUPPORTED, " ".join(parts), tuple(word for word, _ in missing))


def no_others(question: str, *, searched: int, filters: Filters) -> Abstention:
    """The abstention where others are asked for than those that were quoted before.

    Args:
        question: The standalone question.
        searched: How many articles were searched.
        filters: What the search was limited to.

    Returns:
        The abstention, with a message for the reader.
    """
    where = f" ({filters.describe()})" if filters else ""
    them = "it" if searched == 1 else "them"
    adds = _ADDS.get(kind_of(question), "answers this")
    message = (
        f"{_articles(searched)} searched{where}; beside what was quoted, no sentence was found in {them} "
        f"that {adds}."
    )
    return Abstention(Reason.NOT_SUPPORTED, message)


def is_told(question: str, found: Sequence[Candidate]) -> bool:
    """Whether it is asked why, and a sentence has all that the question supposes."""
    wanted = set(content_terms(question))
    names_cause = set(terms("cause caused reason lead led"))
    return (
        kind_of(question) is Kind.WHY
        and len(wanted - names_cause) > 1
        and any(
            wanted - names_cause <= set(terms(f"{each.hit.article.title} {each.text}"))
            for each in found[:TOLD]
        )
    )


def is_vague(word: str) -> bool:
    """Whether a word says how something is judged or wanted, so that no article need have it."""
    return word.lower() in _VAGUE or is_framing(word)


_ADDS = {Kind.WHO: "names anyone else", Kind.WHERE: "names another place", Kind.WHEN: "names another time"}
_VAGUE = frozenset(
    """wrong right good bad better best worse worst big biggest large largest small smallest important main
        major great really actually exactly possibly probably recently lately currently still even ever
        finally eventually go went gone going come came coming take took
        taken make made making thing things something stuff way ways kind kinds sort sorts type types part
        parts lot lots number numbers amount total detail details information info fact facts news story
        article articles know known think thought mean means meant say says said saying call called name
        names named show find look see give given use used try tried want wanted need needed turn
        turned start started end ended become became break broke happening new old first last next
        different same whole entire full free able like else yet ago""".split()
)


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
