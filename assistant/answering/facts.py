"""The numbers, dates and names of a text, so that two texts can be compared by them.

"Two", "2" and "2.0" are one number, "1,000" and "1000" too, "5 million" is 5000000; "13 Nov" has the day 13
and the month of November. A name is a capitalised word. It knows English surfaces, no meanings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen""".split()
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_ORDINALS = """zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth""".split()
WORD_NUMBERS = {
    **{word: n for n, word in enumerate(_UNITS)},
    **{word: n for n, word in enumerate(_ORDINALS) if n > 2},
    **_TENS,
    **{f"{ten}-{_UNITS[n]}": value + n for ten, value in _TENS.items() for n in range(1, 10)},
    "dozen": 12,
    "twice": 2,
    "couple": 2,
    "half": 0.5,
}
_SCALES: dict[str, float] = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "m": 1e6,
    "bn": 1e9,
}
_SCALES |= {"k": 1e3, "mn": 1e6}
MONTHS = {
    name: n
    for n, names in enumerate(
        """january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|
        october oct|november nov|december dec""".split("|"),
        1,
    )
    for name in names.split()
}
WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
_NUMBER = re.compile(
    r"(?<![\w.])(?:(?P<digits>\d+(?:[,  ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<suffix>st|nd|rd|th|s)?"
    rf"|(?P<word>\b(?:{'|'.join(sorted(WORD_NUMBERS, key=len, reverse=True))})\b))"
    r"(?:[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|bn|mn|m|k)\b)?(?!\d)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_NOT_NAMES = frozenset(
    """the a an in on at but and or for to from by of with as after before when while if he she it they we i
    you his her its their this that these those there here who what where which why how not no yes also both
    each every some many most more one two three several since until during although though because however
    according then now today yesterday tomorrow mr mrs ms dr sir""".split()
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, date or name in a text.

    Attributes:
        kind: "number", "date" or "name".
        value: What is compared.
        start: Offset in the text.
        end: Offset in the text, excluded.
    """

    kind: str
    value: str
    start: int
    end: int


def facts(text: str) -> list[Fact]:
    """The numbers, dates and names of a text, in the order in which they stand there."""
    found = [*_numbers(text), *_dates(text)]
    taken = [(fact.start, fact.end) for fact in found]
    found += [fact for fact in _names(text) if not any(s < fact.end and fact.start < e for s, e in taken)]
    return sorted(found, key=lambda fact: fact.start)


def values(text: str) -> frozenset[str]:
    """What a text's facts and lower-case words are compared by."""
    words = {_plain(match.group()) for match in _WORD.finditer(text)}
    parts = {part for word in words for part in re.split(r"[-.']", word) if part}
    return frozenset(words | parts | {fact.value for fact in facts(text)})


def _numbers(text: str) -> list[Fact]:
    found = []
    for match in _NUMBER.finditer(text):
        if (value := _value(match)) is not None:
            kind = "date" if _is_year(match) else "number"
            found.append(Fact(kind, f"#{value:.10g}", match.start(), match.end()))
    return found


def _value(match: re.Match[str]) -> float | None:
    word = (match["word"] or "").lower()
    if word == "one" and not match["scale"]:
        return None  # "one of them", "no one"
    number = float(WORD_NUMBERS[word]) if word else float(re.sub(r"[,\s]", "", match["digits"]))
    return number * _SCALES.get((match["scale"] or "").lower(), 1.0)


def _is_year(match: re.Match[str]) -> bool:
    return bool(re.fullmatch(r"1[0-9]{3}|20[0-9]{2}", match["digits"] or "")) and not match["scale"]


def _dates(text: str) -> list[Fact]:
    found = []
    for match in _WORD.finditer(text):
        word = match.group().lower().rstrip(".")
        is_month = word in MONTHS and match.group()[0].isupper() and (word != "may" or _is_may(text, match))
        if is_month:
            found.append(Fact("date", f"month {MONTHS[word]}", match.start(), match.end()))
        elif word in WEEKDAYS:
            found.append(Fact("date", word, match.start(), match.end()))
    return found


def _is_may(text: str, match: re.Match[str]) -> bool:
    around = text[max(0, match.start() - 8) : match.end() + 6]
    return bool(re.search(r"\d\s*May|May\s*\d|\b(?:in|of|last|by|since|until)\s+May", around))


def _names(text: str) -> list[Fact]:
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        lower = word.lower()
        if not word[0].isupper() or lower in _NOT_NAMES or lower in MONTHS or lower in WEEKDAYS:
            continue
        found.append(Fact("name", _plain(word), match.start(), match.end()))
    return found


def opens_sentence(text: str, start: int) -> bool:
    """Whether a word stands where every word has a capital."""
    return not re.search(r"\w", re.split(r"[.!?:\"“”\n]\s*", text[:start])[-1])


def _plain(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.lower())
