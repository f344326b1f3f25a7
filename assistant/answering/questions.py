"""What a question asks for: its content terms, and the kind of thing that would answer it.

It knows English question words and surface patterns; it does not know the corpus.
"""

from __future__ import annotations

import re
from enum import StrEnum

from assistant.stores.lexical import terms

# Words that say how something is asked, not what about; stemmed like the index.
_FUNCTION_WORDS = """
a about above after again against all also am an and any are aren as at be because been before being below between
both but by can could couldn did didn do does doesn doing don down during each else ever few for from further get
gets give got had has have having he her here hers him his how i if in into is isn it its itself just know let ll
many may me might more most much must my no nor not now of off on once one ones only or other our out over own
please re s same say says she should so some something such t tell than that the their them then there these they
this those through to too under until up us ve very want was wasn we were weren what when where which while who
whom whose why will with won would you your
"""
_STOP_TERMS = frozenset(term for word in _FUNCTION_WORDS.split() for term in terms(word))

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    rf"\b(?:1[0-9]|20)\d\d\b|\b{_MONTH}\.?\s+\d|\b\d{{1,2}}\s+{_MONTH}\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(?:yesterday|today|tomorrow|morning|evening|night|century|decade|a\.m\.|p\.m\.)",
    re.IGNORECASE,
)
_NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty fifty sixty "
    "seventy eighty ninety hundred thousand million billion trillion dozen dozens half third quarter twice once"
)
_NUMBER = re.compile(r"\d|\b(?:" + "|".join(_NUMBER_WORDS.split()) + r")\b", re.IGNORECASE)
_NAME = re.compile(r"(?<![.!?“\"]\s)(?<!^)\b[A-Z][\w'’-]+")
_ANY_NAME = re.compile(r"\b[A-Z][\w'’-]+")
_PLACE = re.compile(r"\b(?:in|at|near|from|to|outside|inside|off|across|around)\s+(?:the\s+|[a-z]+\s+){0,2}[A-Z]\w+")
_REASON = re.compile(
    r"\b(?:because|since|due to|owing to|after|caused?|reasons?|so that|in order to|following|over|as a result|"
    r"result(?:s|ed)? (?:in|from)|led to|blam\w+|for fear|protest\w*|aim\w*|to \w+)\b",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """The kind of thing that answers a question."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    HOW_MANY = "how many"
    WHY = "why"
    OTHER = "other"


_KINDS = (
    (Kind.HOW_MANY, r"\bhow (?:many|much|old|long|far|big|large|high|tall|often|fast|deep|heavy)\b|\bwhat (?:number|percentage|share|proportion|score)\b"),
    (Kind.WHEN, r"\bwhen\b|\b(?:what|which) (?:year|day|date|month|time|century|decade)\b|\bhow (?:soon|recently)\b"),
    (Kind.WHERE, r"\bwhere\b|\b(?:what|which) (?:city|country|place|town|state|province|venue|region|continent)\b"),
    (Kind.WHO, r"\bwho(?:m|se)?\b|\bwhat is the name\b"),
    (Kind.WHY, r"\bwhy\b|\bwhat (?:caused|led to)\b|\bfor what reason\b|\bhow come\b"),
)  # fmt: skip


def content_terms(question: str) -> list[str]:
    """The terms of a question that say what it is about, each once, in order; stemmed like the index."""
    return [term for term in dict.fromkeys(terms(question)) if term not in _STOP_TERMS]


def kind_of(question: str) -> Kind:
    """What kind of thing would answer the question."""
    for kind, pattern in _KINDS:
        if re.search(pattern, question, re.IGNORECASE):
            return kind
    return Kind.OTHER


def fits(kind: Kind, sentence: str, question: str) -> float:
    """How well a sentence could hold this kind of answer, beside what the question itself mentions.

    Returns:
        1.0 if it holds something of the kind, 0.0 if not, 0.5 if the kind cannot be told by the surface.
    """
    if kind is Kind.OTHER:
        return 0.5
    if kind is Kind.WHY:
        return float(bool(_REASON.search(sentence)))
    return float(bool(_NEW[kind](sentence, _words(question))))


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[\w'’-]+", text)}


def _new_names(sentence: str, asked: set[str]) -> list[str]:
    found = _NAME.findall(sentence) or _ANY_NAME.findall(sentence)
    return [name for name in found if name.lower().removesuffix("'s").removesuffix("’s") not in asked]


def _new_dates(sentence: str, asked: set[str]) -> list[str]:
    return [found for found in _DATE.findall(sentence) if found.lower() not in asked]


def _new_numbers(sentence: str, asked: set[str]) -> list[str]:
    words = re.findall(r"[\w.,]+", sentence)
    return [word for word in words if _NUMBER.search(word) and word.lower().strip(".,") not in asked]


def _new_places(sentence: str, asked: set[str]) -> list[str]:
    return [found for found in _PLACE.findall(sentence) if found.split()[-1].lower() not in asked]


_NEW = {Kind.WHO: _new_names, Kind.WHEN: _new_dates, Kind.HOW_MANY: _new_numbers, Kind.WHERE: _new_places}
