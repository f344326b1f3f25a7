"""Lines of a printed page put together as paragraphs, headings and rows of tables.

It knows where lines stand and how large they are, in points, and nothing of PDF. A line goes on in the next
one if they are near, of one size, and the next one's first word would not have fitted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from assistant.sources.compose import Block

SAME_SIZE = 0.12  # two sizes differ by at most this share
HEADING_SIZE = 1.15  # times that of the body
MAX_HEADING_CHARS = 200
MAX_LEADING = 1.9  # of the height of a line, from line to line of a paragraph
LEADING_SLACK = 1.25  # times the usual leading; more is a new paragraph
INDENT = 0.7  # of the height of a line
EDGE_LINES = 2  # at the top and at the bottom of a page, that may be a running head or foot
MIN_REPEATS = 3  # pages with the same line at an edge
HYPHEN = "\x02"  # at the end of a line whose last word goes on; pdfium's own mark
CELL_BREAK = " | "

_ITEM = re.compile(
    r"\s*(?:[-*+\u2022\u2023\u25aa\u25cf\u25e6\u2013\u2014\u27a2]\s|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]\s|\[\d+\])"
)
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.)?\s*[-\u2013]?\s*(?:\d{1,4}|[ivxlc]{1,6})\s*[-\u2013]?"
    r"(?:\s*(?:of|/|von)\s*\d{1,4})?",
    re.IGNORECASE,
)
_ENDS = (".", "!", "?", ":", ";", "\u3002", "\u201d", '"')


class Line(NamedTuple):
    """A line of text on a page; offsets in points, from the left and from the bottom."""

    text: str
    left: float
    right: float
    bottom: float
    height: float
    is_bold: bool = False

    @property
    def has_cells(self) -> bool:
        """Whether it is a row of a table."""
        return CELL_BREAK in self.text


def blocks(pages: Sequence[Sequence[Line]]) -> list[Block]:
    """Put a document together.

    Args:
        pages: The lines of each page in the order in which they are read.

    Returns:
        Its paragraphs, headings and rows, in order, without running heads and feet. Each page begins in one
        of them, or in an empty block after the last.
    """
    kept = _without_edges([_merged_rows(_in_order(page)) for page in pages])
    body = _Body(kept)
    known = {
        word.casefold() for page in kept for line in page for word in re.findall(r"[\w]+-[\w]+", line.text)
    }
    found: list[Block] = []
    for page in kept:
        paragraphs = [_paragraph(group, body, known) for group in _groups(page)]
        if not paragraphs:
            paragraphs = [Block("")]
        first, *rest = paragraphs
        if found and _goes_on(found[-1], first):
            found[-1] = _joined(found[-1], first, known)
        else:
            found.append(first._replace(pages=(0,)))
        found += rest
    return found


def first_heading(pages: Sequence[Sequence[Line]]) -> str:
    """The lines of the largest size on the first page, if they are larger than the body; else empty."""
    page = next((page for page in pages if page), ())
    body = _body_height(pages)
    if not page or not body:
        return ""
    largest = max(line.height for line in page if any(map(str.isalpha, line.text)) or line is page[0])
    if largest < HEADING_SIZE * body:
        return ""
    lines = []
    for line in page:
        if _is_near(line.height, largest):
            lines.append(line.text.partition(CELL_BREAK)[0].strip())
        elif lines:
            break
    title = " ".join(lines)
    return title if len(title) <= MAX_HEADING_CHARS else ""


class _Body:
    """How most of the text is set."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        self.height = _body_height(pages)
        bold = sum(len(line.text) for page in pages for line in page if line.is_bold)
        self.is_bold = bold > sum(len(line.text) for page in pages for line in page) / 2


def _in_order(page: Sequence[Line]) -> Sequence[Line]:
    """The lines from top to bottom, if the file has them in an order that no columns explain."""
    for line, after in pairwise(page):
        overlaps = min(line.right, after.right) > max(line.left, after.left)
        if overlaps and after.bottom > line.bottom + 2 * after.height:
            return sorted(page, key=lambda line: (-round(line.bottom), line.left))
    return page


def _merged_rows(page: Sequence[Line]) -> list[Line]:
    """Lines side by side, which are cells of one row, as one."""
    rows: list[Line] = []
    for line in page:
        last = rows[-1] if rows else None
        beside = last and abs(last.bottom - line.bottom) < 0.3 * line.height and line.left >= last.right - 1
        if last and beside:
            gap = line.left - last.right
            joint = CELL_BREAK if gap > line.height else " "
            text = f"{last.text.rstrip()}{joint}{line.text.lstrip()}"
            rows[-1] = last._replace(text=text, right=line.right)
        else:
            rows.append(line)
    return rows


