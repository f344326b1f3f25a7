"""Corrections by hand: title, author, source and date that stay when the article is read again.

It knows fields; it does not know where corrections are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from assistant.stores.history import Fields
from assistant.types import BY_HAND, Article

EDITABLE = ("title", "author", "published", "source")


def edited(
    article: Article, edits: tuple[Fields, Fields], changes: Mapping[str, str | date | None]
) -> tuple[Article, tuple[Fields, Fields]]:
    """Correct an article.

    Args:
        article: As it is stored, with the corrections made before.
        edits: Those corrections: (what was set, what the source says of the same).
        changes: New values by field; none of them takes all corrections back.

    Returns:
        The article, and its corrections to note.

    Raises:
        ValueError: If a field cannot be corrected.
    """
    if unknown := set(changes) - set(EDITABLE):
        raise ValueError(f"{', '.join(sorted(unknown))} cannot be edited, only {', '.join(EDITABLE)}")
    made, found = edits
    original = _with(article, found, origin="")
    if not changes:
        return original, ({}, {})
    made = made | {name: _as_text(value) for name, value in changes.items()}
    found = {name: found.get(name, _as_text(getattr(article, name))) for name in made}
    return apply(original, made), (made, found)


def apply(article: Article, made: Fields) -> Article:
    """An article as its source gives it, with corrections."""
    return _with(article, made, origin=BY_HAND)


def found_anew(article: Article, edits: tuple[Fields, Fields]) -> tuple[Fields, Fields]:
    """Corrections with what the source says now."""
    return edits[0], {name: _as_text(getattr(article, name)) for name in edits[0]}


def _with(article: Article, fields: Fields, *, origin: str) -> Article:
    values: dict[str, Any] = {
        name: (date.fromisoformat(value) if value else None) if name == "published" else value or ""
        for name, value in fields.items()
    }
    origins = [(field, where) for field, where in article.origins if field not in fields]
    origins += [(field, origin) for field in fields if origin]
    return replace(article, **values, origins=tuple(origins))


def _as_text(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value
