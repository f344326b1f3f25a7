"""What a chat model writes, cut into sentences with the numbers of the passages that each names.

Read while it streams: a sentence is handed on once the next one has begun, so that neither half a marker nor
half a sentence is ever shown. Markdown, HTML, links and images become plain text. It knows texts and numbers;
it does not know what the passages say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.chunking import sentences
from assistant.sources.clean import clean

AHEAD_CHARS = 12  # of the next sentence, before an end is believed: "at 5 p.m." may go on with "in Baku"
MAX_RANGE = 50  # a longer range names everything, and so nothing

_NUMBER = r"\^?[0-9]+"
_LINES = r"(?:†[^\]】\n]{0,40})?"  # as in 【1†L3-L5】
_NAMED = r"(?:passages?|sources?|articles?|refs?\.?|no\.?|#)?\s*"
_ITEM = rf"{_NAMED}{_NUMBER}{_LINES}(?:\s*(?:-|–|—|‑|to|bis)\s*{_NUMBER})?"
_ITEMS = rf"{_ITEM}(?:\s*(?:,|;|&|and|und|\+)\s*{_ITEM})*"
MARKER = re.compile(
    rf"\\?[\[【［]\s*{_ITEMS}\s*\\?[\]】］]"
    rf"|[(（]\s*(?:see\s+)?(?:passages?|sources?)\s*{_ITEMS}\s*[)）]",
    re.IGNORECASE,
)
_BEGUN = re.compile(r"\\?[\[【［(（!<][^\]】］)）>\n]{0,300}$")
_RANGE = re.compile(rf"({_NUMBER}){_LINES}(?:\s*(?:-|–|—|‑|to|bis)\s*({_NUMBER}))?", re.IGNORECASE)

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\s*(?:\([^)\n]*\)?|\[[^\]\n]*\]?)")
_LINK = re.compile(r"\[([^\]\n]*)\]\((?:[^)\n]*)\)?")
_TAG = re.compile(r"</?[A-Za-z!][^>\n]*>?")
_BARE = re.compile(r"\b(?:https?|ftp|javascript|data|file):\S+|\bwww\.\S+", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_`]+(?=\w)|(?<=\w)[*_`]+(?!\w)|`+")
_LINE_START = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|[-*•>][ \t]+|[0-9]{1,2}[.)][ \t]+)", re.MULTILINE)
_GOES_ON = re.compile(r"[ \t:.)]*(?=\w)")  # the words of a line that a marker begins
_COMMA_BEFORE = re.compile(r"[,;]+(?=[.!?])|[,;]+$")  # that stood between two markers
_SPACE_BEFORE = re.compile(r"\s+([.,;:!?])")


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the model wrote it.

    Attributes:
        text: On one line, without markers and markup.
        numbers: Of the passages that it names, each once, in order, all of them existing.
        unknown: Markers, or parts of them, that name no passage.
        opens_paragraph: Whether it begins a new line.
    """

    text: str
    numbers: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()
    opens_paragraph: bool = False


class Drafts:
    """Takes deltas, gives sentences.

    Args:
        count: How many passages there are; their numbers begin with 1.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._raw = ""
        self._given = 0

    def feed(self, delta: str) -> Iterator[Draft]:
        """The sentences that a delta completes, in order."""
        self._raw += delta
        if delta:
            yield from self._new(_without_tail(self._raw), is_end=False)

    def finish(self) -> Iterator[Draft]:
        """The sentences that remain at the end of the stream."""
        yield from self._new(self._raw, is_end=True)

    def _new(self, raw: str, *, is_end: bool) -> Iterator[Draft]:
        found = drafts(raw, self._count)
        if not is_end:
            found = found[:-1] if found and len(found[-1].text) >= AHEAD_CHARS else found[:-2]
        yield from found[self._given :]
        self._given = max(self._given, len(found))


def drafts(raw: str, count: int) -> list[Draft]:
    """Cut a text of a chat model into sentences.

    Args:
        raw: What it wrote, or the beginning of it.
        count: How many passages there are.

    Returns:
        The sentences that hold a letter or a digit, in order.
    """
    text, markers = _without_markers(plain(raw))
    found = []
    spans = sentences(text)
    for n, (start, end) in enumerate(spans):
        words = _COMMA_BEFORE.sub("", _SPACE_BEFORE.sub(r"\1", " ".join(text[start:end].split())))
        follows = spans[n + 1][0] if n + 1 < len(spans) else len(text) + 1
        own = [marker for place, marker in markers if (start <= place or n == 0) and place < follows]
        numbers, unknown = resolve(own, count)
        if re.search(r"\w", words):
            is_first = n == 0 or "\n" in text[spans[n - 1][1] - 1 : start + 1]
            found.append(Draft(words, numbers, unknown, is_first))
    return found


def plain(raw: str) -> str:
    """A model's text without markup: no image, link, tag, emphasis or heading is left, only their words."""
    text = _THINKING.sub("", clean(raw))
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(_words_of_link, text)
    text = _BARE.sub("", _TAG.sub("", text))
    return _EMPHASIS.sub("", _LINE_START.sub("", text))


def resolve(markers: list[str], count: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The passages that markers name, and what in them names none.

    Args:
        markers: As they were written.
        count: How many passages there are.

    Returns:
        (numbers from 1 to `count`, each once, in order; what names no passage, as "9" or "1-99").
    """
    numbers: dict[int, None] = {}
    unknown: list[str] = []
    for first, last in (pair for marker in markers for pair in _RANGE.findall(marker)):
        written = f"{first}-{last}" if last else first
        ends = [int(each.lstrip("^")[:9]) for each in (first, last or first)]
        if (
            any(len(each.lstrip("^0")) > 8 for each in (first, last))
            or not 0 <= ends[1] - ends[0] < MAX_RANGE
        ):
            unknown.append(written)
            continue
        inside = [number for number in range(ends[0], ends[1] + 1) if 1 <= number <= count]
        numbers |= dict.fromkeys(inside)
        if len(inside) < ends[1] - ends[0] + 1:
            unknown.append(written)
    return tuple(numbers), tuple(unknown)


def _without_tail(raw: str) -> str:
    """Without what may be the beginning of a marker, link or tag."""
    raw = raw[: match.start()] if (match := _BEGUN.search(raw)) else raw
    return raw.rstrip("\\!")


def _without_markers(text: str) -> tuple[str, list[tuple[int, str]]]:
    """The text without its markers, and each marker with the place that it belongs to.

    A marker behind the end of a sentence belongs to that sentence; one that begins a line which goes on
    belongs to what follows it.
    """
    parts: list[str] = []
    markers: list[tuple[int, str]] = []
    length = position = 0
    for match in MARKER.finditer(text):
        parts.append(text[position : match.start()])
        length += len(parts[-1])
        position = match.end()
        after = _GOES_ON.match(text, position)
        if after and not "".join(parts).rpartition("\n")[2].strip():
            position = after.end()
            markers.append((length, match.group()))
        else:
            markers.append((max(0, length - 1), match.group()))
    parts.append(text[position:])
    return "".join(parts), markers


def _words_of_link(match: re.Match[str]) -> str:
    in_brackets = f"[{match[1]}]"
    return in_brackets if MARKER.fullmatch(in_brackets) else match[1]
