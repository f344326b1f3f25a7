"""The tables of the catalog, and the way to them from what earlier releases left.

It knows SQL; it does not know what is done with the rows.
"""

from __future__ import annotations

from assistant.stores.connections import Connection
from assistant.stores.listed import list_unlisted
from assistant.types import Article

SCHEMA_VERSION = 3
LATEST = {
    "listed_by_kin",
    "versions_by_article",
    "moved_by_now",
}  # added by the latest releases: who lacks one, lacks more

_COLUMNS = """
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, published TEXT,
    source TEXT NOT NULL, url TEXT NOT NULL, language TEXT NOT NULL, root TEXT NOT NULL, path TEXT NOT NULL,
    text TEXT NOT NULL"""
_ARTICLES = f"""
CREATE TABLE IF NOT EXISTS articles ({_COLUMNS},
    state TEXT NOT NULL CHECK (state IN ('pending', 'ready')),
    further TEXT NOT NULL DEFAULT '', version TEXT NOT NULL DEFAULT ''
)"""
_OTHERS = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS articles_by_root ON articles (root);
CREATE INDEX IF NOT EXISTS articles_by_state ON articles (state) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS articles_by_version ON articles (version);
CREATE INDEX IF NOT EXISTS articles_by_id ON articles (id, state);
CREATE TABLE IF NOT EXISTS passages (
    id TEXT PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, header TEXT NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_by_article ON passages (article_id, start);
CREATE TABLE IF NOT EXISTS drops (passage_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS copies (
    id TEXT PRIMARY KEY, root TEXT NOT NULL, path TEXT NOT NULL,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE, known TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS copies_by_article ON copies (article_id);
CREATE TABLE IF NOT EXISTS versions (
    number INTEGER PRIMARY KEY, article_id TEXT NOT NULL, version TEXT NOT NULL, title TEXT NOT NULL,
    text TEXT NOT NULL, replaced INTEGER NOT NULL, further TEXT NOT NULL DEFAULT '',
    UNIQUE (article_id, version)
);
CREATE INDEX IF NOT EXISTS versions_by_article ON versions (article_id, number);
CREATE TABLE IF NOT EXISTS trash (
    {_COLUMNS}, further TEXT NOT NULL, removed REAL NOT NULL, added TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS edits (article_id TEXT PRIMARY KEY, edited TEXT NOT NULL, found TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kin (
    number INTEGER PRIMARY KEY, article_id TEXT NOT NULL UNIQUE REFERENCES articles (id) ON DELETE CASCADE,
    group_id INTEGER NOT NULL, signature BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS bands (
    band INTEGER NOT NULL, number INTEGER NOT NULL REFERENCES kin (number) ON DELETE CASCADE,
    PRIMARY KEY (band, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bands_by_number ON bands (number);
CREATE INDEX IF NOT EXISTS kin_by_group ON kin (group_id);
CREATE TABLE IF NOT EXISTS listed (
    number INTEGER PRIMARY KEY,
    article_id TEXT NOT NULL UNIQUE REFERENCES articles (id) ON DELETE CASCADE,
    published TEXT NOT NULL, added TEXT NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL,
    words TEXT NOT NULL, kin INTEGER
);
CREATE INDEX IF NOT EXISTS listed_by_published ON listed (published);
CREATE INDEX IF NOT EXISTS listed_by_added ON listed (added);
CREATE INDEX IF NOT EXISTS listed_by_name ON listed (name);
CREATE INDEX IF NOT EXISTS listed_by_source ON listed (source);
CREATE INDEX IF NOT EXISTS listed_by_kin ON listed (kin);
CREATE TABLE IF NOT EXISTS holds (
    id TEXT PRIMARY KEY, version TEXT NOT NULL, digest TEXT NOT NULL, root TEXT NOT NULL, place TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS holds_by_place ON holds (place);
CREATE TABLE IF NOT EXISTS moved (id TEXT PRIMARY KEY, now TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS moved_by_now ON moved (now);
DROP INDEX IF EXISTS articles_by_beginning;
INSERT OR IGNORE INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}'), ('generation', '0');
UPDATE meta SET value = '{SCHEMA_VERSION}' WHERE key = 'schema_version'"""
_ADDED = {  # columns that tables of an earlier release lack
    "articles": ("further", "version"),
    "copies": ("known",),
    "trash": ("added",),
    "versions": ("further",),
}


def is_wanting(tables: set[str]) -> bool:
    """Whether a file with these tables and indexes lacks some of ours: it is empty or older."""
    return not tables or ("articles_by_state" in tables and not tables >= LATEST)


def is_known(version: str) -> bool:
    """Whether a catalog of this version is one that `bring_up` can start from."""
    return version in {"1", "2", str(SCHEMA_VERSION)}


def bring_up(db: Connection) -> None:
    """Make all tables, columns and indexes that are not there, within the transaction at hand.

    Args:
        db: An empty file, or a catalog of this or an earlier version.
    """
    db.execute(_ARTICLES)
    for table, columns in _ADDED.items():
        there = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
        for column in columns if there else ():
            if column not in there:
                db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    for statement in _OTHERS.split(";\n"):
        db.execute(statement)
    db.create_function("version_of", 1, lambda text: Article(text).version, deterministic=True)
    db.execute("UPDATE articles SET version = version_of(text) WHERE version = ''")
    list_unlisted(db)
