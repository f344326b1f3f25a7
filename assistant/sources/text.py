"""Plain text read as an article: the first line may be the title, wrapped lines become paragraphs.

It knows headlines and paragraphs, nothing else; plain text names no author, date or publisher.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.sources import clean
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
    title, _, rest = text.partition("\n")
    if _is_title(title) and rest.strip() and not rest[0].islower():
        yield clean.article(name, rest, title=title)
    else:
        yield clean.article(name, text)


def _is_title(line: str) -> bool:
    has_words = any(char.isalnum() for char in line)
    return has_words and len(line) <= MAX_TITLE_CHARS and not line.rstrip().endswith((".", "。"))
