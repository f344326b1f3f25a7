"""Rich Text Format read as an article: its text by striprtf, its title and author from the information group.

The only importer of striprtf. It knows nothing of styles: RTF names no headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assistant.sources import clean, compose, properties, text
from assistant.sources.compose import Block, Fact
from assistant.types import Article

ORIGIN = "document properties"

_INFO = r"\{\\%s ((?:[^{}\\]|\\'[0-9a-f]{2}){1,300})\}"
_ENCODING = re.compile(rb"\\ansicpg(\d{3,5})")


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read an RTF file.

    Args:
        data: The bytes of the file.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article of the file.

    Raises:
        SourceError: If there is no text in it.
    """
    from striprtf import striprtf

    page = _ENCODING.search(data[:1000])
    encoding = f"cp{page[1].decode()}" if page else "cp1252"
    source = data.decode("latin-1")
    to_text: Any = striprtf.rtf_to_text
    body = clean.unwrap(clean.clean(to_text(source, encoding=encoding, errors="replace")).strip())
    opening, rest = text.split_title(body)
    facts = {
        "title": [
            Fact(properties.title(_info(source, "title", encoding)), ORIGIN),
            Fact(opening, "first line"),
        ],
        "author": [Fact(properties.author(_info(source, "author", encoding)), ORIGIN)],
    }
    lines = ([opening] if opening else []) + rest.split("\n")
    yield compose.article(name, map(Block, lines), facts)


def _info(source: str, field: str, encoding: str) -> str:
    match = re.search(_INFO % field, source[:20_000])
    if not match:
        return ""
    raw = re.sub(r"\\'([0-9a-f]{2})", lambda code: chr(int(code[1], 16)), match[1])
    return raw.encode("latin-1", "replace").decode(encoding, "replace")
