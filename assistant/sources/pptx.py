"""PowerPoint files (.pptx) read as articles: the text of the slides in order, tables and notes with them.

The only importer of pptx. The text of charts and pictures is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from assistant.errors import SourceError
from assistant.sources import compose, ooxml
from assistant.sources.compose import Block, Fact
from assistant.types import Article

MAX_DEPTH = 20  # of groups within groups


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read a PowerPoint file.

    Titles of slides are headings. The title is that of the presentation's properties if it is not one that a
    program made up, else the title of the first slide.

    Args:
        data: The bytes of the file.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article of the file.

    Raises:
        SourceError: If there is no text in it.
    """
    import pptx

    presentation = pptx.Presentation(ooxml.checked(data, name))
    blocks = [block for slide in presentation.slides for block in _slide(slide)]
    if not any(block.text.strip() for block in blocks):
        hint = "Slides of pictures need a text from a program that recognises characters (OCR)."
        raise SourceError(name, "no text on its slides, but for what is in pictures", hint=hint)
    first = next((block.text for block in blocks if block.is_heading), "")
    known = ooxml.facts(presentation.core_properties)
    titles = [*known["title"], Fact(first, "title of a slide")]
    yield compose.article(name, blocks, {**known, "title": titles})


def _slide(slide: Any) -> Iterator[Block]:
    title = slide.shapes.title
    if title is not None:
        yield Block(" ".join(title.text_frame.text.split()), is_heading=True)
    for shape in _shapes(slide.shapes, MAX_DEPTH):
        if title is None or shape.shape_id != title.shape_id:
            yield from map(Block, _lines(shape))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield from map(Block, _paragraphs(slide.notes_slide.notes_text_frame))


def _shapes(shapes: Iterable[Any], depth: int) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes, depth - 1) if depth else ()
        else:
            yield shape


def _lines(shape: Any) -> Iterator[str]:
    if shape.has_text_frame:
        yield from _paragraphs(shape.text_frame)
    elif getattr(shape, "has_table", False):
        for row in shape.table.rows:
            yield ooxml.row(cell.text_frame.text for cell in row.cells)


def _paragraphs(frame: Any) -> Iterator[str]:
    for paragraph in frame.paragraphs:
        yield " ".join(paragraph.text.split())
