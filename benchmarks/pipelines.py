"""The pipelines that are compared: the assistant, its two halves alone, and the LangChain tutorial's.

Each one takes articles and ranks passages; all use the same embedding model. It knows how a pipeline is put
together, not what is asked of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np

from assistant import Assistant, chunking
from assistant.models import Embedder
from assistant.settings import Settings
from assistant.types import Article, Passage
from benchmarks.exact import LexicalSearch, nearest, span, terms_plan
from benchmarks.metrics import Span

ASSISTANT, READ, LANGCHAIN = "assistant", "assistant, reranked", "langchain tutorial"
DENSE, LEXICAL = "dense alone", "BM25 alone"
NAMES = (ASSISTANT, READ, DENSE, LEXICAL, LANGCHAIN)
CHUNK_CHARS, CHUNK_OVERLAP = 1000, 200  # of the LangChain tutorial
BATCH_PASSAGES = 2000
MAX_BATCH = 5000  # Chroma takes no more at once


class Pipeline(Protocol):
    """Articles in, ranked passages out."""

    def add(self, articles: Sequence[Article]) -> int:
        """Take articles in; returns how many passages they made."""

    def search(self, query: str, limit: int) -> list[Span]:
        """The best passages for a query, best first."""


class AssistantPipeline:
    """The product, by its public class.

    Args:
        folder: Its data folder.
        embedder: What embeds passages and queries.
        settings: By default the shipped ones.
        rerank: Whether the best hits of a question are read.
    """

    def __init__(
        self, folder: Path, embedder: Embedder, settings: Settings | None = None, *, rerank: bool = False
    ) -> None:
        settings = (settings or Settings()).model_copy(update={"data_dir": folder})
        self._rerank = rerank
        self.assistant = Assistant.open(settings=settings, embedder=embedder)

    def add(self, articles: Sequence[Article]) -> int:
        """Take articles in; returns how many passages they made.

        Raises:
            RuntimeError: If one could not be added.
        """
        report = self.assistant.add(articles)
        if report.failed:
            raise RuntimeError(f"{len(report.failed)} articles failed, the first: {report.failed[0]}")
        return report.passages

    def search(self, query: str, limit: int) -> list[Span]:
        """The best passages for a query, best first."""
        return [span(hit.passage) for hit in self.assistant.search(query, limit, rerank=self._rerank)]

    def close(self) -> None:
        """Release the files."""
        self.assistant.close()


class DensePipeline:
    """Exact cosine search over the product's passages."""

    def __init__(self, embedder: Embedder, settings: Settings) -> None:
        self._embedder, self._settings = embedder, settings
        self._passages: list[Passage] = []
        self._vectors = np.zeros((0, embedder.dim), np.float32)

    def add(self, articles: Sequence[Article]) -> int:
        """Take articles in; returns how many passages they made."""
        passages = cut(articles, self._settings)
        parts = [passages[i : i + BATCH_PASSAGES] for i in range(0, len(passages), BATCH_PASSAGES)]
        rows = [self._embedder.embed_passages([passage.embedded_text for passage in part]) for part in parts]
        self._vectors = np.concatenate([self._vectors, *rows])
        self._passages += passages
        return len(passages)

    def search(self, query: str, limit: int) -> list[Span]:
        """The best passages for a query, best first."""
        numbers, _ = nearest(self._vectors, self._embedder.embed_query(query), limit)
        return [span(self._passages[number]) for number in numbers]


class LexicalPipeline:
    """BM25 of a query's terms over the product's passages, words stemmed as the product does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._passages: list[Passage] = []
        self._search: LexicalSearch | None = None

    def add(self, articles: Sequence[Article]) -> int:
        """Take articles in; returns how many passages they made."""
        passages = cut(articles, self._settings)
        self._passages += passages
        self._search = LexicalSearch(self._passages, terms_plan())
        return len(passages)

    def search(self, query: str, limit: int) -> list[Span]:
        """The best passages for a query, best first."""
        numbers, _ = self._search.search(query, limit) if self._search else ((), ())
        return [span(self._passages[number]) for number in numbers]


class LangChainPipeline:
    """What the LangChain tutorial builds: recursive splitter 1000/200, Chroma, similarity search.

    Args:
        folder: Where Chroma keeps its files.
        embedder: What embeds passages and queries.
    """

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        from langchain_chroma import Chroma
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        self._splitter = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_CHARS, chunk_overlap=CHUNK_OVERLAP, add_start_index=True
        )
        self._store = Chroma(
            "tutorial", embedding_function=_embeddings(embedder), persist_directory=str(folder)
        )

    def add(self, articles: Sequence[Article]) -> int:
        """Take articles in; returns how many passages they made."""
        documents = self._splitter.create_documents(
            [article.text for article in articles], [{"article_id": article.id} for article in articles]
        )
        for first in range(0, len(documents), MAX_BATCH):
            self._store.add_documents(documents[first : first + MAX_BATCH])
        return len(documents)

    def search(self, query: str, limit: int) -> list[Span]:
        """The best passages for a query, best first."""
        found = self._store.similarity_search(query, k=limit)
        return [_span_of_document(document) for document in found]


def cut(articles: Sequence[Article], settings: Settings) -> list[Passage]:
    """The passages of articles, as the product cuts them."""
    sizes = settings.chunking
    return [
        passage
        for article in articles
        for passage in chunking.split(
            article, max_passage_chars=sizes.max_passage_chars, overlap_sentences=sizes.overlap_sentences
        )
    ]


@contextmanager
def open_pipeline(name: str, embedder: Embedder, settings: Settings | None = None) -> Iterator[Pipeline]:
    """A pipeline by name, in a folder that goes when it is closed.

    Raises:
        ValueError: If there is no such pipeline.
    """
    settings = settings or Settings()
    with ExitStack() as stack:
        if name == DENSE:
            yield DensePipeline(embedder, settings)
        elif name == LEXICAL:
            yield LexicalPipeline(settings)
        elif name == LANGCHAIN:
            yield LangChainPipeline(stack.enter_context(_folder()), embedder)
        elif name in {ASSISTANT, READ}:
            folder = stack.enter_context(_folder())
            product = AssistantPipeline(folder, embedder, settings, rerank=name == READ)
            stack.callback(product.close)
            yield product
        else:
            raise ValueError(f"pipeline {name!r}: choose one of {', '.join(NAMES)}")


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _embeddings(embedder: Embedder) -> Any:
    """Our embedder as LangChain's interface."""
    from langchain_core.embeddings import Embeddings

    class Adapter(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = embedder.embed_passages(texts).tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            vector: list[float] = embedder.embed_query(text).tolist()
            return vector

    return Adapter()


def _span_of_document(document: Any) -> Span:
    start = int(document.metadata["start_index"])
    return Span(document.metadata["article_id"], start, start + len(document.page_content))
