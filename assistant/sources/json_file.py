"""JSON files read as articles: one object, a list of objects, or an object that holds such a list.

It knows the shapes of JSON; the names of the fields are known to `tabular`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assistant.errors import SourceError
from assistant.sources import clean, jsonl, tabular
from assistant.types import Article, Failure

MAX_DEPTH = 4  # of objects around the list of articles


def read(data: bytes, name: str, fields: Mapping[str, str] | None = None) -> Iterator[Article | Failure]:
    """Read a JSON file; one that holds a JSON value a line is read as JSON Lines.

    Args:
        data: The bytes of the file.
        name: The file's name, for titles of last resort and for errors.
        fields: Field of an article to the name of the key that holds it; see `tabular`.

    Yields:
        The article that the file is, or one for each object of its list and a failure for each that is none.

    Raises:
        SourceError: If it is not JSON, or holds no object with a text.
    """
    text = clean.decode(data, name)
    try:
        value = jsonl.parse(text)
    except ValueError as exc:
        if "Extra data" in str(exc) and text.lstrip().startswith("{"):
            yield from jsonl.read(data, name, fields)
            return
        raise SourceError(name, f"it is not JSON ({exc})", hint=jsonl.HINT) from exc
    columns = tabular.Columns(fields or {})
    if isinstance(value, Mapping) and "text" in columns.found(value):
        yield tabular.article(value, name, "", columns, set(), word="field")
        return
    rows = _rows(value, columns, MAX_DEPTH)
    if not rows:
        seen = value if isinstance(value, Mapping) else ()
        raise SourceError(name, "no field with a text in it", hint=tabular.hint("field", seen))
    numbered = ((f"item {number}", _object(row)) for number, row in enumerate(rows, 1))
    yield from tabular.articles(numbered, name, columns, word="field")


def _rows(value: Any, columns: tabular.Columns, depth: int) -> list[Any]:
    """The longest list within a value that has an object with a text; empty if there is none."""
    if isinstance(value, list):
        has_texts = any(isinstance(row, Mapping) and "text" in columns.found(row) for row in value)
        return value if has_texts else []
    if not isinstance(value, Mapping) or not depth:
        return []
    if all(isinstance(row, Mapping) for row in value.values()) and value:
        values = list(value.values())  # articles by their ids
        if any("text" in columns.found(row) for row in values):
            return values
    return max((_rows(part, columns, depth - 1) for part in value.values()), key=len, default=[])


def _object(row: Any) -> Mapping[str, Any]:
    if not isinstance(row, Mapping):
        return {}
    return row["_source"] if isinstance(row.get("_source"), Mapping) else row
