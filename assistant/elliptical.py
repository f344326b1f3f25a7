"""A follow-up that changes one part of the question before it: "Where will COP31 be held?", "and COP32?".

"Who else?" asks it for others. A phrase takes the place of the part that is like it: one of a numbered
series, a year, a month, a day or a name for another, an office or a noun for the question's own. It knows
English words and how names are written, no grammar: where no part is like the phrase, or several are, the
question is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.answering.questions import DAYS, MONTHS, OFFICE, content_terms

MAX_PHRASE_WORDS = 6  # more words say more than one new part
MAX_CHARS = 300  # of either question; longer ones have many parts that are alike

_SITES = "in at near around outside inside".split()  # one of them may stand for another
_PREP = "|".join(
    [*_SITES, *"of on from for to by with against about under during before after since".split()]
)
_FOLLOW_UP = re.compile(
    r"\s*(?:(?:(?:and|but|or|so)\s+)?(?:what|how)\s+about|and|but|or)\s+"
    rf"(?:(?P<prep>{_PREP})\s+)?(?:(?P<article>the|an?)\s+)?(?P<text>[^\s,;:?!][^,;:?!]*?)\s*[?.!]*\s*",
    re.IGNORECASE,
)
_NO_PHRASE = re.compile(  # a verb, a question word or a pronoun
    r"\b(?:who|whom|whose|what|when|where|which|why|how|am|is|are|was|were|be|been|do|does|did|has|have|had|can|"
    r"could|will|would|shall|should|(?-i:may)|might|must|not|no|i|me|my|you|your|he|him|his|she|her|hers|it|its|"
    r"we|us|our|they|them|their|there|here|this|that|these|those|then|now|if|because|and|or|but|so|ones?|others?|"
    r"else|same|both|all|more|please|tell)\b|['’](?:re|m|ll|ve|d|t)\b",
    re.IGNORECASE,
)
_YEAR = r"(?:1[5-9]|20)\d\d"
_WORD = r"(?:(?:[A-Z]\.){2,}|[A-Z][\w-]*)"
_KINDS = {
    "year": rf"\b{_YEAR}\b",
    "month": rf"\b(?:{'|'.join(MONTHS)})\b(?:\s+{_YEAR}\b)?",
    "day": rf"\b(?:{'|'.join(DAYS)})\b",
    "name": rf"(?<![\w.-]){_WORD}(?:\s+{_WORD})*",
}
_LIKE = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items())
_PART = re.compile(rf"(?:\b(?P<prep>(?i:{_PREP}))\s+)?(?P<bare>(?:\b(?P<the>the)\s+)?)(?:{_LIKE})")
_NUMBERED = re.compile(r"(?P<stem>[a-z]{2,})(?P<number>[ -]?\d{1,3}|\s[ivx]+)", re.IGNORECASE)
_TITLE = rf"(?i:(?:(?:foreign|vice|deputy|defen[cs]e|interior|finance)\s+)?(?:{OFFICE}))"
_NO_NAME = re.compile(rf"I|The|An?|Wh\w+|How|(?i:{_PREP})|{_TITLE}")
_PEOPLE = r"(?:[ie]an|rican|ish|ese|ani|aqi|eli|ench|utch|rman|ghan|eek|wiss)"  # how their adjectives end
_OF_A_PEOPLE = re.compile(rf"^[A-Z][a-z]*{_PEOPLE}$")
_WITH_A_NUMBER = re.compile(r"\d")
_OFFICE = re.compile(
    rf"(?<![\w-])(?P<whose>(?:[A-Z][a-z]*{_PEOPLE}\s+)?)(?P<title>{_TITLE})\b(?!\s+[A-Z])"
    rf"(?P<of>(?:\s+of\s+(?:the\s+)?{_WORD}(?:\s+{_WORD})*)?)"
)
_WHO_IS = re.compile(
    r"(?:who|what)\s+(?P<verb>is|was|are|were)\s+(?:the|[A-Z][\w-]*['’]s)\s+(?:[A-Z][\w-]*\s+)?"
    r"(?P<noun>(?-i:[a-z][a-z-]*(?:\s[a-z][a-z-]*){0,2}?))"
    r"(?=\s+(?:of|in|for|at|during|before|after|when|since)\b|\s*[?.]*\s*$)",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(r"how\s+many\s+(?P<noun>[a-z-]+)(?=\s)", re.IGNORECASE)
_NOUN = re.compile(r"[a-z][a-z-]*(?:\s[a-z][a-z-]*){0,2}")
_MANY = re.compile(r".*(?:[^s]s|men|people|children)")
_NO_NOUN = re.compile(rf"\b(?:\w+(?:ing|ed)|{_PREP})\b")
_LEAD = r"\s*(?:(?:and|but|so|or|ok(?:ay)?|well|then)\b[\s,]*)?"
_OTHERS = re.compile(
    rf"{_LEAD}(?:(?P<word>who|what|where|when|any(?:one|body|thing))\s+else"
    r"|(?:(?:what|how)\s+about\s+|(?:are|were)\s+there\s+)?(?:any\s+others?|(?:the\s+)?others))\s*[?.!]*\s*",
    re.IGNORECASE,
)
_ELSE = re.compile(rf"{_LEAD}(?P<word>who|what|where|when)\s+else\b", re.IGNORECASE)
_AUXILIARY = "is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must"
_ASKED = re.compile(
    r"\s*(?P<word>who|what|where|when|which)(?:\s+(?P<others>else|other)\b)?(?=\s)(?P<rest>.*?)[\s?.!]*",
    re.IGNORECASE | re.DOTALL,
)
_WHAT_VERB = re.compile(rf"\s+(?:{_AUXILIARY}|happens?|led|[a-z]+ed)\b", re.IGNORECASE)  # not "what teams"
_WHICH_ONE = re.compile(rf"\s+(?!(?:{_AUXILIARY}|{_PREP}|one|ones)\b)[a-z]", re.IGNORECASE)
_WANTS = {  # what "… else?" asks for, by the question words before that ask for it as well
    "who": ("who", "which"),
    "anyone": ("who", "which"),
    "anybody": ("who", "which"),
    "what": ("what", "which"),
    "anything": ("what", "which"),
    "where": ("where",),
    "when": ("when",),
}


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What a follow-up consists of, in lower case but for the text: "in", "the", "Philippines"."""

    prep: str
    article: str
    text: str

    @property
    def with_article(self) -> str:
        return f"{self.article} {self.text}".strip()

    def may_follow(self, prep: str) -> bool:
        """Whether the phrase may stand where one with another preposition stood."""
        return not self.prep or self.prep == prep.lower() or {self.prep, prep.lower()} <= set(_SITES)


