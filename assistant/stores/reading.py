"""What can be asked of the catalog; only articles that are `ready` are seen, unless it says otherwise.

It knows rows; it writes none.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from assistant.stores.connections import DAMAGE_HINT, Database
from assistant.stores.rows import ARTICLE, Entry, Vector, to_article, to_vectors, where
from assistant.types import Article, Filters, Passage

MIN_TWIN_CHARS = 250  # of a text; shorter ones are stubs, which different articles may share
SCANNED_ROWS = 512  # compared at once; four thousand were three times slower


class CatalogReader(Database):
    """The reading half of the catalog."""

    def meta(self) -> dict[str, str]:
        """All that is recorded about the corpus as a whole."""
        return dict(self._rows("SELECT key, value FROM meta"))

    def generation(self) -> int:
        """A number that grows with each change that a search can see."""
        return int(self._rows("SELECT value FROM meta WHERE key = 'generation'")[0][0])

    def fingerprint(self) -> dict[str, Any] | None:
        """What the vectors and passages were made with; None in a new catalog."""
        value = self.meta().get("fingerprint")
        return json.loads(value) if value else None

    def digests(self, article_ids: Collection[str]) -> dict[str, str]:
        """Digest of each of these articles that is ready."""
        query = "SELECT id, digest FROM articles WHERE state = 'ready' AND id IN ({})"
        return dict(self._rows_in(query, article_ids))

    def article(self, article_id: str) -> Article | None:
        """The article of this id, if it is ready."""
        rows = self._rows(f"SELECT {ARTICLE} FROM articles WHERE id = ? AND state = 'ready'", (article_id,))
        return to_article(rows[0]) if rows else None

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
        condition, values = where(filters)
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
        condition, values = where(filters)
        ready = f"SELECT id FROM articles WHERE state = 'ready' {condition}"
        query = f"SELECT id, vector FROM passages WHERE article_id IN ({ready})"
        best: list[tuple[str, float]] = []
        with self._mapped_errors(), self._connection() as db:
            cursor = db.execute(query, values)
            while rows := cursor.fetchmany(SCANNED_ROWS):
                similarities = np.clip(to_vectors([blob for _, blob in rows]) @ vector, -1, 1)
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

    def versions_of_root(self, root: str) -> dict[str, str]:
        """Version of each article, by id, that came from this folder."""
        return dict(self._rows("SELECT id, version FROM articles WHERE root = ?", (root,)))

    def twin(self, article: Article) -> Article | None:
        """The ready article that holds the same at another place, if one does.

        A text of `MIN_TWIN_CHARS` or more is the same wherever it stands. A shorter one has to be the same in
        all but its place, without an address, and of another root or without a path.
        """
        columns = f"SELECT {ARTICLE} FROM articles WHERE state = 'ready' AND id <> ? AND version = ?"
        found = self._rows(f"{columns} ORDER BY id", (article.id, article.version))
        others = [other for other in map(to_article, found) if other.text == article.text]
        if len(article.text) >= MIN_TWIN_CHARS:
            return others[0] if others else None
        return next((other for other in others if _is_at_another_place(article, other)), None)

    def copies(self, article_id: str) -> list[Article]:
        """The other places that hold this article: what each would be if it were stored."""
        query = "SELECT root, path, known FROM copies WHERE article_id = ? ORDER BY root, path, id"
        stored = self.any_article(article_id)
        return [_copy(stored, *row) for row in self._rows(query, (article_id,))] if stored else []

    def any_article(self, article_id: str) -> Article | None:
        """The article of this id, whatever its state."""
        rows = self._rows(f"SELECT {ARTICLE} FROM articles WHERE id = ?", (article_id,))
        return to_article(rows[0]) if rows else None

    def copies_of_root(self, root: str) -> dict[str, str]:
        """Path of each file of this folder that another article stands for, by the id it would have."""
        return dict(self._rows("SELECT id, path FROM copies WHERE root = ?", (root,)))

    def copy_digests(self, root: str) -> dict[str, str]:
        """Digest of each article of this folder that another one stands for, by the id it would have."""
        query = (
            "SELECT copies.id, copies.root, copies.path, copies.known,"
            f" {', '.join(f'a.{c}' for c in ARTICLE.split(', '))}"
            " FROM copies JOIN articles a ON a.id = article_id WHERE copies.root = ? AND state = 'ready'"
        )
        rows = self._rows(query, (root,))
        return {
            i: _copy(to_article(row), *place).digest for i, *place, row in ((*r[:4], r[4:]) for r in rows)
        }

    def entry(self, article_id: str) -> Entry | None:
        """An article of any state with its passages and vectors."""
        article = self.any_article(article_id)
        if article is None:
            return None
        query = "SELECT start, end, header, vector FROM passages WHERE article_id = ? ORDER BY start"
        found = self._rows(query, (article_id,))
        passages = tuple(Passage(article_id, s, e, article.text[s:e], header) for s, e, header, _ in found)
        return Entry(article, passages, to_vectors([vector for _, _, _, vector in found]))

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


def _is_at_another_place(one: Article, other: Article) -> bool:
    """Whether two articles of one text differ in their place only, and not just in the path within a root."""
    if one.url or other.url or (one.root == other.root and one.path and other.path):
        return False
    fields = ("title", "author", "published", "source", "language")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _copy(stored: Article, root: str, path: str, known: str) -> Article:
    if not known:  # noted by an earlier release, which took only equal articles for copies
        return replace(stored, root=root, path=path)
    fields = json.loads(known)
    row = [fields[name] for name in ("title", "author", "published", "source", "url", "language")]
    return to_article((*row, root, path, stored.text, fields["further"]))
