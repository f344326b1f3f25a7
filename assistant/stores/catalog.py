"""The catalog: articles, passages and their vectors in one SQLite file, the source of truth.

A batch of articles is written in one transaction as `pending`; once the indexes hold its passages it becomes
`ready`. Passages that the indexes must forget are kept in `drops` until they have. So after a crash at any
instant `pending` and `drops` say what is left to do, and nothing else is. It knows rows; it does not know the
indexes.
"""

from __future__ import annotations

import json
import queue
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import CorpusError
from assistant.stores import FREE_SPACE_HINT
from assistant.types import Article, Filters, Passage

SCHEMA_VERSION = 2
MAX_VARIABLES = 5000  # of one SQL statement; SQLite's own limit is 32,766
SCANNED_ROWS = 512  # compared at once; four thousand were three times slower
DAMAGE_SIGNS = ("malformed", "not a database")  # in SQLite's messages
DAMAGE_HINT = (
    "All else is rebuilt from the catalog, but not the catalog itself: restore the data folder from a backup,"
    " or move it away and add the articles again."
)
BUSY_SECONDS = 10.0  # how long a statement waits for another connection's write

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS articles (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, published TEXT,
    source TEXT NOT NULL, url TEXT NOT NULL, language TEXT NOT NULL, root TEXT NOT NULL, path TEXT NOT NULL,
    text TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'ready')),
    further TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS articles_by_root ON articles (root);
