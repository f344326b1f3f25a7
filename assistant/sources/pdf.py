"""PDF files read as articles: the text layer, page by page, put into paragraphs.

The only importer of pypdfium2. It knows text and what the file says of itself; it reads no pictures, so that
scanned pages need a text layer from a program that recognises characters.
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from assistant.errors import SourceError
from assistant.sources import clean, compose, layout, properties
from assistant.sources.compose import Block, Fact
from assistant.sources.layout import CELL_BREAK, HYPHEN, Line
from assistant.types import Article

MAX_PAGES = 3000
MAX_CHARS = 20_000_000
MIN_LETTERS_PER_PAGE = 3  # fewer, on average, is a scan with a page number on it
CELL_GAP = 1.3  # of the height of a line, between two cells of a row
MAX_TITLE_CHARS = 100
MIN_BOLD = 600  # weight of a font
ORIGIN = "PDF metadata"

_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
_LOCK = threading.Lock()  # pdfium may be used by one thread at a time
_PUBLISHED = re.compile(
    rb"<prism:(?:publicationDate|coverDate)>\s*([^<]{4,40})<|prism:(?:publicationDate|coverDate)=\"([^\"]{4,40})\""
)


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read the text layer of a PDF file.

    The title is the file's own if it is not one that a program made up, else the largest line of the first
    page. The day of publication is taken from what publishers put in (PRISM); the day on which the file was
    made is none.

    Args:
        data: The bytes of the file.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article of the file; its `pages` are the offsets at which its pages begin.

    Raises:
        SourceError: If it is locked with a password, damaged, too long, or has no text layer.
    """
    with _LOCK, _opened(data, name) as document:
        pages = _pages(document, name)
        known: Mapping[str, str] = document.get_metadata_dict()
        language = _language(document)
    letters = sum(1 for page in pages for line in page for char in line.text if char.isalnum())
    if letters < MIN_LETTERS_PER_PAGE * max(len(pages), 1):
        raise _no_text(len(pages), name)
    heading, blocks = layout.first_heading(pages), layout.blocks(pages)
    published = _PUBLISHED.search(data)
    facts = {
        "title": _titles(known, heading, blocks),
        "author": [Fact(properties.author(known.get("Author", "")), ORIGIN)],
        "published": [Fact((published[1] or published[2]).decode("latin-1"), ORIGIN)] if published else [],
        "language": [Fact(language, ORIGIN)],
    }
    yield compose.article(name, blocks, facts)


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        if getattr(exc, "err_code", 0) == _WRONG_PASSWORD:
            hint = "Save a copy without a password and add that."
            raise SourceError(name, "it is locked with a password", hint=hint) from exc
        raise SourceError(name, "the PDF is damaged and cannot be opened") from exc
    try:
        yield document
    finally:
        document.close()


def _pages(document: Any, name: str) -> list[list[Line]]:
    if len(document) > MAX_PAGES:
        hint = "Split it into smaller files."
        raise SourceError(name, f"it has more than {MAX_PAGES:,} pages ({len(document):,})", hint=hint)
    pages: list[list[Line]] = []
    chars = 0
    for number in range(len(document)):
        pages.append(_page(document, number))
        chars += sum(len(line.text) for line in pages[-1])
        if chars > MAX_CHARS:
            raise SourceError(name, "its text is too long", hint="Split it into smaller files.")
    return pages


def _page(document: Any, number: int) -> list[Line]:
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:  # a damaged page loses no other
        return []
    text = page.get_textpage()
    try:
        return [
            line for line in _Letters(text.raw, text.count_chars()).lines() if line.text.strip(HYPHEN + " ")
        ]
    finally:
        text.close()
        page.close()


class _Letters:
    """The characters of a page, each with its place."""

    def __init__(self, page: Any, count: int) -> None:
        import pypdfium2.raw as pdfium

        self._api, self._page = pdfium, page
        units = [pdfium.FPDFText_GetUnicode(page, at) for at in range(count)]
        self._chars = [chr(unit) if unit < 0x110000 else "\ufffd" for unit in units]

    def lines(self) -> Iterator[Line]:
        """The lines in the order of the file."""
        start = 0
        for at, char in enumerate([*self._chars, "\n"]):
            if char in ("\r", "\n", HYPHEN):
                if line := self._line(start, at, HYPHEN if char == HYPHEN else ""):
                    yield line
                start = at + 1

    def _line(self, start: int, end: int, mark: str) -> Line | None:
        inked = [at for at in range(start, end) if not self._chars[at].isspace()]
        if not inked:
            return None
        first, last = self._box(inked[0]), self._box(inked[-1])
        height = max(first[3] - first[2], 0.1)
        parts = [self._chars[inked[0]]]
        for before, at in pairwise(inked):
            if at > before + 1:
                gap = self._box(at)[0] - self._box(before)[1]
                parts.append(CELL_BREAK if gap > CELL_GAP * height else " ")
            parts.append(self._chars[at])
        text = clean.clean("".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        return Line(text + mark, first[0], last[1], first[2], height, self._is_bold(inked[0]))

    def _box(self, at: int) -> tuple[float, float, float, float]:
        """Left, right, bottom and top of a character with the room of its font around it."""
        box = self._api.FS_RECTF()
        self._api.FPDFText_GetLooseCharBox(self._page, at, ctypes.byref(box))
        return box.left, box.right, box.bottom, box.top

    def _is_bold(self, at: int) -> bool:
        if self._api.FPDFText_GetFontWeight(self._page, at) >= MIN_BOLD:
            return True
        buffer, flags = ctypes.create_string_buffer(128), ctypes.c_int()
        length = self._api.FPDFText_GetFontInfo(self._page, at, buffer, len(buffer), ctypes.byref(flags))
        return b"bold" in buffer.raw[: min(length, len(buffer))].lower()


def _titles(known: Mapping[str, str], heading: str, blocks: Sequence[Block]) -> Sequence[Fact]:
    return [
        Fact(properties.title(known.get("Title", "")), ORIGIN),
        Fact(heading, "largest line"),
        Fact(_opening(blocks), "first line"),
    ]


def _opening(blocks: Sequence[Block]) -> str:
    """The first line, if it looks like a title."""
    line = next((block.text for block in blocks if block.text), "")
    has_words = len(re.findall(r"[^\W\d]{2,}", line)) >= 2
    is_sentence = line.endswith((".", ":", ",", ";"))
    fits = len(line) <= MAX_TITLE_CHARS and CELL_BREAK not in line and not line[:1].isdigit()
    return line if has_words and fits and not is_sentence and len(blocks) > 1 else ""


def _language(document: Any) -> str:
    import pypdfium2.raw as pdfium

    buffer = (ctypes.c_ushort * 32)()
    length = pdfium.FPDFCatalog_GetLanguage(document.raw, buffer, ctypes.sizeof(buffer))
    return bytes(buffer)[: max(min(length, ctypes.sizeof(buffer)) - 2, 0)].decode("utf-16-le", "ignore")


def _no_text(pages: int, name: str) -> SourceError:
    what = "page" if pages == 1 else f"{pages:,} pages"
    return SourceError(
        name,
        f"it has no text layer: its {what} hold{'s' if pages == 1 else ''} pictures only",
        hint="Give it a text layer with a program that recognises characters (OCR), such as ocrmypdf.",
    )
