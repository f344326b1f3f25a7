"""CSV and TSV files read as articles: a row an article where a column is called text, else a line a row.

It knows delimiters and quotes; what columns are called is known to `tabular`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from assistant.errors import SourceError
from assistant.sources import clean, compose, sheets
from assistant.sources.compose import Block
from assistant.types import Article, Failure

DELIMITERS = ",;\t|"
SAMPLE_LINES = 50
MAX_FIELD_CHARS = 10_000_000


def read(data: bytes, name: str, fields: Mapping[str, str] | None = None) -> Iterator[Article | Failure]:
    """Read a table of comma, semicolon, tab or bar separated values.

    Args:
        data: The bytes of the file.
        name: The file's name, for titles of last resort and for errors.
        fields: Field of an article to the name of the column that holds it; see `tabular`.

    Yields:
        With a column of texts, an article for each row and a failure for each that has none; otherwise one
        article with a line for each row.

    Raises:
        SourceError: If it is no table, or there is no text in it.
    """
    text = clean.clean(clean.decode(data, name)).lstrip("\n")
    rows = _rows(text, name)
    if sheets.has_articles(rows, fields or {}):
        yield from sheets.articles(rows, name, fields or {})
    else:
        yield compose.article(name, map(Block, sheets.lines(rows, name)) if rows else [])


def _rows(text: str, name: str) -> list[list[str]]:
    delimiter = _delimiter(text)
    csv.field_size_limit(MAX_FIELD_CHARS)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, row))]
    except csv.Error as exc:
        raise SourceError(name, f"it is not a table ({exc})", hint="Export it once more as CSV.") from exc
    return [[cell.strip() for cell in row] for row in rows]


def _delimiter(text: str) -> str:
    """The delimiter by which the first lines fall into the same number of cells, more than one."""
    sample = text.split("\n", SAMPLE_LINES)[:SAMPLE_LINES]
    if sample and sample[0].startswith("sep="):
        return sample[0][4:5] or ","

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        usual = max(set(widths), key=widths.count) if widths else 0
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0), usual

    return max(DELIMITERS, key=evenness)
