"""HTML taken as it is, all of its text: chapters of books, bodies of messages, entries of feeds.

It knows elements that make a paragraph, a heading or a row of a table. It does not look for the main text of
a page among menus and advertisements; `html` does.
"""

from __future__ import annotations

import re
from html import unescape

from lxml import etree
from lxml import html as lxml_html

from assistant.sources import clean
from assistant.sources.compose import Block

CELL_BREAK = " | "

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SKIPPED = frozenset({
    *("script", "style", "head", "template", "noscript", "svg", "math", "iframe", "object", "select"),
    *("button", "audio", "video", "canvas", "nav", "textarea", "form"),
})  # fmt: skip
_BLOCKS = frozenset({
    *("p", "div", "section", "article", "aside", "header", "footer", "main", "blockquote", "address", "pre"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tfoot", "caption", "figure", "hr"),
    *("figcaption", "body", "html", "center", "fieldset", "details", "summary", "tr"),
})  # fmt: skip
_CELLS = frozenset({"td", "th"})
_BREAKING = _BLOCKS | _HEADINGS | _CELLS
_SPACES = re.compile(r"\s+")
_TAG = re.compile(
    r"</?(?:p|div|br|a|b|i|em|strong|span|h[1-6]|ul|ol|li|img|table|blockquote|figure)\b[^<>]*>",
    re.IGNORECASE,
)


def is_markup(text: str) -> bool:
    """Whether a text holds HTML elements of the usual kinds."""
    return bool(_TAG.search(text))


def blocks(text: str) -> list[Block]:
    """Take HTML apart.

    Args:
        text: A page or a part of one.

    Returns:
        Its paragraphs, headings, items of lists and rows of tables, in order. A line break stays one; cells
        that hold paragraphs of their own, as in tables made for the layout, are paragraphs.
    """
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(clean.clean(text).encode("utf-8"), parser)
    except etree.LxmlError:  # nothing in it
        return []
    return _Walk().blocks(tree) if tree is not None else []


def title(text: str) -> str:
    """The title that a page gives itself; empty if it gives none."""
    found = re.search(r"<title[^<>]*>([^<]*)</title>", text[:100_000], re.IGNORECASE)
    return clean.one_line(unescape(found[1])) if found else ""


class _Walk:
    """One walk through a tree: the paragraph at hand, and where finished ones go."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._sinks: list[list[Block]] = [[]]  # the page's, and of each cell within it
        self._rows: list[list[list[Block]]] = []  # the cells of each row within another
        self._kept_spaces = 0  # how many elements say that white space counts

    def blocks(self, tree: etree._Element) -> list[Block]:
        walker = etree.iterwalk(tree, events=("start", "end"))
        for event, element in walker:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if tag in _SKIPPED:
                    walker.skip_subtree()
                else:
                    self._begin(tag, element.text)
            else:
                self._end(tag, element.tail)
        self._flush()
        return self._sinks[0]

    def _begin(self, tag: str, text: str | None) -> None:
        if tag in _BREAKING:
            self._flush()
        if tag == "tr":
            self._rows.append([])
        elif tag in _CELLS:
            self._sinks.append([])
        elif tag == "br":
            self._words.append("\n")
        elif tag == "pre":
            self._kept_spaces += 1
        self._add(text)

    def _end(self, tag: str, tail: str | None) -> None:
        if tag in _BREAKING:
            self._flush(is_heading=tag in _HEADINGS)
        if tag == "tr":
            self._emit_row(self._rows.pop())
        elif tag in _CELLS:
            cell = self._sinks.pop()
            if self._rows:
                self._rows[-1].append(cell)
            else:
                self._sinks[-1] += cell
        elif tag == "pre":
            self._kept_spaces -= 1
        self._add(tail)

    def _add(self, text: str | None) -> None:
        if text:
            self._words.append(text if self._kept_spaces else _SPACES.sub(" ", text))

    def _flush(self, *, is_heading: bool = False) -> None:
        text = "".join(self._words)
        self._words = []
        if not self._kept_spaces:
            text = "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())
        if text.strip():
            self._sinks[-1].append(Block(text.strip("\n"), is_heading))

    def _emit_row(self, cells: list[list[Block]]) -> None:
        filled = [cell for cell in cells if cell]
        if all(len(cell) == 1 for cell in filled):
            if filled:
                line = CELL_BREAK.join(cell[0].text.replace("\n", " ") for cell in filled)
                self._sinks[-1].append(Block(line, len(filled) == 1 and filled[0][0].is_heading))
        else:
            self._sinks[-1] += (block for cell in filled for block in cell)
