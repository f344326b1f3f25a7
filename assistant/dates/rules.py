"""The grammar of periods: ranges, one-sided ones, decades, weeks of a day, parts of a month, and plain times.

Each rule gets a question and what it counts from, and gives the period or None. The first that gives one is
right: what binds two times, or a word such as "since" to one, comes before plain times.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from assistant.dates.days import Clock, Ends, calendar, month_of, week_of
from assistant.dates.relative import relative
from assistant.dates.words import (
    CALENDAR,
    DATE,
    DAY,
    LAST,
    MONTH,
    NEXT,
    NUMBER,
    NUMBERS,
    OF_MONTH,
    OF_YEAR,
    ORDINALS,
    POINT,
    RELATIVE,
    YEAR,
    has_year,
    may_be_no_date,
)
from assistant.types import DateRange

_LEAD = r"\b(?:(?:in|on|at|over|during|of|around|for)\s+)?(?:the\s+)?"
_THE = rf"(?:the\s+(?!{YEAR}|{MONTH}))?"  # not "before the 2024 election"
_MOMENT = rf"(?:{POINT}|{CALENDAR}|the\s+weekend)"
_TO = r"(?:and|to|until|till|through)"
_RANGE = re.compile(
    rf"\b(?:between|from)\s+{_THE}({_MOMENT})\s+{_TO}\s+{_THE}({_MOMENT})"
    rf"|\b({YEAR})\s*[-–—]\s*({YEAR})\b",
    re.IGNORECASE,
)
_DAYS_OF_A_MONTH = re.compile(
    rf"(?<![\d/.,-])(?:\b(?:between|from|on)\s+)?(?:\bthe\s+)?\b(?:"
    rf"({OF_MONTH})(?:\s*[-–—]\s*|\s+{_TO}\s+(?:the\s+)?)({OF_MONTH})\s+(?:of\s+)?({MONTH}(?:,?\s+{YEAR}\b|{OF_YEAR})?)"
    rf"|({MONTH})\s+({OF_MONTH})(?:\s*[-–—]\s*|\s+{_TO}\s+(?:the\s+)?)({OF_MONTH})\b(,?\s+{YEAR}\b)?)",
    re.IGNORECASE,
)
_ONE_SIDED = re.compile(
    rf"(?<!\bday\s)\b(before|prior to|until|till|by|after|since|from)\s+"
    rf"((?<!by\s)(?<!from\s)(?:[\w’']+\s+){{0,4}}?(?:in|of)\s+|)"
    rf"{_THE}({_MOMENT})(['’]s\b)?",
    re.IGNORECASE,
)
_WEEK_OF = re.compile(
    rf"{_LEAD}(week|weekend)\s+(of|beginning|starting|commencing|ending)\s+"
    rf"(?:on\s+)?(?:the\s+)?(?:{DAY},?\s+)?({DATE})",
    re.IGNORECASE,
)
_SLICE = re.compile(
    rf"{_LEAD}({'|'.join(ORDINALS)}|last|final)\s+(?:({NUMBER})\s+)?(days?|weeks?|months?|quarter|half)\s+"
    rf"(?:of|in)\s+({DATE}|(?:last|this|next)\s+(?:month|year)\b)",
    re.IGNORECASE,
)
_DATED = re.compile(
    rf"\b(?:(?:in|on|at|during|of|around)\s+(?:the\s+(?=[a-z]+\s+of\s))?)?({CALENDAR})", re.IGNORECASE
)
_DATED_LAST_YEAR = re.compile(
    rf"\b(?:(?:in|on|at|during|of|around)\s+)?(?:(?:early|mid|late)[\s-]+)?(?:{OF_MONTH}\s+)?{MONTH}{OF_YEAR}",
    re.IGNORECASE,
)
_NO_MONTH = re.compile(r"\s+(?:on|for|of)\s+(?:the\s+)?[A-Z]")  # "last March on Rome"


def _ends(words: str, clock: Clock) -> Ends | None:
    if words.lower() == "the weekend":
        return relative(words, clock)
    is_point = re.fullmatch(POINT, words, re.IGNORECASE)
    return relative(words, clock) if is_point else calendar(words, clock)


def _between(question: str, clock: Clock) -> DateRange | None:
    found = _RANGE.search(question)
    if not found:
        return None
    first_words, last_words = found.group(1) or found.group(3), found.group(2) or found.group(4)
    last = _ends(last_words, clock)
    is_of_its_year = last and has_year(last_words) and not has_year(first_words)
    if last and is_of_its_year and re.search(MONTH, first_words, re.IGNORECASE):
        first = _ends(f"{first_words} {last[1].year}", clock)  # "between March and May 2011"
    else:
        first = _ends(first_words, clock)
    if first and last and first[0] > last[1]:
        first, last = _in_order(first, last, (first_words, last_words), clock)
    if not first or not last or first[0] > last[1]:
        return None
    return DateRange(first[0], last[1], found.group(), is_relative=not has_year(last_words))


def _in_order(first: Ends, last: Ends, words: tuple[str, str], clock: Clock) -> tuple[Ends, Ends]:
    """Two times, a week or a year apart from where they are, so that "Monday" comes before "Wednesday"."""
    if clock.is_ahead and not has_year(words[1]):
        return first, _moved(last, words[1], 1)
    return (first if has_year(words[0]) else _moved(first, words[0], -1)), last


def _moved(ends: Ends, words: str, by: int) -> Ends:
    if re.fullmatch(DAY, words, re.IGNORECASE):
        return ends[0] + timedelta(7 * by), ends[1] + timedelta(7 * by)
    if re.match(rf"(?:{MONTH}|\d)", words, re.IGNORECASE):
        year = ends[0].year + by
        return ends[0].replace(year=year), month_of(year, ends[1].month)[1]
    return ends


def _days_of_a_month(question: str, clock: Clock) -> DateRange | None:
    found = _DAYS_OF_A_MONTH.search(question)
    if not found:
        return None
    first, last, month = found.group(1, 2, 3) if found.group(1) else found.group(5, 6, 4)
    month += found.group(7) or ""
    if may_be_no_date(month):
        return None
    end = calendar(f"{last} {month}", clock)
    start = end and end[0].replace(day=int(re.sub(r"\D", "", first)))
    if not start or not end or start > end[0]:
        return None
    return DateRange(start, end[0], found.group(), is_relative=not has_year(month))


def _one_sided(question: str, clock: Clock) -> DateRange | None:
    found = _ONE_SIDED.search(question)
    if not found:
        return None
    word, within, words = found.group(1).lower(), found.group(2), found.group(3)
    if word in {"from", "by"} and _is_when(words):
        return None
    ends = _ends(words, Clock(clock.today) if word == "since" else clock)
    if not ends:
        return None
    phrase = found.group().removesuffix(found.group(4) or "")
    is_relative, today = not has_year(words), clock.today
    if word in {"before", "prior to", "until", "till", "by"}:
        last = ends[0] - timedelta(1) if word in {"before", "prior to"} and not found.group(4) else ends[1]
        first = today if clock.is_ahead and is_relative and today <= last else None
        return DateRange(first, last, phrase, is_relative)
    start = ends[1] + timedelta(1) if word == "after" and not within and not found.group(4) else ends[0]
    return DateRange(start, today if is_relative and start <= today else None, phrase, is_relative)


def _is_when(words: str) -> bool:
    """Whether words after "from" or "by" only say when: "the news from last week", not "from Monday"."""
    is_bound = re.search(rf"{DAY}|{MONTH}|{NEXT}|tomorrow|today|\d{{4}}", words, re.IGNORECASE)
    return not is_bound


def _decade(question: str, _clock: Clock) -> DateRange | None:
    found = re.search(
        rf"\b(?:(early|mid|late)[\s-]+)?(?:the\s+)?({YEAR[:-2]}\d0|{YEAR})s\b", question, re.IGNORECASE
    )
    if not found:
        return None
    first = int(found.group(2)) // 10 * 10
    years = {"early": (0, 3), "mid": (4, 6), "late": (6, 9)}.get((found.group(1) or "").lower(), (0, 9))
    return DateRange(date(first + years[0], 1, 1), date(first + years[1], 12, 31), found.group())


def _century(question: str, _clock: Clock) -> DateRange | None:
    found = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\s+century", question, re.IGNORECASE)
    if not found or not 1 <= (number := int(found.group(1))) <= 21:
        return None
    return DateRange(date(number * 100 - 99, 1, 1), date(number * 100, 12, 31), found.group())


def _week(question: str, clock: Clock) -> DateRange | None:
    found = _WEEK_OF.search(question)
    ends = calendar(found.group(3), clock) if found else None
    if not found or not ends or ends[0] != ends[1]:
        return None
    day, word = ends[0], found.group(2).lower()
    first, last = week_of(day)
    if found.group(1).lower() == "weekend":
        first = first + timedelta(5)
    elif word == "ending":
        first, last = day - timedelta(6), day
    elif word != "of":
        first, last = day, day + timedelta(6)
    return DateRange(first, last, found.group(), is_relative=not has_year(found.group(3)))


def _slice(question: str, clock: Clock) -> DateRange | None:
    """A part with an ordinal, such as "the last two weeks of October"."""
    found = _SLICE.search(question)
    if not found or may_be_no_date(found.group(4)):
        return None
    ordinal, unit, of = found.group(1).lower(), found.group(3).lower().rstrip("s"), found.group(4)
    whole = _whole(of, clock)
    number = (found.group(2) or "one").lower()
    count = int(number) if number.isdigit() else NUMBERS.get(number, 1)
    ends = _cut(whole, unit, count, ORDINALS.get(ordinal)) if whole else None
    return DateRange(*ends, found.group(), is_relative=not has_year(of)) if ends else None


def _whole(words: str, clock: Clock) -> Ends | None:
    """A month or a year that parts are taken of."""
    if re.match(rf"(?:this|{LAST}|{NEXT})\b", words, re.IGNORECASE):
        return relative(words, Clock(clock.today, is_ahead=True))
    return calendar(words, clock)


def _cut(whole: Ends, unit: str, count: int, ordinal: int | None) -> Ends | None:
    """The part of a month or year with an ordinal, from its end without one; None if it has no such part."""
    first, last = whole
    is_month = (first.year, first.month) == (last.year, last.month)
    if unit in {"day", "week"} or (is_month and unit == "half"):
        size = timedelta({"day": 1, "week": 7, "half": 15}[unit] * count)
        start = first + size * (ordinal - 1) if ordinal else last - size + timedelta(1)
        if unit == "half":  # of 28 to 31 days
            return (first, first.replace(day=15)) if ordinal == 1 else (first.replace(day=16), last)
        return (max(start, first), min(start + size - timedelta(1), last)) if start <= last else None
    months = {"month": 1, "quarter": 3, "half": 6}[unit] * count
    month = months * (ordinal - 1) + 1 if ordinal else 13 - months
    if is_month or not 1 <= month <= month + months - 1 <= 12:
        return None
    return date(first.year, month, 1), month_of(first.year, month + months - 1)[1]


def _relative(question: str, clock: Clock) -> DateRange | None:
    for found in RELATIVE.finditer(question):
        if re.search(MONTH, found.group(), re.IGNORECASE) and (
            may_be_no_date(found.group()) or _NO_MONTH.match(question, found.end())
        ):
            continue
        if ends := relative(found.group(), clock):
            return DateRange(*ends, found.group(), is_relative=True)
    return None


def _dated(question: str, clock: Clock) -> DateRange | None:
    for found in _DATED.finditer(question):
        words = found.group(1)
        if _is_no_date(words, found):
            continue
        if ends := calendar(words, clock):
            return DateRange(*ends, found.group(), is_relative=not has_year(words))
    return None


def _is_no_date(words: str, found: re.Match[str]) -> bool:
    """Whether a month's name is more likely a verb or a name: "may", "March", "the late August Wilson"."""
    if words.lower().startswith("late") and found.string[: found.start()][-4:].lower() == "the ":
        return bool(re.match(r"\s[A-Z]", found.string[found.end() :][:2]))
    return may_be_no_date(words) or (
        found.group() == words and bool(re.fullmatch(MONTH, words, re.IGNORECASE))
    )


def _dated_last_year(question: str, clock: Clock) -> DateRange | None:
    """Dates and months of the last, this or the next year: "in March last year"."""
    found = _DATED_LAST_YEAR.search(question)
    return _dated(found.group(), clock) if found else None


RULES = (
    _days_of_a_month,
    _between,
    _one_sided,
    _week,
    _slice,
    _decade,
    _century,
    _dated_last_year,
    _relative,
    _dated,
)
