"""The period that a question speaks of: its words, its two ends, and what kind of time it is.

A grammar of ranges ("before March 1811", "between Feb 1914 and Aug 1916", "in the late 2010s", "this week",
"last Wednesday", "since the election in November"), days relative to a reference day; for other words of a
single date, the library dateparser. It knows English and no articles. Most questions
cost a few regular expressions, for the library takes a third of a second to import.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from assistant.types import DateRange

YEAR = r"(?:1[0-9]|20)\d\d"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH = (
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
)
DAY = rf"(?:{'|'.join(DAYS)})"
NUMBERS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}
NUMBER = rf"(?:\d{{1,3}}|a|an|{'|'.join(NUMBERS)})"
OF_MONTH = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (  # a day, a month or a year, the most exact first
    rf"(?:(?:{OF_MONTH}\s+(?:of\s+)?{MONTH}|{MONTH}\s+{OF_MONTH}\b)(?:,?\s+{YEAR})?"
    rf"|\d{{4}}-\d\d-\d\d|{MONTH},?\s+(?:of\s+)?{YEAR}|{YEAR}(?!s)|{MONTH}\b(?!,?\s*\d))"
)
_HINT = re.compile(
    rf"\b(?:{YEAR}s?|{MONTH}|{DAY}|today|tonight|yesterday|recent|recently|latest|currently|now|ago|"
    r"(?:this|last|past|previous|next|coming)\s+(?:\w+\s+)?(?:weeks?|weekend|months?|years?|days?|quarter|spring|"
    r"summer|autumn|fall|winter))\b|\d{1,2}(?:st|nd|rd|th)?\s+century",
    re.IGNORECASE,
)
_FOR_LIBRARY = re.compile(
    r"\b(?:\d{1,2}[./]\d{1,2}[./]\d{4}|the day before yesterday|\d+ (?:minutes?|hours?|decades?) ago)\b",
    re.IGNORECASE,
)
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}
RECENT_DAYS = 14  # what "recently" and "the latest" look back on
WEEK_SLACK_DAYS = 6  # "this week" in a weekly paper means the seven days that end today


def resolve(question: str, today: date) -> DateRange | None:
    """Find the period that a question speaks of.

    Args:
        question: Any text.
        today: What "today", "this week" and "in March" count from.

    Returns:
        The period; None if the question names none, or one that the calendar does not have.
    """
    if not _HINT.search(question):
        return None
    try:
        return next((found for rule in _RULES if (found := rule(question, today))), None)
    except (ValueError, OverflowError):  # such as 31 February, or the year before the first
        return None


def publication(period: DateRange | None, today: date | None) -> DateRange | None:
    """When the articles that answer are likely to have been published.

    Args:
        period: What `resolve` found in the question.
        today: The day on which the question is said to be asked; None if nobody said so.

    Returns:
        The period, if its words count from the day of asking; else that day, if it was given; else None.
    """
    if period and period.is_relative:
        return period
    return DateRange(today, today, "the day of the question", is_relative=True) if today else None


def told_of(question: str, period: DateRange | None) -> DateRange | None:
    """The period that what answers a question must be of.

    Args:
        question: Any text.
        period: What `resolve` found in it.

    Returns:
        The period; None if its words count from the day of asking, name an event ("the 2024 election"), are
        not in the sentence that asks, or are not the only ones with a year.
    """
    if period is None or period.is_relative or not _TELLS_WHEN.match(period.words):
        return None
    asks = _SENTENCE_END.split(question.strip())[-1]
    rest = question.replace(period.words, " ", 1)
    return period if period.words in asks and not re.search(rf"\b{YEAR}", rest) else None


_TELLS_WHEN = re.compile(
    r"(?:in|on|during|around|between|from|before|prior|after|since|until|till|by|the|early|mid|late)\b"
    r"|\d+(?:s|th|st|nd|rd)\b|\d{4}\s*[-–—]",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=\w[.!?])\s+(?=[A-Z])")


def _between(question: str, today: date) -> DateRange | None:
    found = re.search(
        rf"\b(?:between|from)\s+({_DATE})\s+(?:and|to|until|till|through)\s+({_DATE})",
        question,
        re.IGNORECASE,
    ) or re.search(rf"\b({YEAR})\s*[-–—]\s*({YEAR})\b", question)
    if not found:
        return None
    last = _date_range(found.group(2), today)
    first_words = found.group(1)
    if last and not re.search(YEAR, first_words) and re.search(YEAR, found.group(2)):
        first_words = f"{first_words} {last[1].year}"  # "between March and May 2011"
    first = _date_range(first_words, today)
    if not first or not last or first[0] > last[1]:
        return None
    return DateRange(first[0], last[1], found.group())


def _one_sided(question: str, today: date) -> DateRange | None:
    found = re.search(
        rf"\b(before|prior to|until|till|by|after|since|from)\s+"
        rf"((?<!by\s)(?<!from\s)(?:[\w’']+\s+){{0,4}}?(?:in|of)\s+|)"
        rf"({_DATE}|last\s+{DAY}|{DAY})",
        question,
        re.IGNORECASE,
    )
    if not found:
        return None
    word, rest = found.group(1).lower(), found.group(3)
    ends = _relative(rest, today) or _date_range(rest, today)
    if not ends:
        return None
    is_relative = not re.search(YEAR, rest)
    if word in {"before", "prior to"}:
        return DateRange(None, ends[0] - timedelta(1), found.group(), is_relative)
    if word in {"until", "till", "by"}:
        return DateRange(None, ends[1], found.group(), is_relative)
    start = ends[1] + timedelta(1) if word == "after" and not found.group(2) else ends[0]
    return DateRange(start, today if is_relative else None, found.group(), is_relative)


def _decade(question: str, _today: date) -> DateRange | None:
    found = re.search(
        rf"\b(?:(early|mid|late)[\s-]+)?(?:the\s+)?({YEAR[:-2]}\d0|{YEAR})s\b", question, re.IGNORECASE
    )
    if not found:
        return None
    first = int(found.group(2)) // 10 * 10
    years = {"early": (0, 3), "mid": (4, 6), "late": (6, 9)}.get((found.group(1) or "").lower(), (0, 9))
    return DateRange(date(first + years[0], 1, 1), date(first + years[1], 12, 31), found.group())


def _century(question: str, _today: date) -> DateRange | None:
    found = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\s+century", question, re.IGNORECASE)
    if not found or not 1 <= (number := int(found.group(1))) <= 21:
        return None
    return DateRange(date(number * 100 - 99, 1, 1), date(number * 100, 12, 31), found.group())


def _relative_rule(question: str, today: date) -> DateRange | None:
    found = _RELATIVE.search(question)
    ends = _relative(found.group(), today) if found else None
    return DateRange(*ends, found.group(), is_relative=True) if found and ends else None


_RELATIVE = re.compile(
    rf"\b(?:today|tonight|yesterday|recent|recently|latest|currently|right now"
    rf"|(?:this|last|previous)\s+(?:week|weekend|month|year|summer|spring|autumn|fall|winter)"
    rf"|(?:in\s+|over\s+|during\s+)?(?:the\s+)?(?:past|last|previous)\s+{NUMBER}?\s*(?:day|week|month|year)s?"
    rf"|{NUMBER}\s+(?:day|week|month|year)s?\s+ago|(?:(?:on|last|this)\s+)+{DAY})\b",
    re.IGNORECASE,
)


def _relative(words: str, today: date) -> tuple[date, date] | None:
    """The first and last day of words that count from today."""
    words = words.lower()
    monday = today - timedelta(today.weekday())
    if (
        day := next((n for n, name in enumerate(DAYS) if name in words), None)
        if re.search(DAY, words)
        else None
    ):
        return _weekday(day, today)
    if "monday" in words:
        return _weekday(0, today)
    if "yesterday" in words:
        return today - timedelta(1), today - timedelta(1)
    if re.search(r"today|tonight", words):
        return today, today
    if re.search(r"recent|latest|current|now", words):
        return today - timedelta(RECENT_DAYS), today
    if "weekend" in words:
        saturday = monday - timedelta(2) if today.weekday() < 5 or "last" in words else monday + timedelta(5)
        return saturday, saturday + timedelta(1)
    if found := re.search(rf"({NUMBER})?\s*(day|week|month|year)s?(\s+ago)?", words):
        return _counted(words, found, today, monday)
    return _season(words, today)


def _weekday(day: int, today: date) -> tuple[date, date]:
    """The last such weekday, today included."""
    found = today - timedelta((today.weekday() - day) % 7)
    return found, found


def _counted(words: str, found: re.Match[str], today: date, monday: date) -> tuple[date, date]:
    unit, is_ago = found.group(2), bool(found.group(3))
    count = found.group(1) and (
        NUMBERS.get(found.group(1)) or (int(found.group(1)) if found.group(1).isdigit() else 1)
    )
    if is_ago:
        day = today - timedelta(_UNITS[unit] * int(count or 1))
        slack = timedelta(_UNITS[unit] // 2)
        return day - slack, day + slack
    if count or re.search(r"\bpast\b", words):
        return today - timedelta(_UNITS[unit] * int(count or 1)), today
    if unit == "week":
        return (
            (min(monday, today - timedelta(WEEK_SLACK_DAYS)), today)
            if "this" in words
            else (monday - timedelta(7), monday - timedelta(1))
        )
    if unit == "month":
        first = today.replace(day=1)
        return (
            (first, today)
            if "this" in words
            else _month((first - timedelta(1)).year, (first - timedelta(1)).month)
        )
    if unit == "year":
        year = today.year if "this" in words else today.year - 1
        return date(year, 1, 1), min(today, date(year, 12, 31))
    return today - timedelta(1), today


def _season(words: str, today: date) -> tuple[date, date] | None:
    """Northern seasons: the last one that has begun, or with "last" one that has ended."""
    firsts = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
    month = next((month for name, month in firsts.items() if name in words), None)
    if month is None:
        return None
    year = today.year if date(today.year, month, 1) <= today else today.year - 1
    start = date(year, month, 1)
    end = _month(year + (month + 2 > 12), (month + 1) % 12 + 1)[1]
    if "last" in words and end > today:
        start, end = start.replace(year=year - 1), end.replace(year=end.year - 1, day=28)
    return start, min(end, today)


def _dated(question: str, today: date) -> DateRange | None:
    found = re.search(rf"\b(?:(?:in|on|during|of|around)\s+)?({_DATE})", question, re.IGNORECASE)
    if not found or _is_no_date(found.group(1), found.group()):
        return None
    ends = _date_range(found.group(1), today)
    return DateRange(*ends, found.group(), is_relative=not re.search(YEAR, found.group(1))) if ends else None


def _is_no_date(words: str, phrase: str) -> bool:
    """Whether a month's name alone is more likely a verb or a first name: "may", "march", "April"."""
    return bool(re.fullmatch(MONTH, words, re.IGNORECASE)) and (phrase == words or words[0].islower())


