"""Assistants that let one source say only so much, to measure what that changes.

The product has no such limit: a corpus may well have a single source. It knows hits and their articles'
sources; it does not know what was planted where.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from assistant import Assistant
from assistant.conversation import Understood
from assistant.types import DateRange, Filters, Hit

ANY = Filters()


class OnePassageASource(Assistant):
    """Seeks answers in the best passage of each source."""

    most = 1

    def evidence(
        self, question: Understood, filters: Filters = ANY, *, near: DateRange | None = None
    ) -> tuple[Hit, ...]:
        """Find the passages that an answer is sought in, best first, few of each source."""
        return limited(super().evidence(question, filters, near=near), self.most)


class TwoPassagesASource(OnePassageASource):
    """Seeks answers in the two best passages of each source."""

    most = 2


def limited(hits: Sequence[Hit], most: int) -> tuple[Hit, ...]:
    """The first `most` hits of each source; an article without a source is its own."""
    seen: Counter[str] = Counter()
    kept = []
    for hit in hits:
        source = hit.article.source or hit.article.id
        seen[source] += 1
        if seen[source] <= most:
            kept.append(hit)
    return tuple(kept)
