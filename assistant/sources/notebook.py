"""Jupyter notebooks read as articles: their Markdown cells, as one Markdown text.

It knows cells; code and its output are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.errors import SourceError
from assistant.sources import clean, jsonl, markdown
from assistant.types import Article


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read a notebook.

    Args:
        data: The bytes of the file.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article of the file.

    Raises:
        SourceError: If it is no notebook, or has no Markdown cells.
    """
    try:
        book = jsonl.parse(clean.decode(data, name))
    except ValueError as exc:
        raise SourceError(name, f"the notebook is damaged: it is not JSON ({exc})") from exc
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list):
        raise SourceError(name, "it is no notebook, or one of before 2015: it has no list of cells")
    texts = [_text(cell) for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "markdown"]
    if not any(text.strip() for text in texts):
        raise SourceError(name, "none of its cells holds text", hint="Code is not read.")
    yield from markdown.read("\n\n".join(texts).encode("utf-8", "replace"), name)


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
