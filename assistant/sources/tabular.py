"""Rows with named fields read as articles: what tables, JSON and JSON Lines have in common.

It knows the names that people and programs give to a title, a text, a date and so on, in any case and with
any dashes ("publishedAt", "Published at"); names that are its own can be given. It does not know files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from assistant.errors import SourceError
from assistant.sources import clean, compose
from assistant.sources.compose import Block, Fact
from assistant.types import Article, Failure

# By field, the most telling name first.
NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        *("text", "body", "content", "fulltext", "maintext", "articlebody", "articletext", "article"),
        *("bodytext", "story", "contents", "bodyhtml", "contenthtml", "html", "plaintext", "document"),
        *("transcript", "description", "summary", "abstract"),
    ),
    "title": ("title", "headline", "heading", "articletitle", "subject", "name"),
    "author": ("author", "authors", "byline", "creator", "writer", "by", "authorname"),
    "published": (
        *("published", "date", "publishedat", "publisheddate", "datepublished", "publishdate", "pubdate"),
        *("publicationdate", "publishedon", "publishedtime", "datetime", "day"),
    ),
    "modified": (
        *("modified", "updated", "datemodified", "modifiedat", "updatedat", "lastmodified", "lastupdated"),
        *("modifieddate", "updateddate"),
    ),
    "source": (
        *("source", "publisher", "publication", "outlet", "sourcename", "sitename", "site", "newspaper"),
        *("journal", "provider"),
    ),
    "url": ("url", "link", "canonicalurl", "canonical", "permalink", "articleurl", "weburl", "href", "uri"),
    "language": ("language", "lang", "inlanguage"),
    "id": ("id", "guid", "uid", "uuid", "key", "articleid"),
}
FIELDS = tuple(NAMES)
_LIST_JOINT = ", "


def parse_fields(values: Iterable[str]) -> dict[str, str]:
    """Read "text=story" as {"text": "story"}, each."""
    pairs = (value.partition("=") for value in values)
    return {field.strip(): column.strip() for field, _, column in pairs}


class Columns:
    """Which column or key holds what.

    Args:
        fields: Field to the name of its column, exactly or but for case and dashes; goes before `NAMES`.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        given = {field: (_simple(column),) for field, column in fields.items() if column}
        self._names = {field: given.get(field, names) for field, names in NAMES.items()}

    def found(self, row: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
        """What a row holds: (name of the column, value) by field; fields that are empty are left out."""
        by_name: dict[str, tuple[str, Any]] = {}
        for column, value in row.items():
            by_name.setdefault(_simple(column), (column, value))
        found = {}
        for field, names in self._names.items():
            candidates = (by_name[name] for name in names if name in by_name)
            if chosen := next(((c, v) for c, v in candidates if _is_filled(field, v)), None):
                found[field] = chosen
        return found

    def text_column(self, header: Sequence[str]) -> str:
        """Name of the column that holds the text; empty if none is called like one."""
        by_name = {_simple(column): column for column in header}
        return next((by_name[name] for name in self._names["text"] if name in by_name), "")


def articles(
    rows: Iterable[tuple[str, Mapping[str, Any]]], name: str, columns: Columns, *, word: str = "column"
) -> Iterator[Article | Failure]:
    """Make an article of each row.

    Args:
        rows: (where it stands, such as "line 7", its values by column) of each.
        name: The file's name, for titles of last resort and for errors.
        columns: Which column holds what.
        word: What a column is called in this kind of file.

    Yields:
        An article for each row with a text, a failure for each other. The path of an article is "#" and the
        row's id, else its title, else its number: its place within the file, once each.
    """
    taken: set[str] = set()
    for where, row in rows:
        try:
            yield article(row, name, where, columns, taken, word=word)
        except SourceError as error:
            yield Failure(error.name, error.reason, error.hint)


def article(
    row: Mapping[str, Any], name: str, where: str, columns: Columns, taken: set[str], *, word: str = "column"
) -> Article:
    """Make an article of one row.

    Args:
        row: Its values by column.
        name: The file's name.
        where: Where in the file it stands, such as "line 7"; empty if it is the whole file.
        columns: Which column holds what.
        taken: Paths that other rows of the file have; that of this one is added.
        word: What a column is called in this kind of file.

    Returns:
        The article.

    Raises:
        SourceError: If it has no text.
    """
    called = f"{name} {where}".rstrip()
    found = columns.found(row)
    if "text" not in found:
        raise SourceError(called, f"no {word} with a text in it", hint=hint(word, row))
    facts = {
        field: [Fact(_plain(value), f"{word} {column}")]
        for field, (column, value) in found.items()
        if field not in ("text", "id")
    }
    title = clean.title_from_name(name)
    facts.setdefault("title", [Fact(f"{title} {where}".rstrip(), compose.FILE_NAME)])
    path = _place(found, where, taken) if where else ""
    return compose.article(called, text_blocks(str(found["text"][1])), facts, path=path)


def text_blocks(text: str) -> list[Block]:
    """Paragraphs of a text that may be plain or HTML."""
    from assistant.sources import markup  # only now: it brings lxml

    if markup.is_markup(text):
        return markup.blocks(text)
    return [Block(clean.unwrap(clean.clean(text)))]


def hint(word: str, row: Iterable[str]) -> str:
    """What to do about a row that has no text."""
    seen = ", ".join(clean.one_line(column) for column in list(row)[:8]) or "none"
    return (
        f'Call the {word} that holds the text "text", or say which one it is: --field text=NAME.'
        f" Found: {seen}."
    )


def _simple(name: object) -> str:
    return re.sub(r"[\W_]+", "", str(name).casefold())


def _is_filled(field: str, value: Any) -> bool:
    if field == "text":
        return isinstance(value, str) and bool(value.strip())
    return bool(clean.one_line(_plain(value))) or value.__class__.__name__ in ("date", "datetime")


def _plain(value: Any) -> Any:
    """A value that may be an object with a name, or a list of such, as the text or texts in it."""
    if isinstance(value, Mapping):
        return next((value[key] for key in ("name", "title", "value", "@value") if key in value), "")
    if isinstance(value, list):
        return [str(plain) for plain in map(_plain, value[:50]) if isinstance(plain, str | int | float)]
    return value


def _place(found: Mapping[str, tuple[str, Any]], where: str, taken: set[str]) -> str:
    named = (clean.one_line(_plain(found[field][1])) for field in ("id", "title") if field in found)
    key = next(filter(None, named), where.rpartition(" ")[2])
    place = f"#{key}" if f"#{key}" not in taken else f"#{key} ({where})"
    taken.add(place)
    return place
