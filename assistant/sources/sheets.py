"""Tables of cells: which of their rows are a header, which are articles, and how others become lines.

It knows rows of texts; it does not know which kind of file they come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assistant.errors import SourceError
from assistant.sources import tabular
from assistant.types import Article, Failure

MAX_LINES = 20_000  # of a table that is one article
CELL_BREAK = " | "

Rows = Sequence[Sequence[str]]


def has_articles(rows: Rows, fields: Mapping[str, str]) -> bool:
    """Whether a table has a header, rows below it, and a column that is called like a text."""
    return len(rows) > 1 and bool(tabular.Columns(fields).text_column(rows[0]))


def articles(
    rows: Rows, name: str, fields: Mapping[str, str], *, place: str = ""
) -> Iterator[Article | Failure]:
    """Make an article of each row below the header.

    Args:
        rows: The header first.
        name: The file's name, for titles of last resort and for errors.
        fields: Field of an article to the name of its column; see `tabular`.
        place: What stands before the number of a row, if the file has more than one table.

    Yields:
        An article for each row with a text, a failure for each other.
    """
    header = rows[0]
    numbered = (
        (f"{place}row {number}", dict(zip(header, row, strict=False)))
        for number, row in enumerate(rows[1:], 2)
    )
    yield from tabular.articles(numbered, name, tabular.Columns(fields))


def lines(rows: Rows, name: str) -> list[str]:
    """Make a readable line of each row.

    Args:
        rows: Rows with at least one cell that is filled.
        name: What to call the file in an error.

    Returns:
        Below a header, "name: value | name: value", so that each line can be understood alone; without one,
        the cells.

    Raises:
        SourceError: If there are too many.
    """
    if len(rows) > MAX_LINES:
        raise SourceError(
            name,
            f"it is a table of more than {MAX_LINES:,} rows, and none of its columns is called text",
            hint=tabular.hint("column", rows[0]),
        )
    heading = next(
        (at for at, row in enumerate(rows) if sum(map(bool, row)) > 1), 0
    )  # after lines of one cell
    above, rows = rows[:heading], rows[heading:]
    if not _has_header(rows):
        return [_bare(row) for row in (*above, *rows)]
    header = [_flat(cell) for cell in rows[0]]
    return [_bare(row) for row in above] + [
        CELL_BREAK.join(f"{column}: {_flat(cell)}" for column, cell in zip(header, row, strict=False) if cell)
        for row in rows[1:]
    ]


def _bare(row: Sequence[str]) -> str:
    return CELL_BREAK.join(filter(None, map(_flat, row)))


def trimmed(rows: Sequence[list[str]]) -> list[list[str]]:
    """The rows without columns that are empty in all of them."""
    used = sorted({at for row in rows for at, cell in enumerate(row) if cell.strip()})
    return [[row[at] if at < len(row) else "" for at in used] for row in rows]


def _has_header(rows: Rows) -> bool:
    first = rows[0]
    is_named = all(cell.strip() and len(cell) <= 60 and not _is_number(cell) for cell in first)
    is_unique = len({cell.strip().casefold() for cell in first}) == len(first)
    return (
        len(rows) > 1
        and len(first) > 1
        and is_named
        and is_unique
        and all(len(r) <= len(first) for r in rows)
    )


def _is_number(cell: str) -> bool:
    return cell.strip().lstrip("+-$€£").replace(",", "").replace(".", "").rstrip("%").isdigit()


def _flat(cell: str) -> str:
    return " ".join(cell.split())
