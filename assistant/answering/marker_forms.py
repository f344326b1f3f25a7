"""The forms in which models write markers: [1], 【1†L3】, [Passage 1], (sources 1 and 2), [1, p. 3], {1}, ¹.

A number in round brackets is left alone: "(1)" also counts things, and ends no sentence more often than it
names a passage. It knows numbers; it does not know what the passages say.
"""

from __future__ import annotations

import re

from assistant.answering.markup import SUPERSCRIPTS

MAX_RANGE = 50  # a longer range names everything, and so nothing

_DIGITS = "0-9０-９"
_NUMBER = rf"\^?[{_DIGITS}]+"
_LINES = r"(?:†[^\]】\n]{0,40})?"  # as in 【1†L3-L5】
_NAMED = (
    r"(?:(?:passages?|sources?|articles?|documents?|docs?|references?|refs?\.?|citations?|no\.?)"
    r"\s{0,2}:?\s{0,2})?#?\s{0,2}"
)
_PAGE = (
    r"\s{0,2},?\s{0,2}(?:pp?\.?|pages?|lines?|paras?\.?|paragraphs?|sections?|sentences?|§)"
    r"\s{0,2}[0-9]+(?:\s?[-–]\s?[0-9]+)?"
)
_TO = r"\s{0,2}(?:-|–|—|‑|to|bis)\s{0,2}"
_ITEM = rf"{_NAMED}{_NUMBER}{_LINES}(?:{_PAGE})?(?:{_TO}{_NUMBER})?"
_ITEMS = rf"{_ITEM}(?:\s{{0,2}}(?:,|;|&|and|und|\+|，|、)\s{{0,2}}{_ITEM})*(?:\s{{0,2}}[,;])?\s{{0,2}}"
_SUPER = f"[{SUPERSCRIPTS}]+"
MARKER = re.compile(
    rf"\\?[\[【［]\s{{0,2}}{_ITEMS}\\?[\]】］]"
    rf"|[(（]\s{{0,2}}(?:see\s{{1,2}})?(?:passages?|sources?)\s{{0,2}}:?\s{{0,2}}{_ITEMS}[)）]"
    rf"|(?P<unsure>[\[【［]\s?{_NUMBER}(?:\s?/\s?{_NUMBER})+\s?[\]】］]|\{{\s?{_ITEMS}\}}"
    rf"|{_SUPER}(?:[,;]?\s?{_SUPER})*)",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"({_NUMBER}){_LINES}(?:{_TO}({_NUMBER}))?", re.IGNORECASE)
_ONLY_PAGE = re.compile(_PAGE, re.IGNORECASE)
_TO_DIGITS = str.maketrans(SUPERSCRIPTS + "０１２３４５６７８９", "0123456789" * 2)
_DOWNWARDS = re.compile(rf"[\[【［]\s?({_NUMBER})\s?[-–—‑]\s?({_NUMBER})\s?[\]】］]")
_CLOSES = re.compile(r"[ \t]*(?:\Z|[.!?…。\n\[【])")
_RAISED_WORD = re.compile(r"(?:[^\W\d_]{3}|[.!?,;:…”\"’')\]])[ ]?\Z")  # not of m², CO₂ or 10⁶
_REPORTED = (
    r"(?:reported|described|stated|said|mentioned|noted|shown|seen|discussed|explained|cited|given|written"
    r"|told|information|details?|data|account|report|figures?|facts?)"
)
_GOVERNS = re.compile(
    r"(?:\b(?:according to|based on|per|cf\.|unlike|contrary to)"
    rf"|\b{_REPORTED}(?: also)? (?:in|by|of|from)"
    r"|(?:\A|[.!?;:,(\n])\s{0,2}(?:as|in|from|by|see(?: also)?))\s{1,2}\Z",
    re.IGNORECASE,
)
_AND_ANOTHER = re.compile(r"(?:\bthe passages?|\band another),?\s(?:and|or|&)\s{1,2}\Z", re.IGNORECASE)
_OPENS = re.compile(r"(?:\A|[.!?…][\"”’)]{0,2}|\n)\s*\Z")
_JOINS = re.compile(
    r"(?:[;:(]\s?|\b(?:as|while|but|and|that|whereas|although|though|where|what)\s)\Z", re.IGNORECASE
)
_SAYS = re.compile(
    r"(?:\s{1,2}(?:and|or|&)\s{1,2}\\?[\[【]\s?[0-9]+\s?\\?[\]】]){0,3}\s{1,2}(?:also\s|only\s)?"
    r"(?:says?|said|states?|stated|reports?|reported|mentions?|mentioned|notes?|noted|describes?|described"
    r"|shows?|showed|adds?|added|confirms?|confirmed|tells?|told|explains?|explained|writes?|wrote"
    r"|indicates?|claims?|suggests?|gives?|names?|puts?|does not|do not)\b"
)


def is_marker(match: re.Match[str], before: str, after: str, count: int) -> bool:
    """Whether what looks like a marker is one.

    Args:
        match: Of `MARKER`.
        before: The end of the text before it.
        after: The beginning of the text behind it.
        count: How many passages there are.

    Returns:
        False for a score in a sentence, as in "won [2-1] at home", and for forms that are something else more
        often, as m² or [1/2], unless each number names a passage.
    """
    if down := _DOWNWARDS.fullmatch(match[0]):
        first, last = (int(each.lstrip("^")[:9]) for each in down.groups())
        if first > last and not _OPENS.search(before) and not _CLOSES.match(after):
            return False
    if match["unsure"] is None:
        return True
    if match[0][0] in SUPERSCRIPTS and not _RAISED_WORD.search(before):
        return False
    numbers, unknown = resolve([match[0]], count)
    return bool(numbers) and not unknown


def as_words(marker: str, before: str, after: str) -> str:
    """What stands for a marker that is a word of its sentence, as in "According to [2], …"; else nothing.

    Args:
        marker: As it was written.
        before: The end of the text before it.
        after: The beginning of the text behind it.

    Returns:
        "the passage", "the passages", or "another" behind one of these; mostly "". No number: the citations
        of an answer have others, and the check would look for it in the passage.
    """
    opens = _OPENS.search(before) is not None
    says = (opens or _JOINS.search(before)) and _SAYS.match(after)
    if _AND_ANOTHER.search(before):
        return "another"
    if not says and not _GOVERNS.search(before[before.rfind("\n") + 1 :]):
        return ""
    pairs = _RANGE.findall(_digits(marker))
    words = "the passages" if len(pairs) > 1 or pairs[0][1] else "the passage"
    return words[0].upper() + words[1:] if opens else words


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
    for first, last in (pair for marker in markers for pair in _RANGE.findall(_digits(marker))):
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


def _digits(marker: str) -> str:
    return _ONLY_PAGE.sub("", marker.translate(_TO_DIGITS))
