"""Markdown and HTML made plain text, each character of which knows where it was written.

It knows markup; it knows nothing of sentences, and of markers only how they may be wrapped in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from assistant.sources.clean import clean

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"

_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\s{0,3}(?:\([^)\n]{0,300}\)?|\[[^\]\n]{0,300}\]?)")
_LINK = re.compile(r"(?:\[(\\?\[[^\]\[\n]{1,60}\\?\])\]|\[([^\]\n]{0,300})\])\([^)\n]{0,300}\)?")
_DOUBLE = re.compile(r"\[(\[[^\]\[\n]{1,60}\])\]")  # [[1]]
_NUMBER = re.compile(r"\s*\^?[0-9０-９][^A-Za-z]{0,40}|\s*(?:passage|source)s?\b.{0,40}", re.IGNORECASE)
_SUP = re.compile(r"<sup>\s{0,3}([0-9](?:[0-9,; ]{0,20}[0-9])?)\s{0,3}</sup>", re.IGNORECASE)
_TO_SUPERSCRIPT = str.maketrans("0123456789", SUPERSCRIPTS)
_TAG = re.compile(r"</?[A-Za-z!][^>\n]{0,300}>?")
_BARE = re.compile(r"\b(?:https?|ftp|javascript|data|file):\S+|\bwww\.\S+", re.IGNORECASE)
_MONTHS = (
    r"jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|märz|janv|févr|mars|avr|juin|juil|août|ene|"
    r"abr|ago|dic"
)
_LINE_START = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+|[-*•>][ \t]+"
    rf"|[0-9]{{1,2}}[.)][ \t]+(?!(?:{_MONTHS})[a-zé]{{0,7}}\b))",
    re.MULTILINE | re.IGNORECASE,
)
_LABEL = re.compile(r"(?:^|(?<=[.!?]))[ \t]*sources?:[ \t]*(?=[\[【])", re.MULTILINE | re.IGNORECASE)
_CELLS = re.compile(r"^[ \t]*\|[ \t]*|[ \t]*\|[ \t]*$", re.MULTILINE)
_BETWEEN_CELLS = re.compile(r"[ \t]+\|[ \t]+")
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_`]+(?=\w)|(?<=\w)[*_`]+(?!\w)|`+")


@dataclass(frozen=True, slots=True)
class Written:
    """A text and where its characters were written.

    Attributes:
        text: The text.
        at: Of each character, its place in the raw text; not decreasing.
    """

    text: str
    at: list[int]

    def sub(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> Written:
        """The text with each match replaced; what replaces one stands where the match began."""
        parts: list[str] = []
        at: list[int] = []
        end = 0
        for match in pattern.finditer(self.text):
            put = replace(match)
            parts += [self.text[end : match.start()], put]
            at += self.at[end : match.start()] + [self.at[match.start()]] * len(put)
            end = match.end()
        return Written("".join([*parts, self.text[end:]]), at + self.at[end:]) if end else self


def plain(raw: str) -> str:
    """A model's text without markup: no image, link, tag, emphasis or heading is left, only their words."""
    return unmarked(clean(raw)).text


def unmarked(raw: str, *, begins_line: bool = True) -> Written:
    """The same of cleaned text, with the places of its characters.

    Args:
        raw: Cleaned text.
        begins_line: Whether it begins with the beginning of a line.

    Returns:
        The words, and markers in square brackets or superscript.
    """
    written = Written(raw, list(range(len(raw)))).sub(_IMAGE, lambda match: match[1])
    written = written.sub(_LINK, _words_of_link).sub(_DOUBLE, lambda match: match[1])
    written = written.sub(_SUP, lambda match: match[1].translate(_TO_SUPERSCRIPT))
    written = written.sub(_TAG, _nothing).sub(_BARE, _nothing)
    written = written.sub(_LINE_START, lambda match: "" if begins_line or match.start() else match[0])
    written = written.sub(_LABEL, lambda match: " " if begins_line or match.start() else match[0])
    written = written.sub(_CELLS, _nothing).sub(_BETWEEN_CELLS, lambda _: ", ")
    return written.sub(_EMPHASIS, _nothing)


def _nothing(_: re.Match[str]) -> str:
    return ""


def _words_of_link(match: re.Match[str]) -> str:
    words = str(match[1] or match[2])
    return f"[{words}]" if _NUMBER.fullmatch(words) else words
