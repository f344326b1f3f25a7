"""The extractive answer: the sentences of the corpus that answer the question, quoted exactly.

Every sentence of the hits gets a few features and a score; the best ones are quoted, up to three if they add
something new. A second model on the best sentence says whether there is an answer at all. It quotes, so it
cannot invent; it does not know what a chat model is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.answering import names
from assistant.answering.questions import Kind, content_terms, fits, kind_of
from assistant.chunking import sentences
from assistant.stores.lexical import terms
from assistant.types import Hit

EmbedTexts = Callable[[Sequence[str]], NDArray[np.float32]]
DocumentFrequency = Callable[[str], tuple[int, int]]

FEATURES = (
    "similarity",  # cosine of question and sentence
    "coverage",  # share of the question's terms, weighted by rarity, in the sentence
    "near_coverage",  # the same in the sentence, the one before it and the title
    "passage_coverage",  # the same in the passage and the title
    "passage_score",  # fused score of the passage
    "passage_similarity",  # cosine of question and passage
    "fit",  # whether the sentence holds the kind of thing that is asked for
    "reason",  # for "why": whether it holds a reason
    "recency",  # from 0 for the oldest of the hits' articles to 1 for the newest
    "is_lead",  # for "when" and "where": whether it is the article's first sentence
    "pairs",  # share of the question's neighbouring words that are neighbours in the sentence, too: "in Baku"
    "length",  # characters, 200 or more being 1
)
# Learned by a softmax over the sentences of each question, on the even lines of wiki_qa:
# benchmarks/tune_answer.py
SENTENCE_WEIGHTS = (2.58, 2.21, 2.71, 2.03, 1.89, 1.62, 2.27, 1.63, 0.23, 0.2, 1.56, 0.24)
MIN_SENTENCE_CHARS = 15  # shorter ones are headings and remains of tables
MAX_REPETITION = 0.85  # cosine of two sentences above which the second says nothing new
ENOUGH = {Kind.OTHER: 0.5, Kind.WHY: 0.5}  # share of the best sentence's odds that a further one must reach
ENOUGH_FOR_FACTS = 0.6  # the same where one name, date, place or number is asked for
_LIST = re.compile(
    r"\b(list|all|both|each|which .*s\b|what are|who are|name the|several|every|other)\b", re.IGNORECASE
)
ENOUGH_FOR_LISTS = 0.25
_QUESTION_WORDS = frozenset(["who", "what", "when", "where", "which", "why", "how"])
EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that might answer the question.

    `score` orders the sentences of one question and is unbounded; the features are those of `FEATURES`, in
    [0, 1].
    """

    hit: Hit
    start: int
    end: int
    features: tuple[float, ...]
    score: float
    vector: NDArray[np.float32]  # float32, shape (dim,), unit length

    @property
    def text(self) -> str:
        """The sentence as it stands in its article."""
        return self.hit.article.text[self.start : self.end]


