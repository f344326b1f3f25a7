"""Articles, failures and feeds as lines of JSON, the one thing that a parser process may send.

It knows the fields of these types and takes nothing else: a parser that was taken over by what it read can
send wrong words, but no code, no other types and no endless line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from assistant.sources.feed import Entry, Feed
from assistant.types import Article, Failure, Section

_DATES = ("published", "modified")
_LISTS = ("sections", "pages", "origins")
_TEXTS = tuple(f.name for f in fields(Article) if f.name not in (*_DATES, *_LISTS))


def encode(message: Mapping[str, Any]) -> bytes:
    """A message of plain JSON values as one line; lone surrogates, as in names of files, are kept."""
    return (
        json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        + b"\n"
    )


def decode(line: bytes) -> dict[str, Any]:
    """Read the message of a line.

    Args:
        line: With or without the line end.

    Returns:
        The message, whatever it says.

    Raises:
        ValueError: If it is no JSON object.
    """
    try:
        message = json.loads(line)
    except RecursionError as exc:
        raise ValueError("a message is nested too deeply") from exc
    if not isinstance(message, dict):
        raise ValueError("a message is no JSON object")
    return message


def pack(item: Article | Failure) -> dict[str, Any]:
    """An article or failure as plain JSON values; of an article, what is empty is left out."""
    if isinstance(item, Failure):
        return {"failure": [item.name, item.reason, item.hint]}
    known = {f.name: getattr(item, f.name) for f in fields(item) if f.name == "text" or getattr(item, f.name)}
    return {"article": known | {name: known[name].isoformat() for name in _DATES if name in known}}


def unpack(message: Mapping[str, Any]) -> Article | Failure:
    """Read the article or failure of a message.

    Args:
        message: As `pack` makes it.

    Returns:
        What was packed.

    Raises:
        ValueError: If it is neither, or a field has a wrong type.
    """
    try:
        if "failure" in message:
            return Failure(*_list(message["failure"], str, str, str))
        known = dict(message["article"])
        text = _of(str, known.pop("text"))
        names = {name: _of(str, known.pop(name)) for name in _TEXTS if name in known}
        dates: dict[str, Any] = {
            name: date.fromisoformat(known.pop(name)) for name in _DATES if name in known
        }
        sections = tuple(Section(*_list(row, int, str)) for row in known.pop("sections", ()))
        origins = tuple(
            (field, where) for field, where in (_list(row, str, str) for row in known.pop("origins", ()))
        )
        pages = tuple(_of(int, page) for page in known.pop("pages", ()))
    except (TypeError, KeyError) as exc:
        raise ValueError(f"a message is wrong: {exc}") from exc
    if known:
        raise ValueError(f"a message has unknown fields: {sorted(known)}")
    return Article(text, **names, **dates, sections=sections, pages=pages, origins=origins)


def pack_feed(feed: Feed) -> dict[str, Any]:
    """A feed as plain JSON values."""
    entries = [[_as_text(getattr(entry, f.name)) for f in fields(Entry)] for entry in feed.entries]
    return {"feed": [feed.title, feed.language], "entries": entries}


def unpack_feed(message: Mapping[str, Any]) -> Feed:
    """Read the feed of a message, as `pack_feed` makes it; raises ValueError if it is none."""
    try:
        title, language = _list(message["feed"], str, str)
        rows = [_list(row, *[str] * len(fields(Entry))) for row in message["entries"]]
        return Feed(title, language, tuple(map(_entry, rows)))
    except (TypeError, KeyError) as exc:
        raise ValueError(f"a message is wrong: {exc}") from exc


def _entry(row: list[str]) -> Entry:
    known: dict[str, Any] = dict(zip((f.name for f in fields(Entry)), row, strict=True))
    days = {name: date.fromisoformat(known[name]) if known[name] else None for name in _DATES}
    return Entry(**known | days)


def _as_text(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} instead of {kind.__name__}")
    return value


def _list(value: Any, *kinds: type) -> list[Any]:
    if not isinstance(value, list) or len(value) != len(kinds):
        raise TypeError("a list of another length")
    return [_of(kind, part) for kind, part in zip(kinds, value, strict=True)]
