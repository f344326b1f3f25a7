"""Sitemaps taken apart: which pages a site names, and when they changed.

It knows the XML of sitemaps.org and of news sitemaps, from bytes that are already here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from xml.parsers import expat

from assistant.errors import SourceError
from assistant.sources import clean
from assistant.sources.feed import Entry, root
from assistant.sources.web.connection import inflate

ROOTS = ("urlset", "sitemapindex")
MAX_ENTRIES = 50_000  # the limit of the format
MAX_DEPTH = 20


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
        Its entries, the latest first, those without a date last; of a broken one those before the break.

    Raises:
        SourceError: If it is no XML, is nested deeply, or defines entities.
    """
    reader = _Reader(name)
    try:
        reader.read(data)
    except expat.ExpatError as exc:
        if not reader.found["url"] and not reader.found["sitemap"]:
            raise SourceError(name, "the sitemap is broken XML") from exc
    return Sitemap(_newest_first(reader.found["url"]), _newest_first(reader.found["sitemap"]))


class _Reader:
    """Reads the XML as it comes, and keeps no tree of it."""

    def __init__(self, name: str) -> None:
        self.found: dict[str, list[Entry]] = {"url": [], "sitemap": []}
        self._name = name
        self._depth = 0
        self._said: dict[str, str] = {}
        self._text: list[str] = []

    def read(self, data: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.CharacterDataHandler = self._text.append
        parser.EntityDeclHandler = self._refuse
        parser.Parse(data.lstrip(), True)

    def _begin(self, tag: str, _: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SourceError(self._name, "the sitemap is nested too deeply")
        if _local(tag) in self.found:
            self._said = {}
        self._text.clear()

    def _end(self, tag: str) -> None:
        self._depth -= 1
        kind = _local(tag)
        if kind in self.found:
            self._take(kind)
        elif not tag.startswith(("image:", "video:")):  # whose addresses are not the page's
            self._said.setdefault(kind, "".join(self._text).strip())
        self._text.clear()

    def _take(self, kind: str) -> None:
        said, self._said = self._said, {}
        url = clean.canonical_url(said.get("loc"))
        if url and len(self.found[kind]) < MAX_ENTRIES:
            self.found[kind].append(
                Entry(
                    url,
                    title=clean.one_line(said.get("title")),
                    published=clean.parse_date(said.get("publication_date")),
                    modified=clean.parse_date(said.get("lastmod")),
                    origin="sitemap",
                )
            )

    def _refuse(self, *_: object) -> None:
        raise SourceError(self._name, "the sitemap defines entities, which none needs: refused")


def _newest_first(entries: list[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda e: e.published or e.modified or date.min, reverse=True))


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]
