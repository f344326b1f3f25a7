"""The sentences of the hits with what speaks for each: features, and the order that they give.

What the reader makes of a sentence counts together with the words and the place that it shares with the
question. It knows questions, hits and readings; it does not know how many sentences make an answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from assistant.answering import families, mismatch, objections, periods
from assistant.answering.calibration import calibration, probability
from assistant.answering.questions import (
    Kind,
    content_terms,
    content_words,
    fits,
    kind_of,
    name_terms,
    office_of,
)
from assistant.chunking import sentences
from assistant.reader import Reading, ReadSpan
from assistant.stores.lexical import terms
from assistant.types import Article, DateRange, Hit

DocumentFrequency = Callable[[str], tuple[int, int]]

FEATURES = (
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
    "near_pairs",  # share of its neighbouring content words that are near each other there: "Baku's mayor"
    "length",  # characters, 200 or more being 1
    "names",  # share of the question's names and numbers that the passage or title has; 1 if there are none
    "span",  # how far the reader's best span in the sentence is above "no answer"; .5 is even
    "span_share",  # that span's share among those of all the sentences and "no answer"
    "passage_answers",  # how likely the reader holds it that the passage answers
    "unnamed",  # share of the question's names that the whole article has not
    "unnamed_near",  # the same of the sentence, the one before it and the title
    "other_year",  # whether the question has a year that the article has not
    "older",  # whether the sentence has years, all before its article's and none of the question's
)
MIN_SENTENCE_CHARS = 15  # shorter ones are headings and remains of tables
NO_SPAN = -15.0  # score of a sentence in which the reader has no token
SPAN_RANGE = 12.0  # of the scores that `span` brings to [0, 1]; beyond it, surer is not righter
_QUESTION_WORDS = frozenset(["who", "what", "when", "where", "which", "why", "how"])
NEAR = 3  # content words apart
EPSILON = 1e-9
# Parts of a sentence's score; how each was chosen: docs/log.md, 2026-11-28
PERIOD_WEIGHT = 2.5  # of agreement with the period asked about
SPAN_PERIOD_WEIGHT = 20.0  # of the same in the choice of a span in a sentence
OUTDATED_WEIGHT = 2.5  # taken from a sentence about earlier years only
ANOTHER_WEIGHT = 2.5  # taken from a sentence about another one of a series
JOINED_WEIGHT = 2.5  # given to a sentence that says whose chairman or brother it is
OBJECTED_WEIGHT = 2.5  # taken from a sentence that something speaks against; its span is gone, too
OTHER_EACH_TIME = (Kind.WHERE, Kind.HOW_MANY)  # of these, what was so in another year answers least
CARRIED_CHARS = 400  # before a sentence without a time, in which one is looked for


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that might answer the question.

    `score` orders the sentences of one question and is unbounded; the features are those of `FEATURES`, in
    [0, 1]; `span` is the reader's short answer in the sentence; `helped` is the part of the score that it has
    for its time, or loses for being of another one of a series, which no probability was fitted with.
    """

    hit: Hit
    start: int
    end: int
    features: tuple[float, ...]
    score: float
    span: ReadSpan | None = None
    helped: float = 0.0
    is_objected: bool = False  # whether something speaks against it although its words agree

    @property
    def is_timed(self) -> bool:
        """Whether it rather is of the period asked about than not."""
        return self.helped >= PERIOD_WEIGHT / 2

    @property
    def text(self) -> str:
        """The sentence as it stands in its article."""
        return self.hit.article.text[self.start : self.end]


def candidates(
    question: str,
    readings: Sequence[Reading],
    frequency: DocumentFrequency,
    period: DateRange | None = None,
) -> list[Candidate]:
    """Score the sentences of the hits.

    Args:
        question: The standalone question.
        readings: Where to look, best first, and what the reader makes of it.
        frequency: In how many passages a term occurs, and of how many.
        period: What articles must tell of to answer; sentences that state a time in it are helped.

    Returns:
        Every sentence once, best first.
    """
    office = office_of(question)
    looked = objections.Question(question)
    found = [
        _unless_objected(_unless_of_another(sentence, office), looked)
        for sentence in _sentences(readings, period)
    ]
    weights = _weights(question, frequency)
    articles = {reading.hit.article.id: reading.hit.article for reading in readings}
    names, years = mismatch.names_asked(question), mismatch.years(question)
    asked = _Asked(
        question,
        kind_of(question),
        weights,
        _recency([reading.hit for reading in readings]),
        frozenset(name_terms(question)),
        _pairs(question, weights),
        frozenset(pairwise(content_words(question))),
        names,
        years,
        {article.id: _of_article(names, years, article) for article in articles.values()},
    )
    shares = span_shares([sentence.span for sentence in found])
    scored = [_candidate(asked, sentence, share) for sentence, share in zip(found, shares, strict=True)]
    return sorted(scored, key=lambda candidate: -candidate.score)