def _without_edges(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without page numbers and without lines that many pages have at their top or bottom."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_pattern(line) for line in _edges(page)})
    needed = max(MIN_REPEATS, len(pages) // 3)
    kept = []
    for page in pages:
        edges = {id(line) for line in _edges(page)}
        kept.append(
            [
                line
                for line in page
                if id(line) not in edges
                or not (
                    seen[_pattern(line)] >= needed
                    or (len(pages) > 1 and _PAGE_NUMBER.fullmatch(line.text.strip()))
                )
            ]
        )
    return kept


def _edges(page: Sequence[Line]) -> list[Line]:
    by_height = sorted(page, key=lambda line: -line.bottom)
    return by_height if len(page) <= 2 * EDGE_LINES else by_height[:EDGE_LINES] + by_height[-EDGE_LINES:]


def _pattern(line: Line) -> str:
    return _NUMBER.sub("#", line.text.strip().casefold())


def _body_height(pages: Iterable[Sequence[Line]]) -> float:
    """The height that most of the text has."""
    chars: Counter[float] = Counter()
    for page in pages:
        for line in page:
            chars[round(line.height * 2) / 2] += len(line.text)
    return chars.most_common(1)[0][0] if chars else 0.0


def _groups(page: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each paragraph."""
    leading = _leading(page)
    run: list[Line] = []
    for line in page:
        if run and not _follows(run[-1], line, leading):
            yield from _paragraphs(run, page)
            run = []
        run.append(line)
    if run:
        yield from _paragraphs(run, page)


def _leading(page: Sequence[Line]) -> float:
    """The usual distance from line to line, in heights of a line."""
    steps = [
        (one.bottom - two.bottom) / one.height
        for one, two in pairwise(page)
        if _is_near(one.height, two.height)
    ]
    near = [step for step in steps if 0.5 < step < MAX_LEADING]
    return median(near) if near else 1.0


def _follows(line: Line, after: Line, leading: float) -> bool:
    step = (line.bottom - after.bottom) / line.height
    overlaps = min(line.right, after.right) > max(line.left, after.left)
    return (
        _is_near(line.height, after.height)
        and line.is_bold == after.is_bold
        and 0.4 < step <= LEADING_SLACK * leading
        and overlaps
    )


def _paragraphs(run: Sequence[Line], page: Sequence[Line]) -> Iterator[list[Line]]:
    """Cut lines that follow each other closely where one has room for the next one's first word."""
    right = _right_edge(run, page)
    group = [run[0]]
    for line, after in pairwise(run):
        if _ends_paragraph(line, after, right):
            yield group
            group = []
        group.append(after)
    yield group


def _right_edge(run: Sequence[Line], page: Sequence[Line]) -> float:
    """Where the lines of a column end: its longest ones say so, else others that begin at the same place."""
    right = max(line.right for line in run)
    if sum(line.right > right - 2 * line.height for line in run) >= 2:
        return right
    return max(line.right for line in page if abs(line.left - run[0].left) < 3 * line.height)


def _ends_paragraph(line: Line, after: Line, right: float) -> bool:
    if line.text.endswith(HYPHEN):
        return False
    if line.has_cells or after.has_cells or _ITEM.match(after.text):
        return True
    width = (line.right - line.left) / max(len(line.text), 1)
    first_word = after.text.split(maxsplit=1)[0] if after.text.strip() else ""
    has_room = line.right + width * (len(first_word) + 1) < right - width
    is_indented = after.left - line.left > INDENT * after.height and line.text.rstrip().endswith(_ENDS)
    return is_indented or (has_room and not after.text.lstrip()[:1].islower())


def _paragraph(lines: Sequence[Line], body: _Body, known: set[str]) -> Block:
    text = lines[0].text.strip()
    for line in lines[1:]:
        text = _glue(text, line.text.strip(), known)
    text = text.removesuffix(HYPHEN)
    return Block(text, _is_heading(lines, text, body))


def _is_heading(lines: Sequence[Line], text: str, body: _Body) -> bool:
    is_larger = lines[0].height >= HEADING_SIZE * body.height
    is_bold_line = (
        len(lines) == 1 and lines[0].is_bold and not body.is_bold and len(text) <= MAX_HEADING_CHARS / 2
    )
    has_words = any(map(str.isalpha, text))
    ends_sentence = text.endswith((".", ",", ";", ":"))
    return (
        has_words
        and (is_larger or is_bold_line)
        and not ends_sentence
        and not lines[0].has_cells
        and len(text) <= MAX_HEADING_CHARS
    )


def _goes_on(last: Block, first: Block) -> bool:
    """Whether a paragraph at the end of a page goes on at the top of the next."""
    if last.is_heading or first.is_heading or CELL_BREAK in last.text or CELL_BREAK in first.text:
        return False
    is_open = last.text.endswith((HYPHEN, ",")) or not last.text.endswith(_ENDS)
    return bool(last.text) and is_open and first.text[:1].islower()


def _joined(last: Block, first: Block, known: set[str]) -> Block:
    text = _glue(last.text, first.text, known)
    return last._replace(text=text, pages=(*last.pages, len(text) - len(first.text)))


def _glue(text: str, more: str, known: set[str]) -> str:
    if text.endswith(HYPHEN):
        text = text.removesuffix(HYPHEN)
        start, end = re.search(r"\w*$", text), re.match(r"\w*", more)
        word = f"{start[0] if start else ''}-{end[0] if end else ''}".casefold()
        return f"{text}-{more}" if word in known or not more[:1].islower() else text + more
    if re.search(r"\w-$", text) and more[:1].islower():
        return text + more
    return f"{text} {more}" if more else text


def _is_near(one: float, two: float) -> bool:
    return abs(one - two) <= SAME_SIZE * max(one, two)
