"""Paragraphs and headings put together as an article, with sections, pages and where each fact came from.

It knows `Article`; it does not know formats. Readers hand it blocks in their order and, for each field, what
they found and where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from assistant.sources import clean
from assistant.types import NOT_A_DATE, Article, Section

FILE_NAME = "file name"
MAX_UNREAD_CHARS = 40  # of a date that cannot be read


class Block(NamedTuple):
    """A paragraph, a heading or the row of a table; a line break in it stays one."""

    text: str
    is_heading: bool = False
    pages: tuple[int, ...] = ()  # offsets in the text at which a page begins; the text must be clean, then


class Fact(NamedTuple):
    """What was found of an article, of any type, and where."""

    value: object
    origin: str


Facts = Mapping[str, Sequence[Fact]]  # field of an article to what was found, the most trusted first

# What each field makes of a value; what comes out empty does not count.
_CLEANERS: Mapping[str, Any] = {
    "published": clean.parse_date,
    "modified": clean.parse_date,
    "url": clean.canonical_url,
    "language": clean.language_code,
}


def article(name: str, blocks: Iterable[Block], facts: Facts | None = None, *, path: str = "") -> Article:
    """Make an article of blocks and facts.

    Args:
        name: What to call the file in an error and, without a title, in the title.
        blocks: Its text, in order; empty ones are left out.
        facts: By field, such as "title" or "published": what was found, the most trusted first. The first
            that is a title, a date and so on is taken.
        path: The article's place within its file; empty if it is the whole file.

    Returns:
        The article. A heading that repeats the title leaves the text; it is no section.

    Raises:
        SourceError: If no text is left.
    """
    text, headings, pages = _join(blocks)
    chosen = dict(_chosen(facts or {}))
    origins = {"title": FILE_NAME} | {field: fact.origin for field, fact in chosen.items()}
    values: dict[str, Any] = {field: fact.value for field, fact in chosen.items()}
    found = clean.article(
        name, text, **values, path=path, sections=headings, pages=pages, origins=dict(sorted(origins.items()))
    )
    return replace(found, origins=(*found.origins, *_unread((facts or {}).get("published", ()), found)))


def _join(blocks: Iterable[Block]) -> tuple[str, list[Section], list[int]]:
    """The text, a block a line; its headings; offsets of the pages."""
    parts: list[str] = []
    headings: list[Section] = []
    pages: list[int] = []
    length = 0
    for block in blocks:
        text = block.text if block.pages else clean.clean(block.text).strip("\n")
        pages += (length + start for start in block.pages)
        if not text.strip():
            continue
        if block.is_heading and (title := clean.one_line(text)):
            headings.append(Section(length, title))
        parts.append(text)
        length += len(text) + 1
    return "\n".join(parts), headings, pages


def _unread(said: Sequence[Fact], found: Article) -> Iterator[tuple[str, str]]:
    """What stands where a day of publication should, if it is none that could be read."""
    texts = (clean.one_line(fact.value) for fact in said)
    if found.published is None and (text := next(filter(None, texts), "")):
        yield "published", NOT_A_DATE + text[:MAX_UNREAD_CHARS]


def _chosen(facts: Facts) -> Iterator[tuple[str, Fact]]:
    for field, candidates in facts.items():
        cleaner = _CLEANERS.get(field, clean.one_line)
        if fact := next((fact for fact in candidates if cleaner(fact.value)), None):
            yield field, fact
