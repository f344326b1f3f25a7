"""Lists of articles, a page at a time: what is asked for, and what comes back.

It knows what a list can be sorted and narrowed by, and how a place in one is written down so that a program
can go on from it; it does not know where articles are kept.
"""

from __future__ import annotations

import base64
import binascii
import json
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from assistant.types import Filters

MOST_LISTED = 1000  # articles of one page
MAX_WORDS = 12  # of a list's search; the rest is left out
MAX_KEY_CHARS = 400  # of what is compared; a title of 200,000 characters is sorted by its beginning


class ArticleSort(StrEnum):
    """What a list of articles is sorted by; articles that are alike in it come as they were added."""

    PUBLISHED = "published"
    ADDED = "added"
    TITLE = "title"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class ArticleQuery:
    """Which articles a list holds, in which order, and which page of it is meant.

    Args:
        text: Words that title, author or source must all contain, whatever their case and accents.
        filters: Further conditions on the articles.
        sort: What they are sorted by; of what is not known, the place is before all that is.
        descending: Whether the latest, or the last of the alphabet, comes first.
        one_of_each: Whether only one of several near copies is listed, the one that was added first.
        copies_of: Id of an article: only its near copies and itself are listed.
        limit: Most articles of the page, from 1 to `MOST_LISTED`.
        offset: How many to leave out first.
        after: Go on behind the place that the `next` of a page gave; instead of `offset`.

    Raises:
        ValueError: If a number is out of its range, or `after` is not of this order.
    """

    text: str = ""
    filters: Filters = Filters()
    sort: ArticleSort = ArticleSort.PUBLISHED
    descending: bool = True
    one_of_each: bool = False
    copies_of: str = ""
    limit: int = 50
    offset: int = 0
    after: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST_LISTED:
            raise ValueError(f"limit must be from 1 to {MOST_LISTED}, not {self.limit}")
        if self.offset < 0:
            raise ValueError(f"offset must be 0 or more, not {self.offset}")
        if self.after:
            self.place()

    @property
    def words(self) -> list[str]:
        """What title, author or source must contain, folded."""
        return fold(self.text).split()[:MAX_WORDS]

    def place(self) -> tuple[str, int]:
        """Where to go on: the sort key of the last article and its number."""
        try:
            sort, descending, key, number = json.loads(base64.urlsafe_b64decode(self.after.encode()))
        except (ValueError, TypeError, binascii.Error) as exc:
            raise ValueError("after is not what an earlier page gave as its next") from exc
        if (sort, descending) != (self.sort.value, self.descending):
            raise ValueError("after is of a list in another order")
        if not isinstance(key, str) or not isinstance(number, int):
            raise ValueError("after is not what an earlier page gave as its next")
        return key, number

    def cursor(self, key: str, number: int) -> str:
        """What `place` reads: for the last article of a page."""
        said = json.dumps([self.sort.value, self.descending, key, number], ensure_ascii=True)
        return base64.urlsafe_b64encode(said.encode()).decode()


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """What a list says of an article; its text is not loaded.

    Args:
        id: As `Article.id`.
        name: As `Article.name`.
        author: As `Article.author`.
        source: The publisher.
        published: The day the article itself names.
        added: When it came into the corpus, ISO 8601 in UTC; empty if an earlier release added it.
        url: Where it is on the web; often empty.
        root: The folder that it came from; often empty.
        path: Its place in that folder, or the name of its file.
        language: As `Article.language`.
        passages: How many passages it was cut into.
        copies: How many other articles of the corpus are near copies of it.
        places: How many other places hold the very same and were not stored again.
        version: As `Article.version`.
    """

    id: str
    name: str
    author: str = ""
    source: str = ""
    published: date | None = None
    added: str = ""
    url: str = ""
    root: str = ""
    path: str = ""
    language: str = ""
    passages: int = 0
    copies: int = 0
    places: int = 0
    version: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "id": self.id,
            "title": self.name,
            "author": self.author,
            "source": self.source,
            "published": self.published.isoformat() if self.published else None,
            "added": self.added or None,
            "url": self.url,
            "path": self.path,
            "language": self.language,
            "passages": self.passages,
            "copies": self.copies,
            "places": self.places,
        }


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """A page of a list.

    Args:
        articles: In the order that was asked for.
        total: How many articles the whole list has.
        next: For `ArticleQuery.after`, to get the page behind this one; empty if this is the last.
    """

    articles: tuple[ListedArticle, ...] = ()
    total: int = 0
    next: str = ""


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """How the articles of a list are spread over publishers and time.

    Args:
        sources: (publisher, articles), most first; at most as many as were asked for.
        months: (year and month such as "2024-11", articles), earliest first; months without one are left out.
        undated: Articles without a date.
        total: All of them.
    """

    sources: tuple[tuple[str, int], ...] = ()
    months: tuple[tuple[str, int], ...] = ()
    undated: int = 0
    total: int = 0


def fold(text: str) -> str:
    """The beginning of a text as it is compared in a list: without case, accents and further spaces."""
    decomposed = unicodedata.normalize("NFKD", text[:MAX_KEY_CHARS].casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
