"""What stands around every drawing: its size, its title and the white that it is drawn on."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape


def svg(title: str, parts: Iterable[str], *, width: int, height: int) -> str:
    """An SVG of its elements, one a line.

    Args:
        title: What it shows, for who cannot see it.
        parts: Elements, their text escaped.
        width: In pixels.
        height: In pixels.
    """
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="11" fill="#333333" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )
