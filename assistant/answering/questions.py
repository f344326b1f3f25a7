"""What a question asks for: its content terms, and the kind of thing that would answer it.

It knows English question words and surface patterns; it does not know the corpus.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import cache

from assistant.stores.lexical import terms

# Words that say how something is asked, not what about; stemmed like the index.
_FUNCTION_WORDS = """
a about above after again against all also altogether am an and any are aren as at be because been before
being below between both but by can could couldn did didn do does doesn doing don down during each else ever
few for from further get gets give got had has have having he her here hers him his how i if in into is isn
it its itself just know let ll many may me might more most much must my no nor not now of off on once one
ones only or other our out over overall own please re s same say says she should so some something such t
tell than that the their them then there these they this those through to too under until up us ve very want
was wasn we were weren what when where which while who whom whose why will with won would you your
"""

MONTHS = """
January February March April May June July August September October November December
""".split()
DAYS = """
Monday Tuesday Wednesday Thursday Friday Saturday Sunday
""".split()
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)?\.?"
)
_DAY_OF_YEAR = re.compile(
    rf"\b{_MONTH}\s+\d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b|\b\d{1,2}(?:st|nd|rd|th) century\b")
_TIME = re.compile(r"\b\d{1,2}(?::\d\d)?\s*[ap]\.?m\b|\b\d{1,2}:\d\d\b|\b(?:midnight|noon)\b", re.IGNORECASE)
_NUMBER_WORDS = """
two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty fifty sixty
seventy eighty ninety hundred thousand million billion trillion dozen dozens half third quarter twice
""".split()
_NUMBER = re.compile(r"[$€£]?\d[\d,.]*|\b(?:" + "|".join(_NUMBER_WORDS) + r")\b", re.IGNORECASE)
_MONEY = re.compile(
    r"[$€£]\s?\d|\b(?:dollars?|euros?|pounds?|rupees?|yuan|percent|per cent|%)", re.IGNORECASE
)
_DURATION = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?)\b", re.IGNORECASE
)
_NAME = re.compile(r"\b[A-Z][\w'’-]+(?:\s+(?:(?:al|bin|de|da|do|van|von|ul|of|the|for)\s+)?[A-Z][\w'’-]+)*")
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|off|outside|inside|across|around|of|between)\s+(?:the\s+)?"
    r"(?:[a-z]+\s+(?:of\s+)?){0,2}"
    r"((?:[A-Z][\w'’-]+\s*)+)"
)
_REASON = re.compile(
    r"\b(?:because|(?<!is )(?<!are )(?<!was )(?<!were )due to|owing to|reasons?|so that|in order to|"
    r"as a result|resulted from|caused|blam\w+|for fear|"
    r"led to|suspect\w*|accus\w+|advised|explained|necessary|since|so as to|prompted|cited|citing)\b",
    re.IGNORECASE,
)
_WEAK_REASON = re.compile(r"\b(?:after|over|following|for|to|with|as|amid)\b", re.IGNORECASE)
_ASKS = re.compile(
    r"\s*(?:(?:in|at|on|for|to|from|by|of|with) )?(?:who|whom|whose|what|when|where|which|why|how|"
    r"is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b",
    re.IGNORECASE,
)
OFFICE = (
    r"president|prime minister|premier|chancellor|king|queen|emperor|empress|sultan|pope|minister|secretary|"
    r"governor|mayor|ambassador"
)
_OFFICE_ASKED = re.compile(
    rf"\b(?i:who|whom)\s+(?i:is|was|are|were|became)\s+(?:the\s+)?(?:[\w’'-]+\s+)?(?P<office>(?i:{OFFICE}))\s+of\s+"
    r"(?:the\s+)?(?P<of>[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*)"
)
_QUOTED = re.compile(r"[\"“”]")


class Kind(StrEnum):
    """The kind of thing that answers a question."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    HOW_MANY = "how many"
    WHY = "why"
    WORDS = "words"  # what somebody said, or called something
    OTHER = "other"


