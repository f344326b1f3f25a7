"""Passages for a query: dense and lexical search, fused into one ranking.

It knows the two searches of a corpus and how their scores are put on one scale; it does not know questions,
answers or where passages come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.settings import RetrievalSettings
from assistant.stores.lexical import is_searchable
from assistant.types import AlsoIn, DateRange, Filters, Hit

LEADING = 3  # of each search's best hits are read, whatever fusion makes of them
SEEN_FOR_EVIDENCE = 100  # hits that evidence is chosen from
LEAST_LEXICAL_SHARE = 0.22  # of the fused score; in a small corpus no word is rare, and BM25 scores are low
NEAR_WEIGHT = 0.15  # of having been published in the period asked about; see docs/log.md
NEAR_DAYS = 7  # around that period that are searched for themselves
DATED = 200  # passages whose dates are looked at, where a period is asked about
ALSO_SHARE = 0.5  # of the score by the second text, unless told otherwise
BESIDE_WEIGHT = 0.2  # of being beside what answers the question before; see docs/log.md
LEXICAL_THREADS = 8  # of the whole process; more searches at once wait for one another anyway
PASSAGES_OF_ARTICLE = 3  # how many of an article's passages speak for it: see benchmarks/ABLATION.md


def search(
    corpus: Corpus,
    query: str,
    *,
    also: str = "",
    also_share: float = ALSO_SHARE,
    earlier: str = "",
    settings: RetrievalSettings = RetrievalSettings(),
    top_k: int | None = None,
    filters: Filters = Filters(),
    near: DateRange | None = None,
) -> tuple[Hit, ...]:
    """Find the passages that fit a query best.

    With a second text, both are searched for and a passage has the weighted mean of its two scores: a
    follow-up question alone and with the one before know different things (see benchmarks/dialogue.py).

    Args:
        corpus: Where to search.
        query: Any text; one without a word to search for finds nothing: a blank one, signs, stop words.
        also: A second text for the same; empty if there is none.
        also_share: How much it counts, in [0, 1].
        earlier: The question before; it helps what stands beside its answers, see `beside`.
        settings: Depth and weights.
        top_k: Most hits to return; by default the settings'.
        filters: Which articles may be looked at.
        near: A period about which articles are likely to be published; it helps them and hides no other.

    Returns:
        The hits, best first, each passage once. Of articles that are near copies only the best one is there,
        with the others in `also_in`.

    Raises:
        ValueError: If `top_k` is below 1.
    """
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, not {top_k}")
    if not is_searchable(query):  # to such a query the nearest passage is any passage
        return ()
    shares = {query: 1.0}
    if is_searchable(also) and also != query:
        shares = {query: 1 - also_share, also: also_share}
    asked = [*shares, *([earlier] if is_searchable(earlier) else [])]
    searches = [_search(corpus, text, settings.depth, filters) for text in asked]
    if near and (about_then := _about(near, filters)):
        for one, text in zip(searches, asked, strict=True):
            one.add(corpus, text, settings.depth, about_then)
    every = list(dict.fromkeys(i for one in searches for i in [*one.similarity, *one.bm25]))
    for one in searches:
        missing = [i for i in every if i not in one.similarity]
        one.similarity.update(corpus.similarities(one.vector, missing))
    articles = corpus.article_ids(every)
    rankings = [fuse(s.similarity, s.bm25, lexical_scale=settings.lexical_scale) for s in searches]
    fused = mean(rankings[: len(shares)], list(shares.values()))
    if len(rankings) > len(shares):
        fused = beside(fused, rankings[-1], articles)
    ranked = smooth(fused, articles, settings.article_weight)
    ranked = [(i, score) for i, score in ranked if i in articles]
    groups = corpus.groups(list(set(articles.values())))
    wanted = top_k or settings.top_k
    best = one_of_each(ranked, articles, groups)[: max(wanted, DATED) if near else wanted]
    also_in = corpus.also_in({articles[i] for i, _ in best} & groups.keys())
    hits = _hits(corpus, best, searches[0], {i: also_in.get(articles[i], ()) for i, _ in best})
    return tuple(prefer(hits, near)[:wanted] if near else hits)


def prefer(hits: Sequence[Hit], near: DateRange) -> list[Hit]:
    """Help the hits whose article was published in a period or shortly before or after it.

    Args:
        hits: Those without a date keep their score.
        near: The period.

    Returns:
        The hits, best first; scores in [0, 1].
    """
    helped = [
        replace(hit, score=min(1.0, hit.score + NEAR_WEIGHT * near.nearness(day)))
        if (day := hit.article.published)
        else hit
        for hit in hits
    ]
    return sorted(helped, key=lambda hit: -hit.score)


def _about(near: DateRange, filters: Filters) -> Filters | None:
    """The filters, narrowed to a period and a week on both sides; None if nothing is left."""
    slack = timedelta(days=NEAR_DAYS)
    firsts = [day for day in (filters.published_from, near.start and near.start - slack) if day]
    lasts = [day for day in (filters.published_to, near.end and near.end + slack) if day]
    first, last = max(firsts, default=None), min(lasts, default=None)
    if first and last and first > last:
        return None
    return replace(filters, published_from=first, published_to=last)


@dataclass(frozen=True, slots=True)
class _Searches:
    """What the two searches said of one text."""

    vector: NDArray[np.float32]  # shape (dim,), unit length
    similarity: dict[str, float]
    bm25: dict[str, float]

    def add(self, corpus: Corpus, text: str, depth: int, filters: Filters) -> None:
        """What the two searches say with other filters, too."""
        self.similarity.update(corpus.dense(self.vector, depth, filters))
        self.bm25.update(corpus.lexical(text, depth, filters))


def _search(corpus: Corpus, text: str, depth: int, filters: Filters) -> _Searches:
    corpus.refresh()  # before the two part, so that they see the same
    lexical = _beside().submit(corpus.lexical, text, depth, filters)
    try:
        vector = corpus.embed_query(text)
        dense = corpus.dense(vector, depth, filters)
    except BaseException:
        lexical.cancel()
        raise
    return _Searches(vector, dict(dense), dict(lexical.result()))


@cache
def _beside() -> ThreadPoolExecutor:
    """Threads for the second search of a query; to start one for each costs more than the search."""
    return ThreadPoolExecutor(LEXICAL_THREADS, thread_name_prefix="lexical")


def _hits(
    corpus: Corpus,
    best: Sequence[tuple[str, float]],
    said: _Searches,
    also_in: Mapping[str, tuple[AlsoIn, ...]],
) -> list[Hit]:
    """The passages of a ranking, as far as they are still there, with what the searches said of them."""
    found = corpus.passages([passage_id for passage_id, _ in best])
    return [
        Hit(*found[i], score, said.similarity.get(i), said.bm25.get(i), also_in=also_in[i])
        for i, score in best
        if i in found
    ]


def mean(rankings: Sequence[Sequence[tuple[str, float]]], shares: Sequence[float]) -> list[tuple[str, float]]:
    """Merge rankings by the weighted mean of their scores; a passage that one does not hold has 0 from it.

    Args:
        rankings: (passage id, score) each.
        shares: How much each ranking counts; together 1.

    Returns:
        Every passage once, best first.
    """
    scores: dict[str, float] = {}
    for ranking, share in zip(rankings, shares, strict=True):
        for passage_id, score in ranking:
            scores[passage_id] = scores.get(passage_id, 0.0) + share * score
    return _ranked(scores)


def beside(
    ranking: Sequence[tuple[str, float]], earlier: Sequence[tuple[str, float]], articles: Mapping[str, str]
) -> list[tuple[str, float]]:
    """Help the passages that stand beside those that answer the question before.

    A conversation stays with an article, but hardly anyone asks for what was just said. So a passage gains as
    much as the best passage of its article answers the question before better than it does itself.

    Args:
        ranking: (passage id, score in [0, 1]) for the question that is asked now.
        earlier: The same for the question before.
        articles: Article of each passage; a passage without one stands for itself.

    Returns:
        The passages, best first; scores in [0, 1].
    """
    own, best = dict(earlier), dict[str, float]()
    for passage_id, score in earlier:
        article = articles.get(passage_id, passage_id)
        best[article] = max(score, best.get(article, 0.0))
    gains = {i: best.get(articles.get(i, i), 0.0) - own.get(i, 0.0) for i, _ in ranking}
    return _ranked({i: min(1.0, score + BESIDE_WEIGHT * gains[i]) for i, score in ranking})


def fuse(
    similarity: Mapping[str, float], bm25: Mapping[str, float], *, lexical_scale: float
) -> list[tuple[str, float]]:
    """Merge two searches by a convex combination of their scores, each brought to [0, 1].

    A cosine below 0 counts as 0; a BM25 score is divided by the highest one of this query. The higher that
    one is, the more of the query's rare words stand together in a passage, and the more words count: their
    share is highest / (highest + lexical_scale), or `LEAST_LEXICAL_SHARE` if that is more. A passage that one
    search did not return has 0 from it.

    Args:
        similarity: Cosine similarity of each passage.
        bm25: BM25 score of each passage.
        lexical_scale: The highest BM25 score at which words count as much as the similarity, greater than 0.

    Returns:
        Every passage once, best first, ties in the order of the ids; scores in [0, 1].

    References:
        Bruch, Gai and Ingber, "An analysis of fusion functions for hybrid retrieval", TOIS 2023.
    """
    highest = max(bm25.values(), default=0.0)
    share = max(LEAST_LEXICAL_SHARE, highest / (highest + lexical_scale)) if highest else 0.0
    fused = {
        i: (1 - share) * min(1.0, max(0.0, similarity.get(i, 0.0)))
        + share * (bm25.get(i, 0.0) / highest if highest else 0.0)
        for i in [*similarity, *bm25]
    }
    return _ranked(fused)


def smooth(
    ranking: Sequence[tuple[str, float]], articles: Mapping[str, str], article_weight: float
) -> list[tuple[str, float]]:
    """Help the best passage of each article if the article has other good ones.

    Its score becomes (score + weight * m) / (1 + weight), where m is the sum of the three best scores of its
    article divided by three; the scores of the others become score / (1 + weight).

    Args:
        ranking: (passage id, score in [0, 1]).
        articles: Article of each passage; a passage without one stands for itself.
        article_weight: 0 or more; 0 changes nothing.

    Returns:
        The passages, best first; scores in [0, 1].
    """
    best: dict[str, list[tuple[str, float]]] = {}
    for passage_id, score in sorted(ranking, key=lambda item: (-item[1], item[0])):
        of_article = best.setdefault(articles.get(passage_id, passage_id), [])
        if len(of_article) < PASSAGES_OF_ARTICLE:
            of_article.append((passage_id, score))
    bonus = {of[0][0]: article_weight * sum(s for _, s in of) / PASSAGES_OF_ARTICLE for of in best.values()}
    return _ranked({i: (score + bonus.get(i, 0.0)) / (1 + article_weight) for i, score in ranking})


def one_of_each(
    ranking: Sequence[tuple[str, float]], articles: Mapping[str, str], groups: Mapping[str, int]
) -> list[tuple[str, float]]:
    """Leave out the near copies of articles that come earlier: one story is one source, however often told.

    Args:
        ranking: (passage id, score), best first.
        articles: Article of each passage.
        groups: Group of each article that has near copies.

    Returns:
        The rest of the ranking, in order.
    """
    first: dict[int, str] = {}
    rest = []
    for passage_id, score in ranking:
        article_id = articles[passage_id]
        group = groups.get(article_id)
        if group is None or first.setdefault(group, article_id) == article_id:
            rest.append((passage_id, score))
    return rest


def evidence(hits: Sequence[Hit], count: int) -> tuple[Hit, ...]:
    """Choose the hits that an answer is sought in: the best, and those that one search alone puts first.

    Fusion buries a passage that only one search finds; its sentences should be read all the same.

    Args:
        hits: Best first, more of them than `count`.
        count: How many of the best to take.

    Returns:
        The chosen hits, best first.
    """
    leading = {
        hit.passage.id
        for key in (lambda hit: hit.similarity or 0.0, lambda hit: hit.lexical or 0.0)
        for hit in sorted(hits, key=key, reverse=True)[:LEADING]
    }
    return tuple(hit for rank, hit in enumerate(hits) if rank < count or hit.passage.id in leading)


def _ranked(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
