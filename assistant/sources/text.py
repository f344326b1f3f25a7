"""Plain text read as an article: the first line may be the title, wrapped lines become paragraphs.

It knows headlines and paragraphs, nothing else; plain text names no author, date or publisher.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.sources import clean, compose
from assistant.sources.compose import Block, Fact
from assistant.types import Article

MAX_TITLE_CHARS = 150  # a longer first line is a sentence, not a headline


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read a text file.

    The first line is the title if it is short, does not end with a full stop, and more text follows; it is
    then not repeated in the text.

    Args:
        data: The bytes of the file.
        name: The file's name, for the title and for errors.

    Yields:
        The one article of the file.

    Raises:
        SourceError: If there is no text in it.
    """
    text = clean.unwrap(clean.clean(clean.decode(data, name)).strip())
    title, rest = split_title(text)
    yield compose.article(name, [Block(rest)], {"title": [Fact(title, "first line")]})


def split_title(text: str) -> tuple[str, str]:
    """Split a text into its first line and the rest, if the line looks like a title; else ("", the text)."""
    title, _, rest = text.partition("\n")
    is_split = _is_title(title) and bool(rest.strip()) and not rest[0].islower()
    return (title, rest) if is_split else ("", text)


def _is_title(line: str) -> bool:
    has_words = any(char.isalnum() for char in line)
    return has_words and len(line) <= MAX_TITLE_CHARS and not line.rstrip().endswith((".", "。"))
