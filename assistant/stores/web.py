"""What is remembered of the web: subscriptions, what each page was the last time, each site's robots.txt.

Beside the catalog and never in its way: losing this file costs the list of subscriptions, and every page is
fetched once more; no article is lost. It knows SQLite and nothing of how pages are fetched.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError
from assistant.stores.holds import hashed

logger = logging.getLogger(__name__)

FILE_NAME = "web.sqlite"
BUSY_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (
    url TEXT PRIMARY KEY, title TEXT NOT NULL, added TEXT NOT NULL, refreshed TEXT NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '', last_modified TEXT NOT NULL DEFAULT '',
    entries TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE IF NOT EXISTS visits (
    url TEXT PRIMARY KEY, etag TEXT NOT NULL, last_modified TEXT NOT NULL, articles TEXT NOT NULL,
    mark TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS robots (origin TEXT PRIMARY KEY, text TEXT NOT NULL, read_at REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed that is kept up to date.

    Args:
        url: Its address.
        title: Its name, as it says itself.
        added: When it was subscribed to, ISO 8601, UTC.
        refreshed: When it was last fetched, the same; empty if never.
        problem: Why that failed the last time; empty if it did not.
        etag: What came with it.
        last_modified: What came with it.
        entries: Its entries then, as JSON values.
    """

    url: str
    title: str = ""
    added: str = ""
    refreshed: str = ""
    problem: str = ""
    etag: str = ""
    last_modified: str = ""
    entries: tuple[Any, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The subscription as plain JSON values."""
        known = ("url", "title", "added", "refreshed", "problem")
        return {name: getattr(self, name) for name in known} | {"entries": len(self.entries)}


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page was the last time: what came with it, the articles in it, what its feed said of it."""

    url: str
    etag: str = ""
    last_modified: str = ""
    articles: tuple[str, ...] = ()  # ids
    mark: str = ""


class WebMemory:
    """The file of a data folder; made when something is first remembered. Safe to use from threads."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions, in the order in which they were made."""
        rows = self._all("SELECT * FROM feeds ORDER BY added, rowid")
        names = [field.name for field in fields(Subscription)]
        found = (dict(zip(names, row, strict=True)) for row in rows)
        return [
            Subscription(**values | {"entries": tuple(json.loads(values["entries"]))}) for values in found
        ]

    def subscribe(self, subscription: Subscription) -> None:
        """Keep a subscription, or what became of it; `added` stays what it was."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        s = subscription
        self._write(
            "INSERT INTO feeds VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (url) DO UPDATE SET title=excluded.title,"
            " refreshed=excluded.refreshed, problem=excluded.problem, etag=excluded.etag,"
            " last_modified=excluded.last_modified, entries=excluded.entries",
            [
                (
                    s.url,
                    s.title,
                    s.added or now,
                    s.refreshed,
                    s.problem,
                    s.etag,
                    s.last_modified,
                    json.dumps(s.entries),
                )
            ],
        )

    def unsubscribe(self, url: str) -> bool:
        """Forget a subscription; says whether there was one."""
        return self._write("DELETE FROM feeds WHERE url = ?", [(url,)]) > 0

    def visit(self, url: str) -> Visit | None:
        """What a page was the last time."""
        rows = self._all("SELECT * FROM visits WHERE url IN (?, ?)", url, _hidden(url))
        if not rows:
            return None
        _, etag, last_modified, articles, mark = rows[0]
        return Visit(url, etag, last_modified, tuple(json.loads(articles)), mark)

    def remember(self, visits: Sequence[Visit]) -> None:
        """Keep what pages are now."""
        rows = [(v.url, v.etag, v.last_modified, json.dumps(v.articles), v.mark) for v in visits]
        self._write("DELETE FROM visits WHERE url = ?", [(_hidden(v.url),) for v in visits])
        self._write("INSERT OR REPLACE INTO visits VALUES (?,?,?,?,?)", rows)

    def forget(self, article_ids: Collection[str]) -> None:
        """Forget the addresses of articles for good, but not that they were visited."""
        gone = set(article_ids)
        if not gone or not self._path.exists():
            return
        try:
            visits = [(url, articles) for url, articles in self._all("SELECT url, articles FROM visits")]
            self._forget({url: ids for url, text in visits if gone.intersection(ids := json.loads(text))})
        except (CorpusError, ValueError) as exc:  # it must not stop a write
            logger.warning("addresses of articles that are gone could not be forgotten: %s", exc)

    def _forget(self, visits: Mapping[str, Sequence[str]]) -> None:
        feeds = [
            (json.dumps(kept), feed.url)
            for feed in self.subscriptions()
            if len(kept := [e for e in feed.entries if e[0] not in visits]) < len(feed.entries)
        ]
        hide = (
            "UPDATE OR REPLACE visits SET url = ?, etag = '', last_modified = '', articles = ? WHERE url = ?"
        )
        hidden = [(_hidden(url), json.dumps(list(map(hashed, ids))), url) for url, ids in visits.items()]
        with self._open() as db:
            with db:
                db.executemany(hide, hidden)
                db.executemany("UPDATE feeds SET entries = ? WHERE url = ?", feeds)
            db.execute("VACUUM")

    def robots(self, origin: str) -> tuple[str, float] | None:
        """What a site's robots.txt said, and when it was read, in seconds since 1970."""
        rows = self._all("SELECT text, read_at FROM robots WHERE origin = ?", origin)
        return (rows[0][0], rows[0][1]) if rows else None

    def remember_robots(self, origin: str, text: str, read_at: float) -> None:
        """Keep what a site's robots.txt says."""
        self._write("INSERT OR REPLACE INTO robots VALUES (?,?,?)", [(origin, text, read_at)])

    def _all(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        if not self._path.exists():
            return []
        with self._open() as db:
            return db.execute(query, values).fetchall()

    def _write(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
        with self._open() as db, db:
            return db.executemany(statement, rows).rowcount

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as db:
                db.executescript(f"PRAGMA secure_delete = ON; {_SCHEMA}")
                yield db
        except sqlite3.Error as exc:
            raise CorpusError(
                f"{self._path} cannot be read or written: {exc}",
                hint="Free some disk space, or move that file away: only the list of feeds is lost.",
            ) from exc


def _hidden(url: str) -> str:
    """What stands for the address of a page whose articles are gone for good."""
    return "sha256:" + hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
