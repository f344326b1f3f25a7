"""The times that a text states, and how well they agree with the period that a question speaks of.

"From 1943 until 1951", "(1935–1941)", "since May 1999", "in 1926", "the late 1960s": dates with a year. It
knows surfaces, and that what began before a period may hold in it; which time belongs to which words it
guesses by how near they stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from assistant.dates import resolve
from assistant.dates.words import MONTH, OF_MONTH, YEAR
from assistant.types import Article, DateRange

_YEAR = rf"(?<![\d,.$€£]){YEAR}(?![\d%]|[,.]\d)"
_DATE = (
    rf"(?:\b{OF_MONTH}\s+(?:of\s+)?{MONTH}\s*,?\s+{_YEAR}|{MONTH}\s+{OF_MONTH}\s*,?\s+{_YEAR}"
    rf"|{MONTH}\s*,?\s+(?:of\s+)?{_YEAR}|\b\d{{4}}-\d\d-\d\d\b"
    rf"|\b(?:(?:early|mid|late)[\s-]+)?{YEAR[:-4]}\d0s\b|\b{_YEAR})"
)
_TIME = re.compile(
    rf"\b(?:between|from)\s+(?:the\s+)?(?P<low>{_DATE})\s+(?:and|to|until|till|through)\s+(?P<high>{_DATE})"
    rf"|(?P<first>{_DATE})\s*(?:[-–—−]|\b(?:to|until|till|through)\b)\s*"
    rf"(?:(?P<last>{_DATE})|(?P<short>\d\d)(?![\w-])|(?P<now>present|now|today)\b)"
    rf"|\b(?P<word>from|since|after|until|till|before|by)\s+(?:the\s+)?(?P<side>{_DATE})"
    rf"|(?P<begun>{_DATE})\s*[-–—−](?=\s*(?:[,;).\n]|$))"
    rf"|(?P<date>{_DATE})",
    re.IGNORECASE,
)
_MARK = re.compile(r"[,;)]|\s[-–—]\s|\b(?:and|but|then|before)\b")
_LED = re.compile(r"\W*(?:(?:in|on|during|around|about|as of|early|late|mid)\b\W*)*", re.IGNORECASE)
_ANY_DAY = date(2000, 1, 1)  # dates with a year do not depend on it
YEAR_DAYS = 365.25
OPEN_DAYS = 365  # how far a period with one end is taken to reach
HALF_YEARS = 4.0  # after which what began is half as likely to go on
HAPPENED = 0.9  # of what happened in a period, against what was so through it


class Holds(StrEnum):
    """What is said of a time."""

    THROUGH = "through"  # something was so all the time
    FROM = "from"  # something was so from then on
    UNTIL = "until"  # something was so until then
    AT = "at"  # something happened then, and may have been so from then on


@dataclass(frozen=True, slots=True)
class Stated:
    """A time in a text.

    Attributes:
        first: First day.
        last: Last day.
        holds: What is said of it.
        start: Offset in the text.
        end: Offset in the text, excluded.
    """

    first: date
    last: date
    holds: Holds
    start: int
    end: int


def stated(text: str) -> list[Stated]:
    """The times with a year that a text states, in order."""
    return [time for found in _TIME.finditer(text) if (time := _time(found))]


def _time(found: re.Match[str]) -> Stated | None:
    low, high = found["low"] or found["first"], found["high"] or found["last"]
    if found["short"]:
        high = f"{_year(low)[:2]}{found['short']}"
    if found["now"]:
        high, low, word = "", low, "since"
    else:
        word = (found["word"] or ("since" if found["begun"] else "")).lower()
    one = low or found["side"] or found["begun"] or found["date"]
    ends = _ends(one)
    if high and ends and (others := _ends(high)) and ends[0] <= others[1]:
        return Stated(ends[0], others[1], Holds.THROUGH, found.start(), found.end())
    return Stated(*ends, _HOLDS.get(word, Holds.AT), found.start(), found.end()) if ends else None


_HOLDS = {
    **dict.fromkeys(("from", "since", "after"), Holds.FROM),
    **dict.fromkeys(("until", "till", "before", "by"), Holds.UNTIL),
}


def _year(words: str) -> str:
    return str(re.findall(YEAR, words)[-1])


@lru_cache(4096)
def _ends(words: str) -> tuple[date, date] | None:
    """First and last day of a date, a month, a year or a decade."""
    plain = re.sub(r"\s+,", ",", " ".join(words.split()))
    period = resolve(f"in {plain}", _ANY_DAY)
    return (period.start, period.end) if period and period.start and period.end else None


def published(article: Article) -> list[Stated]:
    """The day on which an article was published, as a time of what it tells; none if nobody knows it."""
    day = article.published
    return [Stated(day, day, Holds.AT, 0, 0)] if day else []


def agreement(asked: DateRange, time: Stated) -> float:
    """How likely it is that what is said with a time was so in a period, in [0, 1].

    Args:
        asked: The period, with at least one end; "before 1811" asks for what was so shortly before, not ever.
        time: A time of a text.

    Returns:
        1 if the two overlap; less, the longer before the period something began that may have gone on; 0 if
        it was over before, or had not begun.
    """
    low, high = _narrowed(asked)
    if time.first > high and time.holds is not Holds.UNTIL:
        return 0.0
    if time.holds is Holds.THROUGH:
        return float(time.last >= low)
    if time.holds is Holds.UNTIL:
        return _faded(low, time.last) if time.last >= low else 0.0
    return _faded(time.last, low) * (1.0 if time.holds is Holds.FROM else HAPPENED)


def _faded(earlier: date, later: date) -> float:
    years = max(0, (later - earlier).days) / YEAR_DAYS
    return float(0.5 ** (years / HALF_YEARS))


def _narrowed(asked: DateRange) -> tuple[date, date]:
    """Both ends of a period, an open one a year from the other."""
    if asked.start and asked.end:
        return asked.start, asked.end
    if asked.start:
        return asked.start, min(date.max, asked.start + timedelta(OPEN_DAYS))
    assert asked.end
    return max(date.min, asked.end - timedelta(OPEN_DAYS)), asked.end


def parts(text: str, times: Sequence[Stated]) -> list[tuple[int, int]]:
    """Which words of a text belong to each of its times.

    Between two times all words go to the first if times lead ("1929 A, 1935 B"), to the second if they follow
    ("A (1929–1935), B (1935–1941)"); in running text they are parted at a comma or an "and".

    Args:
        text: Any.
        times: Those of the text, in order.

    Returns:
        Start and end of each one's part, in order; together they are the text.
    """
    if not times:
        return []
    is_led = bool(_LED.fullmatch(text[: times[0].start]))
    cuts = [_cut(text, one, other, is_led) for one, other in pairwise(times)]
    return list(zip([0, *cuts], [*cuts, len(text)], strict=True))


def _cut(text: str, one: Stated, other: Stated, is_led: bool) -> int:
    """Where the part of the second of two times begins."""
    marks = [found.end() for found in _MARK.finditer(text, one.end, other.start)]
    is_range = other.holds is Holds.THROUGH
    if is_led or not marks:
        return other.start if is_led or not is_range else one.end
    return marks[0] if is_range else marks[-1]
