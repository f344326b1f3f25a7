"""The catalog: articles, passages and their vectors in one SQLite file, the source of truth.

A batch of articles is written in one transaction as `pending`; once the indexes hold its passages it becomes
`ready`. Passages that the indexes must forget are kept in `drops` until they have. So after a crash at any
instant `pending` and `drops` say what is left to do, and nothing else is. It knows rows; it does not know the
indexes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from assistant.errors import CorpusError
from assistant.stores import schema
from assistant.stores.connections import MAX_VARIABLES, Connection
from assistant.stores.history import KEPT_VERSIONS, CatalogHistory, keep_version, known_of, throw_away
from assistant.stores.holds import CatalogHolds, hold, let_in
from assistant.stores.kin import CatalogKin
from assistant.stores.listed import CatalogListing, list_article, place_of
from assistant.stores.reading import SCANNED_ROWS, CatalogReader
from assistant.stores.rows import Entry, Vector, passage_row, to_row
from assistant.stores.schema import SCHEMA_VERSION
from assistant.types import Article

__all__ = ["MAX_VARIABLES", "SCANNED_ROWS", "SCHEMA_VERSION", "Catalog", "Entry", "Vector"]


class Catalog(CatalogReader, CatalogHistory, CatalogKin, CatalogListing, CatalogHolds):
    """One SQLite file, opened or created.

    Args:
        path: The file.
        kept_versions: How many earlier versions of an article to keep.

    Raises:
        CorpusError: If the file is not a catalog, is damaged, or cannot be written.
    """

    def __init__(self, path: Path, *, kept_versions: int = KEPT_VERSIONS) -> None:
        super().__init__(path)
        self._kept_versions = kept_versions
        try:
            self._prepare()
        except CorpusError:
            self.close()
            raise

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Record facts about the corpus as a whole."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def put(self, entries: Sequence[Entry]) -> None:
        """Write articles as pending in one transaction, in place of their earlier versions."""
        with self._transaction() as db:
            for entry in entries:
                keep_version(db, entry.article.id, entry.article.version, self._kept_versions)
                before = place_of(db, entry.article.id)
                db.execute("DELETE FROM trash WHERE id = ?", (entry.article.id,))
                let_in(db, entry.article)
                self._forget(db, entry.article.id, keep={passage.id for passage in entry.passages})
                db.execute("DELETE FROM copies WHERE id = ?", (entry.article.id,))
                db.execute(f"INSERT INTO articles VALUES ({','.join('?' * 14)})", to_row(entry.article))
                list_article(db, entry.article, before)
                rows = zip(entry.passages, entry.vectors, strict=True)
                db.executemany(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)", (passage_row(*row) for row in rows)
                )

    def note_copies(self, copies: Sequence[tuple[Article, Article]]) -> None:
        """Note of each pair that the first is not stored, since the second, which is, stands for it."""
        rows = [(copy.id, copy.root, copy.path, article.id, known_of(copy)) for copy, article in copies]
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?)", rows)

    def forget_copies(self, ids: Iterable[str]) -> None:
        """Note that these copies have gone."""
        with self._transaction() as db:
            db.executemany("DELETE FROM copies WHERE id = ?", [(i,) for i in ids])

    def delete(
        self, article_ids: Iterable[str], *, removed: float | None = None, held: Sequence[Article] = ()
    ) -> None:
        """Delete articles at once; their passages stay noted as drops until the indexes forgot them.

        Args:
            article_ids: Ids; unknown ones are ignored.
            removed: The moment, in seconds since 1970, if the articles may be asked back; else they may not.
            held: Articles that are to stay away, at each place where they are.
        """
        with self._transaction() as db:
            hold(db, held)
            gone = list(article_ids)
            if removed is not None:
                throw_away(db, gone, removed)
            for article_id in gone:
                self._forget(db, article_id, keep=set())
            _grow_generation(db)

    def finish(self, article_ids: Sequence[str], drops: Sequence[str]) -> None:
        """Note that the indexes hold these articles and have forgotten these passages."""
        with self._transaction() as db:
            db.executemany("UPDATE articles SET state = 'ready' WHERE id = ?", [(i,) for i in article_ids])
            db.executemany("DELETE FROM drops WHERE passage_id = ?", [(i,) for i in drops])
            _grow_generation(db)

    def take_passages_from(self, other: Path) -> None:
        """Take passages, fingerprint and index of another catalog instead of ours, in one transaction."""
        with self._mapped_errors(), self._connection() as db:
            db.execute("ATTACH DATABASE ? AS other", (str(other),))
            try:
                with db:
                    db.execute("BEGIN IMMEDIATE")
                    db.execute("DELETE FROM passages")
                    db.execute("DELETE FROM drops")
                    db.execute("INSERT INTO passages SELECT * FROM other.passages")
                    keys = "key IN ('fingerprint', 'index', 'dense')"
                    db.execute("UPDATE articles SET state = 'ready'")
                    db.execute(f"INSERT OR REPLACE INTO meta SELECT key, value FROM other.meta WHERE {keys}")
                    _grow_generation(db)
            finally:
                db.execute("DETACH DATABASE other")

    # -- private
    # ------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        tables = {row[0] for row in self._rows("SELECT name FROM sqlite_master")}
        if schema.is_wanting(tables) and (not tables or schema.is_known(self._version())):
            with self._transaction() as db:
                schema.bring_up(db)
        if not schema.is_known(self._version()):
            raise CorpusError(
                f"{self.path} has schema version {self._version()}; this release reads {SCHEMA_VERSION}"
            )

    def _version(self) -> str:
        return self.meta().get("schema_version", "")

    @staticmethod
    def _forget(db: Connection, article_id: str, *, keep: set[str]) -> None:
        old = {row[0] for row in db.execute("SELECT id FROM passages WHERE article_id = ?", (article_id,))}
        db.executemany("INSERT OR IGNORE INTO drops VALUES (?)", [(i,) for i in old - keep])
        db.executemany("DELETE FROM drops WHERE passage_id = ?", [(i,) for i in keep])
        db.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def _grow_generation(db: Connection) -> None:
    db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'")
