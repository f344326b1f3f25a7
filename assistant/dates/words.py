"""The words for times, as parts of regular expressions; all are read without regard to case.

They are parts of larger expressions. No two unbounded repetitions of the same signs stand side by side in
them, so that a long question takes time in proportion to its length.
"""

from __future__ import annotations

import re

YEAR = r"(?:1[0-9]|20)\d\d"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}  # first months, in the north
MONTH = (
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
)
DAY = rf"(?:{'|'.join(DAYS)})"
SEASON = rf"(?:{'|'.join(SEASONS)})"
NUMBERS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}
NUMBER = rf"(?:\d{{1,3}}|a|an|{'|'.join(NUMBERS)})"
ORDINALS = {word: n for n, word in enumerate("first second third fourth fifth".split(), 1)}
UNIT = r"(?:day|week|month|year|decade)s?"
OF_MONTH = r"\d{1,2}(?:st|nd|rd|th)?"
LAST, NEXT = r"(?:last|past|previous)", r"(?:next|coming)"
STEP = rf"(?:this\s+(?:past|coming)|this|{LAST}|{NEXT})"
OF_YEAR = r"\s+(?:of\s+)?(?:last|this|next)\s+year\b"  # "March last year"
NUMERIC = r"(?<![\d./-])\d{1,2}[./-]\d{1,2}[./-]\d{4}(?!\d)"
DATE = (  # a day, a month or a year, the most exact first
    rf"(?:{NUMERIC}|(?:{OF_MONTH}\s+(?:of\s+)?{MONTH}|{MONTH}\s+{OF_MONTH}\b)(?:,?\s+{YEAR}|{OF_YEAR})?"
    rf"|\d{{4}}-\d\d-\d\d|{MONTH},?\s+(?:of\s+)?{YEAR}|{MONTH}{OF_YEAR}|{YEAR}(?!s)|{MONTH}\b(?!,?\s*\d))"
)
QUARTER = rf"(?:\b[qh][1-4](?:\s+of)?[\s-]+{YEAR}\b|\b{YEAR}[\s-][qh][1-4]\b)"
PART = rf"(?:\b(?:early|mid|late)(?:\s+in)?[\s-]+|\b(?:beginning|start|middle|end)\s+of\s+){DATE}"
CALENDAR = rf"(?:{PART}|{QUARTER}|{DATE})"
NAMED = rf"{STEP}\s+(?:{DAY}|{MONTH}\b(?!,?\s*\d)|week|weekend|month|year|{SEASON})"  # "last March"
POINT = (  # of time, that counts from today
    rf"(?:(?:the\s+)?day\s+before\s+yesterday|yesterday|today|tonight|tomorrow|{DAY}(?:\s+of)?\s+{STEP}\s+week"
    rf"|{STEP}\s+week\s+(?:on\s+)?{DAY}|(?:the\s+)?{LAST}\s+{NUMBER}\s+{UNIT}|{NUMBER}\s+{UNIT}\s+ago"
    rf"|{NAMED}|{DAY})\b"
)
RELATIVE = re.compile(
    rf"\b(?:(?:the\s+)?day\s+before\s+yesterday|today|tonight|yesterday|tomorrow|recent|recently|latest|currently"
    rf"|right now|(?:on\s+)?{DAY}(?:\s+of)?\s+{STEP}\s+week|{STEP}\s+week\s+(?:on\s+)?{DAY}"
    rf"|(?:over|at|during|on|for)\s+the\s+weekend|(?:(?:on|{STEP})\s+){{1,2}}{DAY}|(?<!the\s){NAMED}"
    rf"|(?:in\s+|over\s+|during\s+)?(?:the\s+)?{LAST}\s+(?:{NUMBER}\s*)?{UNIT}|the\s+(?:{LAST}|coming)\s+weekend"
    rf"|(?:in|over|within|during|for)\s+the\s+{NEXT}\s+(?:{NUMBER}\s+)?{UNIT}"
    rf"|(?:{NUMBER}\s+{UNIT}|\d{{1,3}}\s+(?:minute|hour)s?)\s+ago)\b",
    re.IGNORECASE,
)
HINT = re.compile(  # that a question may name a time at all; most name none
    rf"\b(?:{YEAR}s?|{MONTH}|{DAY}|today|tonight|tomorrow|yesterday|recent|recently|latest|currently|now|ago|weekend"
    rf"|(?:this|{LAST}|{NEXT})\s+(?:\w+\s+)?(?:{UNIT}|{SEASON}))\b|\d{{1,2}}(?:st|nd|rd|th)?\s+century",
    re.IGNORECASE,
)


def has_year(words: str) -> bool:
    """Whether words name a year by its number, so that they do not count from today."""
    return bool(re.search(YEAR, words))


def may_be_no_date(words: str) -> bool:
    """Whether the name of a month is more likely a verb or a walk: "may" or "march", but not "March"."""
    return bool(re.search(r"\b(?:may|march)\b", words)) and not re.search(r"\d", words)
