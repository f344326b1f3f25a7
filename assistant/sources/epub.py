"""EPUB books read as articles: the chapters in their order, and what the book says of itself.

It knows the package of an EPUB; chapters are HTML, known to `markup`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from assistant.errors import SourceError
from assistant.sources import clean, compose, markup, safexml, safezip
from assistant.sources.compose import Block, Fact, Facts
from assistant.sources.safezip import Archive
from assistant.types import Article

ORIGIN = "EPUB metadata"
CONTAINER = "META-INF/container.xml"

_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_PAGES = ("application/xhtml+xml", "text/html")
_FONTS_ONLY = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read an EPUB book.

    Args:
        data: The bytes of the file.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article of the file: all chapters, in order.

    Raises:
        SourceError: If it is protected or damaged, leads out of its archive, or there is no text in it.
    """
    safezip.check(data, name)
    with safezip.opened(data, name) as archive:
        _check_protection(archive, name)
        place = _package_place(archive, name)
        package = safexml.parse(_part(archive, place, name), name)
        blocks = [block for chapter in _chapters(package, place, archive, name) for block in chapter]
    facts = _facts(package)
    yield compose.article(name, blocks, facts)


def _part(archive: Archive, place: str, name: str) -> bytes:
    if place not in archive.names():
        raise SourceError(name, f"the book is damaged: it lacks {clean.printable(place) or 'its contents'}")
    return archive.read(place)


def _check_protection(archive: Archive, name: str) -> None:
    if "META-INF/encryption.xml" not in archive.names():
        return
    root = safexml.parse(archive.read("META-INF/encryption.xml"), name)
    methods = [element.get("Algorithm", "") for element in root.iter("{*}EncryptionMethod")]
    if any(method not in _FONTS_ONLY for method in methods):
        hint = "Add a copy without protection (DRM)."
        raise SourceError(name, "its chapters are protected against reading by other programs", hint=hint)


def _package_place(archive: Archive, name: str) -> str:
    root = safexml.parse(_part(archive, CONTAINER, name), name)
    return next((element.get("full-path", "") for element in root.iter("{*}rootfile")), "")


def _chapters(package: Any, place: str, archive: Archive, name: str) -> Iterator[list[Block]]:
    items = {item.get("id", ""): item for item in package.iter("{*}item")}
    for reference in package.iter("{*}itemref"):
        item = items.get(reference.get("idref", ""))
        if (
            item is None
            or item.get("media-type") not in _PAGES
            or "nav" in item.get("properties", "").split()
        ):
            continue
        chapter = posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(item.get("href", ""))))
        if chapter.startswith(("../", "/")):
            raise SourceError(name, f"its chapter {clean.printable(chapter)} lies outside of the book")
        yield markup.blocks(clean.decode(_part(archive, chapter, name), name))


def _facts(package: Any) -> Facts:
    def values(tag: str) -> list[str]:
        return [element.text or "" for element in package.iter(f"{_DC}{tag}")]

    return {
        "title": [Fact(value, ORIGIN) for value in values("title")],
        "author": [Fact([clean.one_line(value) for value in values("creator")], ORIGIN)],
        "source": [Fact(value, ORIGIN) for value in values("publisher")],
        "language": [Fact(value, ORIGIN) for value in values("language")],
        "published": [Fact(value, ORIGIN) for value in _days(package, "publication")],
    }


def _days(package: Any, event: str) -> Iterator[str]:
    for element in package.iter(f"{_DC}date"):
        attributes: Mapping[str, str] = element.attrib
        if attributes.get(f"{_OPF}event", event) == event:
            yield element.text or ""
