"""The three stores: the catalog, which is the truth, and the two indexes that can be rebuilt from it."""

from __future__ import annotations

CATALOG_NAME = "catalog.sqlite"  # a folder that holds it is a data folder
FREE_SPACE_HINT = (
    "Free some disk space and run the command again; nothing that was reported as added is lost."
)


def index_hint(error: Exception) -> str:
    """What to do about an index that raised an error."""
    is_full = any(words in str(error) for words in ("disk is full", "No space left"))
    return FREE_SPACE_HINT if is_full else "Run `assistant verify --repair`."
