"""The period that a question speaks of: its words, its two ends, and what kind of time it is.

`words` are parts of regular expressions, `days` what the calendar makes of them, `relative` what counts from
today, and `rules` the grammar: ranges ("before March 1811", "between Feb 1914 and Aug 1916", "since last
month"), parts of months, plain times. It knows English and no articles. A question costs a few regular
expressions, in proportion to its length.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from assistant.dates.days import Clock
from assistant.dates.relative import RECENT_DAYS
from assistant.dates.rules import RULES
from assistant.dates.words import HINT, YEAR
from assistant.types import DateRange

_AHEAD = re.compile(  # "Will" first or "will", but no first name and no last will
    r"\A\W*Will\b|(?<!\bthe )(?<!\ba )(?<!\bhis )(?<!\bher )(?<!\bfree )\bwill\b|\b(?:shall|won['’]t)\b"
    r"|['’]ll\b|\b(?:is|are)\s+to\s+(?!blame\b)\w|\b(?:is|are)\s+(?:[\w’'-]+\s+){0,4}?going\s+to\b"
)
_PLANNED = re.compile(
    r"\b(?:planned|scheduled|upcoming|plans?\s+to|(?:is|are)\s+(?:[\w’'-]+\s+){0,3}?(?:due|expected|set|slated))\b"
    r"(?!\s+to\s+the\b)"
)
_PAST = re.compile(r"\b(?:was|were|had|did|been)\b", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:says?|said|told|announced?|warned|promised|vowed|pledged|predicted|confirmed|declared|claimed)\b"
)


def resolve(question: str, today: date) -> DateRange | None:
    """Find the period that a question speaks of.

    Args:
        question: Any text.
        today: What "today", "this week" and "in March" count from.

    Returns:
        The period; None if the question names none, or one that the calendar does not have. Words without a
        year mean the last such time; in a question about what is to come, the next.
    """
    if not HINT.search(question):
        return None
    clock = Clock(today, _is_ahead(question))
    try:
        return next((found for rule in RULES if (found := rule(question, clock))), None)
    except (ValueError, OverflowError):  # such as 31 February, or the year before the first
        return None


def _is_ahead(question: str) -> bool:
    """Whether what is asked about is to come; "Who said on Friday that prices will rise?" is not."""
    ahead = _AHEAD.search(question)
    if not ahead:
        return bool(_PLANNED.search(question)) and not _PAST.search(question)
    said = _SAID.search(question, 0, ahead.start())
    return not (said and HINT.search(question, said.end(), ahead.start()))


def publication(period: DateRange | None, today: date | None) -> DateRange | None:
    """When the articles that answer are likely to have been published.

    Args:
        period: What `resolve` found in the question.
        today: The day on which the question is said to be asked; None if nobody said so.

    Returns:
        The period, if its words count from the day of asking, with the weeks before that day if it is yet to
        come; else that day, if it was given; else None.
    """
    if period and period.is_relative:
        asked = today or date.today()
        is_to_come = period.start and period.start > asked
        return replace(period, start=asked - timedelta(RECENT_DAYS)) if is_to_come else period
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
    r"(?:in|on|over|at|during|around|between|from|before|prior|after|since|until|till|by|the|early|mid|late)\b"
    r"|\d+(?:s|th|st|nd|rd)\b|\d{4}\s*[-–—]",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=\w[.!?])\s+(?=[A-Z])")
