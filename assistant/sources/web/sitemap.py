"""Sitemaps taken apart: which pages a site names, and when they changed.

It knows the XML of sitemaps.org and of news sitemaps, from bytes that are already here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree

from assistant.errors import SourceError
from assistant.sources import clean
from assistant.sources.feed import Entry, root
from assistant.sources.web.connection import inflate

ROOTS = ("urlset", "sitemapindex")
MAX_ENTRIES = 50_000  # the limit of the format


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages of a sitemap, newest first, and the further sitemaps that it names."""

    pages: tuple[Entry, ...]
    sitemaps: tuple[Entry, ...]


def is_sitemap(data: bytes) -> bool:
    """Whether these bytes are a sitemap."""
    return root(data) in ROOTS


def unpacked(data: bytes, name: str, max_bytes: int) -> bytes:
    """The bytes of a sitemap that may be packed with gzip; raises SourceError if it is too large."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    return b"".join(inflate([data], name, max_bytes))


def parse(data: bytes, name: str) -> Sitemap:
    """Take a sitemap or an index of sitemaps apart.

    Args:
        data: Its bytes, unpacked.
        name: What to call it in an error.

    Returns:
        Its entries, the latest first, those without a date last.

    Raises:
        SourceError: If it is no XML, or defines entities.
    """
    if b"<!ENTITY" in data:
        raise SourceError(name, "the sitemap defines entities, which none needs: refused")
    pages: list[Entry] = []
    sitemaps: list[Entry] = []
    try:
        for kind, entry in _entries(data):
            (pages if kind == "url" else sitemaps).append(entry)
            if len(pages) + len(sitemaps) >= MAX_ENTRIES:
                break
    except ElementTree.ParseError as exc:
        if not pages and not sitemaps:
            raise SourceError(name, "the sitemap is broken XML") from exc
    return Sitemap(_newest_first(pages), _newest_first(sitemaps))


def _entries(data: bytes) -> Iterator[tuple[str, Entry]]:
    outermost: ElementTree.Element | None = None
    for event, element in ElementTree.iterparse(io.BytesIO(data.lstrip()), ("start", "end")):
        if outermost is None:
            outermost = element
        kind = _local(element)
        if event == "end" and kind in ("url", "sitemap"):
            said = {_local(part): (part.text or "").strip() for part in element.iter()}
            url = clean.canonical_url(said.get("loc"))
            if url:
                yield kind, _entry(url, said)
            outermost.clear()  # or the whole tree stays in memory


def _entry(url: str, said: dict[str, str]) -> Entry:
    published = clean.parse_date(said.get("publication_date"))
    title = clean.one_line(said.get("title"))
    return Entry(
        url,
        title=title,
        published=published,
        modified=clean.parse_date(said.get("lastmod")),
        origin="sitemap",
    )


def _newest_first(entries: list[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda e: e.published or e.modified or date.min, reverse=True))


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
