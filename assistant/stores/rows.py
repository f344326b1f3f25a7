"""Articles and passages as rows of the catalog, and back.

It knows the columns; it does not know how they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.types import Article, Filters, Passage

ARTICLE = "title, author, published, source, url, language, root, path, text, further"

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """An article with its passages and their vectors, rows in the order of the passages."""

    article: Article
    passages: tuple[Passage, ...]
    vectors: Vector  # float32, shape (len(passages), dim)


def where(filters: Filters) -> tuple[str, list[Any]]:
    """Conditions on `articles` as SQL that begins with AND, and their values."""
    parts: list[str] = []
    values: list[Any] = []
    for day, sign in ((filters.published_from, ">="), (filters.published_to, "<=")):
        if day:
            parts.append(f"AND published {sign} ?")
            values.append(day.isoformat())
    for column, wanted in (("source", filters.sources), ("id", filters.article_ids)):
        if wanted:
            parts.append(f"AND {column} IN ({','.join('?' * len(wanted))})")
            values += wanted
    return " ".join(parts), values


def to_article(row: Sequence[Any]) -> Article:
    """The article of a row with the columns `ARTICLE`."""
    title, author, published, source, url, language, root, path, text, further = row
    day = date.fromisoformat(published) if published else None
    article = Article(text, title, author, day, source, url, language, root, path)
    return article.with_further(further) if further else article


def to_row(article: Article) -> tuple[Any, ...]:
    """The row of an article that is pending, in the order of the table."""
    published = article.published.isoformat() if article.published else None
    known = (article.title, article.author, published, article.source, article.url, article.language)
    place = article.root, article.path
    return (
        article.id,
        article.digest,
        *known,
        *place,
        article.text,
        "pending",
        article.further,
        article.version,
    )


def passage_row(passage: Passage, vector: Vector) -> tuple[Any, ...]:
    """The row of a passage, in the order of the table."""
    blob = np.ascontiguousarray(vector, np.float32).tobytes()
    return passage.id, passage.article_id, passage.start, passage.end, passage.header, blob


def to_vectors(blobs: Sequence[bytes]) -> Vector:
    """Stored vectors, one a row: float32, shape (len(blobs), dim); (0, 0) if there are none."""
    return (
        np.stack([np.frombuffer(blob, np.float32) for blob in blobs])
        if blobs
        else np.zeros((0, 0), np.float32)
    )
