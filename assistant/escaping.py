"""Text made harmless where it is put into Markdown or HTML; it knows their signs, not what is said."""

from __future__ import annotations

import html
import re

# What can be markup in CommonMark, its tables and its usual extensions (links, formulas, emoji, attributes);
# a backslash takes each for itself.
_MARKUP = re.compile(
    r"[\\`*_{}\[\]<>#|~@$^]"
    r"|(?<=\])\("  # a link or an image
    r"|&(?=#?\w+;)"  # an entity
    r"|:(?=\S)"  # "https:", "mailto:", ":smile:"
    r"|(?<=\w)\.(?=[^\W\d_])"  # "www.", "example.com"
    r"|={2,}|-{3,}"  # marked text, a line across
    r"|\A(?:[-+=]|\d+(?=[.)]))"  # a list or the line below a heading
)


def escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    return _MARKUP.sub(_escape, " ".join(text.split()))


def _escape(found: re.Match[str]) -> str:
    """A backslash before each sign; a number at the start of a list has it behind."""
    signs = found.group()
    return f"{signs}\\" if signs[0].isdigit() else "".join(f"\\{sign}" for sign in signs)


def preformatted(text: str) -> str:
    """An HTML element that shows a text as it is, its lines wrapped."""
    return f'<pre style="white-space: pre-wrap">{html.escape(text)}</pre>'
