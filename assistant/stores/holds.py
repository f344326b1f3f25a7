"""Which articles a person removed, so that no file or feed brings them back; and which were renamed.

Only hashes are kept: what was removed for good leaves no word here, nor its id. It knows rows; when a hold
counts is for others to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from assistant.stores.connections import Connection, Database
from assistant.types import Article


class Hold(NamedTuple):
    """An article that was removed by hand."""

    version: str  # as `Article.version`: another text is another article
    digest: str  # as `Article.digest`
    root: str  # hash of its folder


class CatalogHolds(Database):
    """The part of the catalog that keeps articles away."""

    def holds(self) -> dict[str, Hold]:
        """All articles that were removed by hand and not brought back since, by the hash of their id."""
        rows = self._rows("SELECT id, version, digest, root FROM holds")
        return {row[0]: Hold(*row[1:]) for row in rows}

    def held_digests(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Digest of each of these that was removed by hand."""
        ids = {hashed(article_id): article_id for article_id in article_ids}
        rows = self._rows_in("SELECT id, digest FROM holds WHERE id IN ({})", ids)
        return {ids[key]: digest for key, digest in rows}

    def moved_to(self, beginning: str) -> str | None:
        """The id that the article has now whose earlier id begins so, if just one does."""
        query = "SELECT DISTINCT now FROM moved WHERE substr(id, 1, ?) = ? LIMIT 2"
        found = self._rows(query, (len(beginning), beginning))
        return found[0][0] if len(found) == 1 else None

    def move(self, pairs: Mapping[str, str]) -> None:
        """Note that the files of articles were renamed: what is remembered of each goes to its new id."""
        with self._transaction() as db:
            for old, new in pairs.items():
                for table in ("edits", "versions"):
                    db.execute(
                        f"UPDATE OR REPLACE {table} SET article_id = ? WHERE article_id = ?", (new, old)
                    )
                db.execute("UPDATE moved SET now = ? WHERE now = ?", (new, old))
                db.execute("INSERT OR REPLACE INTO moved VALUES (?, ?)", (old, new))
                db.execute("DELETE FROM moved WHERE id = ?", (new,))  # it has its earlier name again


def hold(db: Connection, articles: Sequence[Article]) -> None:
    """Keep articles away from now on.

    Args:
        db: A transaction.
        articles: Articles at each place where they are.
    """
    rows = [(hashed(a.id), a.version, a.digest, hashed(a.root), hashed(_place(a))) for a in articles]
    db.executemany("INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?, ?)", rows)


def let_in(db: Connection, article: Article) -> None:
    """Keep an article away no longer, nor what a folder has at its place.

    Args:
        db: A transaction.
        article: The article, which is being written.
    """
    db.execute("DELETE FROM holds WHERE id = ? OR place = ?", (hashed(article.id), hashed(_place(article))))


def hashed(name: str) -> str:
    """A name as it may be kept for good; the empty one stays."""
    return name and hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _place(article: Article) -> str:
    return str(PurePosixPath(article.root, article.path)) if article.path else article.id