CREATE INDEX IF NOT EXISTS articles_by_state ON articles (state) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS passages (
    id TEXT PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, header TEXT NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_by_article ON passages (article_id, start);
CREATE TABLE IF NOT EXISTS drops (passage_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS copies (
    id TEXT PRIMARY KEY, root TEXT NOT NULL, path TEXT NOT NULL,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS copies_by_article ON copies (article_id);
CREATE INDEX IF NOT EXISTS articles_by_beginning ON articles (title, substr(text, 1, 100));
INSERT OR IGNORE INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}'), ('generation', '0');
"""
_FROM_1 = """
ALTER TABLE articles ADD COLUMN further TEXT NOT NULL DEFAULT '';
UPDATE meta SET value = '2' WHERE key = 'schema_version';
"""
_ARTICLE = "title, author, published, source, url, language, root, path, text, further"

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """An article with its passages and their vectors, rows in the order of the passages."""

    article: Article
    passages: tuple[Passage, ...]
    vectors: Vector  # float32, shape (len(passages), dim)


class Catalog:
    """One SQLite file, opened or created.

    Args:
        path: The file.

    Raises:
        CorpusError: If the file is not a catalog, is damaged, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._is_closed = False
        try:
            self._prepare()
        except CorpusError:
            self.close()
            raise

    # -- meta
    # ---------------------------------------------------------------------------------------------------

    def meta(self) -> dict[str, str]:
        """All that is recorded about the corpus as a whole."""
        return dict(self._rows("SELECT key, value FROM meta"))

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Record facts about the corpus as a whole."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def generation(self) -> int:
        """A number that grows with each change that a search can see."""
        return int(self._rows("SELECT value FROM meta WHERE key = 'generation'")[0][0])

    def fingerprint(self) -> dict[str, Any] | None:
        """What the vectors and passages were made with; None in a new catalog."""
        value = self.meta().get("fingerprint")
        return json.loads(value) if value else None

    # -- reading
    # ------------------------------------------------------------------------------------------------

    def digests(self, article_ids: Collection[str]) -> dict[str, str]:
        """Digest of each of these articles that is ready."""
        query = "SELECT id, digest FROM articles WHERE state = 'ready' AND id IN ({})"
        return dict(self._rows_in(query, article_ids))

    def article(self, article_id: str) -> Article | None:
        """The article of this id, if it is ready."""
        rows = self._rows(f"SELECT {_ARTICLE} FROM articles WHERE id = ? AND state = 'ready'", (article_id,))
        return _to_article(rows[0]) if rows else None

    def ids_starting_with(self, prefix: str) -> list[str]:
        """Ids of at most two ready articles that start like this."""
        query = "SELECT id FROM articles WHERE state = 'ready' AND substr(id, 1, ?) = ? LIMIT 2"
        return [row[0] for row in self._rows(query, (len(prefix), prefix))]

    def articles(self) -> Iterator[Article]:
        """The ready articles, newest first, those without a date last."""
        order = "ORDER BY published IS NULL, published DESC, title, id"
        for (article_id,) in self._rows(f"SELECT id FROM articles WHERE state = 'ready' {order}"):
            if article := self.article(article_id):
                yield article

    def count(self, filters: Filters = Filters()) -> int:
        """How many ready articles pass the filters."""
        condition, values = _where(filters)
        return int(
            self._rows(f"SELECT count(*) FROM articles WHERE state = 'ready' {condition}", values)[0][0]
        )

    def sources(self) -> set[str]:
        """The publishers of the ready articles, as they are stored."""
        return {row[0] for row in self._rows("SELECT DISTINCT source FROM articles WHERE state = 'ready'")}

    def passages(self, passage_ids: Collection[str]) -> dict[str, tuple[Passage, Article]]:
        """These passages with their articles; those that are gone, or not ready yet, are left out."""
        query = "SELECT id, article_id, start, end, header FROM passages WHERE id IN ({})"
        rows = self._rows_in(query, passage_ids)
        articles = {article_id: self.article(article_id) for article_id in {row[1] for row in rows}}
        found = {}
        for passage_id, article_id, start, end, header in rows:
            if article := articles[article_id]:
                found[passage_id] = Passage(article_id, start, end, article.text[start:end], header), article
        return found

    def vectors(self, passage_ids: Collection[str]) -> dict[str, Vector]:
        """Vector of each of these passages: float32, shape (dim,), unit length."""
        rows = self._rows_in("SELECT id, vector FROM passages WHERE id IN ({})", passage_ids)
        return {passage_id: np.frombuffer(blob, np.float32) for passage_id, blob in rows}

    def nearest(self, vector: Vector, k: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        """Find the passages of ready articles that are most similar to a vector, by looking at all of them.

        Args:
            vector: float32, shape (dim,), unit length.
            k: Most passages to return.
            filters: Which articles may be looked at.

        Returns:
            (passage id, cosine similarity in [-1, 1]), most similar first.
        """
        condition, values = _where(filters)
        ready = f"SELECT id FROM articles WHERE state = 'ready' {condition}"
        query = f"SELECT id, vector FROM passages WHERE article_id IN ({ready})"
        best: list[tuple[str, float]] = []
        with self._mapped_errors(), self._connection() as db:
            cursor = db.execute(query, values)
            while rows := cursor.fetchmany(SCANNED_ROWS):
                similarities = np.clip(_to_vectors([blob for _, blob in rows]) @ vector, -1, 1)
                top = np.argsort(-similarities, kind="stable")[:k]
                best += [(rows[row][0], float(similarities[row])) for row in top]
                best = sorted(best, key=lambda item: (-item[1], item[0]))[:k]
        return best

    def article_ids(self, passage_ids: Collection[str]) -> dict[str, str]:
        """Article of each of these passages, if it is ready."""
        query = (
            "SELECT p.id, p.article_id FROM passages p JOIN articles a ON a.id = p.article_id "
            "WHERE a.state = 'ready' AND p.id IN ({})"
        )
        return dict(self._rows_in(query, passage_ids))

    def passage_ids(self) -> set[str]:
        """Ids of the passages of all ready articles."""
        query = "SELECT p.id FROM passages p JOIN articles a ON a.id = p.article_id WHERE a.state = 'ready'"
        return {row[0] for row in self._rows(query)}

    def ids(self) -> set[str]:
        """Ids of all articles, whatever their state."""
        return {row[0] for row in self._rows("SELECT id FROM articles")}

    def ids_of_root(self, root: str) -> dict[str, str]:
        """Path of each article, by id, that came from this folder."""
        return dict(self._rows("SELECT id, path FROM articles WHERE root = ?", (root,)))

    def twin(self, article: Article) -> Article | None:
        """The ready article that is the same in all but its place: of another root, or without a path."""
        query = (
            f"SELECT {_ARTICLE} FROM articles WHERE state = 'ready' AND id <> ? AND url = ''"
            " AND title = ? AND substr(text, 1, 100) = substr(?, 1, 100) AND text = ?"
            " AND author = ? AND published IS ? AND source = ? AND language = ?"
            " AND (root <> ? OR path = '' OR ? = '') ORDER BY id LIMIT 1"
        )
        published = article.published.isoformat() if article.published else None
        same = (article.title, article.text, article.text, article.author, published, article.source)
        values = (article.id, *same, article.language, article.root, article.path)
        rows = [] if article.url else self._rows(query, values)
        return _to_article(rows[0]) if rows else None

    def copies(self, article_id: str) -> list[tuple[str, str]]:
        """(root, path) of each other place that holds this article."""
        query = "SELECT root, path FROM copies WHERE article_id = ? ORDER BY root, path"
        return self._rows(query, (article_id,))

    def copies_of_root(self, root: str) -> dict[str, str]:
        """Path of each file of this folder that another article stands for, by the id it would have."""
        return dict(self._rows("SELECT id, path FROM copies WHERE root = ?", (root,)))

    def entry(self, article_id: str) -> Entry | None:
        """An article of any state with its passages and vectors."""
        rows = self._rows(f"SELECT {_ARTICLE} FROM articles WHERE id = ?", (article_id,))
        if not rows:
            return None
        article = _to_article(rows[0])
        query = "SELECT start, end, header, vector FROM passages WHERE article_id = ? ORDER BY start"
        found = self._rows(query, (article_id,))
        passages = tuple(Passage(article_id, s, e, article.text[s:e], header) for s, e, header, _ in found)
        return Entry(article, passages, _to_vectors([vector for _, _, _, vector in found]))

    def entries(self) -> Iterator[Entry]:
        """All articles with their passages and vectors, whatever their state."""
        for (article_id,) in self._rows("SELECT id FROM articles ORDER BY id"):
            if entry := self.entry(article_id):
                yield entry

    def ready_entries(self) -> Iterator[tuple[Entry, str]]:
        """The ready articles with their passages and vectors, each with the digest stored beside it."""
        for article_id, digest in self._rows("SELECT id, digest FROM articles WHERE state = 'ready'"):
            if entry := self.entry(article_id):
                yield entry, digest

    def unfinished(self) -> tuple[list[str], list[str]]:
        """What the indexes have not been told: (ids of pending articles, ids of passages to drop)."""
        pending = [
            row[0] for row in self._rows("SELECT id FROM articles WHERE state = 'pending' ORDER BY id")
        ]
        return pending, [row[0] for row in self._rows("SELECT passage_id FROM drops ORDER BY passage_id")]

    def problems(self) -> list[str]:
        """What SQLite itself and the foreign keys say is wrong; empty if nothing."""
        quick = [row[0] for row in self._rows("PRAGMA quick_check(10)") if row[0] != "ok"]
        if quick:
            return [f"the catalog {self.path} is damaged ({quick[0]}). {DAMAGE_HINT}"]
        orphans = self._rows("PRAGMA foreign_key_check")
        return ["catalog: passages without an article"] * bool(orphans)

    # -- writing
    # ------------------------------------------------------------------------------------------------

    def put(self, entries: Sequence[Entry]) -> None:
        """Write articles as pending in one transaction, in place of their earlier versions."""
        with self._transaction() as db:
            for entry in entries:
                self._forget(db, entry.article.id, keep={passage.id for passage in entry.passages})
                db.execute("DELETE FROM copies WHERE id = ?", (entry.article.id,))
                db.execute(f"INSERT INTO articles VALUES ({','.join('?' * 13)})", _to_row(entry.article))
                rows = zip(entry.passages, entry.vectors, strict=True)
                db.executemany(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)", (_passage_row(*row) for row in rows)
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

    def close(self) -> None:
        """Close all connections; the write-ahead log is folded in. What is asked for later is an error."""
        self._is_closed = True
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    # -- private
    # ------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        with self._mapped_errors(), self._connection() as db:
            found = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
            is_older = "articles_by_state" in found and "articles_by_beginning" not in found
            if not found or is_older:  # all or nothing, and once if two begin
                db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        self._migrate()
        version = self.meta().get("schema_version")
        if version != str(SCHEMA_VERSION):
            raise CorpusError(
                f"{self.path} has schema version {version}; this release reads {SCHEMA_VERSION}"
            )

    def _migrate(self) -> None:
        if self.meta().get("schema_version") == "1":
            with self._transaction() as db:
                (version,) = db.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
                for statement in _FROM_1.strip().split("\n") if version == "1" else ():  # or another did it
                    db.execute(statement)

    @staticmethod
    def _forget(db: sqlite3.Connection, article_id: str, *, keep: set[str]) -> None:
        old = {row[0] for row in db.execute("SELECT id FROM passages WHERE article_id = ?", (article_id,))}
        db.executemany("INSERT OR IGNORE INTO drops VALUES (?)", [(i,) for i in old - keep])
        db.executemany("DELETE FROM drops WHERE passage_id = ?", [(i,) for i in keep])
        db.execute("DELETE FROM articles WHERE id = ?", (article_id,))

    def check_open(self) -> None:
        """Raise CorpusError if this was closed."""
        if self._is_closed:
            raise CorpusError("this assistant is closed", hint="Open the data folder again.")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        self.check_open()
        try:
            db = self._idle.get_nowait()
        except queue.Empty:
            db = self._connect()
        try:
            yield db
        finally:
            if self._is_closed:  # by another thread, meanwhile
                db.close()
            else:
                self._idle.put(db)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, check_same_thread=False)
        try:
            _patiently(lambda: db.execute("PRAGMA journal_mode = WAL"))
            db.executescript("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
        except sqlite3.Error:
            db.close()
            raise
        return db

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._mapped_errors(), self._connection() as db, db:
            db.execute("BEGIN IMMEDIATE")
            yield db

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            problem = f"the catalog is damaged ({exc})" if _is_damage(exc) else str(exc)
            raise CorpusError(f"{self.path}: {problem}", hint=_hint(exc)) from exc

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._mapped_errors(), self._connection() as db:
            return db.execute(query, values).fetchall()

    def _rows_in(self, query: str, ids: Collection[str]) -> list[Any]:
        """Rows of a query whose `{}` is a list of ids, asked in parts that SQLite accepts."""
        rows, wanted = [], list(ids)
        for first in range(0, len(wanted), MAX_VARIABLES):
            part = wanted[first : first + MAX_VARIABLES]
            rows += self._rows(query.format(",".join("?" * len(part))), part)
        return rows


def _patiently(statement: Callable[[], object]) -> None:
    """Run a statement for which SQLite itself does not wait, such as a change of the journal's mode."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            statement()
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _grow_generation(db: sqlite3.Connection) -> None:
    db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'")


def _where(filters: Filters) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for day, sign in ((filters.published_from, ">="), (filters.published_to, "<=")):
        if day:
            parts.append(f"AND published {sign} ?")
            values.append(day.isoformat())
    for column, wanted in (("source", filters.sources), ("id", filters.article_ids)):
        if wanted:
            parts.append(f"AND {column} IN ({','.join('?' * len(wanted))})")
            values += wanted
    return " ".join(parts), values


def _to_article(row: Sequence[Any]) -> Article:
    title, author, published, source, url, language, root, path, text, further = row
    day = date.fromisoformat(published) if published else None
    article = Article(text, title, author, day, source, url, language, root, path)
    return article.with_further(further) if further else article


def _to_row(article: Article) -> tuple[Any, ...]:
    published = article.published.isoformat() if article.published else None
    known = (article.title, article.author, published, article.source, article.url, article.language)
    place = article.root, article.path
    return (article.id, article.digest, *known, *place, article.text, "pending", article.further)


def _passage_row(passage: Passage, vector: Vector) -> tuple[Any, ...]:
    blob = np.ascontiguousarray(vector, np.float32).tobytes()
    return passage.id, passage.article_id, passage.start, passage.end, passage.header, blob


def _to_vectors(blobs: Sequence[bytes]) -> Vector:
    return (
        np.stack([np.frombuffer(blob, np.float32) for blob in blobs])
        if blobs
        else np.zeros((0, 0), np.float32)
    )


def _hint(exc: sqlite3.Error) -> str:
    text = str(exc)
    if "full" in text:
        return FREE_SPACE_HINT
    if "readonly" in text or "unable to open" in text:
        return "Check that the data folder exists and may be written to."
    if "locked" in text:
        return "Another program holds the catalog; close it and try again."
    return DAMAGE_HINT if _is_damage(exc) else CorpusError.hint


def _is_damage(exc: sqlite3.Error) -> bool:
    return any(sign in str(exc) for sign in DAMAGE_SIGNS)