def _candidate(asked: _Asked, sentence: _Sentence, share: float) -> Candidate:
    features = _features(asked, sentence, share)
    is_outdated = asked.kind in OTHER_EACH_TIME and features[FEATURES.index("older")]
    helped = PERIOD_WEIGHT * sentence.timely - (OUTDATED_WEIGHT if is_outdated else 0.0)
    if mismatch.is_of_another(asked.question, sentence.text):
        helped -= ANOTHER_WEIGHT
    helped -= OBJECTED_WEIGHT * (sentence.is_objected or sentence.is_beside)
    helped += JOINED_WEIGHT * sentence.is_joined
    score = float(np.dot(calibration().sentence, features)) + helped
    return Candidate(
        sentence.hit,
        sentence.start,
        sentence.end,
        features,
        score,
        sentence.timed,
        helped,
        sentence.is_objected,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    question: str
    kind: Kind
    weights: dict[str, float]  # of each content term: its inverse document frequency
    recency: dict[str, float]  # of each article with a date
    names: frozenset[str]  # terms of its names and numbers
    pairs: frozenset[tuple[str, str]]  # terms that are neighbours in it, at least one of them a content term
    content_pairs: frozenset[tuple[str, str]]  # content terms that are neighbours but for function words
    whole_names: tuple[mismatch.Name, ...]
    years: frozenset[str]  # that it names
    of_articles: dict[str, tuple[float, float]]  # `unnamed` and `other_year` of each


@dataclass(frozen=True, slots=True)
class _Sentence:
    hit: Hit
    start: int
    end: int
    before: str  # the sentence before it in the passage; empty for the first
    span: ReadSpan | None  # the reader's best in it
    answers: float  # logit of whether the passage answers
    timed: ReadSpan | None  # the best span beside a time of the period asked about; if none is, the best
    timely: float  # how well that time agrees with the period, in [0, 1]
    is_objected: bool = False
    is_beside: bool = False  # whether it tells of another one, or of what was not done
    is_joined: bool = False  # whether it joins the relation that is asked for to whose it is

    @property
    def text(self) -> str:
        return self.hit.article.text[self.start : self.end]


def _sentences(readings: Sequence[Reading], period: DateRange | None) -> list[_Sentence]:
    """The sentences of the hits' passages, each once."""
    found: dict[tuple[str, int, int], _Sentence] = {}
    for reading in readings:
        hit, offset, before = reading.hit, reading.hit.passage.start, ""
        for first, last in sentences(hit.passage.text, hit.article.language):
            start, end = offset + first, offset + last
            if last - first >= MIN_SENTENCE_CHARS:
                read = reading.best_within(start, end)
                timed, timely = _timed(reading, start, end, period) if period else (read, 0.0)
                sentence = _Sentence(hit, start, end, before, read, reading.answerable, timed, timely)
                found.setdefault((hit.article.id, start, end), sentence)
            before = hit.passage.text[first:last]
    return list(found.values())


def _timed(reading: Reading, start: int, end: int, period: DateRange) -> tuple[ReadSpan | None, float]:
    """The best span of a sentence beside a time that agrees with a period, and how well it agrees."""
    article = reading.hit.article
    times = periods.stated(article.text[start:end])
    if not times:
        return reading.best_within(start, end), _carried(period, article, start)
    found = [
        (reading.best_within(start + first, start + last), periods.agreement(period, time))
        for (first, last), time in zip(periods.parts(article.text[start:end], times), times, strict=True)
    ]
    return max(found, key=lambda one: _score(one[0]) + SPAN_PERIOD_WEIGHT * one[1])


def _carried(period: DateRange, article: Article, start: int) -> float:
    """The same of a sentence without a time, by the last one before it and by when the article appeared."""
    times = periods.stated(article.text[max(0, start - CARRIED_CHARS) : start])[-1:]
    times += periods.published(article)
    return max((periods.agreement(period, time) for time in times), default=0.0)


def _unless_of_another(sentence: _Sentence, office: tuple[str, tuple[str, ...]] | None) -> _Sentence:
    """Without its span, if an office is asked for and the sentence does not join it to what it is of.

    "Azerbaijan's president had accused France" names no president of France, whatever the reader makes of it.
    """
    if office is None:
        return sentence
    title, of = office
    near = f"{sentence.hit.article.title} {sentence.before} {sentence.text}"
    if all(are_near(word_places(near), title, word) for word in of):
        return sentence
    return replace(sentence, span=None, timed=None, answers=-math.inf)


def _unless_objected(sentence: _Sentence, asked: objections.Question) -> _Sentence:
    """Without its span, if something speaks against the sentence."""
    span, text = sentence.timed or sentence.span, sentence.hit.article.text
    words, place = (text[span.start : span.end], span.start - sentence.start) if span else ("", 0)
    title, certainty = sentence.hit.article.title, _score(sentence.span)
    said = objections.Said(sentence.text, sentence.before, title, words, place, certainty, text)
    if not asked.is_against(said):
        return replace(sentence, is_beside=asked.is_beside(said), is_joined=asked.is_joined(said))
    return replace(sentence, span=None, timed=None, answers=-math.inf, is_objected=True)


def span_level(span: ReadSpan | None) -> float:
    """How far a span is above "no answer", in [0, 1]; .5 is even."""
    return min(1.0, max(0.0, 0.5 + _score(span) / SPAN_RANGE))


def span_shares(spans: Sequence[ReadSpan | None]) -> list[float]:
    """Softmax of the spans' scores and of 0, which stands for no answer anywhere."""
    scores = np.array([_score(span) for span in spans], np.float64)
    highest = max(0.0, float(scores.max(initial=0.0)))
    odds = np.exp(scores - highest)
    return [float(share) for share in odds / (odds.sum() + math.exp(-highest))]


def _score(span: ReadSpan | None) -> float:
    return NO_SPAN if span is None else span.score


def _read_features(sentence: _Sentence, share: float) -> tuple[float, float, float]:
    return span_level(sentence.span), share, probability(sentence.answers)


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


def _features(asked: _Asked, sentence: _Sentence, share: float) -> tuple[float, ...]:
    text, passage = sentence.text, sentence.hit.passage
    own = set(terms(text))
    own |= families.told(asked.weights, own) | mismatch.spelled(asked.whole_names, text)
    near = own | set(terms(f"{sentence.hit.article.title} {sentence.before}"))
    fit = fits(asked.kind, text, asked.question)
    if asked.kind is Kind.WHY and fit == 1.0:  # what happened is told before it, and why after it
        near |= set(terms(passage.text))
    is_lead = sentence.start == _first_character(sentence.hit.article.text)
    return (
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
        _pairs_near(asked, text),
        min(1.0, len(text) / 200),
        _names_present(asked.names, near | set(terms(passage.embedded_text))),
        *_read_features(sentence, share),
        *_mismatches(asked, sentence, near),
    )


def _of_article(
    names: Sequence[mismatch.Name], asked: frozenset[str], article: Article
) -> tuple[float, float]:
    """`unnamed` and `other_year` of an article, for a question with these names and years."""
    if not names and not asked:
        return 0.0, 0.0
    words, years = mismatch.said(article.text)
    around = f"{article.title} {article.source} {article.published or ''}"
    there = words | frozenset(terms(around))
    unnamed = mismatch.share_missing(names, article.text, there)
    return unnamed, float(bool(asked - years - mismatch.years(around)))


def _mismatches(asked: _Asked, sentence: _Sentence, near: set[str]) -> tuple[float, ...]:
    article, text = sentence.hit.article, sentence.text
    unnamed, other_year = asked.of_articles[article.id]
    return (
        unnamed,
        mismatch.share_missing(asked.whole_names, f"{sentence.before} {text}", near),
        other_year,
        mismatch.is_older(asked.years, text, article.published),
    )


def _pairs(question: str, weights: dict[str, float]) -> frozenset[tuple[str, str]]:
    pairs = {pair for pair in pairwise(terms(question)) if weights.keys() & set(pair)}
    return frozenset(pair for pair in pairs if pair[0] not in _QUESTION_WORDS)


def _pairs_kept(asked: _Asked, sentence: str) -> float:
    kept = asked.pairs & set(pairwise(terms(sentence)))
    return len(kept) / len(asked.pairs) if asked.pairs else 0.0


def _pairs_near(asked: _Asked, sentence: str) -> float:
    places = word_places(sentence)
    near = [are_near(places, one, other) for one, other in asked.content_pairs]
    return sum(near) / len(near) if near else 1.0


def word_places(text: str) -> dict[str, list[int]]:
    """Where each content word stands, counted in content words."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(content_words(text)):
        places.setdefault(word, []).append(place)
    return places


def are_near(places: dict[str, list[int]], one: str, other: str) -> bool:
    """Whether two words stand at most `NEAR` content words apart, by `word_places`."""
    return any(abs(i - j) <= NEAR for i in places.get(one, ()) for j in places.get(other, ()))


def _names_present(names: frozenset[str], present: set[str]) -> float:
    return len(names & present) / len(names) if names else 1.0


def _first_character(text: str) -> int:
    return len(text) - len(text.lstrip())


def _coverage(weights: dict[str, float], present: set[str]) -> float:
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in present) / (total + EPSILON)
