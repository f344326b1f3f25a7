"""Whose brother, chairman or captain somebody is: what a question asks for, and what a sentence says of it.

"Jay Shah, the chairman of the International Cricket Council" is no chairman of the PCB; "his brother Shehbaz
Sharif has met Zardari" makes Zardari nobody's brother. It knows how English joins a relation to the one
whose it is: "X of Y", "Y's X".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.answering import mismatch
from assistant.answering.families import KIN, families, members
from assistant.stores.lexical import terms

_KIN = r"brother|sister|father|mother|son|daughter|wife|husband|widow|widower|spouse|child"
_ROLE = (
    r"chair(?:man|woman|person)?|captain|coach|head|chief|leader|director|founder|owner|spokes(?:wo)?man|"
    r"(?:co-)?president|premier|minister|governor|mayor|ambassador|secretary|commissioner|commander|manager|chancellor|king|queen"
)
_NAME = r"[A-Z][\w’-]*(?:\s+(?:(?:of|the|al|bin|for)\s+)?[A-Z0-9][\w’-]*)*"
_IS = r"(?i:who)\s+(?i:is|was|are|were|became)\s+"
_ASKED = (
    re.compile(
        rf"{_IS}(?:the\s+)?(?P<of>{_NAME})['’]s?\s+(?:(?P<which>[a-z-]+)\s+)?(?P<what>{_KIN}|{_ROLE})\b"
    ),
    re.compile(
        rf"{_IS}(?:the\s+)?(?:(?P<which>[a-z-]+)\s+)?(?P<what>{_KIN}|{_ROLE})\s+of\s+(?:the\s+)?(?P<of>{_NAME})"
    ),
    re.compile(rf"{_IS}(?:the\s+)?(?P<of>{_NAME})\s+(?:(?P<which>[a-z-]+)\s+)?(?P<what>{_ROLE})\b"),
)
REACH = 4  # words between a relation and the name of who stands in it
_PLAIN = frozenset(
    "the a an current new former present late elder younger older only next first last".split()
)


@dataclass(frozen=True)
class Relation:
    """Who is the minister (`what`) of China (`of`), and which one (`which`: foreign)."""

    what: str
    of: mismatch.Name
    which: str = ""

    @property
    def kin(self) -> str:
        """The family of words of a kinship; empty for an office."""
        return next(iter(families(terms(self.what), KIN)), "")


def relation_of(question: str) -> Relation | None:
    """The relation that a question asks for; None if it asks for none."""
    found = next((match for form in _ASKED if (match := form.search(question))), None)
    names = mismatch.names_asked(f"x {found['of']}") if found else ()
    if not found or not names:
        return None
    which = (found["which"] or "").lower()
    return Relation(found["what"].lower(), names[0], "" if which in _PLAIN else which)


def is_joined(asked: Relation, text: str) -> bool:
    """Whether a sentence joins the relation to the one who is asked about: "Pakistan's captain"."""
    return any(_is(asked.of, owner) for owner in _owners(asked, text))


def is_objectionable(asked: Relation, text: str, around: str, words: str, place: int) -> bool:
    """Look whether a sentence tells of another relation than the one asked for.

    Args:
        asked: The relation.
        text: The sentence.
        around: The sentence before it, and the title.
        words: What the reader takes for the answer; empty if nothing.
        place: Where that begins in the sentence.

    Returns:
        Whether it does.
    """
    if asked.which in _TELL and not _is_such(asked.which, f"{text} {around}"):
        return True
    owners = _owners(asked, text)
    if any(_is(asked.of, owner) for owner in owners):
        return False
    if not asked.kin:
        return bool(owners)
    pointer = _OF_SOMEBODY.search(text)
    is_outside = pointer and not mismatch.names_asked(f"x {text[: pointer.start()]}")
    is_named = _is(asked.of, f"{text} {around}" if is_outside else text)
    return not (is_named and words and _stands_beside(asked, text, place, place + len(words)))


def _is_such(which: str, text: str) -> bool:
    there = set(terms(text))
    return set(terms(which)) <= there or (which == "prime" and bool({"premier", "pm"} & there))


_OF_SOMEBODY = re.compile(rf"\b(?:his|her|their)\s+(?:[a-z]+\s+){{0,2}}(?:{_KIN})")
_TELL = frozenset(
    "foreign interior finance defence defense climate environment energy chief prime vice deputy home".split()
)


def _owners(asked: Relation, text: str) -> list[str]:
    """Whose a sentence says that the relation is, as far as it says so by name."""
    what = _word_of(asked)
    of = re.findall(rf"\b(?:{what})s?\s+of\s+(?:the\s+)?((?:{_NAME}['’]s\s+)?{_NAME})", text)
    possessed = re.findall(rf"\b({_NAME})['’]s?\s+(?:[a-z-]+\s+){{0,3}}?(?:{what})\b", text)
    return [*of, *possessed]


def _word_of(asked: Relation) -> str:
    if not asked.kin:
        return re.escape(asked.what)
    return "|".join(sorted(word for word in _KIN.split("|") if set(terms(word)) & members(asked.kin)))


def _stands_beside(asked: Relation, text: str, start: int, end: int) -> bool:
    """Whether words stand beside the relation, no name between: "his own father, Asif Ali Zardari"."""
    for found in re.finditer(rf"\b(?:{_word_of(asked)})s?\b", text):
        between = text[found.end() : start] if found.end() <= start else text[end : found.start()]
        if len(between.split()) <= REACH and not re.search(r"[A-Z]", between):
            return True
    return False


def _is(name: mismatch.Name, text: str) -> bool:
    there = frozenset(terms(text))
    return any(mismatch.has(word, text, there) for word in name)