def candidates(
    question: str,
    hits: Sequence[Hit],
    vector: NDArray[np.float32],
    embed: EmbedTexts,
    frequency: DocumentFrequency,
) -> list[Candidate]:
    """Score the sentences of the hits.

    Args:
        question: The standalone question.
        hits: Where to look, best first.
        vector: The question's vector: float32, shape (dim,), unit length.
        embed: Embeds texts.
        frequency: In how many passages a term occurs, and of how many.

    Returns:
        Every sentence once, best first.
    """
    spans = _sentences(hits)
    if not spans:
        return []
    vectors = embed([span.text for span in spans])
    asked = _Asked(question, kind_of(question), _weights(question, frequency), _recency(hits))
    rows = [_features(asked, span, float(v @ vector)) for span, v in zip(spans, vectors, strict=True)]
    found = [
        Candidate(span.hit, span.start, span.end, row, sentence_score(row), sentence_vector)
        for span, row, sentence_vector in zip(spans, rows, vectors, strict=True)
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def select(question: str, found: Sequence[Candidate], *, max_sentences: int) -> list[Candidate]:
    """Choose the sentences to quote: the best one, and others that are nearly as good and add something new.

    Args:
        question: The standalone question.
        found: Candidates, best first.
        max_sentences: Most sentences to quote, at least 1.

    Returns:
        The chosen ones, best first; none if there are no candidates.
    """
    chosen = list(found[:1])
    if chosen and max_sentences > 1 and (introduction := _introduction(question, found)):
        chosen.append(introduction)
    for candidate in found[1:]:
        if len(chosen) == max_sentences or math.exp(candidate.score - found[0].score) < _enough(question):
            break
        if all(float(candidate.vector @ other.vector) < MAX_REPETITION for other in chosen):
            chosen.append(candidate)
    return chosen


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
    if _LIST.search(question):
        return ENOUGH_FOR_LISTS
    return ENOUGH.get(kind_of(question), ENOUGH_FOR_FACTS)


def sentence_score(features: Sequence[float]) -> float:
    """Order of the sentences of one question: higher answers better."""
    return float(np.dot(SENTENCE_WEIGHTS, features))


@dataclass(frozen=True, slots=True)
class _Asked:
    question: str
    kind: Kind
    weights: dict[str, float]  # of each content term: its inverse document frequency
    recency: dict[str, float]  # of each article with a date


@dataclass(frozen=True, slots=True)
class _Sentence:
    hit: Hit
    start: int
    end: int
    before: str  # the sentence before it in the passage; empty for the first

    @property
    def text(self) -> str:
        return self.hit.article.text[self.start : self.end]


def _sentences(hits: Sequence[Hit]) -> list[_Sentence]:
    """The sentences of the hits' passages, each once."""
    found: dict[tuple[str, int, int], _Sentence] = {}
    for hit in hits:
        offset, before = hit.passage.start, ""
        for start, end in sentences(hit.passage.text):
            key = (hit.article.id, offset + start, offset + end)
            if end - start >= MIN_SENTENCE_CHARS:
                found.setdefault(key, _Sentence(hit, offset + start, offset + end, before))
            before = hit.passage.text[start:end]
    return list(found.values())


def _recency(hits: Sequence[Hit]) -> dict[str, float]:
    days = {hit.article.id: hit.article.published for hit in hits}
    order = sorted({day for day in days.values() if day})
    return {i: order.index(day) / (len(order) - 1) for i, day in days.items() if day and len(order) > 1}


def _weights(question: str, frequency: DocumentFrequency) -> dict[str, float]:
    weights = {}
    for term in content_terms(question):
        df, total = frequency(term)
        weights[term] = math.log(1 + (total - df + 0.5) / (df + 0.5))
    return weights


def _features(asked: _Asked, sentence: _Sentence, similarity: float) -> tuple[float, ...]:
    text, passage = sentence.text, sentence.hit.passage
    own = set(terms(text))
    near = own | set(terms(f"{sentence.hit.article.title} {sentence.before}"))
    fit = fits(asked.kind, text, asked.question)
    is_lead = sentence.start == _first_character(sentence.hit.article.text)
    return (
        max(0.0, similarity),
        _coverage(asked.weights, own),
        _coverage(asked.weights, near),
        _coverage(asked.weights, own | set(terms(passage.embedded_text))),
        sentence.hit.score,
        max(0.0, sentence.hit.similarity or 0.0),
        fit if asked.kind is not Kind.WHY else 0.0,
        fit if asked.kind is Kind.WHY else 0.0,
        asked.recency.get(sentence.hit.article.id, 0.5),
        float(is_lead and asked.kind in (Kind.WHEN, Kind.WHERE)),
        _pairs_kept(asked, text),
        min(1.0, len(text) / 200),
    )


def _pairs_kept(asked: _Asked, sentence: str) -> float:
    words = terms(asked.question)
    pairs = {pair for pair in pairwise(words) if asked.weights.keys() & set(pair)}
    pairs -= {pair for pair in pairs if pair[0] in _QUESTION_WORDS}
    return len(pairs & set(pairwise(terms(sentence)))) / len(pairs) if pairs else 0.0


def _first_character(text: str) -> int:
    return len(text) - len(text.lstrip())


def _coverage(weights: dict[str, float], present: set[str]) -> float:
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in present) / (total + EPSILON)
