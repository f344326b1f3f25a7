"""Passages for a query: dense and lexical search, fused into one ranking.

It knows the two searches of a corpus and how their scores are put on one scale; it does not know questions,
answers or where passages come from.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.corpus import Corpus
from assistant.settings import RetrievalSettings
from assistant.types import Filters, Hit

Ranking = Sequence[tuple[str, float]]  # (passage id, score), best first


def search(
    corpus: Corpus,
    query: str,
    *,
    settings: RetrievalSettings = RetrievalSettings(),
    top_k: int | None = None,
    filters: Filters = Filters(),
) -> tuple[Hit, ...]:
    """Find the passages that fit a query best.

    Args:
        corpus: Where to search.
        query: Any text; a blank one finds nothing.
        settings: Depth and weights.
        top_k: Most hits to return; by default the settings'.
        filters: Which articles may be looked at.

    Returns:
        The hits, best first, each passage once.
    """
    if not query.strip():
        return ()
    dense = corpus.dense(corpus.embed_query(query), settings.depth, filters)
    lexical = corpus.lexical(query, settings.depth, filters)
    fused = fuse(dense, lexical, dense_weight=settings.dense_weight)[: top_k or settings.top_k]
    found = corpus.passages([passage_id for passage_id, _ in fused])
    similarity, bm25 = dict(dense), dict(lexical)
    return tuple(
        Hit(*found[passage_id], score, similarity.get(passage_id), bm25.get(passage_id))
        for passage_id, score in fused
        if passage_id in found
    )


def fuse(dense: Ranking, lexical: Ranking, *, dense_weight: float) -> list[tuple[str, float]]:
    """Merge two rankings by a convex combination of their scores, each brought to [0, 1].

    Args:
        dense: Cosine similarities, best first.
        lexical: BM25 scores, best first.
        dense_weight: Share of the dense score, in [0, 1].

    Returns:
        Every passage once, best first, with its score in [0, 1].

    References:
        Bruch, Gai and Ingber, "An analysis of fusion functions for hybrid retrieval", TOIS 2023.
    """
    cosine = {passage_id: max(0.0, score) for passage_id, score in dense}
    best = max((score for _, score in lexical), default=0.0)
    words = {passage_id: score / best for passage_id, score in lexical} if best else {}
    floor = min(cosine.values(), default=0.0)
    fused = {
        i: dense_weight * cosine.get(i, floor) + (1 - dense_weight) * words.get(i, 0.0)
        for i in [*cosine, *words]
    }
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))
