"""RSS and Atom feeds taken apart; the only importer of feedparser.

It knows what a feed says of its entries, from bytes that are already here; it opens no connection and makes
no articles.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

from assistant.errors import SourceError
from assistant.sources import clean

ROOTS = ("rss", "feed", "rdf:RDF")
MAX_ENTRIES = 10_000
MAX_ELEMENTS = 100_000  # feedparser takes ten seconds for these
MAX_DEPTH, MAX_ATTRIBUTES = 100, 100  # of HTML that stands in an entry unescaped
MAX_BROKEN_BYTES = 500_000  # of a feed that is not well-formed


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one article; what it does not say is empty."""

    url: str
    title: str = ""
    author: str = ""
    published: date | None = None
    modified: date | None = None
    content: str = ""  # HTML: the whole text if the feed carries it, else a summary
    origin: str = "feed"  # where this was found


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its name, language and entries, in its own order."""

    title: str
    language: str
    entries: tuple[Entry, ...]


def is_feed(data: bytes) -> bool:
    """Whether these bytes are RSS or Atom."""
    return root(data) in ROOTS


def root(data: bytes) -> str:
    """The name of an XML document's outermost element; empty if it is no XML."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = _stop
    try:
        parser.Parse(data.lstrip()[:65_536], False)
    except _Begun as begun:
        return str(begun)
    except expat.ExpatError:
        return ""
    return ""


def parse(data: bytes, name: str, *, base: str = "") -> Feed:
    """Take a feed apart.

    Args:
        data: Its bytes.
        name: What to call it in an error.
        base: Its own address, for entries that give relative ones.

    Returns:
        The feed; entries without an address are kept, with an empty one.

    Raises:
        SourceError: If it is no feed.
    """
    import feedparser  # only now: it brings much along

    _check(data, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:  # a file object: a bare text would be taken for an address and fetched
            found = feedparser.parse(io.BytesIO(data), resolve_relative_uris=False, sanitize_html=False)
        except Exception as exc:  # it raises nearly anything on hostile input
            raise SourceError(name, f"the feed cannot be parsed ({type(exc).__name__})") from exc
    if not found.get("version"):
        raise SourceError(
            name, "it is neither an RSS nor an Atom feed", hint="Give the address of the feed itself."
        )
    is_rdf = found.version in ("rss090", "rss10")  # its only date is the one of publication
    about: Mapping[str, Any] = found.feed
    entries = tuple(_entry(entry, base, is_rdf=is_rdf) for entry in found.entries[:MAX_ENTRIES])
    return Feed(clean.one_line(about.get("title")), clean.language_code(about.get("language")), entries)


def _check(data: bytes, name: str) -> None:
    """Refuse what feedparser would take minutes for: it takes any shape, some in quadratic time."""
    counts = {"elements": 0, "depth": 0}

    def begin(_: str, attributes: Mapping[str, str]) -> None:
        counts["elements"] += 1
        counts["depth"] += 1
        if counts["depth"] > MAX_DEPTH or len(attributes) > MAX_ATTRIBUTES:
            raise SourceError(name, "its elements are nested too deeply or have too many attributes")
        if counts["elements"] > MAX_ELEMENTS:
            raise SourceError(name, f"the feed has more than {MAX_ELEMENTS:,} elements")

    def end(_: str) -> None:
        counts["depth"] -= 1

    def refuse(*_: object) -> None:
        raise SourceError(name, "the feed defines entities, which none needs")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = begin, end, refuse
    try:
        parser.Parse(data.lstrip(), True)
    except (expat.ExpatError, LookupError, ValueError) as exc:  # feedparser mends it, slowly
        if len(data) > MAX_BROKEN_BYTES:
            raise SourceError(name, "the feed is broken XML, and too large to be mended") from exc


class _Begun(Exception):
    """The outermost element has begun; nothing more is read."""


def _stop(name: str, _: object) -> None:
    raise _Begun(name)


def _entry(entry: Mapping[str, Any], base: str, *, is_rdf: bool) -> Entry:
    modified = clean.parse_date(_written(entry, "updated"))
    published = clean.parse_date(_written(entry, "published")) or (modified if is_rdf else None)
    contents = [part.get("value", "") for part in entry.get("content", ())]
    return Entry(
        url=clean.canonical_url(_join(base, str(entry.get("link") or ""))),
        title=clean.one_line(entry.get("title")),
        author=clean.one_line(entry.get("author")),
        published=published,
        modified=None if modified == published else modified,
        content=max([*contents, str(entry.get("summary") or "")], key=len),
    )


def _written(entry: Mapping[str, Any], field: str) -> str:
    # Not by `get`: asked for "updated", feedparser gives the date of publication where there is no other.
    return str(dict.get(entry, field) or "") if isinstance(entry, dict) else ""


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return ""
