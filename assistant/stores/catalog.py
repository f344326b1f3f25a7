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
from assistant.stores.reading import SCANNED_ROWS, CatalogReader
from assistant.stores.rows import Entry, Vector, passage_row, to_row
from assistant.stores.schema import SCHEMA_VERSION
from assistant.types import Article

__all__ = ["MAX_VARIABLES", "SCANNED_ROWS", "SCHEMA_VERSION", "Catalog", "Entry", "Vector"]


class Catalog(CatalogReader):
    """One SQLite file, opened or created.

    Args:
        path: The file.

    Raises:
        CorpusError: If the file is not a catalog, is damaged, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
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
                self._forget(db, entry.article.id, keep={passage.id for passage in entry.passages})
                db.execute("DELETE FROM copies WHERE id = ?", (entry.article.id,))
                db.execute(f"INSERT INTO articles VALUES ({','.join('?' * 13)})", to_row(entry.article))
                rows = zip(entry.passages, entry.vectors, strict=True)
                db.executemany(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)", (passage_row(*row) for row in rows)
                )

    def note_copies(self, copies: Sequence[tuple[Article, Article]]) -> None:
        """Note of each pair that the first is not stored, since the second, which is, stands for it."""
        rows = [(copy.id, copy.root, copy.path, article.id) for copy, article in copies]
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?)", rows)

    def forget_copies(self, ids: Iterable[str]) -> None:
        """Note that these copies have gone."""
        with self._transaction() as db:
            db.executemany("DELETE FROM copies WHERE id = ?", [(i,) for i in ids])

    def delete(self, article_ids: Iterable[str]) -> None:
        """Delete articles at once; their passages stay noted as drops until the indexes forgot them."""
        with self._transaction() as db:
            for article_id in article_ids:
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
                    keys = "key IN ('fingerprint', 'index')"
                    db.execute("UPDATE articles SET state = 'ready'")
                    db.execute(f"INSERT OR REPLACE INTO meta SELECT key, value FROM other.meta WHERE {keys}")
                    _grow_generation(db)
            finally:
                db.execute("DETACH DATABASE other")

    # -- private
    # ------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        with self._mapped_errors(), self._connection() as db:
            found = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
            if schema.is_wanting(found):
                db.executescript(schema.script())
        if self.meta().get("schema_version") == "1":
            with self._transaction() as db:
                schema.migrate(db)
        version = self.meta().get("schema_version")
        if version != str(SCHEMA_VERSION):
            raise CorpusError(
                f"{self.path} has schema version {version}; this release reads {SCHEMA_VERSION}"
            )

    @staticmethod
    def _forget(db: Connection, article_id: str, *, keep: set[str]) -> None:
        old = {row[0] for row in db.execute("SELECT id FROM passages WHERE article_id = ?", (article_id,))}
        db.executemany("INSERT OR IGNORE INTO drops VALUES (?)", [(i,) for i in old - keep])
        db.executemany("DELETE FROM drops WHERE passage_id = ?", [(i,) for i in keep])
        db.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def _grow_generation(db: Connection) -> None:
    db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'")
