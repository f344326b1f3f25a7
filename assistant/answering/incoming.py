"""The text that a chat model streams, without what is no part of its answer.

Left out are its thoughts, a list of references, and the heads of tables. What is let through does not depend
on how the text was cut into deltas. It knows lines; it knows neither sentences nor passages.
"""

from __future__ import annotations

import re

from assistant.sources.clean import clean

HEAD_CHARS = 40  # of a line, by which it is told what it is
MAX_ROW_CHARS = 600  # of a table's row that waits for the line below it

_THINKS = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_SPEAKS = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_HALF_TAG = re.compile(r"</?[a-z]{0,8}\Z", re.IGNORECASE)

_WORDS = (
    r"references?|sources(?: used| cited)?|citations|bibliography|works cited|footnotes|quellen|literatur"
)
_TITLE = re.compile(rf"[\s#*_>]*(?:list of )?(?:{_WORDS})[ \t*_]*(:?)[ \t*_]*(.*)", re.IGNORECASE)
_MAY_BE_TITLE = re.compile(r"[\s#*_>]*(?:\Z|[rslcbwfq])", re.IGNORECASE)
_NUMBERED = re.compile(
    r"\\?[\[【［({<]|[0-9]{1,3}[.)]|https?:|(?:passage|source|article)s? [0-9]", re.IGNORECASE
)
_ENTRY = re.compile(rf"\s*(?:[-*•>|^]|{_NUMBERED.pattern}|\Z)", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\s*\[\^[0-9]+\]:")
_ROW = re.compile(r"[ \t]*\|")
_SEPARATOR = re.compile(r"[ \t]*\|?[ \t]*:?-{2,}[-:| \t]*\Z")


class Incoming:
    """Takes deltas, gives the text of the answer."""

    def __init__(self) -> None:
        self._end = ""  # a carriage return that may be half a line end
        self._unheard = ""  # half a tag, or all that is left of a thought
        self._is_thinking = False
        self._waiting = ""  # of a line, until it is known what it is
        self._row = ""  # of a table, until the line below is known
        self._is_in_line = self._is_dropping = self._is_listing = self._has_text = False

    def feed(self, delta: str) -> str:
        """What of the answer a delta lets through; often shorter or longer than the delta."""
        return self._lines(self._spoken(self._cleaned(delta)), is_end=False)

    def finish(self) -> str:
        """What was held back."""
        return self._lines(self._spoken(clean(self._end), is_end=True), is_end=True)

    def _cleaned(self, delta: str) -> str:
        text = self._end + delta
        self._end = "\r" if text.endswith("\r") else ""
        return clean(text.removesuffix("\r"))

    def _spoken(self, text: str, *, is_end: bool = False) -> str:
        text, spoken = self._unheard + text, ""
        while match := (_SPEAKS if self._is_thinking else _THINKS).search(text):
            spoken += "" if self._is_thinking else text[: match.start()]
            text = text[match.end() :]
            self._is_thinking = not self._is_thinking
        half = None if is_end else _HALF_TAG.search(text, max(0, len(text) - 10))
        held = half.start() if half else len(text)
        self._unheard = text[held:]
        return spoken if self._is_thinking else spoken + text[:held]

    def _lines(self, text: str, *, is_end: bool) -> str:
        """The lines of the answer; the beginning of one waits until it is known what it is."""
        self._waiting += text
        passed: list[str] = []
        while self._waiting:
            if self._is_in_line:
                passed.append(self._rest_of_line())
            elif (head := self._head(is_end=is_end)) is None:
                break
            elif not self._takes_row(head):
                passed.append(self._begin_line(head))
        if is_end:
            passed.append(self._row)
        return "".join(passed)

    def _head(self, *, is_end: bool) -> str | None:
        """The beginning of the line that waits; None if it is too short to be told what it is."""
        head, newline, _ = self._waiting[:HEAD_CHARS].partition("\n")
        if not (newline or is_end or len(head) == HEAD_CHARS or self._is_plain(head)):
            return None
        is_part = not is_end and "\n" not in self._waiting and len(self._waiting) < MAX_ROW_CHARS
        return None if is_part and self._is_row(head) else head

    def _rest_of_line(self) -> str:
        line, newline, self._waiting = self._waiting.partition("\n")
        self._is_in_line = not newline
        return "" if self._is_dropping else line + newline

    def _begin_line(self, head: str) -> str:
        """Decide whether a line is dropped, and with it the row above it, if it separates a table's head."""
        row, self._row = self._row, ""
        is_separator = bool(row) and _SEPARATOR.match(head) is not None
        self._is_listing = self._is_listed(head)
        self._is_dropping = is_separator or self._is_listing or self._is_footnote(head)
        self._is_in_line = True
        self._has_text |= bool(head.strip())
        return "" if is_separator else row

    def _takes_row(self, head: str) -> bool:
        """Take a whole row of a table aside, until the line below it is known."""
        row, newline, rest = self._waiting.partition("\n")
        if not self._is_row(head) or not newline or len(row) >= MAX_ROW_CHARS:
            return False
        self._row, self._waiting = row + newline, rest
        self._has_text, self._is_listing = True, False
        return True

    def _is_row(self, head: str) -> bool:
        return not self._row and _ROW.match(head) is not None and not self._is_listed(head)

    def _is_plain(self, head: str) -> bool:
        """Whether the beginning of a line cannot be what may be left out."""
        may_be = self._is_listing or self._row or re.match(r"\s*(?:\Z|[|\[])", head)
        return not may_be and not _MAY_BE_TITLE.match(head)

    def _is_listed(self, head: str) -> bool:
        """Whether a line begins a list of references behind the answer, or goes on with it."""
        title = _TITLE.match(head)
        if title and (not title[2] or (title[1] and _NUMBERED.match(title[2]))):
            return self._has_text
        return self._is_listing and _ENTRY.match(head) is not None

    def _is_footnote(self, head: str) -> bool:
        return self._has_text and _FOOTNOTE.match(head) is not None
