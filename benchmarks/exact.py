"""Exact search over passages in memory: every cosine, every BM25 score, no index to approximate them.

It knows passages, vectors and how a lexical query can be put; it does not know which choice is the product's.
The lexical side is tantivy in memory, so that its scores are the ones that the product can get.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray

from assistant.stores.lexical import PAIR_WEIGHT
from assistant.types import Passage
from benchmarks.metrics import Span

HEAP_BYTES = 256_000_000
MAX_WORD_CHARS = 60
STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these"
    " they this to was will with".split()
)  # Lucene's list

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Query = Any  # tantivy.Query, which is not typed
QueryBuilder = Callable[[Any, str], Query | None]  # (schema, text) -> query, None if the text has no words


@dataclass(frozen=True, slots=True)
class LexicalPlan:
    """How words are indexed and asked for.

    Args:
        analyzer: One of `ANALYZERS`.
        build: Makes the query of a text. It may name the fields `both` (title and text), `text` and `title`.
        fields: The fields to index, of those three.
    """

    analyzer: str
    build: QueryBuilder
    fields: tuple[str, ...] = ("both",)


ANALYZERS = ("plain", "stem", "fold+stem", "stop+stem")


@cache
def analyzer(name: str) -> Any:
    """A tokenizer and its filters by name: lower case always, then accents, stop words, English stems."""
    steps = [tantivy.Filter.remove_long(MAX_WORD_CHARS), tantivy.Filter.lowercase()]
    if "fold" in name:
        steps.append(tantivy.Filter.ascii_fold())
    if "stop" in name:
        steps.append(tantivy.Filter.stopword("english"))
    if "stem" in name:
        steps.append(tantivy.Filter.stemmer("english"))
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in steps:
        builder = builder.filter(step)
    return builder.build()


def any_term(analyzer_name: str, field: str = "both") -> QueryBuilder:
    """The disjunction of a text's distinct terms in one field."""

    def build(schema: Any, text: str) -> Query | None:
        terms = dict.fromkeys(analyzer(analyzer_name).analyze(text))
        should = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, field, term)) for term in terms]
        return tantivy.Query.boolean_query(should) if should else None

    return build


def with_pairs(
    analyzer_name: str, boost: float, field: str = "both", *, common: frozenset[str] = frozenset()
) -> QueryBuilder:
    """The distinct terms of a text, and two neighbours as a phrase unless both are common or the same."""

    def build(schema: Any, text: str) -> Query | None:
        terms = analyzer(analyzer_name).analyze(text)
        pairs = dict.fromkeys(
            pair for pair in pairwise(terms) if pair[0] != pair[1] and not {*pair} <= common
        )
        words = [tantivy.Query.term_query(schema, field, term) for term in dict.fromkeys(terms)]
        phrases = [tantivy.Query.phrase_query(schema, field, list(pair)) for pair in pairs]
        queries = [*words, *(tantivy.Query.boost_query(phrase, boost) for phrase in phrases)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, q) for q in queries]) if queries else None

    return build


def terms_plan() -> LexicalPlan:
    """BM25 as in the textbook: the distinct terms, stemmed, title and text in one field."""
    return LexicalPlan("fold+stem", any_term("fold+stem"))


def product_plan() -> LexicalPlan:
    """The words as the product indexes and asks for them; two stop words are no pair: a third faster."""
    return LexicalPlan("fold+stem", with_pairs("fold+stem", PAIR_WEIGHT, common=STOP_WORDS))


class LexicalSearch:
    """BM25 over passages, in memory."""

    def __init__(self, passages: Sequence[Passage], plan: LexicalPlan) -> None:
        self._build, self._size = plan.build, len(passages)
        builder = tantivy.SchemaBuilder().add_unsigned_field("number", fast=True)
        for field in plan.fields:
            builder = builder.add_text_field(field, tokenizer_name=plan.analyzer)
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        self._index.register_tokenizer(plan.analyzer, analyzer(plan.analyzer))
        writer = self._index.writer(HEAP_BYTES, 1)
        for number, passage in enumerate(passages):
            writer.add_document(self._document(number, passage, plan.fields))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, text: str, limit: int) -> tuple[Ints, Floats]:
        """(numbers of passages, BM25 scores), best first, equal scores in reading order."""
        query = self._build(self._schema, text)
        found = self._searcher.search(query, limit=limit, count=False).hits if query is not None else []
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        numbers = self._searcher.fast_field_values("number", [address for _, address in found])
        ids, scores = np.asarray(numbers, np.int64), np.asarray([score for score, _ in found], np.float32)
        order = np.lexsort((ids, -scores))
        return ids[order], scores[order]

    def _document(self, number: int, passage: Passage, fields: Sequence[str]) -> Any:
        values = {"both": passage.embedded_text, "text": passage.text, "title": passage.header}
        document = tantivy.Document()
        document.add_unsigned("number", number)
        for field in fields:
            document.add_text(field, values[field])
        return document


def nearest(vectors: Floats, query: Floats, limit: int) -> tuple[Ints, Floats]:
    """(numbers of rows, cosines) of the rows nearest to a query, nearest first; all of unit length."""
    scores = vectors @ query
    limit = min(limit, len(scores))
    best = np.argpartition(-scores, limit - 1)[:limit] if limit else np.zeros(0, np.int64)
    order = best[np.lexsort((best, -scores[best]))]
    return order, scores[order]


def span(passage: Passage) -> Span:
    """Where a passage is."""
    return Span(passage.article_id, passage.start, passage.end)
