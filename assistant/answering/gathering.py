"""The sentences that tell a topic together: relevant, each with something new, from all articles on it.

A sentence counts by the topic's words that it has, or that its title and the sentence before have; by its
meaning; by how far its article is about the topic, and then by how early in it it stands. It knows sentences
and topics; which words of a question are its topic, and how an answer is shown, it does not know.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise, zip_longest

import numpy as np
from numpy.typing import NDArray

from assistant.answering import abstention, families, mismatch
from assistant.answering.accounts import Account
from assistant.answering.calibration import probability
from assistant.answering.candidates import (
    MIN_SENTENCE_CHARS,
    Candidate,
    DocumentFrequency,
    are_near,
    word_places,
)
from assistant.answering.questions import content_terms, content_words, name_terms
from assistant.chunking import sentences
from assistant.stores.lexical import terms
from assistant.types import Article, Form, Hit

EmbedTexts = Callable[[Sequence[str]], NDArray[np.float32]]
Vector = NDArray[np.float32]

PASSAGES = 24  # of the best hits whose sentences are looked at
SENTENCES = 40  # of them that are embedded, those that share most with the topic; that is what costs time
OF_SIDE = 28  # the same of each side of a comparison, and of a list, which is read besides
OPENING_CHARS = 350  # of an article, which with its title say what it is about
SAME = 0.85  # cosine of two sentences above which the second says nothing new
SAME_STEP = 0.8  # the same in a timeline, but for first sentences: articles repeat what was before
NOVELTY = 0.3  # weight of what a sentence repeats, against its relevance
LEAST = {
    Form.SUMMARY: 0.55,
    Form.TIMELINE: 0.5,
    Form.LIST: 0.4,
    Form.COMPARISON: 0.6,
}  # of the best's relevance
TIMES = {
    Form.SUMMARY: 2,
    Form.TIMELINE: 3,
    Form.LIST: 2,
    Form.COMPARISON: 2,
}  # as many as other answers quote
MOST = 8
NAMES = 2.0  # times as much a name counts as another word
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
LATEST = 0.65  # of the best's relevance, for an article to be the latest on a topic
FIRST = 0.25  # given in a timeline to the first sentence of an article: news begin with what is new
ITEMS = 0.2  # given in a list to a sentence that names three or more in a row
READ, READ_RANGE = 0.5, 3.0  # weight of what the reader makes of a sentence of a list, and its falling off
LIST_LOGIT = 0.6  # given to the score of a list's best sentence, which only has to hold an item of it
_SERIES = re.compile(r"\b([A-Z]{2,})-?\d+\b")
_NAME = r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*"
_IN_A_ROW = re.compile(rf"(?:{_NAME}(?: of (?:the )?{_NAME})?,? (?:and )?){{2,}}(?<=and )(?:the )?{_NAME}")
_LEANING = re.compile(
    r"[\"“‘(]*(?:he|she|it|they|this|that|these|those|its|his|her|their|there|then|also|others?|both|such|"
    r"asked|but|and|so)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The sentences of an account.

    Args:
        chosen: In the order in which they are quoted.
        labels: What stands before each: a day in a timeline, a side in a comparison; else empty.
        score: How likely the corpus tells of the topic, in [0, 1]; of the weaker side of a comparison.
        features: What that was made of: those of `FEATURES`; empty for a list.
    """

    chosen: tuple[Candidate, ...] = ()
    labels: tuple[str, ...] = ()
    score: float = 0.0
    features: tuple[float, ...] = ()


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


def listed_score(score: float) -> float:
    """How likely a list is told, by how likely its best sentence answers like a fact."""
    return probability(math.log(max(score, 1e-9) / max(1 - score, 1e-9)) + LIST_LOGIT)


def evidence(found: Sequence[Sequence[Hit]], count: int) -> tuple[Hit, ...]:
    """The hits for one or two topics: the best of each article in turn, then the second of each.

    Args:
        found: Hits of each topic, best first.
        count: Most hits to return.

    Returns:
        The hits, each once.
    """
    by_article: dict[tuple[int, str], list[Hit]] = {}
    for side, hits in enumerate(found):
        for hit in hits[:PASSAGES]:
            by_article.setdefault((side, hit.article.id), []).append(hit)
    turns = [hit for turn in zip_longest(*by_article.values()) for hit in turn if hit]
    return tuple({hit.passage.id: hit for hit in reversed(turns)}.values())[::-1][:count]


