"""The pair of indexes of a corpus: opened when they are needed, kept in step with the catalog, built anew.

Indexes live in a folder that the catalog names, so that a new pair is built aside and taken into use by one
transaction. Damaged or missing ones are built anew from the catalog. A search never waits for Chroma, which
takes its time to open: a thread opens it, and the catalog's vectors are compared until then. It knows the
stores and the lock; it does not know how articles are cut or embedded.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import folder
from assistant.corpus.verifying import index_problems
from assistant.errors import CorpusError
from assistant.locking import WriteLock
from assistant.stores import lexical as lexical_store
from assistant.stores import persisting
from assistant.stores import vectors as vector_store
from assistant.stores.catalog import Catalog, Entry
from assistant.stores.lexical import LexicalIndex
from assistant.stores.vectors import VectorIndex
from assistant.types import Filters

logger = logging.getLogger(__name__)

Found = list[tuple[str, float]]
RETRY_SECONDS = 30.0  # after Chroma could not be opened aside, as with a full disk or while others write


@dataclass(frozen=True, slots=True)
class Named:
    """The folders that the catalog names, relative to the data folder; empty if there are none yet."""

    index: str
    dense: str


class Indexes:
    """The dense and the lexical index that the catalog of a data folder names.

    Locks are taken in the order: the write lock, `_opening` (held while Chroma opens, which may take
    seconds), `_state` (held for moments, by searches too).

    Args:
        data_dir: The data folder.
        catalog: Its catalog.
        lock: Held for each write; this class takes it itself where a search has to write.
        check: Raises CorpusError if another process has built the corpus differently.
        batch_passages: About how many passages are written together.
        is_brief: Whether only a question or two will be asked; then the dense index stays shut until
            something is written, and the catalog compares vectors in its place.
        log_records: How long Chroma's log may grow before its index is written to disk anew.
    """

    def __init__(
        self,
        data_dir: Path,
        catalog: Catalog,
        lock: WriteLock,
        check: Callable[[], None],
        *,
        batch_passages: int,
        is_brief: bool,
        log_records: int = persisting.LOG_RECORDS,
    ) -> None:
        self.data_dir = data_dir
        self._catalog, self._lock, self._check = catalog, lock, check
        self._batch_passages, self._is_brief = batch_passages, is_brief
        self._opening, self._state = threading.RLock(), threading.RLock()
        self._refreshing = threading.Lock()
        self._log_records = self._persists_at = log_records
        self._named = Named("", "")  # what is open
        self._distrusted: set[str] = set()
        self._vectors: VectorIndex | None = None
        self._lexical: LexicalIndex | None = None
        self._seen_by_vectors = self._seen_by_lexical = -1  # generations
        self._opener: threading.Thread | None = None
        self._opens_again_at = 0.0

    # -- searching
    # ----------------------------------------------------------------------------------------------

    def dense(self, vector: NDArray[np.float32], k: int, filters: Filters) -> Found:
        """(passage id, cosine similarity), most similar first; filters as the stores have them."""
        self.refresh()
        if not self._is_begun():
            return []
        vectors = None if self._is_brief else self._vectors
        if vectors:
            try:
                return vectors.search(vector, k, filters)
            except CorpusError as exc:
                logger.warning("a dense search failed: %s", exc)
                self._distrust(vectors)
        if not self._is_brief:
            self._open_aside()
        return self._catalog.nearest(vector, k, filters)

    def lexical(self, query: str, k: int, filters: Filters) -> Found:
        """(passage id, BM25 score), best first; filters as the stores have them."""
        self.refresh()
        if not self._is_begun():
            return []
        lexical = self._lexical_index()
        try:
            return lexical.search(query, k, filters)
        except CorpusError as exc:
            logger.warning("a lexical search failed: %s", exc)
            self._distrust(lexical)
        return self._lexical_index().search(query, k, filters)

    @property
    def is_dense_open(self) -> bool:
        """Whether Chroma is open, so that the catalog need not stand in for it."""
        return self._vectors is not None

    def document_frequency(self, term: str) -> tuple[int, int]:
        """In how many passages a term occurs, and of how many."""
        if not self._is_begun():
            return 0, 0
        lexical = self._lexical_index()
        return lexical.document_frequency(term), lexical.count()

    # -- writing
    # ------------------------------------------------------------------------------------------------

    def write(self, entries: Sequence[Entry]) -> None:
        """Bring the indexes up to the catalog for these entries and for all drops, then mark them ready."""
        dense, lexical = self.open_or_build()
        drops = self._catalog.unfinished()[1]
        rows = [(passage, entry.article) for entry in entries for passage in entry.passages]
        try:
            dense.delete(drops)
            if rows:
                dense.upsert(rows, np.concatenate([entry.vectors for entry in entries]))
            lexical.upsert(rows, drop=drops)
        except CorpusError as exc:  # such as what a kill left in an index that we had open
            logger.warning("the indexes are built anew from the catalog: %s", exc)
            self._distrust(dense)
            self.build()
        else:
            self._catalog.finish([entry.article.id for entry in entries], drops)
            self._has_seen_all()
            if dense.log_records >= self._persists_at:
                self._persist(dense)

    def build(self) -> tuple[VectorIndex, LexicalIndex]:
        """Build both indexes aside, from the catalog, and take them into use; the lock is held."""
        with self._opening:
            name = f"{folder.INDEX_PREFIX}{uuid.uuid4().hex[:8]}"
            dense, lexical = self._filled(self.data_dir / name)
            with self._state:
                self._name(name, dense)
                self._catalog.finish(*self._catalog.unfinished())
                self._has_seen_all()
                self._let_go()
                self._vectors, self._lexical = dense, lexical
            folder.discard_other_indexes(self.data_dir, name)
            folder.discard_other_vectors(dense.path)
            return dense, lexical

    def _persist(self, dense: VectorIndex) -> None:
        """Go over to an index on disk that holds all of the log, so that none of it is replayed again.

        Searches go on in the old one meanwhile; the lock is held.
        """
        with self._opening:
            if 5 * persisting.records_to_forget(dense.path) > dense.count():
                self.build()  # what is forgotten stays in the graph, and makes it slow and inexact
                return
            persisted = self._persisted(dense)
            if persisted is dense:
                return
            with self._state:
                self._name(self._named.index, persisted)
                self._catalog.finish([], [])  # so that other processes look again
                self._has_seen_all()
                self._vectors = persisted
                dense.close()
            folder.discard_other_vectors(persisted.path)

    def _persisted(self, dense: VectorIndex) -> VectorIndex:
        """An index of the same passages that is on disk, beside this one; this one itself if that fails."""
        path = dense.path.with_name(f"{folder.DENSE_NAME}-{uuid.uuid4().hex[:8]}")
        try:
            persisting.persist(dense.path, path)
            persisted = VectorIndex(path)
            persisted.load()
        except CorpusError as exc:  # such as a full disk: the log holds everything, and goes on growing
            logger.warning("Chroma's index is not written to disk: %s", exc)
            self._persists_at = dense.log_records + self._log_records
            return dense
        self._persists_at = self._log_records
        return persisted

    def _name(self, index: str, dense: VectorIndex) -> None:
        self._named = Named(index, dense.path.relative_to(self.data_dir).as_posix())
        self._catalog.set_meta({"index": index, "dense": self._named.dense})

    def named(self) -> Named:
        """The folders that the catalog names now."""
        meta = self._catalog.meta()
        index, dense = meta.get("index", ""), meta.get("dense", "")
        is_of_it = index and dense.startswith(f"{index}/")
        return Named(index, dense if is_of_it else f"{index}/{folder.DENSE_NAME}")

    def compact(self) -> None:
        """Leave no trace in the files of passages that are gone; the lock is held.

        Chroma's log is freed of them, tantivy's segments are written anew if one holds any. From Chroma's
        index files nothing can be taken away: if they hold some, both indexes are built anew.
        """
        if not self.named().index:
            return
        _, lexical = self.open_or_build()
        with self._opening:
            self._let_go()  # an open Chroma holds its log
            dense = self.data_dir / self.named().dense
            if persisting.is_persisted(dense) and persisting.records_to_forget(dense):
                self.build()
                return
            if lexical.holds_forgotten():
                lexical.rewrite(
                    (passage, entry.article)
                    for entry in self._catalog.entries()
                    for passage in entry.passages
                )
            vector_store.compact(dense, self._catalog.passage_ids())

    def refresh(self) -> None:
        """See what another process has written since the last search.

        If another thread is at it, nothing is waited for: it may itself wait for a writer.
        """
        generation = self._catalog.generation()
        if self._has_seen(generation) or not self._is_begun():
            return
        if self._refreshing.acquire(blocking=False):
            try:
                self._refresh(generation)
            finally:
                self._refreshing.release()

    def _has_seen(self, generation: int) -> bool:
        with self._state:
            lexical_is = not self._lexical or self._seen_by_lexical == generation
            return lexical_is and (not self._vectors or self._seen_by_vectors == generation)

    def _has_seen_all(self) -> None:
        self._seen_by_vectors = self._seen_by_lexical = self._catalog.generation()

    def _refresh(self, generation: int) -> None:
        self.follow()
        if lexical := self._lexical:
            lexical.refresh()
            self._seen_by_lexical = generation
        if (vectors := self._vectors) and self._seen_by_vectors != generation:
            with self._lock.held_if_free() as is_held:
                if is_held:  # else a writer is at work, and we look again at the next search
                    self._touch(vectors)
                    self._seen_by_vectors = generation

    def follow(self) -> None:
        """Let go of indexes that another process has replaced; refuse a corpus that it built differently."""
        self._check()
        self._let_go_of_replaced()

    def _let_go_of_replaced(self) -> None:
        with self._state:
            if self._named != self.named():
                self._let_go()

    def open_or_build(self) -> tuple[VectorIndex, LexicalIndex]:
        """The two indexes, opened when they are first needed; missing or damaged ones are built anew."""
        self._catalog.check_open()
        with suppress(CorpusError):
            return self._open()
        # The lock first, as a writer takes them, or the two wait for each other.
        with self._lock.held(), self._opening:
            try:
                return self._open()
            except CorpusError as exc:
                if self._is_begun():
                    logger.warning("the indexes are built anew from the catalog: %s", exc)
                return self.build()

    def _open(self) -> tuple[VectorIndex, LexicalIndex]:
        """Open the indexes that the catalog names; raises CorpusError if they are damaged."""
        with self._opening:
            self._let_go_of_replaced()
            lexical = self._open_lexical()
            vectors = self._vectors
            if not vectors:
                generation, named = self._catalog.generation(), self._named
                if reason := self._damage(named):
                    raise CorpusError(reason)
                vectors = VectorIndex(self.data_dir / named.dense)
                try:
                    vectors.load()
                    self._install(vectors, named, generation)
                except CorpusError:
                    vectors.close()
                    raise
            return vectors, lexical

    def _install(self, vectors: VectorIndex, named: Named, generation: int) -> None:
        with self._state:
            if named != self.named():  # raises if the catalog was closed
                raise CorpusError(f"{named.dense} was replaced while it was opened")
            self._vectors, self._seen_by_vectors = vectors, generation

    def _open_lexical(self) -> LexicalIndex:
        """Open the lexical index by itself; raises CorpusError if it is missing or damaged."""
        with self._state:
            if self._lexical is None:
                generation, named = self._catalog.generation(), self.named()
                if reason := self._lexical_damage(named.index):
                    raise CorpusError(reason)
                self._lexical = LexicalIndex(self.data_dir / named.index / "lexical")
                self._named, self._seen_by_lexical = named, generation
            return self._lexical

    def _open_aside(self) -> None:
        """Have Chroma opened by a thread of its own, unless one is at it or has just failed."""
        with self._state:
            is_running = self._opener and self._opener.is_alive()
            if not is_running and not self._vectors and time.monotonic() >= self._opens_again_at:
                self._opens_again_at = time.monotonic() + RETRY_SECONDS
                self._opener = threading.Thread(target=self._try_to_open, name="opens Chroma")
                self._opener.start()

    def _try_to_open(self) -> None:
        try:
            self.open_or_build()
            self._opens_again_at = 0.0
        except CorpusError as exc:
            if not self._catalog.is_closed:
                logger.warning("the dense index is not open, the catalog is searched in its place: %s", exc)

    def close(self) -> None:
        """Let go of the indexes, once a thread that opens them has done so; they may be opened again."""
        self._let_go()
        if self._opener:
            self._opener.join()
        self._let_go()

    def _let_go(self) -> None:
        with self._state:
            if self._vectors:
                self._vectors.close()
            self._vectors = self._lexical = None

    def problems(self) -> list[str]:
        """Where the indexes do not hold what the catalog does, in words; empty if they agree with it."""
        named = self.named()
        if not named.index and not self._catalog.count():
            return []
        if reason := self._damage(named) or lexical_store.damage(self.data_dir / named.index / "lexical"):
            return [f"indexes: {reason}"]
        try:
            indexes = self._open()
            self.refresh()
            return index_problems(self._catalog, *indexes)
        except CorpusError as exc:
            return [f"indexes: {exc}"]

    # -- private
    # ------------------------------------------------------------------------------------------------

    def _is_begun(self) -> bool:
        """Whether there are indexes: the first write makes them before its articles are ready."""
        return bool(self._named.index or self.named().index)

    def _distrust(self, failed: VectorIndex | LexicalIndex) -> None:
        """Let go of indexes that failed, and not open them again: Chroma waits for its own failed writes."""
        with self._state:
            if failed in (self._vectors, self._lexical):  # else another thread has replaced them
                self._distrusted.add(self._named.index)
                self._let_go()

    def _touch(self, dense: VectorIndex) -> None:
        """Write one passage again: an open Chroma takes in other processes' writes with its own next one."""
        for entry in self._catalog.entries():
            if entry.passages:
                dense.upsert([(entry.passages[0], entry.article)], entry.vectors[:1])
                return

    def _lexical_index(self) -> LexicalIndex:
        with suppress(CorpusError):
            return self._open_lexical()
        return self.open_or_build()[1]

    def _damage(self, named: Named) -> str | None:
        return self._lexical_damage(named.index) or vector_store.damage(self.data_dir / named.dense)

    def _lexical_damage(self, name: str) -> str | None:
        if not name:
            return "there is no index yet"
        if name in self._distrusted:
            return "a search or a write in them has failed"
        is_there = (self.data_dir / name / "lexical" / "meta.json").is_file()
        return None if is_there else "the lexical index is missing"

    def _filled(self, path: Path) -> tuple[VectorIndex, LexicalIndex]:
        """Two new indexes of all that the catalog holds; nothing is left of them if that fails."""
        dense: VectorIndex | None = None
        try:
            lexical, dense = LexicalIndex(path / "lexical"), VectorIndex(path / folder.DENSE_NAME)
            for entries in _batched(self._catalog.entries(), self._batch_passages * 4):
                rows = [(passage, entry.article) for entry in entries for passage in entry.passages]
                if rows:
                    dense.upsert(rows, np.concatenate([entry.vectors for entry in entries if entry.passages]))
                    lexical.upsert(rows)
                if dense.log_records >= self._persists_at:
                    old, dense = dense, self._persisted(dense)
                    if dense is not old:
                        old.close()
                        shutil.rmtree(old.path, ignore_errors=True)
        except CorpusError:
            if dense:
                dense.close()
            shutil.rmtree(path, ignore_errors=True)
            raise
        return dense, lexical


def _batched(entries: Iterable[Entry], max_passages: int) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        if sum(len(e.passages) for e in batch) >= max_passages:
            yield batch
            batch = []
    if batch:
        yield batch