def filled(question: str, earlier: str) -> str:
    """Put the phrase that a follow-up consists of in the place of its like.

    Args:
        question: What the user asks now.
        earlier: The last question that stands alone.

    Returns:
        The earlier question with the new phrase, such as "Where will COP32 be held?"; empty if the follow-up
        is more than a phrase, or if not exactly one part of the earlier question is like it.
    """
    if (
        not earlier.strip()
        or max(len(question), len(earlier)) > MAX_CHARS
        or re.search(r"[?!.]\s+[A-Z]", earlier)
    ):
        return ""
    found = _FOLLOW_UP.fullmatch(question)
    if not found or _NO_PHRASE.search(found["text"]) or len(found["text"].split()) > MAX_PHRASE_WORDS:
        return ""
    new = _Phrase((found["prep"] or "").lower(), (found["article"] or "").lower(), found["text"])
    text = next((text for rule in _RULES if (text := rule(new, earlier))), "")
    return text if text.casefold() != earlier.casefold() else ""


def is_for_others(question: str) -> bool:
    """Whether a question is nothing but "Who else?" or "Any others?"."""
    return len(question) <= MAX_CHARS and bool(_OTHERS.fullmatch(question))


def wants_others(question: str, earlier: str) -> bool:
    """Whether a follow-up asks for others than the answers to the question before named.

    Args:
        question: What the user asks now.
        earlier: The last question that stands alone.

    Returns:
        True for "Who else?", "Any others?" and the earlier question with "else", such as "Who else met?"; not
        for "Where else?" if no place was asked for, nor where "else" asks of something new.
    """
    if max(len(question), len(earlier)) > MAX_CHARS:
        return False
    asked = _ASKED.fullmatch(earlier)
    word = asked["word"].lower() if asked else ""
    if found := _OTHERS.fullmatch(question):
        return (found["word"] or "").lower() not in ("where", "when") or found["word"].lower() == word
    found = _ELSE.match(question)
    if not found or found["word"].lower() != word:
        return False
    return set(content_terms(question)) <= set(content_terms(earlier))


def with_else(question: str, earlier: str) -> str:
    """Ask the question before for others: "Who else met in Baku?".

    Args:
        question: What the user asks now, such as "Who else?".
        earlier: The last question that stands alone.

    Returns:
        The earlier question with "else" or "other"; empty if the follow-up says more, or if the earlier one
        does not ask for such a thing.
    """
    if max(len(question), len(earlier)) > MAX_CHARS or re.search(r"[?!.]\s+[A-Z]", earlier):
        return ""
    found, asked = _OTHERS.fullmatch(question), _ASKED.fullmatch(earlier)
    if not found or not asked:
        return ""
    word, rest = asked["word"].lower(), asked["rest"]
    if word not in _WANTS.get((found["word"] or "").lower(), (word,)):
        return ""
    fits = {"what": _WHAT_VERB, "which": _WHICH_ONE}.get(word)
    if not asked["others"] and fits and not fits.match(rest):
        return ""
    others = asked["others"] or ("other" if word == "which" else "else")
    return f"{word.capitalize()} {others}{rest}?"


def without_else(question: str) -> str:
    """A question that asks for others as the one that it comes from: "Who met in Baku?"."""
    asked = _ASKED.fullmatch(question) if len(question) <= MAX_CHARS else None
    return f"{asked['word']}{asked['rest']}?" if asked and asked["others"] else question


