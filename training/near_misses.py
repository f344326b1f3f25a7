"""Questions that a text seems to answer and does not, made by rule from questions that it answers.

The way in which people wrote the unanswerable questions of SQuAD 2.0 (Rajpurkar et al., 2018): a name, a
number or a date is exchanged for another one of its kind, or a word for its opposite, so that the words still
match and the answer no longer does.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

_NAME = re.compile(r"(?<=\s)[A-Z][\w’'-]+(?: (?:of (?:the )?|the )?[A-Z][\w’'-]+)*")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d%?|(?<![\w.,])\d%?(?!\w)")
_MONTHS = "January February March April May June July August September October November December".split()
_PAIRS = [
    pair.split("/")
    for pair in """
first/last largest/smallest biggest/smallest highest/lowest longest/shortest oldest/newest most/least
more/fewer more/less before/after north/south east/west northern/southern eastern/western above/below
increase/decrease increased/decreased rise/fall won/lost win/lose gained/lost began/ended start/end
started/stopped opened/closed early/late earliest/latest best/worst better/worse higher/lower
larger/smaller older/younger male/female men/women positive/negative public/private internal/external
inside/outside maximum/minimum major/minor same/different accepted/rejected supported/opposed
support/oppose allowed/banned allow/prohibit include/exclude included/excluded with/without former/current
known/unknown common/rare strong/weak rich/poor old/new bought/sold buy/sell born/killed arrived/left
created/destroyed built/demolished founded/dissolved always/never legal/illegal advantage/disadvantage
cause/prevent caused/prevented
""".split()
]
_OPPOSITE = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}
_AUXILIARIES = frozenset("did does is was were can could will would are do has had".split())
_NEGATION_SHARE = 0.08  # of the questions in which nothing else was exchanged or reversed


def names(text: str) -> list[str]:
    """The names in a text, as far as capital letters inside a sentence tell."""
    return [found.group() for found in _NAME.finditer(text) if found.group() not in _MONTHS]


def numbers(text: str) -> list[str]:
    """The numbers in a text, years among them."""
    return [found.group() for found in _NUMBER.finditer(text)]


def near_miss(
    question: str, pool_names: Iterable[str], pool_numbers: Iterable[str], rng: random.Random
) -> str | None:
    """The question with one thing exchanged, or None if nothing in it can be.

    Args:
        question: A question.
        pool_names: Names to put in, from the same article.
        pool_numbers: Numbers to put in, from the same article.
        rng: Where chance comes from.

    Returns:
        Another question, which the text that answers the first one should not answer.
    """
    changes = [
        *_exchanged(question, _NAME, pool_names, rng),
        *_exchanged(question, _NUMBER, pool_numbers, rng),
        *_months(question, rng),
        *_reversed(question),
    ]
    if not changes and rng.random() < _NEGATION_SHARE:
        changes = _negated(question)
    return rng.choice(changes) if changes else None


def _exchanged(question: str, pattern: re.Pattern[str], pool: Iterable[str], rng: random.Random) -> list[str]:
    others = sorted({one for one in pool if one.casefold() not in question.casefold()})
    found = [match for match in pattern.finditer(question) if match.group() not in _MONTHS]
    if not others or not found:
        return []
    match = rng.choice(found)
    alike = [one for one in others if _is_alike(match.group(), one)]
    return [question[: match.start()] + rng.choice(alike) + question[match.end() :]] if alike else []


def _is_alike(old: str, new: str) -> bool:
    if old[0].isdigit():
        return _is_year(old) == _is_year(new) and old.endswith("%") == new.endswith("%")
    return abs(len(old.split()) - len(new.split())) <= 1


def _is_year(number: str) -> bool:
    return len(number) == 4 and number.isdigit() and "1000" <= number <= "2100"


def _months(question: str, rng: random.Random) -> list[str]:
    found = [month for month in _MONTHS if re.search(rf"\b{month}\b", question) and month != "May"]
    if not found:
        return []
    month = rng.choice(found)
    return [question.replace(month, rng.choice([other for other in _MONTHS if other != month]))]


def _reversed(question: str) -> list[str]:
    words = question.split(" ")
    return [
        " ".join([*words[:n], _OPPOSITE[word], *words[n + 1 :]])
        for n, word in enumerate(words)
        if word in _OPPOSITE and n
    ]


def _negated(question: str) -> list[str]:
    words = question.split(" ")
    for n, word in enumerate(words):
        if word in _AUXILIARIES and n + 2 < len(words):
            return [" ".join([*words[: n + 2], "not", *words[n + 2 :]])]
    return []
