"""The corpus: articles go in, passages can be found, and the three stores stay in step.

Order of a write: the catalog takes articles, passages and vectors in one transaction and marks them pending;
the indexes take the passages; the catalog marks the articles ready. Only ready articles are found. Whatever a
crash leaves pending is finished at the next start, from the catalog alone. Indexes live in a folder that the
catalog names, so that a new one is built aside and taken into use by one transaction.

It knows stores, chunking and an embedder; it does not know files, questions or how hits are ranked.
"""

from __future__ import annotations

import json
import logging
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import chunking
from assistant.errors import CorpusError, IndexMismatchError, UnknownArticleError
from assistant.ingest import Ingest, OnProgress, place
from assistant.locking import WAIT_SECONDS, WriteLock
from assistant.models import Embedder
from assistant.settings import ChunkingSettings
from assistant.stores import lexical as lexical_store
from assistant.stores import vectors as vector_store
from assistant.stores.catalog import Catalog, Entry
from assistant.stores.lexical import LexicalIndex
from assistant.stores.vectors import VectorIndex
from assistant.types import Article, Failure, Filters, IngestReport, Passage, Progress, VerifyReport

logger = logging.getLogger(__name__)

CATALOG_NAME = "catalog.sqlite"
INDEX_PREFIX = "index-"
STAGING_NAME = "rebuild"
LOCK_NAME = "write.lock"
BATCH_PASSAGES = (
    256  # embedded and written together: about ten seconds of work on two cores, lost at most by a kill
)
EMBED_PASSAGES = 64  # between two reports of progress
CHUNKER_VERSION = 2  # raise it when `chunking.split` cuts differently
MIN_PREFIX_CHARS = 6  # of an id; shorter ones are typing errors
PROBES = 50  # vectors that `verify` asks the dense index for


