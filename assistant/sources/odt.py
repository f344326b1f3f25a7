"""OpenDocument texts (.odt) read as articles: paragraphs, headings, lists and tables.

It knows the elements of the format; notes, comments and deleted text are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.errors import SourceError
from assistant.sources import compose, ooxml, properties, safexml, safezip
from assistant.sources.compose import Block, Fact, Facts
from assistant.types import Article

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _OFFICE = f"{_OASIS}text:1.0}}", f"{_OASIS}table:1.0}}", f"{_OASIS}office:1.0}}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_BREAKS = {f"{_TEXT}s": " ", f"{_TEXT}tab": " ", f"{_TEXT}line-break": "\n"}
_SKIPPED = (f"{_TEXT}note", f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}sequence-decls")


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read an OpenDocument text.

    Args:
        data: The bytes of the file.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article of the file.

    Raises:
        SourceError: If it is locked with a password or damaged, or there is no text in it.
    """
    safezip.check(data, name)
    with safezip.opened(data, name) as archive:
        names = archive.names()
        parts = {part: archive.read(part) for part in ("content.xml", "meta.xml") if part in names}
        manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in manifest:
        raise SourceError(name, "it is locked with a password", hint="Save a copy without a password.")
    if "content.xml" not in parts:
        raise SourceError(name, "the document is damaged: it has no content")
    body = safexml.parse(parts["content.xml"], name).find(f"{_OFFICE}body")
    blocks = [] if body is None else list(_blocks(body))
    first = next((block.text for block in blocks if block.is_heading), "")
    known = _facts(safexml.parse(parts["meta.xml"], name)) if "meta.xml" in parts else {}
    titles = [*known.get("title", ()), Fact(first, "first heading")]
    yield compose.article(name, blocks, {**known, "title": titles})


def _facts(meta: Any) -> Facts:
    def first(tag: str) -> str:
        return next((element.text or "" for element in meta.iter(tag)), "")

    return {
        "title": [Fact(properties.title(first(f"{_DC}title")), ooxml.ORIGIN)],
        "author": [Fact(properties.author(first(f"{_DC}creator")), ooxml.ORIGIN)],
        "language": [Fact(first(f"{_DC}language"), ooxml.ORIGIN)],
    }


def _blocks(parent: Any) -> Iterator[Block]:
    for element in parent:
        if element.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield Block(_text(element), element.tag == f"{_TEXT}h")
        elif element.tag == f"{_TABLE}table-row":
            cells = element.iterchildren(f"{_TABLE}table-cell")
            yield Block(
                ooxml.row(" ".join(map(_text, cell.iter(f"{_TEXT}p", f"{_TEXT}h"))) for cell in cells)
            )
        elif element.tag not in _SKIPPED:
            yield from _blocks(element)  # at most 256 deep: lxml's limit


def _text(paragraph: Any) -> str:
    parts = [paragraph.text or ""]
    for element in paragraph:
        if element.tag in _BREAKS:
            parts.append(_BREAKS[element.tag])
        elif element.tag not in _SKIPPED:
            parts.append(_text(element))
        parts.append(element.tail or "")
    return "".join(parts)
