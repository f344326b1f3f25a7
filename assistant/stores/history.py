"""What was: earlier versions of articles, removed ones that may come back, and what was corrected by hand.

Nothing of it is ever searched. It knows rows; it does not know how long they are kept.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from assistant.stores.connections import Connection, Database
from assistant.stores.rows import ARTICLE, to_article
from assistant.types import Article

KEPT_VERSIONS = 3  # of an article, by default

Fields = dict[str, str | None]  # title, author, published as ISO date, source: those that are meant


class CatalogHistory(Database):
    """The part of the catalog that remembers."""

    def old_version(self, article: Article, version: str) -> tuple[Article, datetime] | None:
        """An earlier version of an article, if it is kept, and when it was replaced."""
        query = "SELECT title, text, further, replaced FROM versions WHERE article_id = ? AND version = ?"
        rows = self._rows(query, (article.id, version))
        if not rows:
            return None
        title, text, further, replaced = rows[0]
        old = replace(article, title=title, text=text).with_further(further)
        return old, datetime.fromtimestamp(replaced, UTC)

    def originals(self) -> set[str]:
        """The names of the originals of all articles, whether stored, removed or of an earlier version."""
        found = {name for name, _ in self.originals_of_articles()}
        for table, column in (("trash", "further"), ("versions", "further"), ("copies", "known")):
            rows = self._rows(f"SELECT {column} FROM {table} WHERE instr({column}, 'original')")
            found |= {name for (known,) in rows if (name := _original(json.loads(known)))}
        return found

    def originals_of_articles(self) -> list[tuple[str, str]]:
        """(name of the original, id) of each stored article that has one."""
        rows = self._rows("SELECT further, id FROM articles WHERE instr(further, 'original')")
        return [(name, i) for further, i in rows if (name := _original(json.loads(further)))]

    def removed(self) -> list[tuple[Article, datetime]]:
        """Articles that were removed and may come back, each with the moment, latest first."""
        rows = self._rows(f"SELECT {ARTICLE}, removed FROM trash ORDER BY removed DESC, title, id")
        return [(to_article(row[:-1]), datetime.fromtimestamp(row[-1], UTC)) for row in rows]

    def expired(self, until: float) -> list[Article]:
        """The articles that were removed until a moment, in seconds since 1970."""
        rows = self._rows(f"SELECT {ARTICLE} FROM trash WHERE removed <= ?", (until,))
        return [to_article(row) for row in rows]

    def purge(self, gone: Sequence[str]) -> None:
        """Forget removed articles for good, within the catalog; their bytes are for `scrub`."""
        with self._transaction() as db:
            for table, column in (
                ("trash", "id"),
                ("versions", "article_id"),
                ("edits", "article_id"),
                ("moved", "now"),
            ):
                db.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(i,) for i in gone])
            db.execute("INSERT OR REPLACE INTO meta VALUES ('purging', '1')")

    def scrub(self, *, is_thorough: bool) -> bool:
        """Leave no deleted bytes in the files.

        Args:
            is_thorough: Whether to copy the whole catalog, too, and not only fold in the write-ahead log.

        Returns:
            Whether that was possible; not while another process reads.
        """
        with self._mapped_errors(), self._connection() as db:
            if is_thorough:
                db.execute("VACUUM")
            (is_busy, *_) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy

    def edits(self, article_ids: Collection[str]) -> dict[str, tuple[Fields, Fields]]:
        """Of each of these that was corrected by hand: (what was set, what the source says of the same)."""
        rows = self._rows_in(
            "SELECT article_id, edited, found FROM edits WHERE article_id IN ({})", article_ids
        )
        return {article_id: (json.loads(edited), json.loads(found)) for article_id, edited, found in rows}

    def note_edits(self, edits: Mapping[str, tuple[Fields, Fields]]) -> None:
        """Note corrections as `edits` gives them; one in which nothing is set is forgotten."""
        with self._transaction() as db:
            for article_id, (edited, found) in edits.items():
                db.execute("DELETE FROM edits WHERE article_id = ?", (article_id,))
                if edited:
                    row = (article_id, json.dumps(edited), json.dumps(found))
                    db.execute("INSERT INTO edits VALUES (?, ?, ?)", row)


def keep_version(db: Connection, article_id: str, next_version: str, kept: int) -> None:
    """Keep the text that an article has now as an earlier version, if the next one is another.

    Args:
        db: A transaction.
        article_id: The article, stored or not.
        next_version: Hash of the text that it is about to have.
        kept: How many versions of an article to keep; the oldest go.
    """
    is_here = "id = ? AND version <> ? AND state = 'ready'"
    db.execute(
        "INSERT OR REPLACE INTO versions (article_id, version, title, text, replaced, further)"
        f" SELECT id, version, title, text, unixepoch('now'), further FROM articles WHERE {is_here}",
        (article_id, next_version),
    )
    newest = "SELECT number FROM versions WHERE article_id = ? ORDER BY number DESC LIMIT ?"
    db.execute(
        f"DELETE FROM versions WHERE article_id = ? AND number NOT IN ({newest})",
        (article_id, article_id, kept),
    )


def throw_away(db: Connection, article_ids: Sequence[str], removed: float) -> None:
    """Copy articles to the trash, from where they may come back.

    Args:
        db: A transaction.
        article_ids: The articles, still there.
        removed: When, in seconds since 1970.
    """
    columns = f"id, digest, {ARTICLE}"
    db.executemany(
        f"INSERT OR REPLACE INTO trash ({columns}, removed, added) SELECT {columns}, ?,"
        " coalesce((SELECT added FROM listed WHERE article_id = id), '') FROM articles WHERE id = ?",
        [(removed, i) for i in article_ids],
    )


def known_of(article: Article) -> str:
    """All of an article but its text and place, as JSON."""
    published = article.published.isoformat() if article.published else None
    fields: dict[str, Any] = {
        "title": article.title,
        "author": article.author,
        "published": published,
        "source": article.source,
        "url": article.url,
        "language": article.language,
        "further": article.further,
    }
    return json.dumps(fields, ensure_ascii=False)


def _original(known: Mapping[str, Any]) -> str:
    """The original that is named by an article's `further`, or by what `known_of` wrote of it."""
    further = known.get("further")
    return str((json.loads(further) if further else known).get("original", ""))
