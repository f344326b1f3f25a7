"""Markdown read as an article: front matter for what is known about it, the body as plain text.

It knows Markdown (CommonMark, tables and strikethrough) and YAML-like front matter. Marks disappear, their
text stays; raw HTML and comments are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.errors import SourceError
from assistant.sources import clean, compose
from assistant.sources.compose import Block, Fact
from assistant.types import Article

ORIGIN = "front matter"
MAX_NESTING = 60  # lists and quotes within one another; markdown-it's 20 loses text that people write

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"^(\w+):[ \t]+([\"']?)(.+?)\2[ \t]*$", re.MULTILINE)
_KEYS = {
    "title": ("title",),
    "author": ("author", "authors"),
    "published": ("published", "date"),
    "modified": ("modified", "updated", "lastmod"),
    "source": ("source", "publisher", "site"),
    "url": ("url", "canonical"),
    "language": ("language", "lang"),
}
_BLOCKS_OF_TEXT = ("fence", "code_block")
_BREAKS = {"softbreak": " ", "hardbreak": "\n"}


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read a Markdown file.

    Front matter may name `title`, `author`, `published` or `date`, `modified` or `updated`, `source` or
    `publisher` or `site`, `url` or `canonical`, `language` or `lang`; other keys are ignored. Without a title
    there, the first level 1 heading is the title.

    Args:
        data: The bytes of the file.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article of the file.

    Raises:
        SourceError: If there is no text in it.
    """
    known, body = _split_front_matter(clean.clean(clean.decode(data, name)))
    tokens = _parse(body, name)
    facts = {
        field: [Fact(known[key], ORIGIN) for key in keys if known.get(key)] for field, keys in _KEYS.items()
    }
    facts["title"].append(Fact(_first_heading(tokens), "first heading"))
    yield compose.article(name, _blocks(tokens), facts)


def _split_front_matter(text: str) -> tuple[Mapping[str, Any], str]:
    match = _FRONT_MATTER.match(text.lstrip())
    known = _parse_front_matter(match[1] or "") if match else {}
    return (known, text.lstrip()[match.end() :]) if match and known else ({}, text)


def _parse_front_matter(block: str) -> Mapping[str, Any]:
    try:
        known = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):
        # Titles with a colon and impossible dates are no YAML, yet a person can read them, line by line.
        known = {key: value for key, _, value in _FIELD.findall(block)}
    if not isinstance(known, Mapping):
        return {}
    return {str(key).lower(): value for key, value in known.items() if isinstance(key, str)}


def _parse(body: str, name: str) -> Sequence[Token]:
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    tokens = parser.parse(body)
    if any(token.level >= MAX_NESTING - 1 for token in tokens):  # what lies deeper would be lost
        raise SourceError(name, "its lists and quotes are nested too deeply")
    return tokens


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    row: list[str] | None = None  # the cells of the table row at hand
    is_heading = False
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield Block(" | ".join(row or []))
            row = None
        elif token.type in ("heading_open", "heading_close"):
            is_heading = token.type == "heading_open"
        elif token.type == "inline" and row is not None:
            row.append(_inline_text(token))
        elif token.type == "inline":
            yield Block(_inline_text(token), is_heading)
        elif token.type in _BLOCKS_OF_TEXT:
            yield Block(token.content.rstrip("\n"))


def _inline_text(token: Token) -> str:
    parts = (
        child.content if child.type in ("text", "code_inline", "image") else _BREAKS.get(child.type, "")
        for child in token.children or []
    )
    return "".join(parts)


def _first_heading(tokens: Sequence[Token]) -> str:
    headings = (
        inner for outer, inner in pairwise(tokens) if outer.type == "heading_open" and outer.tag == "h1"
    )
    return next(map(_inline_text, headings), "")
