"""What an address holds: one page, or the list of pages of a feed or a sitemap.

It goes by what was fetched, not by the address. Pages that are listed are not fetched here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Protocol

from assistant.errors import SourceError
from assistant.sources import feed
from assistant.sources.feed import Entry
from assistant.sources.web import sitemap
from assistant.sources.web.addresses import join, shown
from assistant.sources.web.fetch import Fetched
from assistant.sources.web.pages import is_same_site
from assistant.types import Failure

OWN_HINT = "Add it by its own address if it is meant."
MAX_SITEMAPS = 50  # fetched of one index
_LINK = re.compile(rb"<link\b[^>]{0,1000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_FEED_KINDS = ("application/rss+xml", "application/atom+xml")


class ParseFeed(Protocol):
    """What takes the bytes of a feed apart, given its name and its address."""

    def __call__(self, data: bytes, name: str, *, base: str) -> feed.Feed:
        """The feed, or a SourceError."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The pages that a feed or a sitemap names."""

    title: str
    entries: tuple[Entry, ...]
    problems: tuple[Failure, ...] = ()  # sitemaps of the index that could not be read


def is_listing(fetched: Fetched) -> bool:
    """Whether it is a feed or a sitemap and not a page."""
    is_packed = fetched.body.startswith(b"\x1f\x8b")
    return is_packed or feed.is_feed(fetched.body) or sitemap.is_sitemap(fetched.body)


def read(
    fetched: Fetched,
    fetch: Callable[[str], Fetched],
    *,
    wanted: int,
    max_bytes: int,
    parse_feed: ParseFeed = feed.parse,
) -> Listing:
    """List the pages of a feed or a sitemap.

    Args:
        fetched: The feed, the sitemap, or an index of sitemaps.
        fetch: Fetches the sitemaps of an index.
        wanted: How many pages are enough; an index is not read further.
        max_bytes: Most bytes of a sitemap, unpacked.
        parse_feed: What takes a feed apart; by default this process.

    Returns:
        Each page once, in the feed's order, or the sitemap's latest first.

    Raises:
        SourceError: If it is neither, or names no page.
    """
    name = shown(fetched.url)
    if feed.is_feed(fetched.body):
        found = parse_feed(fetched.body, name, base=fetched.url)
        listing = Listing(found.title, found.entries)
    else:
        listing = _of_sitemap(fetched, fetch, wanted, max_bytes)
    entries = {entry.url: entry for entry in reversed(listing.entries) if entry.url}
    if not entries:
        raise SourceError(
            name, "it names no article", hint="Give the address of an article, a feed or a sitemap."
        )
    return Listing(listing.title, tuple(reversed(entries.values())), listing.problems)


def feed_of(fetched: Fetched) -> str:
    """The address of the feed that a page names in its head; empty if it names none."""
    for tag in _LINK.findall(fetched.body[:500_000]):
        text = tag.decode("utf-8", "replace")
        given = {n.lower(): a or b or c for n, a, b, c in _ATTRIBUTE.findall(text)}
        if "alternate" in given.get("rel", "").lower() and given.get("type", "").lower() in _FEED_KINDS:
            return join(fetched.url, unescape(given.get("href", "")))
    return ""


def _of_sitemap(fetched: Fetched, fetch: Callable[[str], Fetched], wanted: int, max_bytes: int) -> Listing:
    """Pages of a sitemap or of those that an index names, of the index's own site only."""
    first = sitemap.parse(sitemap.unpacked(fetched.body, shown(fetched.url), max_bytes), shown(fetched.url))
    pages = list(first.pages)
    problems: list[Failure] = []
    for further in first.sitemaps[:MAX_SITEMAPS]:
        if len(pages) >= wanted:
            break
        try:
            if not is_same_site(further.url, fetched.url):
                raise SourceError(shown(further.url), "a sitemap of another site: left out", hint=OWN_HINT)
            part = fetch(further.url)
            pages += sitemap.parse(
                sitemap.unpacked(part.body, shown(part.url), max_bytes), shown(part.url)
            ).pages
        except SourceError as error:
            problems.append(Failure(error.name, error.reason, error.hint))
    own = [page for page in pages if is_same_site(page.url, fetched.url)]
    if len(own) < len(pages):
        reason = f"{len(pages) - len(own)} pages of other sites in it: left out"
        problems.append(Failure(shown(fetched.url), reason, OWN_HINT))
    return Listing("", tuple(own), tuple(problems))
