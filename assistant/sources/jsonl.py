"""JSON Lines read as articles, one a line: {"title", "text", "date" or "published", "url", "author", …}.

It knows JSON and the names of the fields; a line that is no article is reported and loses no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.errors import SourceError
from assistant.sources import clean
from assistant.types import Article, Failure

HINT = 'Each line is a JSON object with a "text", such as {"title": "…", "text": "…", "date": "2024-11-13"}.'


def read(data: bytes, name: str) -> Iterator[Article | Failure]:
    """Read a JSON Lines file; blank lines are skipped.

    Args:
        data: The bytes of the file.
        name: The file's name, for errors.

    Yields:
        An article for each line that is one, a failure for each that is not. The path of an article is "#"
        and the row's "id", else its title, else its line number: its place within the file, once each.

    Raises:
        SourceError: If the file has no lines.
    """
    rows = [
        (n, line) for n, line in enumerate(clean.decode(data, name).split("\n"), 1) if line.strip(" \t\r\0")
    ]
    if not rows:
        raise SourceError(name, "no text in it")
    taken: set[str] = set()
    for number, line in rows:
        try:
            yield _article(_parse(line, f"{name} line {number}"), name, number, taken)
        except SourceError as error:
            yield Failure(error.name, error.reason, error.hint)


def _article(row: Mapping[str, Any], name: str, number: int, taken: set[str]) -> Article:
    if not isinstance(row.get("text"), str):
        raise SourceError(f"{name} line {number}", 'no "text" in it', hint=HINT)
    return clean.article(
        f"{name} line {number}",
        clean.unwrap(clean.clean(row["text"])),
        title=clean.one_line(row.get("title")) or f"{clean.title_from_name(name)} line {number}",
        author=row.get("author"),
        published=row.get("published") or row.get("date"),
        source=row.get("source"),
        url=row.get("url"),
        language=row.get("language"),
        path=_place(row, number, taken),
    )


def _parse(line: str, name: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line, strict=False)  # raw control characters are cleaned later
    except (ValueError, RecursionError) as exc:
        raise SourceError(name, f"it is not JSON ({_reason(exc)})", hint=HINT) from exc
    if not isinstance(row, dict):
        raise SourceError(name, "it is not a JSON object", hint=HINT)
    return row


def _reason(exc: Exception) -> str:
    if isinstance(exc, json.JSONDecodeError):
        return f"{exc.msg}, column {exc.colno}"
    return "nested too deeply" if isinstance(exc, RecursionError) else "a number is too long"


def _place(row: Mapping[str, Any], number: int, taken: set[str]) -> str:
    key = clean.one_line(row.get("id")) or clean.one_line(row.get("title")) or str(number)
    place = f"#{key}" if f"#{key}" not in taken else f"#{key} (line {number})"
    taken.add(place)
    return place