def _other_number(new: _Phrase, earlier: str) -> str:
    """COP32 for COP31, Artemis III for Artemis II."""
    if not (asked := _NUMBERED.fullmatch(new.text)):
        return ""
    stem = re.compile(rf"\b({re.escape(asked['stem'])})(?:[ -]?\d{{1,3}}|\s[IVX]+)\b", re.IGNORECASE)
    if len({found.group().casefold() for found in stem.finditer(earlier)}) != 1:
        return ""
    return stem.sub(lambda found: found[1] + asked["number"].upper(), earlier)


def _other_name(new: _Phrase, earlier: str) -> str:
    """A name for the one name, or "in Dasu" for the one "at Besham"; the same with years, months and days."""
    asked = _PART.fullmatch(new.text)
    if not asked or _NO_NAME.fullmatch(new.text):
        return ""
    kind = _kind(asked)
    likes = [part for part in _parts(earlier) if _kind(part) == kind and new.may_follow(part["prep"] or "")]
    if len(likes) != 1 or (new.prep and not likes[0]["prep"]):
        return ""
    return _in_place_of(likes[0], new, earlier) if _is_alike(likes[0][kind], new.text, kind) else ""


def _in_place_of(part: re.Match[str], new: _Phrase, earlier: str) -> str:
    rest = earlier[part.end() :]
    is_modifier = part["the"] and re.match(rf"\s+(?!(?:{_PREP})\b)[a-z]", rest)  # "the Besham attack"
    words = f"the {new.text}" if is_modifier else new.with_article
    if not new.prep:
        return earlier[: part.start("bare")] + words + rest
    prep = new.prep.capitalize() if part["prep"][0].isupper() else new.prep
    return f"{earlier[: part.start()]}{prep} {words}{rest}"


def _is_alike(old: str, new: str, kind: str) -> bool:
    """Whether both names are of the same make: both with a number or none, both of a people or none."""
    if kind != "name":
        return True
    return all(bool(make.search(old)) is bool(make.search(new)) for make in (_WITH_A_NUMBER, _OF_A_PEOPLE))


def _parts(earlier: str) -> Iterator[re.Match[str]]:
    """Names and times of a question; its first word has a capital anyway."""
    first = earlier.split(maxsplit=1)[0]
    begins = 0 if re.fullmatch(_PREP, first, re.IGNORECASE) else earlier.index(first) + len(first)
    for part in _PART.finditer(earlier, begins):
        if not _NO_NAME.fullmatch(part[_kind(part)]):
            yield part


def _kind(part: re.Match[str]) -> str:
    return next(kind for kind in _KINDS if part[kind])


def _other_office(new: _Phrase, earlier: str) -> str:
    """The president for the prime minister, of the same country unless another one is named."""
    asked = _OFFICE.fullmatch(new.text)
    offices = list(_OFFICE.finditer(earlier))
    if not asked or new.prep or len(offices) != 1:
        return ""
    (office,) = offices
    if not asked["whose"] and not asked["of"]:
        return earlier[: office.start("title")] + asked["title"] + earlier[office.end("title") :]
    before = earlier[: office.start()]
    if re.search(r"['’]s\s+$", before):
        return ""
    article = "" if re.search(r"\b(?:the|an?)\s+$", before) else new.article
    return f"{before}{article} {new.text}".replace("  ", " ") + earlier[office.end() :]


def _other_of_a_noun(new: _Phrase, earlier: str) -> str:
    """The historical systems for the current system."""
    *others, noun = new.text.split()
    if not others or not noun.islower() or len(noun) < len("abc"):
        return ""
    one = re.escape(noun.removesuffix("s"))
    like = re.compile(
        rf"(?:\b(?P<prep>{_PREP})\s+)?\b(?P<article>the|an?)\s+(?:(?!(?:{_PREP})\b)[\w'’-]+\s+){{0,3}}?{one}s?\b",
        re.IGNORECASE,
    )
    likes = [found for found in like.finditer(earlier) if new.may_follow(found["prep"] or "")]
    if len(likes) != 1:
        return ""
    (found,) = likes
    start = found.start("prep") if new.prep else found.start("article")
    words = (earlier[:start].rstrip(), new.prep, new.article or found["article"], new.text)
    return " ".join(word for word in words if word) + earlier[found.end() :]


def _other_noun(new: _Phrase, earlier: str) -> str:
    """The area for the population in "What is the population of …?", women for men in "How many men …?"."""
    if new.prep or not _NOUN.fullmatch(new.text) or _NO_NOUN.search(new.text):
        return ""
    found = (_WHO_IS if new.article == "the" else _HOW_MANY).match(earlier)
    if not found or new.article in ("a", "an") or _NO_NOUN.search(found["noun"]):
        return ""
    is_many = [bool(_MANY.fullmatch(text)) for text in (new.text, found["noun"])]
    if is_many[0] != is_many[1] or (not new.article and not all(is_many)):
        return ""
    return earlier[: found.start("noun")] + new.text + earlier[found.end("noun") :]


_RULES = (_other_number, _other_name, _other_office, _other_of_a_noun, _other_noun)
