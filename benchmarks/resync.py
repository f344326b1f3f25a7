"""What a second sync costs: `python -m benchmarks.resync [--articles N] [--vectors product|random]`.

Writes articles of 1,000 characters, one a file, adds the folder, syncs it unchanged, and once more after one
article was changed. With random vectors nothing is embedded, so the first ingest takes the least time that it
can, and a share of that is a harder test than a share of the product's own. It knows files and clocks.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import Assistant
from assistant.settings import Settings
from assistant.syncing import RACY_SECONDS
from assistant.types import IngestReport
from benchmarks.results import describe_run, save

ARTICLES, CHARS, SYNCS = 20_000, 1000, 3
ALLOWED_SHARE = 1 / 50  # of the first ingest, for a sync of an unchanged folder
DIM = 384


class RandomVectors:
    """An embedder that embeds nothing: the vector of a text is drawn by its hash."""

    fingerprint = "random"
    dim = DIM

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts: float32, shape (len(texts), dim), rows of unit length."""
        rows = [self.embed_query(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, DIM), np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a text: float32, shape (dim,), unit length."""
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).standard_normal(DIM, dtype=np.float32)
        return vector / np.linalg.norm(vector)


def measure(folder: Path, *, articles: int, vectors: str) -> dict[str, Any]:
    """Write articles, add them, and sync them again.

    Args:
        folder: An empty folder.
        articles: How many.
        vectors: `product` or `random`.

    Returns:
        Seconds of each step, and what the unchanged sync is a share of.
    """
    texts = folder / "texts"
    _write(texts, articles)
    time.sleep(RACY_SECONDS + 0.5)  # files are seldom added in the second that they are written in
    settings = Settings(data_dir=folder / "data")
    embedder = RandomVectors() if vectors == "random" else None
    with Assistant.open(settings=settings, embedder=embedder) as assistant:
        first, report = _timed(lambda: assistant.add(texts))
        unchanged = statistics.median(_timed(lambda: assistant.add(texts))[0] for _ in range(SYNCS))
        _change(texts, 0)
        changed, after = _timed(lambda: assistant.add(texts))
    with Assistant.open(settings=settings, embedder=embedder) as assistant:
        time.sleep(RACY_SECONDS)
        _timed(lambda: assistant.add(texts))  # the changed one is old enough now to be remembered
        opened, same = _timed(lambda: assistant.add(texts))
    assert (len(report.added), len(after.updated), len(same.unchanged)) == (articles, 1, articles)
    return {
        "articles": articles,
        "chars": CHARS,
        "vectors": vectors,
        "passages": report.passages,
        "first_s": round(first, 2),
        "unchanged_s": round(unchanged, 3),
        "unchanged_reopened_s": round(opened, 3),
        "one_changed_s": round(changed, 3),
        "share": round(unchanged / first, 5),
        "allowed_share": ALLOWED_SHARE,
    }


def _timed(work: Callable[[], IngestReport]) -> tuple[float, IngestReport]:
    begun = time.perf_counter()
    report = work()
    return time.perf_counter() - begun, report


def _write(folder: Path, articles: int) -> None:
    folder.mkdir()
    words = _words(random.Random(7))
    for number in range(articles):
        _place(folder, number).parent.mkdir(exist_ok=True)
        _place(folder, number).write_text(_text(words, number), encoding="utf-8")


def _change(folder: Path, number: int) -> None:
    path = _place(folder, number)
    path.write_text(path.read_text(encoding="utf-8") + " Changed.", encoding="utf-8")


def _place(folder: Path, number: int) -> Path:
    return folder / f"{number // 1000:03d}" / f"{number:06d}.txt"


def _words(source: random.Random) -> list[str]:
    letters = "aeioulnrstdm"
    return ["".join(source.choices(letters, k=source.randint(2, 9))) for _ in range(5000)]


def _text(words: Sequence[str], number: int) -> str:
    source = random.Random(number)
    text = f"Article {number}\n\n"
    while len(text) < CHARS:
        text += " ".join(source.choices(words, k=12)).capitalize() + ". "
    return text[:CHARS].rstrip()


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--vectors", choices=("product", "random"), default="product")
    given = parser.parse_args(argv)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = measure(Path(folder), articles=given.articles, vectors=given.vectors)
    print(found)
    save(describe_run(), {"resync": {f"{given.vectors} {given.articles}": found}}, {})


if __name__ == "__main__":
    main(sys.argv[1:])
