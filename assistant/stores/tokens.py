"""Tokens of programs: who they were made for and what they are good for, in a SQLite file of their own.

Only a hash of each is kept. A token is 256 random bits, so that a plain hash cannot be guessed from.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.stores.connections import Database

FILE_NAME = "tokens.sqlite"
PREFIX = "aat_"  # so that a token is known for one where it lies about
ID_BYTES = 4

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, scopes TEXT NOT NULL,
    created TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token."""

    id: str
    name: str  # what it was made for
    scopes: tuple[str, ...]
    created: datetime

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": list(self.scopes),
            "created": self.created.isoformat(timespec="seconds"),
        }


class TokenStore(Database):
    """The tokens of one data folder; the file is made with the first one.

    Args:
        data_dir: The folder.
    """

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir / FILE_NAME)

    def create(self, name: str, scopes: Collection[str]) -> tuple[Token, str]:
        """Make a token: (what is kept of it, the token itself, which cannot be had again)."""
        secret = PREFIX + secrets.token_urlsafe(32)
        token = Token(
            secrets.token_hex(ID_BYTES), name, tuple(sorted(scopes)), datetime.now(UTC).replace(microsecond=0)
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            self.path.touch(mode=0o600)
        with self._transaction() as db:
            db.execute(_SCHEMA)
            row = (token.id, _hash(secret), name, " ".join(token.scopes), token.created.isoformat())
            db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?)", row)
        return token, secret

    def with_secret(self, secret: str) -> Token | None:
        """The token of this text, unless it was revoked or never made."""
        return next(iter(self._tokens("WHERE hash = ?", _hash(secret))), None)

    def all(self) -> list[Token]:
        """All tokens, oldest first."""
        return self._tokens("ORDER BY created, rowid")

    def revoke(self, token_id: str) -> Token | None:
        """Forget a token at once; None if there is none of this id."""
        found = self._tokens("WHERE id = ?", token_id)
        if found:
            with self._transaction() as db:
                db.execute("DELETE FROM tokens WHERE id = ?", (token_id,))
        return next(iter(found), None)

    def _tokens(self, rest: str, *values: str) -> list[Token]:
        if not self.path.exists():
            return []
        rows = self._rows(f"SELECT id, name, scopes, created FROM tokens {rest}", values)
        return [
            Token(i, name, tuple(scopes.split()), datetime.fromisoformat(at)) for i, name, scopes, at in rows
        ]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
