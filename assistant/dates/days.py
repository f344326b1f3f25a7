"""What words of the calendar mean: the first and last day of dates, months, quarters and parts of them.

Words without a year mean the last such time that has begun; in a question about what is to come, the next
that has not ended. It knows no words that count from today.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.dates.words import MONTH, MONTHS, QUARTER, YEAR

Ends = tuple[date, date]  # first and last day
YEARS_AROUND = 8  # 29 February comes every fourth year, but for 1900


@dataclass(frozen=True, slots=True)
class Clock:
    """What times are counted from.

    Attributes:
        today: The day of asking.
        is_ahead: Whether the question is about what is to come: "will", "is planned".
    """

    today: date
    is_ahead: bool = False


def month_of(year: int, month: int) -> Ends:
    """The first and last day of a month."""
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def week_of(day: date) -> Ends:
    """Monday to Sunday."""
    monday = day - timedelta(day.weekday())
    return monday, monday + timedelta(6)


def yearly(of_year: Callable[[int], Ends], today: date) -> Iterator[Ends]:
    """The same time of the years around today, where the calendar has it, in order."""
    for year in range(today.year - YEARS_AROUND, today.year + YEARS_AROUND + 1):
        try:
            yield of_year(year)
        except ValueError:  # 29 February, or a year before the first
            continue


def ended(spans: Iterable[Ends], today: date) -> Ends | None:
    """The last span that is over."""
    return max((span for span in spans if span[1] < today), default=None)


def to_begin(spans: Iterable[Ends], today: date) -> Ends | None:
    """The first span that has not begun."""
    return min((span for span in spans if span[0] > today), default=None)


def at_hand(spans: Iterable[Ends], clock: Clock) -> Ends | None:
    """The last span that has begun, or in a question about what is to come the first that is not over."""
    if clock.is_ahead:
        return min((span for span in spans if span[1] >= clock.today), default=None)
    return max((span for span in spans if span[0] <= clock.today), default=None)


def calendar(words: str, clock: Clock) -> Ends | None:
    """The first and last day of a date, a month, a year, a quarter or a part of a month or year.

    Args:
        words: Such as `words.CALENDAR` finds.
        clock: What a date without a year counts from.

    Returns:
        Both days; None if the calendar does not have them.

    Raises:
        ValueError: If a date with a year is none, such as 31 February 2020.
    """
    words = _with_year(words.lower(), clock.today)
    part = re.match(r"(early|mid|late|beginning|start|middle|end)\b", words)
    if re.fullmatch(QUARTER, words):
        return _quarter(words)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
        return (day := date.fromisoformat(words)), day
    if numeric := re.fullmatch(r"(\d{1,2})\D(\d{1,2})\D(\d{4})", words):
        return _numeric(*map(int, numeric.groups()))
    ends = _month_or_day(words, clock) if re.search(MONTH, words) else _year(words)
    return _part(part.group(1), ends) if part and ends else ends


def _with_year(words: str, today: date) -> str:
    """The words with "last year" as a number."""
    found = re.search(r"(?:of\s+)?\b(last|this|next)\s+year\b", words)
    if not found:
        return words
    year = today.year + {"last": -1, "this": 0, "next": 1}[found.group(1)]
    return f"{words[: found.start()]}{year:04}"


def _quarter(words: str) -> Ends:
    """Q1 to Q4, and the halves H1 and H2."""
    named, year = re.findall(r"[qh][1-4]", words)[0], int(re.findall(YEAR, words)[0])
    months = 3 if named[0] == "q" else 6
    last = int(named[1]) * months
    return date(year, last - months + 1, 1), month_of(year, last)[1]


def _numeric(day: int, month: int, year: int) -> Ends:
    """The day comes first, as in most countries, unless only the other way is a date."""
    if month > 12 >= day:
        day, month = month, day
    return date(year, month, day), date(year, month, day)


def _year(words: str) -> Ends:
    year = int(re.findall(YEAR, words)[0])
    return date(year, 1, 1), date(year, 12, 31)


def _month_or_day(words: str, clock: Clock) -> Ends | None:
    named, year = re.findall(MONTH, words)[0], re.search(YEAR, words)
    month = MONTHS.index(named[:3]) + 1
    day = re.search(r"\b\d{1,2}(?=st|nd|rd|th|\b)(?!\d)", words.replace(year.group(), "") if year else words)

    def of_year(year: int) -> Ends:
        if not day:
            return month_of(year, month)
        return date(year, month, int(day.group())), date(year, month, int(day.group()))

    return of_year(int(year.group())) if year else at_hand(yearly(of_year, clock.today), clock)


def _part(named: str, ends: Ends) -> Ends:
    """A third of a month or a year: "early", "mid" or "late"; a day has none."""
    index = {"early": 0, "beginning": 0, "start": 0, "mid": 1, "middle": 1}.get(named, 2)
    first, last = ends
    if first == last:
        return ends
    if first.month == last.month:
        return first.replace(day=1 + 10 * index), last if index == 2 else first.replace(day=10 + 10 * index)
    return first.replace(month=1 + 4 * index), month_of(first.year, 4 + 4 * index)[1]
