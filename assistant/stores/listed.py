"""The list of articles: sorted, narrowed and counted a page at a time, without a look at any text.

What a list compares lies beside the articles in a narrow table of its own, `listed`: a row there is a few
hundred bytes, one of `articles` is as long as its text. It knows rows; who shows them it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from typing import Any

from assistant.listing import ArticleCounts, ArticlePage, ArticleQuery, ArticleSort, ListedArticle, fold
from assistant.stores.connections import Connection, Database
from assistant.types import Article

MOST_SOURCES = 200  # publishers that are counted by name

_KEYS = {
    ArticleSort.PUBLISHED: "published",
    ArticleSort.ADDED: "added",
    ArticleSort.TITLE: "name",
    ArticleSort.SOURCE: "source",
}
# Few articles are pending, and there is an index of them: so a page need not look up the state of each.
_READY = (
    "{0}.number NOT IN (SELECT p.number FROM articles a JOIN listed p ON p.article_id = a.id"
    " WHERE a.state = 'pending')"
)
_COPIES_OF = (
    "{0}.article_id IN (SELECT o.article_id FROM kin k JOIN kin o ON o.group_id = k.group_id"
    " WHERE k.article_id = ?)"
)
_ONE_OF_EACH = "NOT EXISTS (SELECT 1 FROM listed o WHERE o.kin = l.kin AND o.number < l.number AND {})"
FEW = 5000  # rows that hold the words sought; of more, a page is soon full in the order of its index
_SHOWN = "id, title, author, source, published, url, root, path, language, version, substr(text, 1, 60)"


class CatalogListing(Database):
    """The part of the catalog that lists."""

    def list_articles(self, query: ArticleQuery, *, few: int = FEW) -> ArticlePage:
        """One page of the ready articles.

        Args:
            query: Which articles, in which order, and which page.
            few: So many rows that hold the words sought are named one by one.

        Returns:
            The page, and how many articles the list has as a whole.
        """
        total, condition, values = self._found(query, few)
        key, way = _KEYS[query.sort], "DESC" if query.descending else "ASC"
        skipped = query.offset
        if query.after:
            condition += f" AND (l.{key}, l.number) {'<' if query.descending else '>'} (?, ?)"
            values, skipped = [*values, *query.place()], 0
        rows = self._rows(
            f"SELECT l.{key}, l.number, l.article_id, l.added FROM listed l WHERE {condition}"
            f" ORDER BY l.{key} {way}, l.number {way} LIMIT ? OFFSET ?",
            [*values, query.limit + 1, skipped],
        )
        shown = rows[: query.limit]
        following = query.cursor(*shown[-1][:2]) if len(rows) > len(shown) else ""
        return ArticlePage(self._shown({row[2]: row[3] for row in shown}), total, following)

    def count_articles(self, query: ArticleQuery, *, most_sources: int = MOST_SOURCES) -> ArticleCounts:
        """Count the ready articles of a list by publisher and by month; its order and page do not matter.

        Args:
            query: Which articles.
            most_sources: Publishers to name at most, those with the most articles.

        Returns:
            The counts.
        """
        condition, values = _condition(query)
        way = "+" if query.words else ""  # else each row would be sought for itself, in the order of an index
        months = self._rows(
            f"SELECT substr({way}l.published, 1, 7), count(*) FROM listed l"
            f" WHERE {condition} GROUP BY 1 ORDER BY 1",
            values,
        )
        sources = self._rows(
            f"SELECT a.source, found.n FROM (SELECT min(l.number) AS number, count(*) AS n FROM listed l"
            f" WHERE {condition} AND l.source <> '' GROUP BY {way}l.source"
            " ORDER BY n DESC, l.source LIMIT ?) found"
            " JOIN listed s ON s.number = found.number JOIN articles a ON a.id = s.article_id"
            " ORDER BY found.n DESC, s.source",
            [*values, most_sources],
        )
        dated = tuple((month, number) for month, number in months if month)
        undated = sum(number for month, number in months if not month)
        return ArticleCounts(tuple(map(tuple, sources)), dated, undated, undated + sum(n for _, n in dated))

    def _found(self, query: ArticleQuery, few: int) -> tuple[int, str, list[Any]]:
        """How many articles a list has, and which they are: a condition on `listed l` and its values.

        Words are looked for in every row. If few hold them, those are named in the condition, so that the
        rows are gone through once and not again for the page.
        """
        if query.words:
            condition, values = _condition(query)
            chosen = f"SELECT number, kin FROM listed l WHERE {condition} LIMIT ?"
            rows = self._rows(chosen, [*values, few + 1])
            if len(rows) <= few:
                first = {kin or -number: number for number, kin in reversed(rows)}  # of each group
                numbers = list(first.values()) if query.one_of_each else [number for number, _ in rows]
                return len(numbers), "l.number IN (SELECT value FROM json_each(?))", [json.dumps(numbers)]
        condition, values = _condition(query)
        doubled = "- (count(kin) - count(DISTINCT kin))" if query.one_of_each else ""
        counted = self._rows(f"SELECT count(*) {doubled} FROM listed l WHERE {condition}", values)
        if query.one_of_each:
            others, _ = _condition(query, "o")
            condition, values = f"{condition} AND {_ONE_OF_EACH.format(others)}", [*values, *values]
        return int(counted[0][0]), condition, values

    def _shown(self, added: dict[str, str]) -> tuple[ListedArticle, ...]:
        """The articles of these ids with what is shown of them, in this order."""
        rows = {
            row[0]: row for row in self._rows_in(f"SELECT {_SHOWN} FROM articles WHERE id IN ({{}})", added)
        }
        passages = self._counts("passages", added)
        places = self._counts("copies", added)
        copies = dict(
            self._rows_in(
                "SELECT k.article_id, count(*) - 1 FROM kin k JOIN kin o ON o.group_id = k.group_id"
                " WHERE k.article_id IN ({}) GROUP BY k.article_id",
                added,
            )
        )
        return tuple(
            _listed(rows[i], since, passages.get(i, 0), copies.get(i, 0), places.get(i, 0))
            for i, since in added.items()
            if i in rows  # it may have gone in between
        )

    def _counts(self, table: str, article_ids: Collection[str]) -> dict[str, int]:
        query = f"SELECT article_id, count(*) FROM {table} WHERE article_id IN ({{}}) GROUP BY article_id"
        return dict(self._rows_in(query, article_ids))


def list_article(db: Connection, article: Article, before: tuple[int | None, str] | None) -> None:
    """Write the row of an article that was just written.

    Args:
        db: A transaction.
        article: The article.
        before: What `place_of` said before its earlier version was deleted.
    """
    number, added = before or (None, None)
    now = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
    db.execute(
        f"INSERT INTO listed VALUES (?, ?, ?, coalesce(?, {now}), ?, ?, ?, NULL)",
        (
            number,
            article.id,
            article.published.isoformat() if article.published else "",
            added,
            *_keys(article),
        ),
    )


def place_of(db: Connection, article_id: str) -> tuple[int | None, str] | None:
    """(number, when it was added) of an article that is stored or lies in the trash; None of a new one."""
    row: tuple[int | None, str] | None
    row = db.execute("SELECT number, added FROM listed WHERE article_id = ?", (article_id,)).fetchone()
    if row is None:
        row = db.execute("SELECT NULL, added FROM trash WHERE id = ?", (article_id,)).fetchone()
    return row


def list_unlisted(db: Connection) -> None:
    """Write the rows of all articles that have none: those of an earlier release.

    Args:
        db: A transaction.
    """
    db.create_function("name_key", 3, lambda *row: _keys(_named(*row))[0], deterministic=True)
    db.create_function("word_key", 5, lambda *row: _keys(_named(*row))[2], deterministic=True)
    db.create_function("casefold", 1, str.casefold, deterministic=True)
    beginning = "substr(text, 1, 60)"
    db.execute(
        "INSERT INTO listed (article_id, published, added, name, source, words)"
        f" SELECT id, coalesce(published, ''), '', name_key(title, path, {beginning}), casefold(source),"
        f" word_key(title, path, {beginning}, author, source)"
        " FROM articles WHERE id NOT IN (SELECT article_id FROM listed) ORDER BY rowid"
    )
    db.execute(
        "UPDATE listed SET kin = (SELECT group_id FROM kin k WHERE k.article_id = listed.article_id)"
        " WHERE article_id IN (SELECT article_id FROM kin WHERE group_id IN"
        " (SELECT group_id FROM kin GROUP BY group_id HAVING count(*) > 1))"
    )


def list_group(db: Connection, group: int) -> None:
    """Note in the rows of near copies that they are one group.

    Args:
        db: A transaction.
        group: Two articles or more.
    """
    members = "SELECT article_id FROM kin WHERE group_id = ?"
    db.execute(f"UPDATE listed SET kin = ? WHERE article_id IN ({members})", (group, group))


def _named(title: str, path: str, beginning: str, author: str = "", source: str = "") -> Article:
    return Article(beginning, title, author, source=source, path=path)


def _keys(article: Article) -> tuple[str, str, str]:
    """What a list compares: name, publisher, and all words of name, author and publisher."""
    words = "\n".join(map(fold, (article.name, article.author, article.source)))
    return fold(article.name), article.source.casefold(), words


def _condition(query: ArticleQuery, row: str = "l") -> tuple[str, list[Any]]:
    """The articles of a list, near copies included, as SQL about a row of `listed`, and its values."""
    parts: list[str] = [_READY.format(row)]
    values: list[Any] = []
    filters = query.filters
    for day, sign in ((filters.published_from, ">="), (filters.published_to, "<=")):
        if day:
            parts.append(f"{row}.published {sign} ? AND {row}.published <> ''")
            values.append(day.isoformat())
    sources = [source.casefold() for source in filters.sources]
    for column, wanted in (("source", sources), ("article_id", filters.article_ids)):
        if wanted:
            parts.append(f"{row}.{column} IN ({','.join('?' * len(wanted))})")
            values += wanted
    for word in query.words:
        parts.append(f"instr({row}.words, ?)")
        values.append(word)
    if query.copies_of:
        parts.append(_COPIES_OF.format(row))
        values.append(query.copies_of)
    return " AND ".join(parts), values


def _listed(row: tuple[Any, ...], added: str, passages: int, copies: int, places: int) -> ListedArticle:
    article_id, title, author, source, published, url, root, path, language, version, beginning = row
    name = _named(title, path, beginning).name
    day = date.fromisoformat(published) if published else None
    counted = (passages, copies, places)
    return ListedArticle(
        article_id, name, author, source, day, added, url, root, path, language, *counted, version
    )
