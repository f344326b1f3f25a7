"""Vectors kept on disk by the hash of their text, so that a benchmark that was stopped goes on where it was.

It knows texts, vectors and one SQLite file; it does not know which pipeline asks or what the vectors are for.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.models import Embedder

BUSY_SECONDS = 120  # another benchmark may be writing
COMMIT_EVERY = 512  # texts between two commits: what a stop can lose


class VectorCache:
    """An embedder that asks the one behind it only for texts it has not seen.

    Satisfies `assistant.models.Embedder`.
    """

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder = embedder
        self.fingerprint = embedder.fingerprint
        self.dim = embedder.dim
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")  # several benchmarks may run at once
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
        )

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts.

        Returns:
            float32, shape (len(texts), dim), rows of unit length, in the order of `texts`.
        """
        keys = [self._key(text) for text in texts]
        known = self._lookup(keys)
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
        missing.sort(key=lambda item: len(item[1]))
        for start in range(0, len(missing), COMMIT_EVERY):
            batch = missing[start : start + COMMIT_EVERY]
            vectors = self._embedder.embed_passages([text for _, text in batch]).astype(np.float32)
            known.update(zip((key for key, _ in batch), vectors, strict=True))
            with self._db:
                self._db.executemany(
                    "INSERT OR IGNORE INTO vectors VALUES (?, ?)",
                    [(key, vector.tobytes()) for (key, _), vector in zip(batch, vectors, strict=True)],
                )
        return np.stack([known[key] for key in keys]) if keys else np.zeros((0, self.dim), np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one query: float32, shape (dim,), unit length."""
        row: NDArray[np.float32] = self.embed_passages([text])[0]
        return row

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.fingerprint}\0{text}".encode()).digest()[:16]

    def _lookup(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        found: dict[bytes, NDArray[np.float32]] = {}
        for part in _parts(list(dict.fromkeys(keys)), 5000):
            marks = ",".join("?" * len(part))
            for key, vector in self._db.execute(
                f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part
            ):
                found[key] = np.frombuffer(vector, np.float32)
        return found


def _parts(items: list[bytes], size: int) -> Iterator[list[bytes]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
