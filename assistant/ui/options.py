"""How the next question is asked: its filters, who writes the answer, which question it replaces.

It knows values and what a reader typed into the filter's fields, no components and no markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from assistant.types import Article, Filters

MAX_SOURCE_CHARS = 200


class Chip(NamedTuple):
    """A condition that can be taken away."""

    kind: str  # "from", "to", "source", "article" or "revising"
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the reader chose for the next question.

    Args:
        filters: Which articles may be used.
        titles: What to call the articles of the filters, in their order.
        is_quoted: Whether the answer is quoted although a chat model could write it.
        revising: Number of the turn that the question replaces; None if it is a new one.
    """

    filters: Filters = Filters()
    titles: tuple[str, ...] = ()
    is_quoted: bool = False
    revising: int | None = None

    def chips(self) -> Iterator[Chip]:
        """What can be taken away, in the order in which it is shown."""
        filters = self.filters
        if self.revising is not None:
            yield Chip("revising", "", "Changing your last question")
        if filters.published_from:
            yield Chip("from", "", f"From {filters.published_from.isoformat()}")
        if filters.published_to:
            yield Chip("to", "", f"Until {filters.published_to.isoformat()}")
        yield from (Chip("source", source, source) for source in filters.sources)
        for article_id, title in zip(filters.article_ids, self.titles, strict=True):
            yield Chip("article", article_id, title)

    def without(self, kind: str, value: str) -> Options:
        """Take a condition away; one that is not there changes nothing."""
        filters = self.filters
        if kind == "revising":
            return replace(self, revising=None)
        if kind == "from":
            return replace(self, filters=replace(filters, published_from=None))
        if kind == "to":
            return replace(self, filters=replace(filters, published_to=None))
        if kind == "source":
            left = tuple(source for source in filters.sources if source != value)
            return replace(self, filters=replace(filters, sources=left))
        named = [pair for pair in zip(filters.article_ids, self.titles, strict=True) if pair[0] != value]
        ids, titles = tuple(i for i, _ in named), tuple(title for _, title in named)
        return replace(self, filters=replace(filters, article_ids=ids), titles=titles)

    def about(self, article: Article) -> Options:
        """Ask about one article only."""
        filters = replace(self.filters, article_ids=(article.id,))
        return replace(self, filters=filters, titles=(article.name,))

    def narrowed(self, fields: Mapping[str, Any]) -> Options:
        """Add what was written into the fields `from`, `to` and `source`; what is no date is left out.

        Dates in the wrong order are put into the right one.
        """
        filters = self.filters
        days = [_day(fields.get(name)) for name in ("from", "to")]
        first, last = days[0] or filters.published_from, days[1] or filters.published_to
        if first and last and first > last:
            first, last = last, first
        source = " ".join(str(fields.get("source", "")).split())[:MAX_SOURCE_CHARS]
        sources = tuple(dict.fromkeys([*filters.sources, *([source] if source else [])]))
        return replace(
            self, filters=replace(filters, published_from=first, published_to=last, sources=sources)
        )


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
