"""What a chat model writes, cut into sentences with the numbers of the passages that each names.

Read while it streams: a sentence is handed on once the next one has begun, so that neither half a marker nor
half a sentence is ever shown. What was handed on is not read again, and what is held is bounded, so that the
work grows with the text and no faster. It knows texts and numbers; it does not know what the passages say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.answering.incoming import Incoming
from assistant.answering.marker_forms import MARKER, as_words, is_marker, resolve
from assistant.answering.markup import SUPERSCRIPTS, Written, plain, unmarked
from assistant.chunking import sentences

__all__ = ["Draft", "Drafts", "drafts", "plain", "resolve"]

AHEAD_CHARS = 12  # of the next sentence, before an end is believed: "at 5 p.m." may go on with "in Baku"
STEP_CHARS = 16  # of the text, however it is cut into deltas, between two looks for a whole sentence
LOOKS = 8  # a look in vain is repeated when the text has grown by one part in so many
MAX_HELD_CHARS = 1000  # of text without the end of a sentence; more is cut at the next step
MAX_WORD_CHARS = 100  # that a cut may go back for the end of a word
MAX_OPEN_CHARS = 300  # of a marker, link or tag that is not closed
NEAR_CHARS = 60  # around a marker, by which it is told whether it is a word of its sentence

_BEGUN = re.compile(rf"\\?[\[【［(（{{!<][^\]】］)）}}>\n]{{0,{MAX_OPEN_CHARS}}}\Z")
_MAY_END = re.compile(r"[.!?:;…‼⁇؟۔।॥。．｡！？\n]")
_ANY_MARKER = MARKER.pattern.replace("?P<unsure>", "?:")
_GOES_ON = re.compile(
    rf"(?:[ \t,;]{{0,4}}(?:{_ANY_MARKER})){{0,9}}[ \t:.)]{{0,9}}(?=[\w\"“‘'(])", re.IGNORECASE
)
_FILLS = re.compile(r"[ \t:.)]*(?=[\w\"“‘'(\[【［])")  # between a marker and the sentence that it begins
_ENDED = re.compile(r"[.!?…][\"”’)]{0,3}\s*\Z")
_SECOND_STOP = re.compile(r"[ \t]{0,3}\.(?!\.)")  # of "in the U.S. [1]."; the first may end no sentence
_STOPPED_TWICE = re.compile(r"([.!?…][\"”’)]{0,3})\s+\.\Z")
_ONLY_NUMBER = re.compile(r"[0-9]{1,2}\.")  # that no list has, as in "1. April 2024 was cold"
_LETTER = re.compile(rf"[^\W_{SUPERSCRIPTS}]")
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
    """Takes deltas, gives sentences; the same ones however the text is cut into deltas.

    Args:
        count: How many passages there are; their numbers begin with 1.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._incoming = Incoming()
        self._raw = ""
        self._seen = 0
        self._look_at = 0
        self._from = _Place(0)

    def feed(self, delta: str) -> Iterator[Draft]:
        """The sentences that a delta completes, in order."""
        yield from self._take(self._incoming.feed(delta))

    def finish(self) -> Iterator[Draft]:
        """The sentences that remain at the end of the stream."""
        yield from self._take(self._incoming.finish())
        yield from (found.draft for found in _parse(self._raw, self._from, self._count))
        self._raw = ""

    def _take(self, text: str) -> Iterator[Draft]:
        while text:
            room = STEP_CHARS - self._seen % STEP_CHARS
            piece, text = text[:room], text[room:]
            self._raw += piece
            self._seen += len(piece)
            if len(piece) == room:
                yield from self._whole()

    def _whole(self) -> Iterator[Draft]:
        """The sentences that are whole, which are forgotten then."""
        raw = _without_tail(self._raw)
        found = []
        if self._seen >= self._look_at and _MAY_END.search(raw, 0, max(0, len(raw) - AHEAD_CHARS)):
            found = _parse(raw, self._from, self._count)
            self._look_at = self._seen + len(raw) // LOOKS
        sure = len(found) - (1 if found and len(found[-1].draft.text) >= AHEAD_CHARS else 2)
        while sure > 0 and not found[sure].is_apart:
            sure -= 1
        if sure > 0:
            yield from (each.draft for each in found[:sure])
            self._forget(found[sure].place)
        elif len(self._raw) >= MAX_HELD_CHARS:
            yield from self._cut(raw)

    def _cut(self, raw: str) -> Iterator[Draft]:
        """What is held without the end of a sentence becomes one, up to the end of a word."""
        space = re.search(r"\s\S*\Z", raw[-MAX_WORD_CHARS:])
        raw = raw[: len(raw) - len(space[0])] if space else raw
        yield from (found.draft for found in _parse(raw, self._from, self._count))
        self._forget(_Place(len(raw), opens=False, begins_line=False))

    def _forget(self, place: _Place) -> None:
        self._raw = self._raw[place.at :]
        self._look_at = self._seen
        self._from = place


@dataclass(frozen=True, slots=True)
class _Place:
    """Where reading goes on: what of the text before has to be known there."""

    at: int
    opens: bool = True  # a paragraph
    begins_line: bool = True
    leads: bool = False  # the markers of this line stand before their sentences


