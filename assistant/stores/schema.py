"""The tables of the catalog, and the way to them from what earlier releases left.

It knows SQL; it does not know what an article is.
"""

from __future__ import annotations

from assistant.stores.connections import Connection

SCHEMA_VERSION = 2

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


def is_wanting(tables: set[str]) -> bool:
    """Whether a file with these tables and indexes lacks some of ours: it is empty or older."""
    return not tables or ("articles_by_state" in tables and "articles_by_beginning" not in tables)


def script() -> str:
    """Statements that make all tables that are not there: all or nothing, and once if two begin."""
    return f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;"


def migrate(db: Connection) -> None:
    """Bring tables of an older version to this one, within the transaction at hand."""
    (version,) = db.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    for statement in _FROM_1.strip().split("\n") if version == "1" else ():  # or another did it
        db.execute(statement)