class Corpus:
    """The articles of one data folder, opened or created.

    Args:
        data_dir: The folder; made if it is missing.
        embedder: Turns passages into vectors.
        chunking_settings: How articles are cut.
        batch_passages: About how many passages are written together; what a kill can lose at most.
        wait_seconds: How long a write waits for another process's one.
        is_brief: Whether only a question or two will be asked. Then a dense search compares all vectors of
            the catalog, which takes 40 ms for 20,000, and the dense index, which takes seconds to open, stays
            shut until something is written.

    Raises:
        IndexMismatchError: If the corpus was built with another model or chunking.
        CorpusError: If the folder cannot be read or written, or the catalog is damaged.
    """

    def __init__(
        self,
        data_dir: Path,
        embedder: Embedder,
        chunking_settings: ChunkingSettings,
        *,
        batch_passages: int = BATCH_PASSAGES,
        wait_seconds: float = WAIT_SECONDS,
        is_brief: bool = False,
    ) -> None:
        data_dir = data_dir.resolve()  # the working folder may change while the corpus is open
        self.data_dir = data_dir
        self._embedder, self._chunking = embedder, chunking_settings
        self._batch_passages = batch_passages
        self._is_brief = is_brief
        self._opening = threading.RLock()
        _make_folder(data_dir)
        self.lock = WriteLock(data_dir / LOCK_NAME, wait_seconds=wait_seconds)
        self._catalog = Catalog(data_dir / CATALOG_NAME)
        try:
            self._check_fingerprint()
        except CorpusError:
            self._catalog.close()
            raise
        self._seen_generation = -1
        self._sources: tuple[int, set[str]] = -1, set()  # of a generation of the catalog
        self._index_name = ""
        self._distrusted: set[str] = set()
        self._vectors: VectorIndex | None = None
        self._lexical: LexicalIndex | None = None
        with self.lock.held_if_free() as is_held:
            if is_held:
                self._tidy()
                self._recover_if_possible()

    def close(self) -> None:
        """Release the files; all that is asked for later is an error."""
        self._catalog.close()
        self._close_indexes()

    # -- reading
    # ------------------------------------------------------------------------------------------------

    def article(self, article_id: str) -> Article:
        """Find an article by its id.

        Args:
            article_id: The id, or its first six characters or more, if no other id begins so.

        Returns:
            The article, as it stands in the corpus now.

        Raises:
            UnknownArticleError: If there is none, or more than one.
        """
        is_beginning = len(article_id) >= MIN_PREFIX_CHARS and article_id.isascii()
        ids = self._catalog.ids_starting_with(article_id) if is_beginning else []
        found = self._catalog.article(ids[0]) if len(ids) == 1 else None
        if found is None:
            problem = "more than one article has an id that starts with" if ids else "no article has the id"
            raise UnknownArticleError(f"{problem} {article_id!r}")
        return found

    def articles(self) -> Iterator[Article]:
        """All articles, newest first, those without a date last."""
        return self._catalog.articles()

    def ids(self) -> set[str]:
        """Ids of all articles."""
        return self._catalog.ids()

    def count(self, filters: Filters = Filters()) -> int:
        """How many articles pass the filters."""
        return self._catalog.count(self._as_stored(filters))

    def passages(self, passage_ids: Sequence[str]) -> dict[str, tuple[Passage, Article]]:
        """These passages with their articles; those that are gone are left out."""
        return self._catalog.passages(passage_ids)

    def open_indexes(self) -> None:
        """Open the indexes now instead of at the first search; missing or damaged ones are rebuilt."""
        self._indexes()

    def embed_query(self, query: str) -> NDArray[np.float32]:
        """Vector of a query: float32, shape (dim,), unit length."""
        return self._embedder.embed_query(query)

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts: float32, shape (len(texts), dim), rows of unit length."""
        return self._embedder.embed_passages(texts)

    def dense(self, vector: NDArray[np.float32], k: int, filters: Filters) -> list[tuple[str, float]]:
        """(passage id, cosine similarity), most similar first."""
        exact = self._as_stored(filters)
        if self._is_brief:
            self._refresh()
            return self._catalog.nearest(vector, k, exact)
        return self._search(lambda dense, _: dense.search(vector, k, exact))

    def lexical(self, query: str, k: int, filters: Filters) -> list[tuple[str, float]]:
        """(passage id, BM25 score), best first."""
        exact = self._as_stored(filters)
        if self._is_brief:
            self._refresh()
            with suppress(CorpusError):  # no index, or a damaged one, which is built anew below
                return self._open_lexical().search(query, k, exact)
        return self._search(lambda _, lexical: lexical.search(query, k, exact))

    def similarities(self, vector: NDArray[np.float32], passage_ids: Sequence[str]) -> dict[str, float]:
        """Exact cosine similarity of these passages with a query's vector, from the catalog."""
        found = self._catalog.vectors(passage_ids)
        return {passage_id: float(row @ vector) for passage_id, row in found.items()}

    def article_ids(self, passage_ids: Sequence[str]) -> dict[str, str]:
        """Article of each of these passages; those that are gone, or not ready yet, are left out."""
        return self._catalog.article_ids(passage_ids)

    def document_frequency(self, term: str) -> tuple[int, int]:
        """In how many passages a term occurs, and of how many."""
        if not self._is_begun():
            return 0, 0
        lexical = self._lexical_index()
        return lexical.document_frequency(term), lexical.count()

    # -- writing
    # ------------------------------------------------------------------------------------------------

    def add(
        self,
        items: Iterable[Article | Failure],
        *,
        root: str | None = None,
        total: int | None = None,
        on_progress: OnProgress | None = None,
        joins_copies: bool = True,
    ) -> IngestReport:
        """Add articles, or replace their earlier versions; unchanged ones cost nothing.

        An article that came before in the same items, with other content, is a failure. One that is in the
        corpus already, the same in all but its root and path, is not stored again but noted, and takes the
        place of the stored one should that be removed with its file.

        Args:
            items: Articles, and what could not be read, which is passed on into the report.
            root: If given, the items are all that this folder holds: its other articles are removed.
            total: How many items there will be, for the progress.
            on_progress: Called after each batch.
            joins_copies: Whether equal articles of two places become one.

        Returns:
            What was done. An article is named in it only once it is wholly in.

        Raises:
            CorpusBusyError: If another process is writing.
            CorpusError: If the stores cannot be written; all that was reported before is kept.
        """
        with self._writing():
            ingest = Ingest(self, total, on_progress, joins_copies=joins_copies)
            for item in items:
                ingest.take(item)
            ingest.flush()
            if root is not None:
                ingest.removed = self._remove_vanished(root, ingest)
            return ingest.report()

    def remove(self, article_id: str) -> Article:
        """Remove an article; it is not found any more when this returns.

        Args:
            article_id: Its id, or the beginning of it as for `article`.

        Returns:
            The article that was removed.

        Raises:
            UnknownArticleError: If there is none.
        """
        with self._writing():
            article = self.article(article_id)
            self._delete([article.id])
            return article

    def verify(self, *, repair: bool = False, on_progress: OnProgress | None = None) -> VerifyReport:
        """Check that every article is as it was added, and that the indexes hold and find all passages.

        Args:
            repair: Whether to cut articles anew that lack passages, and to rebuild indexes from the catalog
                if they do not agree with it.
            on_progress: Called after each article.

        Returns:
            What is wrong; what was wrong and is repaired.
        """
        with self.lock.held():
            self._follow()
            problems = self._catalog.problems()
            index_problems: list[str] = []
            repaired: list[str] = []
            if not problems:
                problems, badly_cut = self._check_articles(on_progress)
                if repair and badly_cut:
                    self._cut_anew(badly_cut)
                    repaired, badly_cut = list(badly_cut.values()), {}
                problems += badly_cut.values()
                index_problems = self._index_problems()
            if repair and index_problems:
                self._build_indexes()
                repaired, index_problems = [*repaired, *index_problems], self._index_problems()
            ready = self._catalog.passage_ids()
            report = (*problems, *index_problems)
            return VerifyReport(self._catalog.count(), len(ready), report, tuple(repaired))

    # -- private: used by Ingest
    # --------------------------------------------------------------------------------

    def unchanged(self, articles: Sequence[Article]) -> set[str]:
        """Ids of those that are in the corpus exactly like this."""
        digests = self._catalog.digests([article.id for article in articles])
        return {article.id for article in articles if digests.get(article.id) == article.digest}

    def known(self, article_ids: Sequence[str]) -> set[str]:
        """Those of the ids that are in the corpus, in whatever version."""
        return set(self._catalog.digests(article_ids))

    def twins(self, articles: Sequence[Article]) -> dict[str, Article]:
        """For the id of each of these that the corpus holds at another place: the article there."""
        return {article.id: twin for article in articles if (twin := self._catalog.twin(article))}

    def join(self, copies: Sequence[tuple[Article, Article]]) -> None:
        """Let the second of each pair stand for the first, and forget what the first was before."""
        if replaced := self.known([copy.id for copy, _ in copies]):
            self.bequeath(replaced)
            self._delete(sorted(replaced))
        self._catalog.note_copies(copies)

    def bequeath(self, article_ids: Iterable[str]) -> None:
        """Store articles that are about to go, or to change, at another place that holds them, if one does.

        The same file reached through another folder is no other place.
        """
        for entry in filter(None, map(self._catalog.entry, article_ids)):
            article = entry.article
            heirs = [replace(article, root=r, path=p) for r, p in self._catalog.copies(article.id)]
            heirs = [heir for heir in heirs if place(heir) != place(article)]
            if heirs:
                passages = tuple(replace(passage, article_id=heirs[0].id) for passage in entry.passages)
                heir = Entry(heirs[0], passages, entry.vectors)
                self._catalog.put([heir])
                self._index([heir])
                self._catalog.note_copies([(other, heirs[0]) for other in heirs[1:]])

    def write(
        self, articles: Sequence[Article], *, on_embedded: Callable[[int], None] = lambda _count: None
    ) -> None:
        """Write articles into all three stores.

        Args:
            articles: Articles with different ids, each with text.
            on_embedded: Told how many more passages were embedded.
        """
        cut = [(article, self._split(article)) for article in articles]
        vectors = self._vectors_for(cut, on_embedded)
        entries = []
        for article, passages in cut:
            rows = np.stack([vectors[passage.embedded_text] for passage in passages])
            entries.append(Entry(article, passages, rows))
        self._catalog.put(entries)
        self._index(entries)

    @property
    def batch_chars(self) -> int:
        """Characters of text that are written together."""
        return (
            self._batch_passages * self._chunking.max_passage_chars * 7 // 10
        )  # passages are about 70 % full

    # -- private
    # --------------------------------------------------------------------------------------------------

    def _split(self, article: Article) -> tuple[Passage, ...]:
        sizes = self._chunking
        return chunking.split(
            article, max_passage_chars=sizes.max_passage_chars, overlap_sentences=sizes.overlap_sentences
        )

    def _vectors_for(
        self, cut: Sequence[tuple[Article, tuple[Passage, ...]]], on_embedded: Callable[[int], None]
    ) -> dict[str, NDArray[np.float32]]:
        """A vector for each embedded text; what an earlier version had already is taken from there."""
        vectors: dict[str, NDArray[np.float32]] = {}
        for article, _ in cut:
            if earlier := self._catalog.entry(article.id):
                texts = (passage.embedded_text for passage in earlier.passages)
                vectors.update(zip(texts, earlier.vectors, strict=True))
        texts_needed = dict.fromkeys(passage.embedded_text for _, passages in cut for passage in passages)
        missing = sorted((text for text in texts_needed if text not in vectors), key=len)  # less padding
        for first in range(0, len(missing), EMBED_PASSAGES):
            part = missing[first : first + EMBED_PASSAGES]
            vectors.update(zip(part, self._embedder.embed_passages(part), strict=True))
            on_embedded(len(part))
        return vectors

    def _index(self, entries: Sequence[Entry]) -> None:
        """Bring the indexes up to the catalog for these entries and for all drops, then mark them ready."""
        dense, lexical = self._indexes()
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
            self._build_indexes()
        else:
            self._catalog.finish([entry.article.id for entry in entries], drops)
            self._seen_generation = self._catalog.generation()

    def _delete(self, article_ids: Sequence[str]) -> None:
        self._catalog.delete(article_ids)
        self._index([])

    def _remove_vanished(self, root: str, ingest: Ingest) -> tuple[str, ...]:
        """Remove what the folder no longer holds; a file that could not be read keeps its earlier version."""
        paths = self._catalog.ids_of_root(root)
        gone = [i for i, path in paths.items() if i not in ingest.seen and not ingest.has_failed(path)]
        names = tuple(article.name for i in gone if (article := self._catalog.article(i)))
        copies = self._catalog.copies_of_root(root)
        self._catalog.forget_copies(
            i for i, path in copies.items() if i not in ingest.seen and not ingest.has_failed(path)
        )
        if gone:
            self.bequeath(gone)
            self._delete(gone)
        return names

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the lock over a corpus that is as the last writer left it, whichever process that was."""
        with self.lock.held():
            self._follow()
            self._recover()
            yield

    def _tidy(self) -> None:
        """Discard what a crash left: indexes that the catalog does not name, a finished rebuild."""
        name = self._catalog.meta().get("index", "")
        staging = self.data_dir / STAGING_NAME
        if name:
            _discard_other_indexes(self.data_dir, name)
            with suppress(
                CorpusError
            ):  # a rebuild's catalog that cannot be read is the next rebuild's business
                if staging.is_dir() and _index_name(staging) == name:
                    shutil.rmtree(staging, ignore_errors=True)

    def _recover_if_possible(self) -> None:
        try:
            self._recover()
        except CorpusError as exc:  # such as a full disk: what is ready can be searched all the same
            logger.warning("what the last run left unfinished stays so until the next write: %s", exc)

    def _recover(self) -> None:
        """Finish what a crash left pending; the lock is held."""
        pending, drops = self._catalog.unfinished()
        if not pending and not drops:
            return
        logger.info("finishing %d articles that were being written when the last run ended", len(pending))
        for first in range(0, len(pending), 50):
            entries = [entry for i in pending[first : first + 50] if (entry := self._catalog.entry(i))]
            self._index(entries)
        if not pending:
            self._index([])

    def _refresh(self) -> None:
        """See what another process has written since the last search."""
        generation = self._catalog.generation()
        if generation == self._seen_generation or not self._is_begun():
            return
        self._follow()
        if self._is_brief:
            if self._lexical:
                self._lexical.refresh()
            self._seen_generation = generation
            return
        dense, lexical = self._indexes()
        lexical.refresh()
        with self.lock.held_if_free() as is_held:
            if is_held:  # else a writer is at work, and we look again at the next search
                self._touch(dense)
                self._seen_generation = generation

    def _follow(self) -> None:
        """Let go of indexes that another process has replaced; refuse a corpus that it built differently."""
        self._check_fingerprint()
        if self._index_name != self._catalog.meta().get("index", ""):
            self._close_indexes()

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

    def _is_begun(self) -> bool:
        """Whether there are indexes: the first write makes them before its articles are ready."""
        return bool(self._index_name or self._catalog.meta().get("index"))

    def _search(
        self, search: Callable[[VectorIndex, LexicalIndex], list[tuple[str, float]]]
    ) -> list[tuple[str, float]]:
        """Search the indexes, and if they fail, once more in ones that are built anew."""
        self._refresh()
        if not self._is_begun():
            return []
        dense, lexical = self._indexes()
        try:
            return search(dense, lexical)
        except CorpusError as exc:
            logger.warning("a search failed: %s", exc)
            self._distrust(dense)
        return search(*self._indexes())

    def _distrust(self, failed: VectorIndex) -> None:
        """Let go of indexes that failed, and not open them again: Chroma waits for its own failed writes."""
        with self._opening:
            if self._vectors is failed:  # else another thread has replaced them
                self._distrusted.add(self._index_name)
                self._close_indexes()

    def _touch(self, dense: VectorIndex) -> None:
        """Write one passage again: an open Chroma takes in other processes' writes with its own next one."""
        for entry in self._catalog.entries():
            if entry.passages:
                dense.upsert([(entry.passages[0], entry.article)], entry.vectors[:1])
                return

    def _indexes(self) -> tuple[VectorIndex, LexicalIndex]:
        """The two indexes, opened when they are first needed; missing or damaged ones are built anew."""
        self._catalog.check_open()
        with suppress(CorpusError):
            return self._open_indexes()
        # The lock first, as a writer takes them, or the two wait for each other.
        with self.lock.held(), self._opening:
            try:
                return self._open_indexes()
            except CorpusError as exc:
                if self._is_begun():
                    logger.warning("the indexes are built anew from the catalog: %s", exc)
                return self._build_indexes()

    def _open_indexes(self) -> tuple[VectorIndex, LexicalIndex]:
        """Open the indexes that the catalog names; raises CorpusError if they are damaged."""
        with self._opening:
            if self._vectors is None or self._lexical is None:
                generation = self._catalog.generation()
                name = self._catalog.meta().get("index", "")
                if reason := self._damage(name):
                    raise CorpusError(reason)
                folder = self.data_dir / name
                self._lexical, self._vectors = LexicalIndex(folder / "lexical"), VectorIndex(folder / "dense")
                self._index_name, self._seen_generation = name, generation
            return self._vectors, self._lexical

    def _lexical_index(self) -> LexicalIndex:
        if self._is_brief:
            with suppress(CorpusError):
                return self._open_lexical()
        return self._indexes()[1]

    def _open_lexical(self) -> LexicalIndex:
        """Open the lexical index by itself; raises CorpusError if it is missing or damaged."""
        with self._opening:
            if self._lexical is None:
                generation = self._catalog.generation()
                name = self._catalog.meta().get("index", "")
                if reason := self._lexical_damage(name):
                    raise CorpusError(reason)
                self._lexical = LexicalIndex(self.data_dir / name / "lexical")
                self._index_name, self._seen_generation = name, generation
            return self._lexical

    def _close_indexes(self) -> None:
        with self._opening:
            if self._vectors:
                self._vectors.close()
            self._vectors = self._lexical = None

    def _damage(self, name: str) -> str | None:
        return self._lexical_damage(name) or vector_store.damage(self.data_dir / name / "dense")

    def _lexical_damage(self, name: str) -> str | None:
        if not name:
            return "there is no index yet"
        if name in self._distrusted:
            return "a search or a write in them has failed"
        is_there = (self.data_dir / name / "lexical" / "meta.json").is_file()
        return None if is_there else "the lexical index is missing"

    def _build_indexes(self) -> tuple[VectorIndex, LexicalIndex]:
        """Build both indexes aside, from the catalog, and take them into use; the lock is held."""
        with self._opening:
            name = f"{INDEX_PREFIX}{uuid.uuid4().hex[:8]}"
            dense, lexical = self._filled_indexes(self.data_dir / name)
            self._catalog.set_meta({"index": name})
            self._catalog.finish(*self._catalog.unfinished())
            self._close_indexes()
            self._vectors, self._lexical, self._index_name = dense, lexical, name
            self._seen_generation = self._catalog.generation()
            _discard_other_indexes(self.data_dir, name)
            return dense, lexical

    def _filled_indexes(self, folder: Path) -> tuple[VectorIndex, LexicalIndex]:
        """Two new indexes of all that the catalog holds; nothing is left of them if that fails."""
        dense: VectorIndex | None = None
        try:
            lexical, dense = LexicalIndex(folder / "lexical"), VectorIndex(folder / "dense")
            for entries in _batched(self._catalog.entries(), self._batch_passages * 4):
                rows = [(passage, entry.article) for entry in entries for passage in entry.passages]
                if rows:
                    dense.upsert(rows, np.concatenate([entry.vectors for entry in entries if entry.passages]))
                    lexical.upsert(rows)
        except CorpusError:
            if dense:
                dense.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return dense, lexical

    def _check_articles(self, on_progress: OnProgress | None) -> tuple[list[str], dict[str, str]]:
        """What is wrong in the catalog: (of changed articles, of wrongly cut ones by their id)."""
        changed: list[str] = []
        badly_cut: dict[str, str] = {}
        started, total, passages = time.perf_counter(), self._catalog.count(), 0
        for done, (entry, digest) in enumerate(self._catalog.ready_entries(), 1):
            article, expected = entry.article, {passage.id for passage in self._split(entry.article)}
            found = {passage.id for passage in entry.passages}
            called = f"catalog: article {article.id[:10]} ({article.name})"
            if article.digest != digest:
                changed.append(f"{called} is not as it was added: remove it and add it again")
            elif expected != found:
                lost, others = len(expected - found), len(found - expected)
                badly_cut[article.id] = f"{called}: {lost} passages are missing, {others} are not its own"
            passages += len(found)
            if on_progress:
                seconds = time.perf_counter() - started
                on_progress(Progress(done, total, article.name, passages, seconds))
        return changed, badly_cut

    def _cut_anew(self, article_ids: Iterable[str]) -> None:
        """Write articles once more as they stand in the catalog; the lock is held."""
        for article_id in article_ids:
            if article := self._catalog.article(article_id):
                self.write([article])

    def _index_problems(self) -> list[str]:
        name = self._catalog.meta().get("index", "")
        if not name and not self._catalog.count():
            return []
        if reason := self._damage(name) or lexical_store.damage(self.data_dir / name / "lexical"):
            return [f"indexes: {reason}"]
        try:
            indexes = self._open_indexes()
            self._refresh()
            return [*self._unfinished(), *self._differences(*indexes)]
        except CorpusError as exc:
            return [f"indexes: {exc}"]

    def _unfinished(self) -> list[str]:
        pending, drops = self._catalog.unfinished()
        if not pending and not drops:
            return []
        return [f"catalog: {len(pending)} articles and {len(drops)} removals of passages are unfinished"]

    def _differences(self, dense: VectorIndex, lexical: LexicalIndex) -> list[str]:
        problems = []
        expected = self._catalog.passage_ids()
        for label, found in (("dense", dense.ids()), ("lexical", lexical.ids())):
            if missing := expected - found:
                problems.append(f"{label} index: {len(missing)} passages are missing")
            if strays := found - expected:
                problems.append(f"{label} index: {len(strays)} passages belong to no article")
        return problems or self._probe(dense, len(expected))

    def _probe(self, dense: VectorIndex, count: int) -> list[str]:
        """Ask the dense index for some of its own vectors; each must come back first."""
        step, position, lost = max(1, count // PROBES), 0, 0
        for entry in self._catalog.entries():
            for vector in entry.vectors:
                position += 1
                if position % step == 0:
                    best = dense.search(vector, 1)
                    lost += not best or best[0][1] < 0.999
        return [f"dense index: {lost} probes did not find themselves"] if lost else []

    def _check_fingerprint(self) -> None:
        wanted = self.fingerprint()
        found = self._catalog.fingerprint()
        if found is None or (found != wanted and not self._catalog.ids()):
            self._catalog.set_meta({"fingerprint": json.dumps(wanted)})
        elif found != wanted:
            different = [
                f"{k} was {found.get(k)!r}, now {wanted[k]!r}" for k in wanted if found.get(k) != wanted[k]
            ]
            raise IndexMismatchError(
                f"the index in {self.data_dir} was built differently: {'; '.join(different)}"
            )

    def fingerprint(self) -> dict[str, str | int]:
        """What vectors and passages are made with; two corpora with the same one are comparable."""
        sizes = self._chunking
        return {
            "embedding": self._embedder.fingerprint,
            "chunker": CHUNKER_VERSION,
            "max_passage_chars": sizes.max_passage_chars,
            "overlap_sentences": sizes.overlap_sentences,
        }


def require(data_dir: Path) -> None:
    """Check that a folder holds a corpus; nothing is opened or written.

    Args:
        data_dir: The folder.

    Raises:
        CorpusError: If it does not.
    """
    try:
        is_there = (data_dir / CATALOG_NAME).exists()
    except OSError:  # it may not be looked at: who opens it says so
        return
    if not is_there:
        raise CorpusError(
            f"there is no corpus in {data_dir} yet",
            hint="Begin one with `assistant add PATH`, or name another folder with --data-dir.",
        )


def rebuild(
    data_dir: Path,
    embedder: Embedder,
    chunking_settings: ChunkingSettings,
    *,
    on_progress: OnProgress | None = None,
    batch_passages: int = BATCH_PASSAGES,
    wait_seconds: float = WAIT_SECONDS,
) -> IngestReport:
    """Cut and embed every article anew, with this model and chunking, whatever the corpus was built with.

    All is built aside and taken into use by one transaction: until then the corpus stays as it was, and a
    rebuild that was stopped goes on where it was.

    Args:
        data_dir: The corpus.
        embedder: Turns passages into vectors from now on.
        chunking_settings: How articles are cut from now on.
        on_progress: Called after each batch.
        batch_passages: About how many passages are written together.
        wait_seconds: How long to wait for another process's write.

    Returns:
        What was done; all articles count as updated.

    Raises:
        CorpusBusyError: If another process is writing.
        CorpusError: If the catalog is damaged or the disk is full.
    """
    data_dir = data_dir.resolve()
    _make_folder(data_dir)
    started = time.perf_counter()
    with WriteLock(data_dir / LOCK_NAME, wait_seconds=wait_seconds).held():
        old = Catalog(data_dir / CATALOG_NAME)
        try:
            staging = _open_staging(data_dir / STAGING_NAME, embedder, chunking_settings, batch_passages)
            articles = (entry.article for entry in old.entries())
            report = staging.add(articles, total=old.count(), on_progress=on_progress, joins_copies=False)
            for gone in staging.ids() - old.ids():
                staging.remove(gone)
            staging.open_indexes()
            staging.close()
            _take_over(data_dir, old)
        finally:
            old.close()
    names = (*report.added, *report.updated, *report.unchanged)
    return IngestReport(updated=names, passages=report.passages, seconds=time.perf_counter() - started)


def _open_staging(
    folder: Path, embedder: Embedder, chunking_settings: ChunkingSettings, batch_passages: int
) -> Corpus:
    """The corpus that is built aside: the one a stopped rebuild left, if built like this, else a new one."""
    try:
        return Corpus(folder, embedder, chunking_settings, batch_passages=batch_passages)
    except CorpusError:
        shutil.rmtree(folder, ignore_errors=True)
        return Corpus(folder, embedder, chunking_settings, batch_passages=batch_passages)


def _take_over(data_dir: Path, old: Catalog) -> None:
    staging = data_dir / STAGING_NAME
    if name := _index_name(staging):
        (staging / name).rename(data_dir / name)
    old.take_passages_from(staging / CATALOG_NAME)
    _discard_other_indexes(data_dir, name)
    shutil.rmtree(staging, ignore_errors=True)


def _index_name(folder: Path) -> str:
    catalog = Catalog(folder / CATALOG_NAME)
    try:
        return catalog.meta().get("index", "")
    finally:
        catalog.close()


def _batched(entries: Iterable[Entry], max_passages: int) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        if sum(len(e.passages) for e in batch) >= max_passages:
            yield batch
            batch = []
    if batch:
        yield batch


def _discard_other_indexes(data_dir: Path, name: str) -> None:
    for folder in data_dir.glob(f"{INDEX_PREFIX}*"):
        if folder.name != name:
            shutil.rmtree(folder, ignore_errors=True)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise CorpusError(
            f"the data folder {path} cannot be made: {exc.strerror}", hint="Choose another with --data-dir."
        ) from exc
