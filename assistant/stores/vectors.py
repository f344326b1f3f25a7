"""The dense index: Chroma, embedded. The only module that imports chromadb.

It holds ids, vectors and the fields that searches filter by, never a word of an article. Chroma's own index
files are not crash-safe while its log is, so none is written here (`SYNC_THRESHOLD`): what `persisting` has
not written into a copy is replayed from the log when the folder is opened. A distance becomes a similarity
here and nowhere else.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import CorpusError
from assistant.stores import index_hint, persisting
from assistant.stores.persisting import COLLECTION, DATABASE, SYNC_THRESHOLD
from assistant.types import Article, Filters, Passage

logger = logging.getLogger(__name__)

MAX_BATCH = 5000  # records of one call; Chroma's own limit is 5,461
SEARCH_EF = 200  # candidates that the graph search keeps, at least the depth of a search
NEIGHBORS = 24  # of a vector in the graph; of graphs with 16, one in seven cut a vector off (docs/log.md)


class VectorIndex:
    """A folder with one Chroma collection, opened or created.

    Args:
        path: The folder.

    Raises:
        CorpusError: If Chroma cannot open it.
    """

    def __init__(self, path: Path) -> None:
        import chromadb

        self.path = path
        self._is_wiped = persisting.is_persisted(path)  # then nothing is laid out, and all is read
        graph = {"space": "cosine", "max_neighbors": NEIGHBORS, "ef_search": SEARCH_EF}
        configuration: Any = {"hnsw": graph | {"sync_threshold": SYNC_THRESHOLD}}
        self._is_closed = False
        with self._mapped_errors():
            path.mkdir(parents=True, exist_ok=True)
            # Asked before Chroma opens it: SQLite's locks do not hold between two copies of it in a process.
            self.log_records = persisting.records_in_log(path) if (path / DATABASE).exists() else 0
            self._client: Any = chromadb.PersistentClient(str(path))
            self._collection: Any = self._client.get_or_create_collection(
                COLLECTION, configuration=configuration, embedding_function=None
            )

    def load(self) -> None:
        """Read the log and build the graph that is searched, which the first search would wait for."""
        with self._mapped_errors():
            self._collection.get(limit=1, include=["embeddings"])
        self._wipe()

    def upsert(self, passages: Sequence[tuple[Passage, Article]], vectors: NDArray[np.float32]) -> None:
        """Add passages; of those that are there, only the fields to filter by are written again.

        An id stands for a text and so for a vector, and writing a vector over itself can cut others off from
        the graph that is searched, even in a graph of twenty.

        Args:
            passages: The passages with their articles.
            vectors: float32, shape (len(passages), dim), rows of unit length.
        """
        for part in _parts(len(passages)):
            with self._mapped_errors():
                ids = [passage.id for passage, _ in passages[part]]
                fields = [_fields(article) for _, article in passages[part]]
                known = set(self._collection.get(ids=ids, include=[])["ids"])
                old = [n for n, passage_id in enumerate(ids) if passage_id in known]
                new = [n for n, passage_id in enumerate(ids) if passage_id not in known]
                self.log_records += len(ids)
                if old:
                    self._collection.update(ids=[ids[n] for n in old], metadatas=[fields[n] for n in old])
                if new:  # `add` leaves alone what is there after all, where `upsert` would write it again
                    self._collection.add(
                        ids=[ids[n] for n in new],
                        embeddings=vectors[part][new],
                        metadatas=[fields[n] for n in new],
                    )
        self._wipe()

    def delete(self, passage_ids: Sequence[str]) -> None:
        """Forget passages; unknown ids are ignored."""
        for part in _parts(len(passage_ids)):
            with self._mapped_errors():
                self.log_records += len(passage_ids[part])
                self._collection.delete(ids=list(passage_ids[part]))

    def search(
        self, vector: NDArray[np.float32], k: int, filters: Filters = Filters()
    ) -> list[tuple[str, float]]:
        """Find the nearest passages.

        Args:
            vector: float32, shape (dim,), unit length.
            k: Most passages to return.
            filters: Which articles may be looked at.

        Returns:
            (passage id, cosine similarity in [-1, 1]), most similar first; near the exact order, as HNSW
            finds it.
        """
        with self._mapped_errors():
            found = self._collection.query(
                query_embeddings=vector[None, :], n_results=k, where=_where(filters), include=["distances"]
            )
        self._wipe()
        distances = (found["distances"] or [[]])[0]
        # A distance is rounded, so that it may lie a little outside [0, 2].
        similarities = (max(-1.0, min(1.0, 1.0 - float(distance))) for distance in distances)
        return list(zip(found["ids"][0], similarities, strict=True))

    def vectors(self, passage_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Vector of each of these passages that is held: float32, shape (dim,), unit length."""
        found: dict[str, NDArray[np.float32]] = {}
        for part in _parts(len(passage_ids)):
            with self._mapped_errors():
                held = self._collection.get(ids=list(passage_ids[part]), include=["embeddings"])
            found.update(zip(held["ids"], np.asarray(held["embeddings"], np.float32), strict=True))
        return found

    def count(self) -> int:
        """How many passages the index holds."""
        with self._mapped_errors():
            return int(self._collection.count())

    def ids(self) -> set[str]:
        """Ids of all passages in the index."""
        with self._mapped_errors():
            return set(self._collection.get(include=[])["ids"])

    def close(self) -> None:
        """Release the folder."""
        self._is_closed = True
        self._client.close()

    def _wipe(self) -> None:
        """Empty the files that Chroma lays out at its first use and, with our threshold, never reads.

        They are written from memory that was not cleared: words of articles have been found in both.
        """
        if not self._is_wiped:
            with suppress(OSError):
                for file in [*self.path.glob("*/data_level0.bin"), *self.path.glob("*/length.bin")]:
                    os.truncate(file, 0)
                    self._is_wiped = True

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        import chromadb.errors

        try:
            yield
        except (chromadb.errors.ChromaError, sqlite3.Error, OSError, RuntimeError) as exc:
            raise CorpusError(f"{self.path}: {exc}", hint=index_hint(exc)) from exc
        except AttributeError as exc:  # what Chroma says when another thread has closed it
            if not self._is_closed:
                raise
            raise CorpusError(f"{self.path} was closed") from exc


