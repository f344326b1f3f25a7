"""Titles and authors in the metadata of files: which of them a person gave, and which a program made up.

It knows the names of templates, files and accounts that programs write there; it does not know formats.
"""

from __future__ import annotations

import re

from assistant.sources import clean

_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)\b.*|untitled.*|(?:power ?point )?presentation\d*|document\d*"
    r"|slide \d+"
    r"|layout \d+|.*\.(?:docx?|rtf|odt|pptx?|xlsx?|indd|qxd|tex|dvi|pdf|html?|txt|pages|tmp|fm|p65)|\W*"
    r"|[\w-]*\d[\w-]*|\(?(?:anonymous|unspecified)\)?|word document|title)",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"(?:admin\w*|user\d*|owner|root|unknown|\(?anonymous\)?|author|default|guest|pc|windows user|openpyxl"
    r"|microsoft office user|python-docx|\(?unspecified\)?|.*\\.*|\W*|steve canny|.*@.*)",
    re.IGNORECASE,
)


def title(given: object) -> str:
    """A title in the metadata of a file; empty if a program seems to have made it up."""
    line = clean.one_line(given)
    return "" if _NO_TITLE.fullmatch(line) else line


def author(given: object) -> str:
    """An author in the metadata of a file; empty if it is the name of an account or a program."""
    line = clean.one_line(given)
    return "" if _NO_AUTHOR.fullmatch(line) else line
