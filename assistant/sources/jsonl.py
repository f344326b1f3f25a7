"""JSON Lines read as articles, one a line: {"title", "text", "date" or "published", "url", "author", …}.

It knows JSON a line; the names of the fields are known to `tabular`. A line that is no article is reported
and loses no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.errors import SourceError
from assistant.sources import clean, tabular
from assistant.types import Article, Failure

HINT = 'Each line is a JSON object with a "text", such as {"title": "…", "text": "…", "date": "2024-11-13"}.'


def read(data: bytes, name: str, fields: Mapping[str, str] | None = None) -> Iterator[Article | Failure]:
    """Read a JSON Lines file; blank lines are skipped.

    Args:
        data: The bytes of the file.
        name: The file's name, for errors.
        fields: Field of an article to the name of the key that holds it; see `tabular`.

    Yields:
        An article for each line that is one, a failure for each that is not. The path of an article is "#"
        and the row's "id", else its title, else its line number: its place within the file, once each.

    Raises:
        SourceError: If the file has no lines.
    """
    lines = clean.decode(data, name).split("\n")
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip(" \t\r\0")]
    if not rows:
        raise SourceError(name, "no text in it")
    columns, taken = tabular.Columns(fields or {}), set[str]()
    for number, line in rows:
        where = f"line {number}"
        try:
            row = _parse(line, f"{name} {where}")
            yield tabular.article(row, name, where, columns, taken, word="field")
        except SourceError as error:
            yield Failure(error.name, error.reason, error.hint)


def parse(text: str) -> Any:
    """The value of a JSON text; raises ValueError with the reason in words if it is none."""
    try:
        return json.loads(text, strict=False)  # raw control characters are cleaned later
    except json.JSONDecodeError as exc:
        raise ValueError(f"{exc.msg}, column {exc.colno}") from exc
    except RecursionError as exc:
        raise ValueError("nested too deeply") from exc
    except ValueError as exc:
        raise ValueError("a number is too long") from exc


def _parse(line: str, name: str) -> Mapping[str, Any]:
    try:
        row = parse(line)
    except ValueError as exc:
        raise SourceError(name, f"it is not JSON ({exc})", hint=HINT) from exc
    if not isinstance(row, dict):
        raise SourceError(name, "it is not a JSON object", hint=HINT)
    return row
