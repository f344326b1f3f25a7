"""How much the sentences of hits tell of a topic, and how likely the corpus tells of it at all.

A sentence counts by the topic's words that it has, or that its title and the sentence before have; by its
meaning; by how far its article is about the topic, and then by how early in it it stands. It does not know
which of the sentences are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assistant.answering import mismatch
from assistant.answering.calibration import probability
from assistant.answering.candidates import MIN_SENTENCE_CHARS, Candidate
from assistant.answering.topics import Topic, topic_terms
from assistant.chunking import sentences
from assistant.types import Article, Hit

EmbedTexts = Callable[[Sequence[str]], NDArray[np.float32]]
Vector = NDArray[np.float32]

PASSAGES = 24  # of the best hits whose sentences are looked at
SENTENCES = 40  # of them that are embedded, those that share most with the topic; that is what costs time
OPENING_CHARS = 350  # of an article, which with its title say what it is about
WORDS = 0.4  # weight of the topic's words; see `_by_words`
OF_NEAR, OF_ARTICLE = 0.9, 0.75  # what words count that are only near the sentence, or at its article's head
EARLY = 0.2  # given to the first sentence of an article about the topic, half of it to the second, and so on
LATE = 0.1  # taken from the last sentence of such an article, half of it in its middle
FOUND = 0.3  # weight of the score of the article's best passage, as a share of the best of all
MEANING = 0.3  # weight of the cosine of sentence and topic
CENTRAL = 0.2  # weight of the cosine of sentence and title, in an article about the topic
LEANS = 0.18  # taken from a sentence that begins with "He" or "It", which means little by itself
SHORT, SHORT_CHARS = 0.12, 45  # taken from one that hardly says anything
OTHER = 0.3  # taken from one about another one of a series, such as COP31 for COP30
FOCUS = 0.4  # taken for what another article's head or sentence has of the topic and this one has not
OF_HEAD = 0.75  # what words count that are in an article's first sentences and not in its title
UNNAMED = 0.4  # taken where no name of the topic is near, nor at the head of the article
_LEANING = re.compile(
    r"[\"“‘(]*(?:he|she|it|they|this|that|these|those|its|his|her|their|there|then|also|others?|both|such|"
    r"asked|but|and|so)\b",
    re.IGNORECASE,
)
FEATURES = (
    "near",  # highest coverage of the topic's words by a sentence, the one before it and the title
    "own",  # the same by a sentence alone
    "about",  # the same by the head of an article
    "meaning",  # highest cosine of topic and sentence
    "unnamed",  # share of the topic's names that the best sentence's article has not
    "pairs",  # highest coverage as of `near`, as far as neighbouring words are near each other, too
)
# fitted on the even lines of benchmarks/corpus_questions_accounts.jsonl: docs/log.md, 2026-11-28
WEIGHTS = (2.1, 1.4, 1.2, 0.3, -0.4, 2.2)
BIAS = -3.4


def told_score(features: Sequence[float]) -> float:
    """How likely a corpus tells of a topic, by `FEATURES`."""
    return probability(BIAS + float(np.dot(WEIGHTS, features)))


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A sentence with what it tells of a topic; all shares in [0, 1], `relevance` unbounded."""

    hit: Hit
    start: int
    end: int
    place: int  # of the sentence in its article's opening, from 0; large for the others
    own: float  # relevance to the topic of the sentence
    near: float  # the same with the one before it and the title
    about: float  # the same of its article's head
    found: float  # score of the article's best passage, as a share of the best of all
    covered: tuple[float, float, float]  # the same three as coverage
    pairs: float
    unnamed: float
    is_of_another: bool
    vector: Vector = field(default_factory=lambda: np.zeros(0, np.float32))
    meaning: float = 0.0
    relevance: float = 0.0

    @property
    def key(self) -> tuple[str, int]:
        """Its article's id and its place there."""
        return (self.hit.article.id, self.start)

    @property
    def text(self) -> str:
        """The sentence as it stands in its article."""
        return self.hit.article.text[self.start : self.end]

    @property
    def as_candidate(self) -> Candidate:
        """The same to be quoted, without the features of a sentence that was read."""
        return Candidate(self.hit, self.start, self.end, (), self.relevance)

    @property
    def focus(self) -> float:
        """Coverage of the topic by the sentence or by its article's head, the higher one."""
        return max(self.covered[0], self.covered[2])

    def by_words(self) -> float:
        """What speaks for it before it is embedded."""
        own = self.own * (0.7 + 0.3 * self.pairs)
        near = self.near * (0.7 + 0.3 * self.pairs)
        words = max(own, OF_NEAR * near, OF_ARTICLE * self.about)
        value = WORDS * words + 0.1 * own + EARLY * self.about / (1 + self.place) + FOUND * self.found
        value -= LATE * self.about * self.start / max(1, len(self.hit.article.text))
        value -= LEANS * bool(_LEANING.match(self.text)) + SHORT * (self.end - self.start < SHORT_CHARS)
        return value - OTHER * self.is_of_another - UNNAMED * self.unnamed


