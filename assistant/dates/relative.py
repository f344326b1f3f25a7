"""What words that count from today mean: "yesterday", "last March", "the past three weeks", "on Friday"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from assistant.dates.days import (
    Clock,
    Ends,
    at_hand,
    ended,
    month_of,
    to_begin,
    week_of,
    yearly,
)
from assistant.dates.words import DAY, DAYS, LAST, MONTH, MONTHS, NEXT, NUMBER, NUMBERS, SEASON, SEASONS

UNIT_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365, "decade": 3652}
RECENT_DAYS = 14  # what "recently" and "the latest" look back on
WEEK_SLACK_DAYS = 6  # "this week" in a weekly paper means the seven days that end today


def relative(words: str, clock: Clock) -> Ends | None:
    """The first and last day of words that count from today; None if they do not.

    Args:
        words: Such as `words.RELATIVE` or `words.POINT` finds.
        clock: What they count from.

    Returns:
        Both days, in order.

    Raises:
        ValueError: If the calendar ends before that.
        OverflowError: Likewise.
    """
    words = words.lower()
    return next((ends for read in _READERS if (ends := read(words, clock))), None)


def _is_last(words: str) -> bool:
    return bool(re.search(rf"\b{LAST}\b", words))


def _is_next(words: str) -> bool:
    return bool(re.search(rf"\b{NEXT}\b", words))


def _near_day(words: str, clock: Clock) -> Ends | None:
    today = clock.today
    if "yesterday" in words:
        day = today - timedelta(2 if "before" in words else 1)
    elif re.search(r"today|tonight|minutes?\s+ago", words):
        day = today
    elif "tomorrow" in words:
        day = today + timedelta(1)
    else:
        return None
    return day, day


def _vague(words: str, clock: Clock) -> Ends | None:
    is_vague = re.search(r"recent|latest|current|right now", words)
    return (clock.today - timedelta(RECENT_DAYS), clock.today) if is_vague else None


def _weekday(words: str, clock: Clock) -> Ends | None:
    """One day; with "next week" that of the week, else the nearest on the side that the words mean."""
    found = re.search(DAY, words)
    if not found:
        return None
    today, number = clock.today, DAYS.index(found.group())
    since, until = (today.weekday() - number) % 7, (number - today.weekday()) % 7
    if "week" in words:
        day = week_of(today)[0] + timedelta(number + 7 * (_is_next(words) - _is_last(words)))
    elif _is_last(words):
        day = today - timedelta(since or 7)
    elif _is_next(words):
        day = today + timedelta(until or 7)
    else:
        day = today + timedelta(until) if clock.is_ahead else today - timedelta(since)
    return day, day


def _weekend(words: str, clock: Clock) -> Ends | None:
    """Saturday and Sunday; on these days "the weekend" is this one."""
    if "weekend" not in words:
        return None
    saturday, is_weekend = week_of(clock.today)[0] + timedelta(5), clock.today.weekday() >= 5
    if "last" in words or "previous" in words:
        saturday -= timedelta(7)
    elif _is_next(words):
        saturday += timedelta(7 * is_weekend)
    elif not is_weekend and not clock.is_ahead:
        saturday -= timedelta(7)
    return saturday, saturday + timedelta(1)


def _of_year(words: str, clock: Clock) -> Ends | None:
    """A month or a season: "last" is over and "next" has not begun; one that goes on ends today."""
    month, season = re.search(MONTH, words), re.search(SEASON, words)
    if not month and not season:
        return None
    first = MONTHS.index(month.group()[:3]) + 1 if month else SEASONS[season.group() if season else ""]

    def of_year(year: int) -> Ends:
        last = first if month else first + 2
        return date(year, first, 1), month_of(year + (last > 12), (last - 1) % 12 + 1)[1]

    spans = list(yearly(of_year, clock.today))
    if _is_last(words):
        return ended(spans, clock.today)
    if _is_next(words):
        return to_begin(spans, clock.today)
    if month:
        return of_year(clock.today.year)
    span = at_hand(spans, clock)
    return span and (span[0], span[1] if clock.is_ahead else min(span[1], clock.today))


def _counted(words: str, clock: Clock) -> Ends | None:
    """So many days, weeks, months or years."""
    found = re.search(rf"\b(?:({NUMBER})\s*)?(hour|day|week|month|year|decade)s?(\s+ago)?", words)
    if not found or not (found.group(1) or found.group(2) == "decade" or re.search(r"\bpast\b", words)):
        return None
    count, unit, today = _number(found.group(1) or "one"), found.group(2), clock.today
    if unit == "hour":
        return today - timedelta(count // 24 + 1), today - timedelta(count // 24)
    span = timedelta(UNIT_DAYS[unit] * count)
    if found.group(3):
        slack = timedelta(UNIT_DAYS[unit] // 2)
        return today - span - slack, today - span + slack
    return (today, today + span) if _is_next(words) else (today - span, today)


def _number(words: str) -> int:
    return int(words) if words.isdigit() else NUMBERS.get(words, 1)


def _unit(words: str, clock: Clock) -> Ends | None:
    """The week, month, year or day before this one, this one as far as it has come, or the next."""
    found = re.search(r"\b(day|week|month|year)", words)
    if not found:
        return None
    whole = _span(found.group(1), clock.today)
    if _is_last(words):
        return _span(found.group(1), whole[0] - timedelta(1))[0], min(clock.today, whole[0] - timedelta(1))
    if _is_next(words):
        return _span(found.group(1), whole[1] + timedelta(1))
    slack = timedelta(WEEK_SLACK_DAYS if found.group(1) == "week" else 0)
    return min(whole[0], clock.today - slack), whole[1] if clock.is_ahead else clock.today


def _span(unit: str, day: date) -> Ends:
    """The day, week, month or year that a day is in."""
    if unit == "week":
        return week_of(day)
    if unit == "month":
        return month_of(day.year, day.month)
    return (day, day) if unit == "day" else (date(day.year, 1, 1), date(day.year, 12, 31))


_READERS = (_near_day, _vague, _weekday, _weekend, _of_year, _counted, _unit)
