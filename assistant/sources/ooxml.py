"""What Word, PowerPoint and Excel files have in common: a checked archive of XML, and its properties.

It knows the container and what programs write into the properties by themselves; the parts are known to
`docx`, `pptx` and `xlsx`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

from assistant.errors import SourceError
from assistant.sources import properties, safezip
from assistant.sources.compose import Fact, Facts

ORIGIN = "document properties"
CELL_BREAK = " | "

_DTD = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|<\0!\0(?:D\0O\0C\0T|E\0N\0T)|\0<\0!\0(?:D\0O\0C|E\0N\0T)", re.IGNORECASE
)


def checked(data: bytes, name: str) -> io.BytesIO:
    """A document that a library may open.

    Args:
        data: Its bytes.
        name: What to call it in an error.

    Returns:
        A file object.

    Raises:
        SourceError: If it is damaged, holds too much, or defines entities, which none of these formats may.
    """
    safezip.check(data, name)
    with safezip.opened(data, name) as archive:
        for member in archive.names():
            if member.lower().endswith((".xml", ".rels")) and _DTD.search(archive.read(member)):
                raise SourceError(name, "its XML defines entities, as only hostile files of this kind do")
    return io.BytesIO(data)


def facts(core: Any) -> Facts:
    """Title, author and language of a document's core properties, where a person gave them.

    The days on which a document was made and saved are not when it was published, and are not used.
    """
    named = getattr(core, "author", "") or getattr(core, "creator", "")
    return {
        "title": [Fact(properties.title(core.title), ORIGIN)],
        "author": [Fact(properties.author(named), ORIGIN)],
        "language": [Fact(core.language, ORIGIN)],
    }


def row(cells: Iterable[str]) -> str:
    """The cells of a row as one line."""
    return CELL_BREAK.join(filter(None, (" ".join(cell.split()) for cell in cells)))