def _date_range(words: str, today: date) -> tuple[date, date] | None:
    """The first and last day of a date, a month or a year."""
    year = re.search(YEAR, words)
    month = re.search(MONTH, words, re.IGNORECASE)
    if re.fullmatch(rf"{YEAR}", words):
        return date(int(words), 1, 1), date(int(words), 12, 31)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
        return date.fromisoformat(words), date.fromisoformat(words)
    if not month:
        return _by_library(words, today)
    number = MONTHS.index(month.group()[:3].lower()) + 1
    day = re.search(r"\b\d{1,2}(?=st|nd|rd|th|\b)(?!\d)", words.replace(year.group(), "") if year else words)
    first = date(int(year.group()) if year else today.year, number, int(day.group()) if day else 1)
    if not year and first > today:
        first = first.replace(year=first.year - 1)  # "in March" is the last one
    return (first, first) if day else _month(first.year, first.month)


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _by_library(words: str, today: date) -> tuple[date, date] | None:
    """What dateparser makes of the words of a single day."""
    import dateparser

    base = datetime(today.year, today.month, today.day)
    found = dateparser.parse(
        words, languages=["en"], settings={"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past"}
    )
    return (found.date(), found.date()) if found else None


def _library_rule(question: str, today: date) -> DateRange | None:
    found = _FOR_LIBRARY.search(question)
    ends = _by_library(found.group(), today) if found else None
    return (
        DateRange(*ends, found.group(), is_relative=not re.search(YEAR, found.group()))
        if found and ends
        else None
    )


_RULES = (_between, _one_sided, _decade, _century, _library_rule, _relative_rule, _dated)
