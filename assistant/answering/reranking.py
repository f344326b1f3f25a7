"""The order of the hits once they have been read: how a passage was found, and what reading says of it.

It knows readings and the sentences made of them; it does not know how a passage is searched for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assistant.answering.calibration import calibration, probability
from assistant.answering.candidates import FEATURES as CANDIDATE_FEATURES
from assistant.answering.candidates import NO_SPAN, Candidate
from assistant.reader import Reading
from assistant.stores.lexical import terms

READ = 20  # hits that a search reads
OF_SENTENCE = (
    "coverage", "near_coverage", "passage_coverage", "fit", "reason", "recency", "pairs", "near_pairs",
    "length", "names",
)  # fmt: skip
FEATURES = (
    "score",  # fused score of the passage
    "rank",  # one divided by its rank when it was found
    "lexical",  # its BM25 score, as a share of the best one's
    "similarity",  # its cosine
    "span",  # logit of the reader's best span over "no answer", from NO_SPAN to HIGHEST_SPAN
    "answers",  # logit of the passage's answering, from -HIGHEST_ANSWERS to HIGHEST_ANSWERS
    "agreement",  # how many other passages give the same words, each as far as the reader trusts them
    "start",  # where in its article it begins, from 0 to 1
    "is_opening",  # whether it is among the first of its article
    "of_article",  # how many of the passages are of its article
    *OF_SENTENCE,  # of its best sentence; 0 if it has none
)
HIGHEST_SPAN = 8.0
HIGHEST_ANSWERS = 6.0
OPENING_CHARS = 600  # of an article: in news, who, what, where and when
MOST_AGREEING = 3.0
MOST_OF_ARTICLE = 5
SAME_WORDS = 0.5  # share of the words of two spans, together, that both have
_PLACES = [CANDIDATE_FEATURES.index(name) for name in OF_SENTENCE]

Floats = NDArray[np.float64]


def rerank(readings: Sequence[Reading], found: Sequence[Candidate]) -> list[Reading]:
    """Order readings by how likely their passages answer.

    Args:
        readings: In the order in which the passages were found.
        found: The sentences of these passages, best first.

    Returns:
        The same readings, best first, `hit.answers` set to a probability.
    """
    learned = calibration()
    logits = features(readings, found) @ np.array(learned.ranking) + learned.ranking_bias
    scored = [
        replace(reading, hit=replace(reading.hit, answers=probability(logit)))
        for reading, logit in zip(readings, logits, strict=True)
    ]
    return sorted(scored, key=lambda reading: -(reading.hit.answers or 0.0))


def features(readings: Sequence[Reading], found: Sequence[Candidate]) -> Floats:
    """Features of each passage: float64, shape (len(readings), len(FEATURES)), in [0, 1]."""
    if not readings:
        return np.zeros((0, len(FEATURES)))
    hits = [reading.hit for reading in readings]
    spans = np.array([reading.best.score if reading.best else NO_SPAN for reading in readings], np.float64)
    lexical = np.array([hit.lexical or 0.0 for hit in hits])
    starts = np.array([hit.passage.start for hit in hits], np.float64)
    articles = [hit.article.id for hit in hits]
    columns = (
        [hit.score for hit in hits],
        1 / np.arange(1, len(hits) + 1),
        lexical / (lexical.max() or 1.0),
        [max(0.0, hit.similarity or 0.0) for hit in hits],
        _scaled(spans, NO_SPAN, HIGHEST_SPAN),
        _scaled(np.array([reading.answerable for reading in readings]), -HIGHEST_ANSWERS, HIGHEST_ANSWERS),
        _agreement([_words(reading) for reading in readings], spans),
        starts / [max(1, len(hit.article.text)) for hit in hits],
        starts < OPENING_CHARS,
        [min(1.0, articles.count(article) / MOST_OF_ARTICLE) for article in articles],
    )
    own = np.stack([np.asarray(column, np.float64) for column in columns], axis=1)
    return np.hstack([own, _of_sentences(readings, found)])


def _of_sentences(readings: Sequence[Reading], found: Sequence[Candidate]) -> Floats:
    best: dict[str, Candidate] = {}
    for candidate in found:
        best.setdefault(candidate.hit.passage.id, candidate)
    rows = np.zeros((len(readings), len(OF_SENTENCE)))
    for row, reading in zip(rows, readings, strict=True):
        sentence = best.get(reading.hit.passage.id)
        if sentence:
            row[:] = [sentence.features[place] for place in _PLACES]
    return rows


def _agreement(words: Sequence[frozenset[str]], spans: Floats) -> Floats:
    trust = [probability(float(span)) for span in spans]
    same = [
        [n for n, other in enumerate(words) if n != own and _same(mine, other)]
        for own, mine in enumerate(words)
    ]
    sums = [sum(trust[n] for n in others) for others in same]
    return np.minimum(1.0, np.array(sums, np.float64) / MOST_AGREEING)


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME_WORDS * max(1, len(one | other))


def _words(reading: Reading) -> frozenset[str]:
    span = reading.best
    return frozenset(terms(reading.hit.article.text[span.start : span.end])) if span else frozenset()


def _scaled(values: Floats, lowest: float, highest: float) -> Floats:
    scaled: Floats = (np.clip(values, lowest, highest) - lowest) / (highest - lowest)
    return scaled
