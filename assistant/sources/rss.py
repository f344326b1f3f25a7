"""RSS and Atom files read as articles: an entry an article, of the text that the feed itself carries.

It knows entries with a text; how a feed is taken apart is known to `feed`. The pages that entries link to are
not fetched.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.errors import SourceError
from assistant.sources import compose, feed, markup
from assistant.sources.compose import Fact
from assistant.types import Article, Failure

ORIGIN = "feed"


def read(data: bytes, name: str) -> Iterator[Article | Failure]:
    """Read a feed that was saved as a file.

    Args:
        data: The bytes of the file.
        name: The file's name, for titles of last resort and for errors.

    Yields:
        An article for each entry with a text, a failure for each other. Its path is "#" and its address, else
        its number.

    Raises:
        SourceError: If it is no feed, or has no entries.
    """
    found = feed.parse(data, name)
    if not found.entries:
        raise SourceError(name, "the feed has no entries")
    taken: set[str] = set()
    for number, entry in enumerate(found.entries, 1):
        called = f"{name} entry {number}"
        facts = {
            "title": [Fact(entry.title, ORIGIN)],
            "author": [Fact(entry.author, ORIGIN)],
            "published": [Fact(entry.published, ORIGIN)],
            "modified": [Fact(entry.modified, ORIGIN)],
            "url": [Fact(entry.url, ORIGIN)],
            "source": [Fact(found.title, ORIGIN)],
            "language": [Fact(found.language, ORIGIN)],
        }
        place = f"#{number}" if not entry.url or entry.url in taken else f"#{entry.url}"
        taken.add(entry.url)
        try:
            yield compose.article(called, markup.blocks(entry.content), facts, path=place)
        except SourceError as error:
            yield Failure(error.name, error.reason, "Add the page that the entry links to by its address.")