@dataclass(frozen=True, slots=True)
class _Found:
    """A sentence, where it begins with its markers, and whether the text may be cut there."""

    draft: Draft
    place: _Place
    is_apart: bool


@dataclass(frozen=True, slots=True)
class _Marker:
    place: int  # in the text without markers, of a character of its sentence
    at: int  # in the raw text
    written: str


def drafts(raw: str, count: int) -> list[Draft]:
    """Cut a text of a chat model into sentences.

    Args:
        raw: What it wrote, or the beginning of it.
        count: How many passages there are.

    Returns:
        The sentences that hold a letter or a digit, in order.
    """
    parser = Drafts(count)
    return [*parser.feed(raw), *parser.finish()]


def _parse(raw: str, start: _Place, count: int) -> list[_Found]:
    reading = _Reading(unmarked(raw, begins_line=start.begins_line), start, count)
    text, at = reading.without.text, reading.without.at
    spans = _spans(text)
    found = []
    for n, (begin, end) in enumerate(spans):
        follows = spans[n + 1][0] if n + 1 < len(spans) else len(text) + 1
        own = [mark for mark in reading.markers if (begin <= mark.place or n == 0) and mark.place < follows]
        if not _LETTER.search(text, begin, end):
            continue
        numbers, unknown = resolve([mark.written for mark in own], count)
        opens = start.opens if n == 0 else "\n" in text[spans[n - 1][1] - 1 : begin + 1]
        place = _Place(min([at[begin], *(mark.at for mark in own)]), opens, False, reading.leads_at(begin))
        is_apart = n > 0 and place.at > at[spans[n - 1][1] - 1]
        found.append(_Found(Draft(_words(text[begin:end]), numbers, unknown, opens), place, is_apart))
    return found


def _spans(text: str) -> list[tuple[int, int]]:
    """The sentences; a number that seems to be one goes with what follows it."""
    spans: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if spans and _ONLY_NUMBER.fullmatch(text, *spans[-1]) and "\n" not in text[spans[-1][1] : start]:
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def _words(sentence: str) -> str:
    line = _STOPPED_TWICE.sub(r"\1", " ".join(sentence.split()))
    return _COMMA_BEFORE.sub("", _SPACE_BEFORE.sub(r"\1", line))


class _Reading:
    """A text without its markers, and each marker with the place that it belongs to.

    A marker behind the end of a sentence belongs to that sentence; in a line that begins with a marker and
    goes on, to the sentence that follows.
    """

    def __init__(self, written: Written, start: _Place, count: int) -> None:
        self.markers: list[_Marker] = []
        self._start = start
        self._leading: dict[int, bool] = {}  # by the number of the line
        self._text, self._at = "", list[int]()
        self._read(written, count)
        self.without = Written(self._text, self._at)

    def leads_at(self, place: int) -> bool:
        """Whether the markers of the line of a place stand before their sentences."""
        return self._leads(self._text.count("\n", 0, place))

    def _leads(self, line: int) -> bool:
        return self._leading.get(line, self._start.leads and line == 0)

    def _read(self, written: Written, count: int) -> None:
        text, end = written.text, 0
        for match in MARKER.finditer(text):
            if match.start() < end:
                continue
            self._put(written, end, match.start())
            end = match.end()
            before, after = self._text[-NEAR_CHARS:], text[end : end + NEAR_CHARS]
            if not is_marker(match, before, after, count):
                self._put(written, match.start(), end)
            elif words := as_words(match[0], before, after):
                self._mark(len(self._text), written.at[match.start()], match[0])
                self._text += words
                self._at += [written.at[match.start()]] * len(words)
            else:
                end = self._take(written, match)
        self._put(written, end, len(text))

    def _take(self, written: Written, match: re.Match[str]) -> int:
        """Note a marker; returns where the text goes on."""
        text, end = written.text, match.end()
        if self._is_before(text, match):
            self._mark(len(self._text), written.at[match.start()], match[0])
            filled = _FILLS.match(text, end)
            return filled.end() if filled else end
        self._mark(max(0, len(self._text) - 1), written.at[match.start()], match[0])
        if _ENDED.search(self._text[-8:]) and _SECOND_STOP.match(text, end):
            self._text += " "
            self._at.append(written.at[match.start()])
        return end

    def _is_before(self, text: str, match: re.Match[str]) -> bool:
        """Whether a marker stands before its sentence."""
        line = self._text.count("\n")
        begins = not self._text.rpartition("\n")[2].strip()
        goes_on = _GOES_ON.match(text, match.end()) is not None
        if begins and (line or self._start.begins_line):
            self._leading[line] = goes_on or self._leading.get(line, False)
            return goes_on
        is_apart = begins or (self._text[-1:].isspace() and _ENDED.search(self._text[-8:]) is not None)
        return self._leads(line) and is_apart and goes_on

    def _mark(self, place: int, at: int, written: str) -> None:
        self.markers.append(_Marker(place, at, written))

    def _put(self, written: Written, start: int, end: int) -> None:
        self._text += written.text[start:end]
        self._at += written.at[start:end]


def _without_tail(raw: str) -> str:
    """Without what may be the beginning of a marker, link or tag."""
    begun = _BEGUN.search(raw, max(0, len(raw) - MAX_OPEN_CHARS - 2))
    return (raw[: begun.start()] if begun else raw).rstrip("\\!")
