"""The sentences that tell a topic together: relevant, each with something new, from all articles on it.

It knows sentences and how relevant they are; which words of a question are its topic, and how an answer is
shown, it does not know.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

from assistant.answering.accounts import Account
from assistant.answering.calibration import probability
from assistant.answering.candidates import Candidate, DocumentFrequency
from assistant.answering.relevance import PASSAGES, SENTENCES, EmbedTexts, Told, told_of, told_score
from assistant.answering.topics import Topic
from assistant.types import Article, Form, Hit

OF_SIDE = 28  # the same of each side of a comparison, and of a list, which is read besides
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
LATEST = 0.65  # of the best's relevance, for an article to be the latest on a topic
FIRST = 0.25  # given in a timeline to the first sentence of an article: news begin with what is new
ITEMS = 0.2  # given in a list to a sentence that names three or more in a row
READ, READ_RANGE = 0.5, 3.0  # weight of what the reader makes of a sentence of a list, and its falling off
LIST_LOGIT = 0.6  # given to the score of a list's best sentence, which only has to hold an item of it
_NAME = r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*"
_IN_A_ROW = re.compile(rf"(?:{_NAME}(?: of (?:the )?{_NAME})?,? (?:and )?){{2,}}(?<=and )(?:the )?{_NAME}")


@dataclass(frozen=True, slots=True)
class Gathered:
    """The sentences of an account.

    Args:
        chosen: In the order in which they are quoted.
        labels: What stands before each, a day in a timeline, a side in a comparison; empty or none elsewhere.
        score: How likely the corpus tells of the topic, in [0, 1]; of the weaker side of a comparison.
        features: What that was made of: those of `FEATURES`; empty for a list.
    """

    chosen: tuple[Candidate, ...] = ()
    labels: tuple[str, ...] = ()
    score: float = 0.0
    features: tuple[float, ...] = ()


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
        told_of(Topic.of(text, frequency), hits, embed, most=OF_SIDE if account.sides else SENTENCES)
        for text, hits in zip(account.topics, found, strict=True)
    ]
    if not all(told.sentences for told in sides):
        return Gathered()
    weakest = min(sides, key=lambda told: told_score(told.features))
    chosen: list[tuple[str, Told]] = []
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
    told = told_of(topic, hits, embed, set(by_key))
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


def _chosen(account: Account, told: Sequence[Told], most: int) -> list[Told]:
    if account.form is Form.TIMELINE:
        return _timeline(told, most)
    if account.is_latest:
        told = _newest(told)
    return _novel(told, most, LEAST[account.form])


def _novel(told: Sequence[Told], most: int, least: float) -> list[Told]:
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


def _alike(one: Told, other: Told) -> float:
    return float(one.vector @ other.vector)


def _timeline(told: Sequence[Told], most: int) -> list[Told]:
    """The best sentence of each article that tells of the topic, and the second best if there are few."""
    floor = LEAST[Form.TIMELINE] * told[0].relevance
    by_article: dict[str, list[Told]] = {}
    for s in sorted(told, key=lambda s: -(s.relevance + FIRST * (s.place == 0))):
        if s.relevance >= floor and s.hit.article.published:
            by_article.setdefault(s.hit.article.id, []).append(s)
    articles = list(by_article.values())[:most]
    chosen: list[Told] = []
    for _ in range(1 if len(articles) > most // 2 else 2):
        for of in sorted(articles, key=lambda of: _published(of[0])):
            left = [s for s in of if s not in chosen]
            new = (s for s in left if all(_alike(s, o) < (SAME_STEP if s.place else SAME) for o in chosen))
            chosen += [s for s in [next(new, None)] if s and len(chosen) < most]
    return chosen or [told[0]]


def _newest(told: Sequence[Told]) -> list[Told]:
    """Those of the newest day on which the topic is told as well as on others."""
    about = LATEST * max(s.about for s in told)
    days = {_published(s) for s in told if s.about >= about and s.relevance >= LATEST * told[0].relevance}
    return [s for s in told if _published(s) == max(days)] if days else list(told)


def _published(s: Told) -> date:
    return s.hit.article.published or date.min


def _in_time(chosen: Sequence[Told]) -> list[Told]:
    """In the order of the articles by their day, those of one article in its order."""
    return sorted(chosen, key=lambda s: (s.hit.article.published or date.max, s.hit.article.id, s.start))


def _day(article: Article) -> str:
    return article.published.isoformat() if article.published else ""
