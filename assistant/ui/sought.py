"""What is searched for on the Search tab, and what of it was found.

It knows values and what a reader typed or chose, no components and no markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from assistant.answering.questions import content_terms, is_question
from assistant.listing import ListedArticle
from assistant.stores.lexical import terms
from assistant.types import Filters, Hit
from assistant.ui.view import day

MAX_QUERY_CHARS = 1000
TOP_KS = (5, 10, 20, 50)
TOP_K = 10
NEAR = 0.3  # similarity above which no string without meaning came: see docs/log.md, 2026-11-28
_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class Sought:
    """A search.

    Args:
        query: Any text.
        filters: Which articles may be looked at.
        top_k: Most hits.
        is_read: Whether the best hits of a question are read, and those that answer put first.
    """

    query: str = ""
    filters: Filters = Filters()
    top_k: int = TOP_K
    is_read: bool = False

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Sought:
        """What the fields `query`, `source`, `from`, `to`, `top_k` and `order` say.

        Dates in the wrong order are put into the right one; what cannot be meant is left out.
        """
        first, last = day(fields.get("from")), day(fields.get("to"))
        if first and last and first > last:
            first, last = last, first
        source = " ".join(str(fields.get("source") or "").split())[:200]
        wanted = str(fields.get("top_k"))
        return cls(
            " ".join(str(fields.get("query") or "").split())[:MAX_QUERY_CHARS],
            Filters(first, last, (source,) if source else ()),
            int(wanted) if wanted in map(str, TOP_KS) else TOP_K,
            fields.get("order") == "read",
        )

    @property
    def is_order_of_no_use(self) -> bool:
        """Whether hits were to be read for an answer, and the query asks for none."""
        return self.is_read and bool(self.query) and not is_question(self.query)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Args:
        hits: Best first.
        words: Those of the query that are looked for, and whether any passage of the corpus holds them.
        copies: Near copies that hits name, by their id.
        seconds: How long it took.
    """

    hits: tuple[Hit, ...] = ()
    words: Mapping[str, bool] = field(default_factory=dict)
    copies: Mapping[str, ListedArticle] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def missing(self) -> list[str]:
        """Words that stand in no passage."""
        return [word for word, is_known in self.words.items() if not is_known]

    @property
    def is_by_meaning_alone(self) -> bool:
        """Whether no word of it stands anywhere, so that its meaning alone can have found something."""
        return bool(self.words) and not any(self.words.values())

    @property
    def is_near(self) -> bool:
        """Whether anything is near enough to be meant; where words were found, that is not asked."""
        nearest = max((hit.similarity or 0.0 for hit in self.hits), default=0.0)
        return not self.is_by_meaning_alone or nearest >= NEAR


def found_words(text: str, query: str) -> list[tuple[int, int]]:
    """Where words of a text stand that a query asks for, in whatever form: "talk" is found in "talks"."""
    wanted = set(content_terms(query)) or set(terms(query))
    return [match.span() for match in _WORD.finditer(text) if wanted.intersection(_stems(match[0]))]


@lru_cache(maxsize=50_000)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(terms(word))
