"""What can be asked of the corpus: articles, their versions and originals, and the two searches.

It knows the catalog, the indexes and an embedder; it writes nothing. `Corpus` adds the writing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import folder
from assistant.corpus.cutting import Cutter
from assistant.corpus.indexes import Indexes
from assistant.errors import UnknownArticleError
from assistant.listing import ArticleCounts, ArticlePage, ArticleQuery
from assistant.stores.catalog import Catalog
from assistant.stores.originals import Originals
from assistant.types import AlsoIn, Article, ArticleVersion, Filters, Original, Passage

MOST_ALSO_IN = 20  # near copies named beside a hit
UNDO_SECONDS = 7 * 86_400.0
ORIGINAL_HINT = (
    "Originals of single articles are kept from when they are added, if library.keep_originals is on."
)
MIN_PREFIX_CHARS = 6  # of an id; shorter ones are typing errors


class CorpusReader:
    """The reading half of the corpus.

    Args:
        data_dir: Its folder.
        catalog: Open; closed with this.
        indexes: Over the catalog; closed with this.
        originals: The files that the articles were read from.
        cutter: Has the embedder.
        undo_seconds: How long a removed article can be brought back.
        clock: Says the moment, in seconds since 1970.
    """

    def __init__(
        self,
        data_dir: Path,
        catalog: Catalog,
        indexes: Indexes,
        originals: Originals,
        cutter: Cutter,
        *,
        undo_seconds: float = UNDO_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.data_dir = data_dir
        self.originals = originals
        self._catalog, self._indexes, self._cutter = catalog, indexes, cutter
        self._undo_seconds, self._clock = undo_seconds, clock
        self._sources: tuple[int, set[str]] = -1, set()  # of a generation of the catalog

    def close(self) -> None:
        """Release the files; all that is asked for later is an error."""
        self._catalog.close()
        self._indexes.close()
        self.originals.close()

    def article(self, article_id: str) -> Article:
        """Find an article by its id.

        Args:
            article_id: The id, or its first six characters or more, if no other id begins so.

        Returns:
            The article, as it stands in the corpus now.

        Raises:
            UnknownArticleError: If there is none, or more than one.
        """
        check_prefix(article_id)
        ids = self._catalog.ids_starting_with(article_id) if article_id.isascii() else []
        if not ids and article_id.isascii() and (now := self._catalog.moved_to(article_id)):
            ids = [now]  # its file was renamed
        found = self._catalog.article(ids[0]) if len(ids) == 1 else None
        if found is None:
            problem = "more than one article has an id that starts with" if ids else "no article has the id"
            raise UnknownArticleError(f"{problem} {article_id!r}")
        return found

    def article_version(self, article_id: str, version: str) -> ArticleVersion:
        """Find an article as it was when something was cited from it.

        Args:
            article_id: The id of an article that is in the corpus, or the beginning of it as for `article`.
            version: Hash of the text, as a citation names it.

        Returns:
            The article with the text of that version, and whether it is an older one.

        Raises:
            UnknownArticleError: If there is no such article, or this version is not kept.
        """
        article = self.article(article_id)
        if article.version == version:
            return ArticleVersion(article)
        if found := self._catalog.old_version(article, version):
            return ArticleVersion(*found)
        raise UnknownArticleError(
            f"this version of “{article.name}” is not kept",
            hint=f"See it as it is now with `assistant show {article.id[:10]}`.",
        )

    def original(self, article_id: str, version: str = "") -> Original:
        """Find the file that an article was read from.

        Args:
            article_id: Its id, or the beginning of it as for `article`.
            version: Hash of the text, as a citation names it; by default the present one.

        Returns:
            Where the file is, what to call it, and how it may be shown.

        Raises:
            UnknownArticleError: If there is no such article or version, or its original is not kept.
        """
        article = self.article(article_id)
        if version:
            article = self.article_version(article.id, version).article
        place = self.originals.path(article.original)
        if place is None or not place.is_file():
            raise UnknownArticleError(f"the original of “{article.name}” is not kept", hint=ORIGINAL_HINT)
        return Original.of(article, place)

    def removed(self) -> list[tuple[Article, datetime]]:
        """Articles that were removed and can be brought back, each with the moment, latest first."""
        since = self._clock() - self._undo_seconds
        return [(article, at) for article, at in self._catalog.removed() if at.timestamp() > since]

    def articles(self) -> Iterator[Article]:
        """All articles, newest first, those without a date last."""
        return self._catalog.articles()

    def list_articles(self, query: ArticleQuery) -> ArticlePage:
        """A page of the articles, without their texts."""
        return self._catalog.list_articles(query)

    def count_articles(self, query: ArticleQuery) -> ArticleCounts:
        """How the articles of a list are spread over publishers and time."""
        return self._catalog.count_articles(query)

    def sizes(self) -> dict[str, int]:
        """How many bytes the parts of the data folder take."""
        return folder.sizes(self.data_dir)

    def ids(self) -> set[str]:
        """Ids of all articles."""
        return self._catalog.ids()

    def count(self, filters: Filters = Filters()) -> int:
        """How many articles pass the filters."""
        return self._catalog.count(self._as_stored(filters))

    def digests(self, article_ids: Sequence[str], root: str) -> dict[str, str]:
        """Digest of each of these that is in, in for another one of this folder, or removed by hand."""
        held = self._catalog.held_digests(article_ids)
        return held | self._catalog.copy_digests(root) | self._catalog.digests(article_ids)

    def passages(self, passage_ids: Sequence[str]) -> dict[str, tuple[Passage, Article]]:
        """These passages with their articles; those that are gone are left out."""
        return self._catalog.passages(passage_ids)

    def open_indexes(self) -> None:
        """Open the indexes now, and wait for it; missing or damaged ones are rebuilt."""
        self._indexes.open_or_build()

    @property
    def is_dense_open(self) -> bool:
        """Whether Chroma answers dense searches; the catalog does so while a thread opens it."""
        return self._indexes.is_dense_open

    def refresh(self) -> None:
        """See what other processes have written; each search does so, of several at once only one."""
        self._indexes.refresh()

    def embed_query(self, query: str) -> NDArray[np.float32]:
        """Vector of a query: float32, shape (dim,), unit length."""
        return self._cutter.embedder.embed_query(query)

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts: float32, shape (len(texts), dim), rows of unit length."""
        return self._cutter.embedder.embed_passages(texts)

    def dense(self, vector: NDArray[np.float32], k: int, filters: Filters) -> list[tuple[str, float]]:
        """(passage id, cosine similarity), most similar first."""
        return self._indexes.dense(vector, k, self._as_stored(filters))

    def lexical(self, query: str, k: int, filters: Filters) -> list[tuple[str, float]]:
        """(passage id, BM25 score), best first."""
        return self._indexes.lexical(query, k, self._as_stored(filters))

    def similarities(self, vector: NDArray[np.float32], passage_ids: Sequence[str]) -> dict[str, float]:
        """Exact cosine similarity of these passages with a query's vector, from the catalog."""
        found = self._catalog.vectors(passage_ids)
        return {passage_id: float(row @ vector) for passage_id, row in found.items()}

    def article_ids(self, passage_ids: Sequence[str]) -> dict[str, str]:
        """Article of each of these passages; those that are gone, or not ready yet, are left out."""
        return self._catalog.article_ids(passage_ids)

    def groups(self, article_ids: Sequence[str]) -> dict[str, int]:
        """The group of each of these articles that has near copies; those of one group are one source."""
        return self._catalog.groups(article_ids)

    def also_in(self, article_ids: Collection[str]) -> dict[str, tuple[AlsoIn, ...]]:
        """For each of these articles that has near copies: at most `MOST_ALSO_IN` of its group, in order."""
        found = {}
        for article_id, group in self._catalog.groups(article_ids).items():
            members = [i for i in self._catalog.members(group, MOST_ALSO_IN + 1) if i != article_id]
            others = [a for i in members[:MOST_ALSO_IN] if (a := self._catalog.article(i))]
            found[article_id] = tuple(AlsoIn(a.id, a.name, a.source, a.url) for a in others)
        return found

    def document_frequency(self, term: str) -> tuple[int, int]:
        """In how many passages a term occurs, and of how many."""
        return self._indexes.document_frequency(term)

    def _as_stored(self, filters: Filters) -> Filters:
        """The filters with each source as the stores have it: "gazette" becomes ("Gazette", "GAZETTE")."""
        if not filters.sources:
            return filters
        generation = self._catalog.generation()
        if self._sources[0] != generation:
            self._sources = generation, self._catalog.sources()
        wanted = {name.casefold() for name in filters.sources}
        found = sorted(name for name in self._sources[1] if name.casefold() in wanted)
        return replace(filters, sources=tuple(found) or filters.sources)


def check_prefix(article_id: str, command: str = "list") -> None:
    """Raise UnknownArticleError for what is too short to be the beginning of an id."""
    if len(article_id) < MIN_PREFIX_CHARS:
        raise UnknownArticleError(
            f"at least {MIN_PREFIX_CHARS} characters of an id are needed, not {article_id!r}",
            hint=f"List the articles and their ids with `assistant {command}`.",
        )
