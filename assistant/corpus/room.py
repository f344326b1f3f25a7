"""Whether the disk has room for what is about to be written: said before the work, not in the middle of it.

It knows about how much an article takes in all stores; it does not know what is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from assistant.errors import CorpusError
from assistant.types import Article

# With 384 numbers a vector, 1,000 articles of 1,040 characters (3,000 passages) took 24 MB at the most while
# they were written, 2,000 of 166 took 21 MB; this says 42 and 32 (docs/log.md).
BYTES_A_CHAR = 5
BYTES_AN_ARTICLE = 4_000
BYTES_A_PASSAGE = 11_000
HINT = (
    "Free some disk space and run the same command again, or lower library.reserve_mb; nothing that was added"
    " before is lost."
)


def needed(articles: Iterable[Article], passage_chars: int) -> int:
    """About how many bytes these articles take, from above."""
    sizes = [len(article.text) for article in articles]
    passages = sum(1 + size * 10 // (7 * passage_chars) for size in sizes)
    return sum(sizes) * BYTES_A_CHAR + len(sizes) * BYTES_AN_ARTICLE + passages * BYTES_A_PASSAGE


def require(folder: Path, wanted_bytes: int, reserve_bytes: int) -> None:
    """Check that so much can be written and the reserve stays free.

    Args:
        folder: A folder on the disk.
        wanted_bytes: What is about to be written.
        reserve_bytes: What is to stay free.

    Raises:
        CorpusError: If there is no room.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # whoever writes says so
        return
    if free < wanted_bytes + reserve_bytes:
        raise CorpusError(
            f"{folder}: the disk has {_mb(free)} MB free; adding the next articles needs about"
            f" {_mb(wanted_bytes)} MB, and {_mb(reserve_bytes)} MB are to stay free",
            hint=HINT,
        )


def _mb(count: int) -> str:
    return f"{count / 1e6:,.0f}" if count >= 10_000_000 else f"{count / 1e6:.1f}"
