"""The text of an article without the lines that are none of it, and where its parts begin afterwards.

It knows lines and offsets: what it takes away moves the headings and pages behind it. Which line is a site's
own, `boilerplate` says.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from assistant.sources.boilerplate import is_boilerplate
from assistant.types import Section

TITLE_WITHIN = 3  # lines from the start of a web page, after a date or a label


class Body(NamedTuple):
    """The text of an article and its parts; offsets count its characters."""

    text: str
    sections: tuple[Section, ...]
    pages: tuple[int, ...]


def tidy(
    text: str,
    *,
    title: str = "",
    sections: Sequence[Section] = (),
    pages: Sequence[int] = (),
    on_page: bool = False,
) -> Body:
    """Take away boilerplate, the title where it is repeated, and white space around the text.

    Args:
        text: Cleaned text, a paragraph a line.
        title: The article's title, on one line; a line at the start that says only this goes.
        sections: Headings, with offsets in `text`.
        pages: Offsets in `text` at which pages begin.
        on_page: The text is from a web page, where more counts as boilerplate.

    Returns:
        The text and the parts with their offsets in it. If nothing would be left, only white space is taken.
    """
    lines = text.split("\n")
    kept = [number for number, line in enumerate(lines) if not is_boilerplate(line, on_page=on_page)]
    kept = _without_title(lines, kept, title, within=TITLE_WITHIN if on_page else 1)
    if not any(lines[number].strip() for number in kept):
        kept = list(range(len(lines)))
    return _compose(lines, kept, sections, pages)


def _without_title(lines: Sequence[str], kept: list[int], title: str, *, within: int) -> list[int]:
    filled = [number for number in kept if lines[number].strip()]
    repeats = [n for n in filled[:within] if title and _folded(lines[n]) == _folded(title)]
    return [n for n in kept if n not in repeats] if len(filled) > len(repeats) else kept


def _folded(line: str) -> str:
    return " ".join(line.split()).casefold()


def _compose(
    lines: Sequence[str], kept: Sequence[int], sections: Sequence[Section], pages: Sequence[int]
) -> Body:
    joined = "\n".join(lines[number] for number in kept)
    margin, text = len(joined) - len(joined.lstrip()), joined.strip()
    before, after, stays = _starts(lines, range(len(lines))), _starts(lines, kept), set(kept)

    def move(offset: int) -> int:
        line = bisect_right(before, offset) - 1
        place = bisect_right(kept, line) - 1
        if place >= 0 and kept[place] == line:
            return min(max(after[place] + offset - before[line] - margin, 0), len(text))
        return min(max(after[place + 1] - margin, 0), len(text)) if place + 1 < len(kept) else len(text)

    moved = (
        Section(move(start), " ".join(title.split()))
        for start, title in sorted(sections)
        if bisect_right(before, start) - 1 in stays
    )
    return Body(text, tuple(part for part in moved if part.title), tuple(map(move, pages)))


def _starts(lines: Sequence[str], numbers: Sequence[int]) -> list[int]:
    # Where each of these lines begins, once they are joined.
    starts, offset = [], 0
    for number in numbers:
        starts.append(offset)
        offset += len(lines[number]) + 1
    return starts
