"""Text made harmless where it is put into Markdown or HTML; it knows their signs, not what is said."""

from __future__ import annotations

import html
import re

# What can begin or be markup in CommonMark and its tables; a backslash takes each for itself.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:@=$^\"'])")


def escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def preformatted(text: str) -> str:
    """An HTML element that shows a text as it is, its lines wrapped."""
    return f'<pre style="white-space: pre-wrap">{html.escape(text)}</pre>'
