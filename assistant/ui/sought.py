"""What is searched for on the Search tab, the lines of code that do the same, and the words found.

It knows values and what a reader typed or chose, no components and no markup.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assistant.answering.questions import content_terms
from assistant.stores.lexical import terms
from assistant.types import Filters
from assistant.ui.view import day

MAX_QUERY_CHARS = 1000
TOP_KS = (5, 10, 20, 50)
TOP_K = 10
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

    def python(self) -> str:
        """The lines of Python that search for the same."""
        filters, given = self.filters, [repr(self.query), str(self.top_k)]
        days = {"published_from": filters.published_from, "published_to": filters.published_to}
        named = [f"{name}=date.fromisoformat({str(when)!r})" for name, when in days.items() if when]
        named += [f"sources={filters.sources!r}"] if filters.sources else []
        given += [f"filters=Filters({', '.join(named)})"] if named else []
        given += ["rerank=True"] if self.is_read else []
        imports = ["from datetime import date"] if any(days.values()) else []
        imports += [f"from assistant import Assistant{', Filters' if named else ''}"]
        lines = ["with Assistant.open() as assistant:", f"    hits = assistant.search({', '.join(given)})"]
        return "\n".join([*imports, *lines])

    def curl(self, base: str, *, with_token: bool = False) -> str:
        """The command that asks this server for the same.

        Args:
            base: Address of the server, which ends with "/".
            with_token: Whether the server wants a token.

        Returns:
            Lines for a shell; what was typed is quoted.
        """
        filters = self.filters
        days = {"published_from": filters.published_from, "published_to": filters.published_to}
        narrowed: dict[str, Any] = {name: when.isoformat() for name, when in days.items() if when}
        narrowed |= {"sources": list(filters.sources)} if filters.sources else {}
        body: dict[str, Any] = {"query": self.query, "top_k": self.top_k}
        body |= {"filters": narrowed} if narrowed else {}
        body |= {"rerank": True} if self.is_read else {}
        token = [' -H "Authorization: Bearer $TOKEN"'] if with_token else []
        lines = [
            f"curl {shlex.quote(f'{base}api/v1/search')}",
            *token,
            " -H 'Content-Type: application/json'",
            f" -d {shlex.quote(json.dumps(body, ensure_ascii=False))}",
        ]
        return " \\\n ".join(lines)


def found_words(text: str, query: str) -> list[tuple[int, int]]:
    """Where words of a text stand that a query asks for, in whatever form: "talk" is found in "talks"."""
    wanted = set(content_terms(query)) or set(terms(query))
    return [match.span() for match in _WORD.finditer(text) if wanted.intersection(_stems(match[0]))]


@lru_cache(maxsize=50_000)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(terms(word))
