"""Word files (.docx) read as articles: paragraphs, headings, lists, tables and formulas of the body.

The only importer of docx. Comments, deletions, headers, footers and footnotes are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assistant.errors import SourceError
from assistant.sources import compose, ooxml
from assistant.sources.compose import Block, Fact
from assistant.types import Article

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TEXTS = (f"{_W}t", f"{_M}t")
_BREAKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SKIPPED = (f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback", f"{_W}pPr", f"{_W}rPr", f"{_W}instrText")
_NESTED = (f"{_W}p", f"{_W}tbl")


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read a Word file.

    The title is that of the document's properties if it is not one that a program made up, else the paragraph
    in the style "Title", else the first heading.

    Args:
        data: The bytes of the file.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article of the file.

    Raises:
        SourceError: If it is no Word file, or there is no text in it.
    """
    import docx

    try:
        document = docx.Document(ooxml.checked(data, name))
    except ValueError as exc:  # a template, or a document with macros
        hint = "Open it in Word and save it as .docx."
        raise SourceError(name, "it is a Word template or a document with macros", hint=hint) from exc
    styles = {style.style_id: (style.name or "").lower() for style in document.styles}
    blocks, title = [], ""
    for paragraph, style in _body(document.element.body, styles):
        is_heading = style.startswith(("heading", "title"))
        title = title or (paragraph if style == "title" else "")
        blocks.append(Block(paragraph, is_heading))
    first = next((block.text for block in blocks if block.is_heading), "")
    known = ooxml.facts(document.core_properties)
    titles = [*known["title"], Fact(title, "title paragraph"), Fact(first, "first heading")]
    yield compose.article(name, blocks, {**known, "title": titles})


def _body(parent: Any, styles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(text, name of the style) of paragraphs and rows, in order."""
    for element in parent.iterchildren():
        if element.tag == f"{_W}p":
            yield _text(element), styles.get(_style_id(element), "")
            for box in _boxes(element):
                yield from _body(box, styles)
        elif element.tag == f"{_W}tbl":
            yield from ((line, "") for line in _rows(element))
        elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}customXml"):
            yield from _body(element, styles)


def _style_id(paragraph: Any) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return "" if style is None else style.get(f"{_W}val", "")


def _text(paragraph: Any) -> str:
    parts: list[str] = []
    stack = [paragraph]
    while stack:  # not a recursion: elements may be nested a thousand deep
        element = stack.pop()
        if element.tag in _TEXTS:
            parts.append(element.text or "")
        elif element.tag in _BREAKS:
            parts.append(_BREAKS[element.tag])
        elif element.tag not in _SKIPPED and (element is paragraph or element.tag not in _NESTED):
            stack.extend(reversed(element))
    return "".join(parts)


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Text boxes that hang on a paragraph."""
    for box in paragraph.iter(f"{_W}txbxContent"):
        if not any(above.tag == f"{_MC}Fallback" for above in box.iterancestors()):
            yield box


def _rows(table: Any) -> Iterator[str]:
    for row in table.iterchildren(f"{_W}tr"):
        cells = row.iter(f"{_W}tc")
        yield ooxml.row(" ".join(_text(p) for p in cell.iter(f"{_W}p")) for cell in cells)
