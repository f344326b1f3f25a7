"""news_quiz found by its words alone: what a machine without an accelerator can read in some minutes.

To embed its 119,637 passages takes two cores the better part of an hour. BM25 finds nearly as much on this
set, so that the best passages by words are embedded and read, and no others. It knows passages and readings;
it does not know what is fitted on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant import retrieval
from assistant.reader import Reader, Reading
from assistant.settings import Settings
from assistant.stores.lexical import LexicalIndex, terms
from assistant.types import Article, Hit, Passage
from benchmarks.datasets import Dataset, Question
from benchmarks.pipelines import cut
from benchmarks.vector_cache import VectorCache

READ = 10  # passages of a question
ADDED_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Found:
    """A question with what was read for it, and in how many passages a term of it occurs, of how many."""

    question: Question
    readings: list[Reading]
    frequency: Mapping[str, int]
    passages: int

    def document_frequency(self, term: str) -> tuple[int, int]:
        """In how many passages a term of the question occurs, and of how many."""
        return self.frequency.get(term, 0), self.passages


def read(dataset: Dataset, embedder: VectorCache, reader: Reader) -> Iterator[Found]:
    """Search, embed and read for each question of a set.

    Args:
        dataset: Articles and questions.
        embedder: Embeds the questions and the passages that words find.
        reader: Reads these.

    Yields:
        Each question for which words find something, with its readings, best first.
    """
    settings = Settings()
    articles = {article.id: article for article in dataset.articles}
    passages = {passage.id: passage for passage in cut(dataset.articles, settings)}
    with TemporaryDirectory() as folder:
        index = LexicalIndex(Path(folder))
        pairs = [(passage, articles[passage.article_id]) for passage in passages.values()]
        for first in range(0, len(pairs), ADDED_AT_ONCE):
            index.upsert(pairs[first : first + ADDED_AT_ONCE])
        for question in dataset.questions:
            found = index.search(question.text, READ)
            if not found:
                continue
            hits = _hits(question.text, found, passages, articles, embedder, settings)
            frequency = {term: index.document_frequency(term) for term in set(terms(question.text))}
            yield Found(question, reader.read(question.text, hits), frequency, len(passages))


def _hits(
    question: str,
    found: Sequence[tuple[str, float]],
    passages: Mapping[str, Passage],
    articles: Mapping[str, Article],
    embedder: VectorCache,
    settings: Settings,
) -> list[Hit]:
    """The passages in the order that the product gives to them, had both searches found just these."""
    ids = [passage_id for passage_id, _ in found]
    vectors = embedder.embed_passages([passages[i].embedded_text for i in ids])
    similarity = dict(zip(ids, (vectors @ embedder.embed_query(question)).tolist(), strict=True))
    bm25, of = dict(found), {i: passages[i].article_id for i in ids}
    fused = retrieval.fuse(similarity, bm25, lexical_scale=settings.retrieval.lexical_scale)
    ranked = retrieval.smooth(fused, of, settings.retrieval.article_weight)
    return [Hit(passages[i], articles[of[i]], score, similarity[i], bm25[i]) for i, score in ranked]