def damage(path: Path) -> str | None:
    """Say what is wrong with a folder before Chroma is asked to open it, or None.

    Reads the files with the standard library only: Chroma may end the process on a damaged index file.
    """
    database = path / DATABASE
    if not database.is_file():
        return f"{DATABASE} is missing"
    if reason := persisting.damage(path):
        return reason
    try:
        # Not read-only: SQLite may have to undo the write that a crash cut off before it can read.
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as db:
            found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            db.execute("SELECT count(*) FROM embeddings_queue").fetchone()
    except sqlite3.Error as exc:
        return str(exc)
    return None if found == "ok" else str(found)


def compact(path: Path, passage_ids: Collection[str]) -> None:
    """Leave no trace of other passages than these in a folder that nobody in this process has open.

    Chroma keeps what it was told of a passage in its log, the vector included, also after it was told to
    forget it; index files may, too (`persisting.records_to_forget`), and are left alone. The log's last
    record stays, since its number must not be given out again; it holds no vector of a forgotten passage, for
    the forgetting came later.

    Args:
        path: The folder.
        passage_ids: Of all passages that are in use.

    Raises:
        CorpusError: If the files cannot be written.
    """
    database = path / DATABASE
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as db:
            db.execute("CREATE TEMP TABLE used (id TEXT PRIMARY KEY)")
            db.executemany("INSERT OR IGNORE INTO used VALUES (?)", [(i,) for i in passage_ids])
            last = "(SELECT max(seq_id) FROM embeddings_queue)"
            db.execute(
                f"DELETE FROM embeddings_queue WHERE id NOT IN (SELECT id FROM used) AND seq_id < {last}"
            )
            db.commit()
            db.execute("VACUUM")
    except sqlite3.Error as exc:
        raise CorpusError(f"{path}: {exc}", hint=index_hint(exc)) from exc


def _fields(article: Article) -> dict[str, str | int]:
    day = article.published
    published = day.year * 10_000 + day.month * 100 + day.day if day else 0
    return {"article_id": article.id, "source": article.source, "published": published}


def _where(filters: Filters) -> Any:
    conditions: list[dict[str, Any]] = []
    for day, sign in ((filters.published_from, "$gte"), (filters.published_to, "$lte")):
        if day:
            conditions.append({"published": {sign: day.year * 10_000 + day.month * 100 + day.day}})
    if filters.published_to and not filters.published_from:
        conditions.append({"published": {"$gt": 0}})  # unknown dates are stored as 0
    if filters.sources:
        conditions.append({"source": {"$in": list(filters.sources)}})
    if filters.article_ids:
        conditions.append({"article_id": {"$in": list(filters.article_ids)}})
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else {"$and": conditions}


def _parts(count: int) -> Iterator[slice]:
    for first in range(0, count, MAX_BATCH):
        yield slice(first, first + MAX_BATCH)
