"""The face of the corpus: articles go in, passages can be found, and the three stores stay in step.

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
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from assistant.corpus import editing, folder, room
from assistant.corpus.cutting import Cutter
from assistant.corpus.folder import CATALOG_NAME, LOCK_NAME, LOCKS_NAME, STAGING_NAME
from assistant.corpus.forgetting import forget_beside
from assistant.corpus.grouping import group_new
from assistant.corpus.indexes import Indexes
from assistant.corpus.reading import UNDO_SECONDS, CorpusReader, check_prefix
from assistant.corpus.renaming import renamed
from assistant.corpus.verifying import check_articles, lost_originals
from assistant.errors import CorpusError, IndexMismatchError, ReadOnlyError, UnknownArticleError
from assistant.ingest import Ingest, OnProgress, place
from assistant.locking import WAIT_SECONDS, WriteLock, turn
from assistant.models import Embedder
from assistant.settings import ChunkingSettings
from assistant.stores.catalog import Catalog, Entry
from assistant.stores.conversations import ConversationStore
from assistant.stores.history import KEPT_VERSIONS
from assistant.stores.holds import hashed
from assistant.stores.originals import Originals
from assistant.stores.persisting import LOG_RECORDS
from assistant.types import (
    Article,
    Cancelled,
    Failure,
    IngestReport,
    Progress,
    Unchanged,
    VerifyReport,
    never,
)

logger = logging.getLogger(__name__)

BATCH_PASSAGES = (
    256  # embedded and written together: about ten seconds of work on two cores, lost at most by a kill
)


class Corpus(CorpusReader):
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
        log_records: Changes of vectors after which the dense index is written to disk anew.
        kept_versions: How many earlier versions of an article to keep, 0 or more.
        undo_seconds: How long a removed article can be brought back, 0 or more.
        reserve_bytes: Disk space that adding leaves free; by default it is not looked at before a write.
        clock: Says the moment, in seconds since 1970.

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
        log_records: int = LOG_RECORDS,
        kept_versions: int = KEPT_VERSIONS,
        undo_seconds: float = UNDO_SECONDS,
        reserve_bytes: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        data_dir = data_dir.resolve()  # the working folder may change while the corpus is open
        self.is_read_only = (
            False  # a server can set this: whatever would change the articles is an error then
        )
        self._batch_passages, self._reserve_bytes = batch_passages, reserve_bytes
        folder.make(data_dir)
        self.lock = WriteLock(data_dir / LOCK_NAME, wait_seconds=wait_seconds)
        catalog, cutter = (
            Catalog(data_dir / CATALOG_NAME, kept_versions=kept_versions),
            Cutter(embedder, chunking_settings),
        )
        check = partial(_check_fingerprint, data_dir, catalog, cutter.fingerprint())
        try:
            check()
        except CorpusError:
            catalog.close()
            raise
        indexes = Indexes(
            data_dir,
            catalog,
            self.lock,
            check,
            batch_passages=batch_passages,
            is_brief=is_brief,
            log_records=log_records,
        )
        super().__init__(
            data_dir, catalog, indexes, Originals(data_dir), cutter, undo_seconds=undo_seconds, clock=clock
        )
        with self.lock.held_if_free() as is_held:
            if is_held:
                self._tidy()
                self._recover_if_possible()

    # -- writing
    # ------------------------------------------------------------------------------------------------

    def add(
        self,
        items: Iterable[Article | Failure | Unchanged],
        *,
        root: str | None = None,
        total: int | None = None,
        on_progress: OnProgress | None = None,
        cancelled: Cancelled = never,
        joins_copies: bool = True,
        minds_holds: bool = False,
    ) -> IngestReport:
        """Add articles, or replace their earlier versions; unchanged ones cost nothing.

        An article that came before in the same items, with other content, is a failure. One that is in the
        corpus already, the same in all but its root and path, is not stored again but noted, and takes the
        place of the stored one should that be removed with its file.

        Articles are read and embedded while others may write; the lock is held for each batch's writing only.
        Who adds a folder that another thread or process is adding waits until that is done, instead of
        embedding the same.

        Args:
            items: Articles, and what was not read again or could not be, which is passed on into the report.
            root: If given, the items are all that this folder holds: its other articles are removed.
            total: How many items there will be, for the progress.
            on_progress: Called after each batch.
            cancelled: Whether to stop; asked between articles. What is embedded by then is written and kept,
                and adding the same items again goes on from there.
            joins_copies: Whether equal articles of two places become one.
            minds_holds: Whether what a person removed stays away unless its text is another one, as with a
                `root`; else it is let in again.

        Returns:
            What was done. An article is named in it only once it is wholly in.

        Raises:
            CorpusBusyError: If another process is writing.
            CorpusError: If the stores cannot be written; all that was reported before is kept.
        """
        with self.writing():  # to say at once if another process is writing
            # Before we wait: what is added meanwhile is newer than the look at the folder that we were given.
            before = {} if root is None else self._catalog.ids_of_root(root)
        with self._turn(root, total, on_progress, cancelled) as is_ours:
            if not is_ours:
                return IngestReport(is_cancelled=True)
            holds = self._catalog.holds() if minds_holds or root is not None else {}
            ingest = Ingest(
                self, total, on_progress, cancelled, joins_copies=joins_copies, holds=holds, root=root or ""
            )
            for item in items:
                ingest.take(item)
                if ingest.is_cancelled:
                    break
            ingest.flush()
            if root is not None and not ingest.is_cancelled:
                with self.writing():
                    ingest.removed = self._remove_vanished(root, before, ingest)
            return ingest.report()

    def remove(self, article_id: str) -> Article:
        """Remove an article; it is not found any more when this returns.

        A folder that is synced and a feed that is refreshed do not bring it back, unless with another text;
        adding it by itself or `restore_removed` does.

        Args:
            article_id: Its id, or the beginning of it as for `article`.

        Returns:
            The article that was removed.

        Raises:
            UnknownArticleError: If there is none.
        """
        with self.writing():
            article = self.article(article_id)
            everywhere = [article, *self._catalog.copies(article.id)]
            self._delete([article.id], is_undoable=True, held=everywhere)
            return article

    def restore_removed(self, article_id: str) -> Article:
        """Bring back an article that was removed a short while ago.

        Args:
            article_id: Its id, or the beginning of it as for `article`.

        Returns:
            The article, which is found again.

        Raises:
            UnknownArticleError: If no removed article has this id, or more than one.
        """
        check_prefix(article_id, "trash")
        with self.writing():
            found = [a for a, _ in self.removed() if a.id.startswith(article_id)]
            if len(found) != 1:
                raise UnknownArticleError(
                    f"no removed article has the id {article_id!r}",
                    hint="List those that can be brought back with `assistant trash`.",
                )
            self.put(self.embed(found))
            return found[0]

    def purge(self, *, everything: bool = False) -> int:
        """Delete for good what was removed and can no longer be brought back: from every store, to the bytes.

        Args:
            everything: Whether also what could still be brought back.

        Returns:
            How many articles are gone for good.

        Raises:
            CorpusBusyError: If another process is writing.
        """
        with self.writing():
            return self._forget_bytes(float("inf") if everything else None, is_thorough=True)

    def edit(self, article_id: str, changes: Mapping[str, str | date | None]) -> Article:
        """Correct what is known of an article by hand; it stays so when the article is read again.

        Args:
            article_id: Its id, or the beginning of it as for `article`.
            changes: New values by field: title, author, source, published; none of them resets all.

        Returns:
            The article as it is now.

        Raises:
            UnknownArticleError: If there is none.
            ValueError: If a field is not one of these.
        """
        with self.writing():
            article = self.article(article_id)
            edits = self._catalog.edits([article.id]).get(article.id, ({}, {}))
            edited, noted = editing.edited(article, edits, changes)
            self._catalog.note_edits({article.id: noted})
            self.put(self.embed([edited]))
            return edited

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
            self._indexes.follow()
            problems = self._catalog.problems()
            index_problems: list[str] = []
            repaired: list[str] = []
            if not problems:
                problems, badly_cut = check_articles(self._catalog, self._cutter.split, on_progress)
                if repair and badly_cut:
                    self._cut_anew(badly_cut)
                    repaired, badly_cut = list(badly_cut.values()), {}
                problems += badly_cut.values()
                lost = lost_originals(self._catalog, self.originals)
                if repair:
                    self._forget_originals(lost)
                    repaired, lost = [*repaired, *(lost.values())], {}
                problems += lost.values()
                index_problems = self._indexes.problems()
            if repair and index_problems:
                self._indexes.build()
                repaired, index_problems = [*repaired, *index_problems], self._indexes.problems()
            ready = self._catalog.passage_ids()
            report = (*problems, *index_problems)
            return VerifyReport(self._catalog.count(), len(ready), report, tuple(repaired))

    # -- private: used by Ingest
    # --------------------------------------------------------------------------------

    def unchanged(self, articles: Sequence[Article]) -> set[str]:
        """Ids of those that are in the corpus exactly like this."""
        digests = self._catalog.digests([article.id for article in articles])
        return {article.id for article in articles if digests.get(article.id) == article.digest}

    def as_edited(self, articles: Sequence[Article], *, is_noted: bool) -> list[Article]:
        """Articles that were just read, with what was corrected by hand.

        Args:
            articles: The articles.
            is_noted: Whether to note what they say now; then the lock is held.

        Returns:
            The articles, in their order.
        """
        edits = self._catalog.edits([article.id for article in articles])
        changed = {a.id: editing.found_anew(a, edits[a.id]) for a in articles if a.id in edits}
        changed = {i: noted for i, noted in changed.items() if noted != edits[i]}
        if changed and is_noted:
            self._catalog.note_edits(changed)
        return [editing.apply(a, edits[a.id][0]) if a.id in edits else a for a in articles]

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
        self._catalog.note_copies([(self._settled(copy), article) for copy, article in copies])

    def bequeath(self, article_ids: Iterable[str]) -> None:
        """Store articles that are about to go, or to change, at another place that holds them, if one does.

        The same file reached through another folder is no other place.
        """
        for entry in filter(None, map(self._catalog.entry, article_ids)):
            copies = self._catalog.copies(entry.article.id)
            heirs = [heir for heir in copies if heir.url or place(heir) != place(entry.article)]
            if heirs:
                entries = self._cutter.entries(heirs[:1], partial(_always, entry), lambda _count: None, never)
                self._catalog.put(entries)
                self._indexes.write(entries)
                self._catalog.note_copies([(other, heirs[0]) for other in heirs[1:]])

    def embed(
        self,
        articles: Sequence[Article],
        *,
        on_embedded: Callable[[int], None] = lambda _count: None,
        cancelled: Cancelled = never,
    ) -> list[Entry]:
        """Cut and embed articles; nothing is written, and the lock is not needed.

        Args:
            articles: Articles with different ids, each with text.
            on_embedded: Told how many more passages were embedded.
            cancelled: Whether to stop; asked between articles.

        Returns:
            An entry for each article, in their order; fewer if it was cancelled.
        """
        return self._cutter.entries(articles, self._catalog.entry, on_embedded, cancelled)

    def require_room(self, articles: Sequence[Article]) -> None:
        """Raise CorpusError if the disk has no room for these articles."""
        if articles and self._reserve_bytes is not None:
            wanted = room.needed(articles, self._cutter.sizes.max_passage_chars)
            room.require(self.data_dir, wanted, self._reserve_bytes)

    def put(self, entries: Sequence[Entry]) -> None:
        """Write articles into all three stores, their originals first; the lock is held."""
        entries = [replace(entry, article=self._settled(entry.article)) for entry in entries]
        self._catalog.put(entries)
        self._indexes.write(entries)

    @property
    def batch_chars(self) -> int:
        """Characters of text that are written together."""
        return (
            self._batch_passages * self._cutter.sizes.max_passage_chars * 7 // 10
        )  # passages are about 70 % full

    # -- private
    # --------------------------------------------------------------------------------------------------

    def _settled(self, article: Article) -> Article:
        """The article with its original kept for good; without one if there is none."""
        if not article.original or self.originals.settle(article.original):
            return article
        return replace(article, original="")

    def _delete(
        self, article_ids: Sequence[str], *, is_undoable: bool = False, held: Sequence[Article] = ()
    ) -> None:
        self._catalog.delete(article_ids, removed=self._clock() if is_undoable else None, held=held)
        self._indexes.write([])

    def _forget_bytes(self, until: float | None = None, *, is_thorough: bool = False) -> int:
        """Delete what can no longer be brought back, and all traces of it; the lock is held."""
        gone = self._catalog.expired(self._clock() - self._undo_seconds if until is None else until)
        if gone and self._forget_elsewhere(gone, is_demanded=is_thorough):
            self._catalog.purge([article.id for article in gone])
        if gone or is_thorough:
            self.originals.sweep(self._catalog.originals())
        if is_thorough or self._catalog.meta().get("purging") == "1":
            self._indexes.compact()
            if self._catalog.scrub(is_thorough=is_thorough):  # else at the next write
                self._catalog.set_meta({"purging": "0"})
        return len(gone)

    def _forget_elsewhere(self, gone: Sequence[Article], *, is_demanded: bool) -> bool:
        """Leave no trace of articles outside of the catalog; returns whether that could be done."""
        conversations = ConversationStore(self.data_dir)
        try:
            conversations.forget([article.id for article in gone])
        except CorpusError as exc:  # at a later write then, since the catalog still knows what to forget
            if is_demanded:
                raise
            logger.warning("what was removed is deleted for good at a later write: %s", exc)
            return False
        finally:
            conversations.close()
        forget_beside(self.data_dir, gone, self.lock.held)
        return True

    def _remove_vanished(self, root: str, before: dict[str, str], ingest: Ingest) -> tuple[str, ...]:
        """Remove what the folder no longer holds; a file that could not be read keeps its earlier version.

        What another process has added since the sync began (it is not in `before`) is newer than our look.
        """
        paths = {i: path for i, path in self._catalog.ids_of_root(root).items() if i in before}
        gone = [i for i, path in paths.items() if i not in ingest.seen and not ingest.has_failed(path)]
        versions = self._catalog.versions_of_root(root)
        copies = self._catalog.copies_of_root(root)
        self._catalog.forget_copies(
            i for i, path in copies.items() if i not in ingest.seen and not ingest.has_failed(path)
        )
        if not gone:
            return ()
        self.bequeath(gone)
        come = {i: v for i, v in self._catalog.versions_of_root(root).items() if i not in before}
        moved = renamed({i: versions[i] for i in gone if i in versions}, come)
        if moved:
            self._follow(moved, ingest)
            self._delete(list(moved))
        vanished = [i for i in gone if i not in moved]
        names = tuple(article.name for i in vanished if (article := self._catalog.article(i)))
        if vanished:
            self._delete(vanished, is_undoable=True)
        return names

    def _follow(self, moved: Mapping[str, str], ingest: Ingest) -> None:
        """Give articles whose file was renamed what was known under the earlier name; the lock is held."""
        earlier = {old: article.path for old in moved if (article := self._catalog.any_article(old))}
        self._catalog.move(moved)
        articles = [article for new in moved.values() if (article := self._catalog.any_article(new))]
        edits = self._catalog.edits([article.id for article in articles])
        if edited := [editing.apply(a, edits[a.id][0]) for a in articles if a.id in edits]:
            self.put(self.embed(edited))
        now = {article.id: article.path for article in articles}
        ingest.notes += [f"{earlier[old]} is now {now[new]}" for old, new in moved.items() if new in now]

    def _turn(
        self, root: str | None, total: int | None, on_progress: OnProgress | None, cancelled: Cancelled
    ) -> AbstractContextManager[bool]:
        """Wait for who else adds this folder; whether that was not given up."""
        if root is None:
            return nullcontext(True)

        def on_wait() -> bool:
            if on_progress:
                on_progress(Progress(0, total, "(waiting for who else adds this folder)", 0, 0.0))
            return cancelled()

        return turn(self.data_dir / LOCKS_NAME / f"{hashed(root)}.lock", on_wait)

    def check_writable(self) -> None:
        """Raise ReadOnlyError if this was opened to be read only."""
        if self.is_read_only:
            raise ReadOnlyError("this server takes no changes")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock over a corpus that is as the last writer left it, whichever process that was."""
        self.check_writable()
        with self.lock.held():
            self._indexes.follow()
            self._recover()
            self._forget_bytes()
            yield
            group_new(self._catalog)

    def _tidy(self) -> None:
        """Discard what a crash left: indexes that the catalog does not name, a finished rebuild."""
        self.originals.tidy()
        name = self._catalog.meta().get("index", "")
        staging = self.data_dir / STAGING_NAME
        if name:
            folder.discard_other_indexes(self.data_dir, name)
            folder.discard_other_vectors(self.data_dir / self._indexes.named().dense)
            with suppress(
                CorpusError
            ):  # a rebuild's catalog that cannot be read is the next rebuild's business
                if staging.is_dir() and folder.index_name(staging) == name:
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
            self._indexes.write(entries)
        if not pending:
            self._indexes.write([])

    def _cut_anew(self, article_ids: Iterable[str]) -> None:
        """Write articles once more as they stand in the catalog; the lock is held."""
        for article_id in article_ids:
            if article := self._catalog.article(article_id):
                self.put(self.embed([article]))

    def _forget_originals(self, article_ids: Iterable[str]) -> None:
        """Let articles be without an original, and delete what is in its place; the lock is held."""
        for article_id in article_ids:
            if article := self._catalog.article(article_id):
                self.originals.discard(article.original)
                self.put(self.embed([replace(article, original="")]))

    def fingerprint(self) -> dict[str, str | int]:
        """What vectors and passages are made with; two corpora with the same one are comparable."""
        return self._cutter.fingerprint()


def _always(entry: Entry, _article_id: str) -> Entry:
    return entry


def _check_fingerprint(data_dir: Path, catalog: Catalog, wanted: dict[str, str | int]) -> None:
    """Note what a new corpus is made with; raise IndexMismatchError if one was made otherwise."""
    found = catalog.fingerprint()
    if found is None or (found != wanted and not catalog.ids()):
        catalog.set_meta({"fingerprint": json.dumps(wanted)})
    elif found != wanted:
        different = [
            f"{k} was {found.get(k)!r}, now {wanted[k]!r}" for k in wanted if found.get(k) != wanted[k]
        ]
        raise IndexMismatchError(f"the index in {data_dir} was built differently: {'; '.join(different)}")
