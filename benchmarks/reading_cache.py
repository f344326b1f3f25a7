"""What the reader made of questions and passages, kept on disk, so that a benchmark reads no pair twice.

It knows pairs, logits and one SQLite file, which may be the one that `vector_cache` writes; it does not know
why a passage is read.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from assistant.models import bundled_tokenizer
from assistant.reader import WEIGHTS, OnnxReader, Reading, checked
from assistant.reader_input import Pair, encode_pairs
from assistant.types import Hit

BUSY_SECONDS = 120  # another benchmark may be writing


class ReadingCache:
    """The shipped reader, which is asked only for pairs that it has not read.

    Logits are kept in half precision. Satisfies `assistant.reader.Reader`.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._reader = OnnxReader()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS readings (key BLOB PRIMARY KEY, answerable REAL, logits BLOB)"
            " WITHOUT ROWID"
        )

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """One reading for each hit, in their order."""
        keys = [self._key(question, hit) for hit in hits]
        known = [self._known(key, question, hit) for key, hit in zip(keys, hits, strict=True)]
        missing = [n for n, reading in enumerate(known) if reading is None]
        if missing:
            read = dict(zip(missing, self._reader.read(question, [hits[n] for n in missing]), strict=True))
            with self._db:
                for n, reading in read.items():
                    self._keep(keys[n], reading.answerable, np.stack([reading.starts, reading.ends], axis=1))
            known = [read.get(n, reading) for n, reading in enumerate(known)]
        return [reading for reading in known if reading is not None]

    def _key(self, question: str, hit: Hit) -> bytes:
        text = "\0".join((self._weights, question, hit.passage.header, hit.passage.text))
        return hashlib.sha256(text.encode()).digest()[:16]

    def _keep(
        self, key: bytes, answerable: float, logits: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    ) -> None:
        values = (key, float(answerable), logits.astype(np.float16).tobytes())
        self._db.execute("INSERT OR IGNORE INTO readings VALUES (?, ?, ?)", values)

    def _known(self, key: bytes, question: str, hit: Hit) -> Reading | None:
        row = self._db.execute("SELECT answerable, logits FROM readings WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        pair = Pair(question, hit.passage.header, hit.passage.text)
        _, offsets = encode_pairs(self._tokenizer, [pair]).offsets[0]
        places = np.array(offsets, np.int64).reshape(-1, 2) + hit.passage.start
        logits = np.frombuffer(row[1], np.float16).astype(np.float32).reshape(-1, 2)
        return Reading(hit, row[0], places, logits[:, 0], logits[:, 1])

    @cached_property
    def _weights(self) -> str:
        return hashlib.sha256(checked(WEIGHTS).read_bytes()).hexdigest()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return bundled_tokenizer()
