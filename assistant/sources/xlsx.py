"""Excel files (.xlsx) read as articles: a row an article where a column is called text, else a line a row.

The only importer of openpyxl. It knows sheets and cells, and values as they were last computed; charts,
pictures and comments are left out.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from assistant.errors import SourceError
from assistant.sources import compose, ooxml, sheets
from assistant.sources.compose import Block, Fact
from assistant.types import Article, Failure

MAX_CELLS = 2_000_000


def read(data: bytes, name: str, fields: Mapping[str, str] | None = None) -> Iterator[Article | Failure]:
    """Read an Excel file; sheets that are hidden are read, too.

    Args:
        data: The bytes of the file.
        name: The file's name, for titles of last resort and for errors.
        fields: Field of an article to the name of the column that holds it; see `tabular`.

    Yields:
        Of a sheet with a column of texts, an article for each row. All other sheets together are one article,
        each with its name as a heading.

    Raises:
        SourceError: If it cannot be opened, is too large, or there is no text in it.
    """
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that hold no text
        book = openpyxl.load_workbook(ooxml.checked(data, name), read_only=True, data_only=True)
        known = ooxml.facts(book.properties)
        tables = [(sheet.title, _rows(sheet, name)) for sheet in book.worksheets]
        book.close()
    blocks: list[Block] = []
    several = sum(1 for _, rows in tables if rows) > 1
    for title, rows in tables:
        if sheets.has_articles(rows, fields or {}):
            place = f"sheet {title} " if several else ""
            yield from sheets.articles(rows, name, fields or {}, place=place)
        elif rows:
            heading = [Block(title, is_heading=True)] if several else []
            blocks += [*heading, *map(Block, sheets.lines(rows, name))]
    if blocks or not any(rows for _, rows in tables):
        only = (
            [Fact(tables[0][0], "sheet")] if tables and not several and not _is_default(tables[0][0]) else []
        )
        yield compose.article(name, blocks, {**known, "title": [*known["title"], *only]})


def _is_default(title: str) -> bool:
    return title.rstrip("0123456789 ").lower() in ("sheet", "tabelle", "feuil", "hoja", "foglio", "table")


def _rows(sheet: Any, name: str) -> list[list[str]]:
    sheet.reset_dimensions()  # files may claim a billion cells
    rows, count = [], 0
    for cells in sheet.iter_rows():
        row = [_shown(cell) for cell in cells]
        count += len(row)
        if count > MAX_CELLS:
            raise SourceError(
                name, f"a sheet has more than {MAX_CELLS:,} cells", hint="Split it into smaller files."
            )
        if any(row):
            rows.append(row)
    return sheets.trimmed(rows)


def _shown(cell: Any) -> str:
    """A cell as a reader sees it, nearly."""
    value = cell.value
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and "%" in (cell.number_format or ""):
        return f"{value * 100:.6g}%"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date | time) else str(value)