@dataclass(frozen=True, slots=True)
class Telling:
    """The sentences that were looked at for a topic."""

    topic: Topic
    sentences: tuple[Told, ...]  # most relevant first

    @property
    def features(self) -> tuple[float, ...]:
        """What tells whether the corpus has the topic: `FEATURES`, each in [0, 1]."""
        best = self.sentences[0]
        article = best.hit.article
        head = f"{article.title} {article.source} {article.published or ''}"
        there = mismatch.said(article.text)[0] | topic_terms(head)
        return (
            max(s.covered[1] for s in self.sentences),
            max(s.covered[0] for s in self.sentences),
            max(s.covered[2] for s in self.sentences),
            max(s.meaning for s in self.sentences),
            mismatch.share_missing(self.topic.names, article.text, there),
            max(s.pairs * s.covered[1] for s in self.sentences),
        )


def told_of(
    topic: Topic,
    hits: Sequence[Hit],
    embed: EmbedTexts,
    only: set[tuple[str, int]] | None = None,
    most: int = SENTENCES,
) -> Telling:
    """What the sentences of hits, and of their articles' openings, tell of a topic.

    Args:
        topic: The topic.
        hits: Best first; the first `PASSAGES` are looked at.
        embed: Embeds texts: float32, shape (len(texts), dim), rows of unit length.
        only: Article and place of the sentences that count; by default all do.
        most: Most sentences to embed.

    Returns:
        The sentences, the most relevant first; none without hits.
    """
    looked = [s for s in _sentences(topic, hits[:PASSAGES]) if only is None or s.key in only]
    best = sorted(looked, key=lambda s: -s.by_words())[:most]
    if not best:
        return Telling(topic, ())
    articles = {s.hit.article.id: s.hit.article for s in best}
    titles = {i: article.title for i, article in articles.items() if article.title}
    vectors = embed([topic.text, *titles.values(), *(s.text for s in best)])
    titled = dict(zip(titles, vectors[1:], strict=False))
    scored = [
        _with_meaning(s, vector, vectors[0], titled.get(s.hit.article.id))
        for s, vector in zip(best, vectors[1 + len(titles) :], strict=True)
    ]
    focus = max(s.focus for s in scored)
    focused = [replace(s, relevance=s.relevance - FOCUS * (focus - s.focus)) for s in scored]
    return Telling(topic, tuple(sorted(focused, key=lambda s: -s.relevance)))


def _with_meaning(s: Told, vector: Vector, topic: Vector, title: Vector | None) -> Told:
    meaning = max(0.0, float(vector @ topic))
    central = max(0.0, float(vector @ title)) if title is not None else 0.0
    relevance = s.by_words() + MEANING * meaning + CENTRAL * s.about * central
    return replace(s, vector=vector, meaning=meaning, relevance=relevance)


def _sentences(topic: Topic, hits: Sequence[Hit]) -> list[Told]:
    found: dict[tuple[str, int], Told] = {}
    heads: dict[str, tuple[float, float, float, float]] = {}
    for hit in hits:
        article = hit.article
        if article.id not in heads:
            end = _end_of_opening(article)
            head = f"{article.title}\n{article.text[:end]}"
            found_as = hit.score / (hits[0].score or 1.0)
            about = max(OF_HEAD * topic.relevance(head), topic.relevance(article.title))
            heads[article.id] = about, topic.unnamed(head), topic.coverage(head), found_as
            _add(found, topic, hit, (0, end), heads[article.id])
        _add(found, topic, hit, (hit.passage.start, hit.passage.end), heads[article.id])
    return list(found.values())


def _end_of_opening(article: Article) -> int:
    """Where the sentence ends in which the opening of an article does."""
    ends = [end for _, end in sentences(article.text[: 3 * OPENING_CHARS], article.language)]
    return next((end for end in ends if end >= OPENING_CHARS / 2), ends[-1] if ends else 0)


def _add(
    found: dict[tuple[str, int], Told],
    topic: Topic,
    hit: Hit,
    span: tuple[int, int],
    head: tuple[float, float, float, float],
) -> None:
    article, before = hit.article, ""
    start, end = span
    for place, (first, last) in enumerate(sentences(article.text[start:end], article.language)):
        text = article.text[start + first : start + last]
        near = f"{article.title}. {before} {text}"
        sentence = Told(
            hit,
            start + first,
            start + last,
            place if start == 0 else 9,
            topic.relevance(text),
            topic.relevance(near),
            head[0],
            head[3],
            (topic.coverage(text), topic.coverage(near), head[2]),
            topic.pairs_near(near),
            min(head[1], topic.unnamed(near)),
            mismatch.is_of_another(topic.text, text),
        )
        if last - first >= MIN_SENTENCE_CHARS:
            found.setdefault(sentence.key, sentence)
        before = text
