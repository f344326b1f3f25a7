"""What a page of the library shows: which articles, in which order, which of them is being corrected.

It knows values and what a reader typed or clicked, no components and no markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assistant.listing import ArticleCounts, ArticleQuery, ArticleSort
from assistant.types import Article, Filters

MAX_TEXT_CHARS = 200
# What was just added stands first, with a day of publication or without one.
ONE_OF_EACH = ArticleQuery(sort=ArticleSort.ADDED, one_of_each=True, limit=25)
NEWEST_FIRST = (ArticleSort.PUBLISHED, ArticleSort.ADDED)


@dataclass(frozen=True, slots=True)
class Said:
    """What the last click came to.

    Args:
        text: In words.
        undo: Id of an article that can be brought back; often empty.
        is_problem: Whether it went wrong.
    """

    text: str
    undo: str = ""
    is_problem: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of the list.

    Args:
        query: Which articles, and which page of them.
        editing: Id of the article that is being corrected; empty if none is.
        said: What the last click came to.
    """

    query: ArticleQuery = ONE_OF_EACH
    editing: str = ""
    said: Said | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether not all articles are listed."""
        return bool(self.query.text.strip() or self.query.filters or self.query.copies_of)

    def narrowed(self, fields: Mapping[str, Any]) -> View:
        """List what the fields `text`, `source`, `from`, `to` and `copies` say, from its first page.

        Dates in the wrong order are put into the right one; what is no date is left out.
        """
        first, last = day(fields.get("from")), day(fields.get("to"))
        if first and last and first > last:
            first, last = last, first
        source = _line(fields.get("source"))
        query = replace(
            self.query,
            text=_line(fields.get("text")),
            filters=Filters(first, last, (source,) if source else ()),
            one_of_each=fields.get("copies") != "all",
            copies_of="",
            offset=0,
        )
        return View(query)

    def kept(self, fields: Mapping[str, Any]) -> View:
        """As it is if the fields say what is listed; if not, what they say."""
        asked = self.narrowed(fields)
        is_same = (asked.query.text, asked.query.filters) == (self.query.text, self.query.filters)
        return self if is_same else asked

    def by_source(self, source: str) -> View:
        """List the articles of one publisher."""
        return self.narrowed({"source": source})

    def sorted_by(self, name: object) -> View:
        """Sort by a column; by the one that it is sorted by, the other way round."""
        if name not in list(ArticleSort):
            return self
        sort = ArticleSort(str(name))
        is_same = sort is self.query.sort
        descending = not self.query.descending if is_same else sort in NEWEST_FIRST
        return View(replace(self.query, sort=sort, descending=descending, offset=0))

    def turned(self, by: object) -> View:
        """The page before ("back") or behind ("on")."""
        step = {"back": -self.query.limit, "on": self.query.limit}.get(str(by), 0)
        return View(replace(self.query, offset=max(0, self.query.offset + step)))

    def copies_of(self, article_id: str) -> View:
        """List an article and its near copies only; of no article, all again."""
        is_one = not article_id
        query = replace(self.query, copies_of=article_id, one_of_each=is_one, offset=0)
        return View(query)

    def edits(self, article_id: str) -> View:
        """Correct an article; an empty id ends that."""
        return replace(self, editing=article_id, said=None)

    def says(self, said: Said) -> View:
        """Tell what a click came to."""
        return View(self.query, said=said)


def corrections(fields: Mapping[str, Any], article: Article) -> dict[str, str | date | None]:
    """What was changed in the fields `title`, `author`, `source` and `published` of an article.

    Args:
        fields: As they were sent; what is not there was not changed.
        article: As it was shown in them.

    Returns:
        New values by field; empty if all is as it was.
    """
    shown = {"title": article.name, "author": article.author, "source": article.source}
    made: dict[str, str | date | None] = {
        name: _line(fields[name])
        for name in shown
        if name in fields and _line(fields[name]) != _line(shown[name])
    }
    published = day(fields.get("published"))
    if "published" in fields and published != article.published:
        made["published"] = published
    return made


def offered(counts: ArticleCounts) -> list[str]:
    """The publishers to offer as a filter; what is too long to be the name of one is not."""
    return [source for source, _ in counts.sources if len(source) <= MAX_TEXT_CHARS]


def day(text: object) -> date | None:
    """A day as a date field gives it; None if it is none."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _line(value: object) -> str:
    return " ".join(str(value or "").split())[:MAX_TEXT_CHARS]
