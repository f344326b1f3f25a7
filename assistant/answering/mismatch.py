"""Signs that a sentence speaks of something else than the question: a name that it lacks, another year.

Words that agree are counted elsewhere; here is what does not. A question about "Trump in Baku" is not
answered by an article that never names Trump, however well the rest fits. It knows surfaces of English; it
does not know what the signs weigh.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from assistant.dates.words import YEAR
from assistant.stores.lexical import terms

ARTICLES = 256  # whose terms are kept at hand
MIN_STEM = 5  # letters of a word that is found by its beginning, such as "Pakistani" in "Pakistan"
CUT = 2  # letters that its end may differ by
ACRONYM = range(2, 6)  # letters
_YEAR = re.compile(rf"\b{YEAR}\b")
_NAME = re.compile(r"(?<!\w)[A-Z][\w’'-]*(?:\s+(?:(?:da|de|of|the|al|bin|for)\s+)?[A-Z0-9][\w’'-]*)*")
_NUMBERED = re.compile(r"\b([A-Z][A-Za-z]+)[ -]?(\d{1,3})\b(?![.,]?\d)")
_POSSESSIVE = re.compile(r"['’]s?$")
_BETWEEN = (
    r"\w+[\s-]+(?:(?:of|and|the|for|e|i|ul)[\s-]+)?"  # from the first letter of a word to that of the next
)
_NO_NAMES = frozenset(
    """i a the what who whom whose when where which why how prime minister president mr mrs ms dr january
    february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday""".split()
)
_PEOPLES = {
    "american": "united states", "british": "britain", "chinese": "china", "danish": "denmark",
    "dutch": "netherlands", "french": "france", "greek": "greece", "polish": "poland", "spanish": "spain",
    "swedish": "sweden", "swiss": "switzerland", "uk": "britain", "us": "united states", "welsh": "wales",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name, with the terms of which a text has one if it has the word."""

    text: str
    terms: frozenset[str]
    beginning: str  # of a term that has it, too; empty if it must be the whole word


Name = tuple[Word, ...]


def names_asked(question: str) -> tuple[Name, ...]:
    """The names of a question, each as its words; its first word, titles, months and years are none."""
    found = []
    for match in _NAME.finditer(question):
        words = match.group().split()[0 if match.start() else 1 :]
        if name := tuple(_word(word) for word in map(_bare, words) if _names(word)):
            found.append(name)
    return tuple(found)


def share_missing(names: Sequence[Name], text: str, there: Collection[str]) -> float:
    """Share of names of which a text has no word.

    Args:
        names: From `names_asked`.
        text: The text.
        there: Its terms.

    Returns:
        In [0, 1]; 0 without names. "Pakistani" is had by a text with "Pakistan", "EU" by "European Union".
    """
    if not names:
        return 0.0
    return sum(not any(has(word, text, there) for word in name) for name in names) / len(names)


def spelled(names: Sequence[Name], text: str) -> frozenset[str]:
    """The terms of the acronyms of a question that a text spells out: "PCB" as "Pakistan Cricket Board"."""
    words = [word for name in names for word in name if _spells(word.text, text)]
    return frozenset(term for word in words for term in word.terms)


def years(text: str) -> frozenset[str]:
    """The years that a text names."""
    return frozenset(_YEAR.findall(text))


def is_older(asked: Collection[str], sentence: str, published: date | None) -> float:
    """1 if all years of a sentence are before its article's, and the question names none of them."""
    told = years(sentence)
    if not told or published is None or told & set(asked):
        return 0.0
    return float(max(map(int, told)) < published.year)


def is_of_another(question: str, sentence: str) -> bool:
    """Whether a sentence names one of a series, such as COP32, and not the one asked about, such as COP30."""
    asked, told = set(_NUMBERED.findall(question)), set(_NUMBERED.findall(sentence))
    return not asked & told and bool({series for series, _ in asked} & {series for series, _ in told})


@lru_cache(maxsize=ARTICLES)
def said(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The terms and the years of a long text, which is likely to be looked at again."""
    return frozenset(terms(text)), years(text)


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word)


def _names(word: str) -> bool:
    return word[0].isupper() and word.lower() not in _NO_NAMES


def _word(text: str) -> Word:
    stems = [term for term in terms(text) if len(term) > 1]
    stem = stems[0] if stems else ""
    people = terms(_PEOPLES.get(text.lower(), ""))[:1]
    return Word(
        text, frozenset([*stems, *people]), stem[:-CUT] if len(stem) >= MIN_STEM and stem.isalpha() else ""
    )


def has(word: Word, text: str, there: Collection[str]) -> bool:
    """Whether a text with these terms has a word of a name: "Pakistani" is had by "Pakistan"."""
    if not word.terms or any(term in there for term in word.terms):
        return True
    if word.beginning and any(term.startswith(word.beginning) for term in there):
        return True
    return _spells(word.text, text)


def _spells(word: str, text: str) -> bool:
    """Whether an acronym is made of the first letters of words in a row."""
    if not (word.isalpha() and word.isupper() and len(word) in ACRONYM):
        return False
    return bool(re.search(rf"\b{_BETWEEN.join(word)}\w", text))
