"""Hits of a search as a file: CSV for a spreadsheet, JSON for a program.

It knows values. What articles say is not to be trusted by a spreadsheet either: a cell that would begin a
formula there is made text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from assistant.types import Filters, Hit

COLUMNS = (
    *("rank", "score", "similarity", "lexical", "answers", "title", "source", "published", "author", "url"),
    *("text", "start", "end", "article_id", "passage_id", "also_in"),
)
FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"  # what spreadsheets take for the beginning of a formula


def hits_as_csv(hits: Sequence[Hit]) -> str:
    """Write hits as a table.

    Args:
        hits: Best first.

    Returns:
        A line of column names and one for each hit. A text that begins like a formula has a ' in front.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for rank, hit in enumerate(hits, 1):
        known = hit.to_dict() | {"rank": rank, "also_in": "; ".join(other.name for other in hit.also_in)}
        writer.writerow([_cell(known[name]) for name in COLUMNS])
    return table.getvalue()


def hits_as_json(
    hits: Sequence[Hit], query: str, filters: Filters = Filters(), *, rerank: bool = False
) -> str:
    """Write hits and what they were searched with as JSON; the hits are as `Hit.to_dict` has them."""
    asked = {
        "query": query,
        "published_from": filters.published_from and filters.published_from.isoformat(),
        "published_to": filters.published_to and filters.published_to.isoformat(),
        "sources": list(filters.sources),
        "rerank": rerank,
    }
    return json.dumps({**asked, "hits": [hit.to_dict() for hit in hits]}, ensure_ascii=False, indent=1)


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    begins = value.lstrip(" ")[:1]
    return f"'{value}" if begins and begins in FORMULA_SIGNS else value