_PATTERNS = (
    (
        Kind.HOW_MANY,
        r"\bhow (?:many|much|old|long|far|big|large|high|tall|often|fast|deep|heavy)\b"
        r"|\bwhat (?:number|percentage|share|proportion|score)\b|\b(?:amount|number|toll)\b",
    ),
    (
        Kind.WHEN,
        r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|day|date|month|time|century|decade)\b|\bhow soon\b",
    ),
    (
        Kind.WHERE,
        r"\bwhere\b|\b(?:what|which) (?:\w+ )?"
        r"(?:city|cities|country|place|town|state|province|venue|region|continent)\b",
    ),
    (Kind.WHO, r"\bwho(?:m|se)?\b|\bwhat is the name\b|\bwhich\b"),
    (Kind.WHY, r"\bwhy\b|\bwhat (?:caused|led to)\b|\bfor what reason\b|\bhow come\b|\breasons?\b"),
    (Kind.WORDS, r"\b(?:call|called|say|said|describe|described|comment|words?|expression|react|reaction)\b"),
)
_KINDS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PATTERNS)
_OPENS_WITH_WHAT = re.compile(r"\s*(?:what|how)\b", re.IGNORECASE)
_LATER = re.compile(r"(?<=\w)[ ,]+(?:when|where|who|whom|whose|which|why)\b", re.IGNORECASE)
_NO_NAMES = """
the a an in on at but and for he she it they his her its their this that these when while after before as
mr mrs ms dr mr. prime minister president according no not one two
""".split()
_COMMON_NAMES = {word.lower() for word in (*MONTHS, *DAYS, *_NO_NAMES)}


@cache
def _stop_terms() -> frozenset[str]:
    return frozenset(term for word in _FUNCTION_WORDS.split() for term in terms(word))


def is_question(text: str) -> bool:
    """Whether a text asks something, by its question mark or its first word."""
    return text.rstrip().endswith("?") or bool(_ASKS.match(text))


def content_terms(question: str) -> list[str]:
    """The terms of a question that say what it is about, each once, in order; stemmed like the index."""
    return list(dict.fromkeys(content_words(question)))


def content_words(text: str) -> list[str]:
    """The terms of a text that say what it is about, in order, each as often as it comes."""
    return [term for term in terms(text) if term not in _stop_terms()]


def name_terms(question: str) -> list[str]:
    """The content terms of a question with a capital or a digit; of its first word only a digit counts."""
    words = question.split()
    named = [
        word for n, word in enumerate(words) if re.search(r"\d", word) or (n and re.match(r"\W*[A-Z]", word))
    ]
    return [term for term in dict.fromkeys(terms(" ".join(named))) if term not in _stop_terms()]


def office_of(question: str) -> tuple[str, tuple[str, ...]] | None:
    """The office and the place or body that a question asks the holder for: ("presid", ("franc",)), stemmed.

    None for any other question.
    """
    found = _OFFICE_ASKED.search(question)
    if not found:
        return None
    of = tuple(term for term in terms(found["of"]) if term not in _stop_terms())
    return (terms(found["office"])[-1], of) if of else None


def kind_of(question: str) -> Kind:
    """What kind of thing would answer the question: its first question word says it, not a later one."""
    is_what = _OPENS_WITH_WHAT.match(question)
    asked = _LATER.sub(" ", question) if is_what else question
    matches = [(found.start(), kind) for kind, pattern in _KINDS if (found := pattern.search(asked))]
    asking = [match for match in matches if match[1] is not Kind.WORDS] or matches
    if is_what and any(kind is Kind.WORDS for _, kind in matches):
        asking = [match for match in asking if match[1] in (Kind.HOW_MANY, Kind.WHERE, Kind.WHEN)] or matches
    return min(asking, key=lambda match: match[0])[1] if asking else Kind.OTHER


def fits(kind: Kind, sentence: str, question: str) -> float:
    """How well a sentence could hold this kind of answer, beside what the question itself mentions.

    Args:
        kind: What is asked for.
        sentence: The sentence.
        question: The question; what it mentions itself cannot answer it.

    Returns:
        In [0, 1]: 1.0 if it holds what is asked for by its surface, 0.0 if it holds nothing like it.
    """
    return _FITS[kind](sentence, question)


def _words(text: str) -> set[str]:
    return {word.lower().removesuffix("'s").removesuffix("’s") for word in re.findall(r"[\w'’-]+", text)}


def _new_names(found: list[str], question: str) -> list[str]:
    """Names that the question does not hold; months, days and sentence openers are no names.

    A name may follow words of the question ("COP29 President Mukhtar Babayev"), but must not end in one.
    """
    asked = _words(question)
    cleaned = []
    for name in found:
        words = [word for word in name.split() if word.lower() not in _COMMON_NAMES]
        while words and _words(words[0]) <= asked:
            words.pop(0)
        if words and not _words(" ".join(words)) & asked:
            cleaned.append(" ".join(words))
    return cleaned


def _fits_who(sentence: str, question: str) -> float:
    names = _new_names(_NAME.findall(sentence), question)
    if any(" " in name for name in names):
        return 1.0
    return 0.4 if names else 0.0


def _fits_when(sentence: str, question: str) -> float:
    if re.search(r"\btime\b", question, re.IGNORECASE) and not re.search(r"\btimes\b", question):
        return float(bool(_TIME.search(sentence)))
    day = any(found.lower() not in question.lower() for found in _DAY_OF_YEAR.findall(sentence))
    year = any(found not in question for found in _YEAR.findall(sentence))
    return 1.0 if day else 0.7 if year else 0.2 if any(name in sentence for name in [*MONTHS, *DAYS]) else 0.0