def gather(
    account: Account,
    found: Sequence[Sequence[Hit]],
    frequency: DocumentFrequency,
    embed: EmbedTexts,
    *,
    max_sentences: int,
) -> Gathered:
    """Choose the sentences of a summary, a timeline or a comparison.

    Args:
        account: What is asked for.
        found: The hits for its topic, best first; for a comparison those of each side.
        frequency: In how many passages a term occurs, and of how many.
        embed: Embeds texts: float32, shape (len(texts), dim), rows of unit length.
        max_sentences: Most sentences of an answer to another question.

    Returns:
        The sentences; none without hits.
    """
    most = _most(account.form, max_sentences)
    sides = [
        _told(Topic.of(text, frequency), hits, embed, most=OF_SIDE if account.sides else SENTENCES)
        for text, hits in zip(account.topics, found, strict=True)
    ]
    if not all(told.sentences for told in sides):
        return Gathered()
    weakest = min(sides, key=lambda told: told_score(told.features))
    chosen: list[tuple[str, _Sentence]] = []
    for told in sides:
        label = told.topic.text if account.form is Form.COMPARISON else ""
        those = _chosen(account, told.sentences, -(-most // len(sides)))
        chosen += [(label, one) for one in _in_time(those) if one.key not in {s.key for _, s in chosen}]
    if account.form is Form.TIMELINE:
        chosen = [(_day(one.hit.article), one) for _, one in chosen]
    return Gathered(
        tuple(one.as_candidate for _, one in chosen),
        tuple(label for label, _ in chosen),
        told_score(weakest.features),
        weakest.features,
    )


def gather_list(
    account: Account,
    read: Sequence[Candidate],
    frequency: DocumentFrequency,
    embed: EmbedTexts,
    *,
    max_sentences: int,
) -> list[Candidate]:
    """Choose the sentences of a list: those that hold an item of it.

    Args:
        account: What is asked for.
        read: The sentences that were read for it, best first.
        frequency: As for `gather`.
        embed: As for `gather`.
        max_sentences: As for `gather`.

    Returns:
        The sentences: the best, then the others of its article in their order, then those of other articles.
    """
    if not read:
        return []
    topic = Topic.of(account.topic, frequency)
    by_key = {(c.hit.article.id, c.start): c for c in read[:OF_SIDE]}
    hits = list({c.hit.passage.id: c.hit for c in by_key.values()}.values())
    told = _told(topic, hits, embed, set(by_key))
    scored = [
        replace(s, relevance=s.relevance + _as_item(by_key[s.key], read[0].score))
        for s in told.sentences
        if s.key in by_key
    ]
    scored.sort(key=lambda s: -s.relevance)
    most = _most(Form.LIST, max_sentences)
    scored = [s for s in scored if by_key[s.key] is read[0]] + [
        s for s in scored if by_key[s.key] is not read[0]
    ]
    chosen = [by_key[s.key] for s in _novel(scored, most, LEAST[Form.LIST])] if scored else []
    articles = list(dict.fromkeys(c.hit.article.id for c in [read[0], *chosen]))
    others = [c for c in chosen if c is not read[0]]
    return [read[0], *sorted(others, key=lambda c: (articles.index(c.hit.article.id), c.start))][:most]


def _most(form: Form, max_sentences: int) -> int:
    return 1 if max_sentences == 1 else min(MOST, TIMES[form] * max_sentences)


def _as_item(candidate: Candidate, best: float) -> float:
    """What speaks for a sentence as an item of a list: what the reader makes of it, names in a row."""
    read = READ * math.exp((candidate.score - best) / READ_RANGE)
    return read + ITEMS * bool(_IN_A_ROW.search(candidate.text))


# -- topics
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its words by how rare they are, and its names."""

    text: str
    weights: dict[str, float]
    named: dict[str, float]  # the same, its names twice: they say what it is about, other words what of it
    pairs: frozenset[tuple[str, str]]
    names: tuple[mismatch.Name, ...]

    @classmethod
    def of(cls, text: str, frequency: DocumentFrequency) -> Topic:
        """The topic that a text names."""
        words = " ".join(w for w in text.split() if not abstention.is_vague(w.strip(",.;:?!\"'“”")))
        words = words if content_terms(words) else text
        weights = {}
        for term in content_terms(words):
            df, total = frequency(term)
            weights[term] = math.log(1 + (total - df + 0.5) / (df + 0.5))
        pairs = frozenset(pairwise(content_words(words)))
        names = set(name_terms(f"about {words}"))
        named = {term: weight * (NAMES if term in names else 1) for term, weight in weights.items()}
        return cls(text, weights, named, pairs, mismatch.names_asked(f"about {words}"))

    def coverage(self, text: str) -> float:
        """Share of the topic's words that a text has, by how rare they are, in [0, 1]."""
        return _share(self.weights, self._there(text))

    def relevance(self, text: str) -> float:
        """The same, names counted twice."""
        return _share(self.named, self._there(text))

    def _there(self, text: str) -> set[str]:
        there = _terms(text)
        alike = families.told(self.weights, there, families.IN_TOPICS)
        return there | alike | mismatch.spelled(self.names, text)

    def pairs_near(self, text: str) -> float:
        """Share of its neighbouring words that stand near each other in a text; 1 if there are none."""
        where = word_places(text)
        near = [are_near(where, one, other) for one, other in self.pairs]
        return sum(near) / len(near) if near else 1.0

    def unnamed(self, text: str) -> float:
        """Share of its names that a text has not, in [0, 1]."""
        return mismatch.share_missing(self.names, text, _terms(text))


def _terms(text: str) -> set[str]:
    """The terms of a text; one of a series is of its series, too: COP30 a COP."""
    return set(terms(f"{text} {' '.join(_SERIES.findall(text))}"))


def _share(weights: dict[str, float], there: set[str]) -> float:
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in there) / total if total else 0.0


# -- sentences
# -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Sentence:
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
        return (self.hit.article.id, self.start)

    @property
    def text(self) -> str:
        return self.hit.article.text[self.start : self.end]

    @property
    def as_candidate(self) -> Candidate:
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
class _Told:
    topic: Topic
    sentences: tuple[_Sentence, ...]  # most relevant first

    @property
    def features(self) -> tuple[float, ...]:
        best = self.sentences[0]
        article = best.hit.article
        head = f"{article.title} {article.source} {article.published or ''}"
        there = mismatch.said(article.text)[0] | _terms(head)
        return (
            max(s.covered[1] for s in self.sentences),
            max(s.covered[0] for s in self.sentences),
            max(s.covered[2] for s in self.sentences),
            max(s.meaning for s in self.sentences),
            mismatch.share_missing(self.topic.names, article.text, there),
            max(s.pairs * s.covered[1] for s in self.sentences),
        )


def _told(
    topic: Topic,
    hits: Sequence[Hit],
    embed: EmbedTexts,
    only: set[tuple[str, int]] | None = None,
    most: int = SENTENCES,
) -> _Told:
    """The sentences of the hits and of their articles' openings, the most relevant first."""
    looked = [s for s in _sentences(topic, hits[:PASSAGES]) if only is None or s.key in only]
    best = sorted(looked, key=lambda s: -s.by_words())[:most]
    if not best:
        return _Told(topic, ())
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
    return _Told(topic, tuple(sorted(focused, key=lambda s: -s.relevance)))


def _with_meaning(s: _Sentence, vector: Vector, topic: Vector, title: Vector | None) -> _Sentence:
    meaning = max(0.0, float(vector @ topic))
    central = max(0.0, float(vector @ title)) if title is not None else 0.0
    relevance = s.by_words() + MEANING * meaning + CENTRAL * s.about * central
    return replace(s, vector=vector, meaning=meaning, relevance=relevance)


def _sentences(topic: Topic, hits: Sequence[Hit]) -> list[_Sentence]:
    found: dict[tuple[str, int], _Sentence] = {}
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
    found: dict[tuple[str, int], _Sentence],
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
        sentence = _Sentence(
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


# -- choosing
# --------------------------------------------------------------------------------------------------


def _chosen(account: Account, told: Sequence[_Sentence], most: int) -> list[_Sentence]:
    if account.form is Form.TIMELINE:
        return _timeline(told, most)
    if account.is_latest:
        told = _newest(told)
    return _novel(told, most, LEAST[account.form])


def _novel(told: Sequence[_Sentence], most: int, least: float) -> list[_Sentence]:
    """Maximal marginal relevance: the best first, then what is relevant and unlike those chosen."""
    chosen, floor = [told[0]], least * told[0].relevance
    left = [s for s in told[1:] if s.relevance >= floor]
    while left and len(chosen) < most:
        repeated = {s.key: max(_alike(s, other) for other in chosen) for s in left}
        left = [s for s in left if repeated[s.key] < SAME]
        if left:
            best = max(left, key=lambda s: (1 - NOVELTY) * s.relevance - NOVELTY * repeated[s.key])
            chosen.append(best)
            left.remove(best)
    return chosen


def _alike(one: _Sentence, other: _Sentence) -> float:
    return float(one.vector @ other.vector)


def _timeline(told: Sequence[_Sentence], most: int) -> list[_Sentence]:
    """The best sentence of each article that tells of the topic, and the second best if there are few."""
    floor = LEAST[Form.TIMELINE] * told[0].relevance
    by_article: dict[str, list[_Sentence]] = {}
    for s in sorted(told, key=lambda s: -(s.relevance + FIRST * (s.place == 0))):
        if s.relevance >= floor and s.hit.article.published:
            by_article.setdefault(s.hit.article.id, []).append(s)
    articles = list(by_article.values())[:most]
    chosen: list[_Sentence] = []
    for _ in range(1 if len(articles) > most // 2 else 2):
        for of in sorted(articles, key=lambda of: _published(of[0])):
            left = [s for s in of if s not in chosen]
            new = (s for s in left if all(_alike(s, o) < (SAME_STEP if s.place else SAME) for o in chosen))
            chosen += [s for s in [next(new, None)] if s and len(chosen) < most]
    return chosen or [told[0]]


def _newest(told: Sequence[_Sentence]) -> list[_Sentence]:
    """Those of the newest day on which the topic is told as well as on others."""
    about = LATEST * max(s.about for s in told)
    days = {_published(s) for s in told if s.about >= about and s.relevance >= LATEST * told[0].relevance}
    return [s for s in told if _published(s) == max(days)] if days else list(told)


def _published(s: _Sentence) -> date:
    return s.hit.article.published or date.min


def _in_time(chosen: Sequence[_Sentence]) -> list[_Sentence]:
    """In the order of the articles by their day, those of one article in its order."""
    return sorted(chosen, key=lambda s: (s.hit.article.published or date.max, s.hit.article.id, s.start))


def _day(article: Article) -> str:
    return article.published.isoformat() if article.published else ""