def _fits_where(sentence: str, question: str) -> float:
    return float(bool(_new_names(_PLACE.findall(sentence), question)))


def _fits_how_many(sentence: str, question: str) -> float:
    bare = _TIME.sub(" ", _YEAR.sub(" ", _DAY_OF_YEAR.sub(" ", sentence)))
    asked = _words(question)
    numbers = [n for n in _NUMBER.finditer(bare) if n.group().lower().strip(".,$€£") not in asked]
    if not numbers:
        return 0.0
    unit = _unit(question)
    if unit is None:
        return 0.6
    near = (bare[max(0, n.start() - 12) : n.end() + 40] for n in numbers)
    return 1.0 if any(unit.search(text) for text in near) else 0.4


def _unit(question: str) -> re.Pattern[str] | None:
    """What stands beside the number that is asked for: money, a duration, or the counted noun."""
    if re.search(r"\bhow long\b", question, re.IGNORECASE):
        return _DURATION
    if re.search(r"\bhow much\b|\bamount\b|\bmoney\b|\bcost\b", question, re.IGNORECASE):
        return _MONEY
    counted = re.search(r"\bhow many (?:of (?:the |them )?)?([\w-]+)", question, re.IGNORECASE)
    if not counted or counted.group(1).lower() in _STOP_NOUNS:
        return None
    return re.compile(rf"\b{re.escape(counted.group(1).rstrip('s'))}", re.IGNORECASE)


_STOP_NOUNS = {"people", "were", "was", "are", "did", "have", "has", "more", "other", "persons"}


def names_reason(sentence: str, question: str) -> bool | None:
    """Whether a sentence has a sign of a reason, and not for something else because of what is asked about.

    "Because India refused to travel" is no reason why India refused to travel: then it
    is False. None if there is no such sign at all.
    """
    asked, signs = set(content_terms(question)), None
    for sign in (*_REASON.finditer(sentence), *_SOME_REASON.finditer(sentence)):
        led = content_words(sentence[sign.end() :])[:LED]
        is_premise = sum(word in asked for word in led) > len(led) / 2
        if _THEN.match(sign.group()):
            is_premise = is_premise or led[0] in asked if led else True
        if _CAUSES.match(sign.group()) or not is_premise:
            return True
        signs = False
    return signs


_THEN = re.compile(r"after|following|amid|over", re.IGNORECASE)
LED = 3  # content words after a sign of a reason that tell what the reason is
_CAUSES = re.compile(
    r"(?:caused|led to|prompted|resulted from|suspect|accus|blam|explain|advis|n[o']t known|unclear)",
    re.IGNORECASE,
)
_SOME_REASON = re.compile(
    r"\b(?:after|following|amid|over (?:the|its|his|her|their|a)|in (?:response|protest|return)|instead|"
    r"for (?:safety|security|lack|want)|to (?:protect|avoid|prevent|reach|ensure|stop|allow|help|save))\b"
    r"|n[o']t known|\bunclear\b",
    re.IGNORECASE,
)


def _fits_why(sentence: str, _question: str) -> float:
    if _REASON.search(sentence):
        return 1.0
    return 0.3 if _WEAK_REASON.search(sentence) else 0.0


def _fits_words(sentence: str, _question: str) -> float:
    return 1.0 if _QUOTED.search(sentence) else 0.3


_FITS: dict[Kind, Callable[[str, str], float]] = {
    Kind.WHO: _fits_who,
    Kind.WHEN: _fits_when,
    Kind.WHERE: _fits_where,
    Kind.HOW_MANY: _fits_how_many,
    Kind.WHY: _fits_why,
    Kind.WORDS: _fits_words,
    Kind.OTHER: lambda _sentence, _question: 0.5,
}


def names_kind(kind: Kind, words: str) -> bool:
    """Whether a few words can be of a kind: a date for when, a number for how many, anything for others."""
    if kind is Kind.HOW_MANY:
        return bool(_NUMBER.search(words)) or bool(_ONE.search(words))
    if kind is Kind.WHEN:
        return bool(_WHEN_WORDS.search(words)) or bool(re.search(r"\d", words))
    return True


_ONE = re.compile(r"\b(?:a|an|one|once|no|none|single|several|few|many)\b", re.IGNORECASE)
_WHEN_WORDS = re.compile(
    rf"\b(?:{'|'.join([*MONTHS, *DAYS])}|today|yesterday|tomorrow|spring|summer|autumn|"
    r"fall|winter|noon|midnight|morning|evening|night|after|before|during|when|once|week|month|year|century|day)\w*",
    re.IGNORECASE,
)
