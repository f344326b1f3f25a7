"""What speaks against a sentence although its words agree with the question.

It counts the injured where the dead are asked for; it names another one's chairman; it tells that something
happened where the reason is asked for. Each rule knows English and news, none knows a corpus. What the
objections weigh is told in docs/log.md, 2026-11-28.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from assistant.answering import mismatch
from assistant.answering.families import BEGUN, ENDED, HELD, HURT, KILLED, WON, families
from assistant.answering.questions import Kind, content_terms, kind_of, names_reason
from assistant.answering.relations import Relation, is_joined, is_objectionable, relation_of
from assistant.stores.lexical import terms

CERTAIN = 2.0  # logit of the reader from which a reason needs no sign
_NAME = r"[A-Z][\w’'-]*(?:\s+(?:(?:of|the|and|al|bin|for)\s+)?[A-Z0-9][\w’'-]*)*"
_DOER = re.compile(
    rf"\b(?i:did|does|do|has|have|had|is|are|was|were|will|would)\s+(?:the\s+)?(?P<name>{_NAME})(?!['’])\b"
)
_IS_IT_SO = re.compile(
    r"\s*(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could)\b", re.IGNORECASE
)
_POINTS_BACK = re.compile(
    r"\b(?:he|she|it|they|him|her|his|its|their|them|the (?:pair|two|former|latter|team|party|company|"
    r"country|hosts?|visitors))\b",
    re.IGNORECASE,
)
_OPENS_WITH_NAME = re.compile(r"\W*([A-Z][\w’'-]+)")
_FATES = (KILLED, HURT, HELD)
_ENDS = (BEGUN, ENDED)
_WHO_DID = re.compile(r"\s*(?i:who|which\s+[\w-]+|what\s+[\w-]+)\s+(?P<verb>[a-z]+)\b")
_NO_DOER = re.compile(
    r"\b(?:was|were|been|being|is|are)\s+(?:\w+ly\s+)?(?:killed|assassinated|murdered|slain)\b"
    r"(?!.{0,60}\b(?:by|when|after|as)\b)"
)
_ACTIVE = re.compile(
    r"(?<!was )(?<!were )(?<!been )(?<!being )(?<!is )(?<!are )\b(?:kill\w*|assassinat\w+|murder\w*)"
)
_TOTAL_ASKED = re.compile(r"\b(?:in total|in all|altogether|overall|all together|combined)\b", re.IGNORECASE)
_TOTAL_TOLD = re.compile(
    r"\b(?:in all|total\w*|altogether|overall|combined|together|within \w+ (?:years|months|weeks)|so far|"
    r"over the (?:past|last|years)|(?:have|has) (?:cost|killed|claimed|left|taken)|since \d{4})\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\bhow many (?:of (?:the |them )?)?([a-z]+s)\b", re.IGNORECASE)
_PERSONS = frozenset(
    "others persons citizens nationals civilians men women children deaths victims lives times".split()
)
_THINGS = re.compile(r"[\s-]+([a-z]{3,}s)\b")
_SELECTED = re.compile(
    r"\bthe (winning|opening|closing|deciding|first|second|third|fourth|fifth|last|final|next|previous|"
    r"[a-z]{3,}est)\s+(?!of\b|in\b|at\b|was\b|between\b)(?=[a-z])"
)
_DID = re.compile(r"\s*when did\b", re.IGNORECASE)
_UNDONE = re.compile(
    r"\b(?:scrubbed|halted|stopped|postponed|cancell?ed|put off|called off|delayed|planned|scheduled|set for|"
    r"expected|no earlier than|is to|are to|was to|were to|will|would|due to)\b"
)


@dataclass(frozen=True)
class Said:
    """A sentence with what stands around it.

    Attributes:
        text: The sentence.
        before: The sentence before it in its passage; often empty.
        title: Of its article.
        words: The part of the sentence that the reader takes for the answer; empty if none.
        place: Where these words begin in the sentence.
        certainty: Of the reader that they are the answer: a logit.
        article: The text of its article.
    """

    text: str
    before: str
    title: str
    words: str = ""
    place: int = 0
    certainty: float = 0.0
    article: str = ""

    @cached_property
    def own(self) -> frozenset[str]:
        """Its terms."""
        return frozenset(terms(self.text))

    @cached_property
    def near(self) -> frozenset[str]:
        """Its terms, and those of the sentence before it."""
        return self.own | frozenset(terms(self.before))

    @cached_property
    def around(self) -> frozenset[str]:
        """Its terms, and those of the sentence before it and of the title."""
        return self.near | frozenset(terms(self.title))


@dataclass(frozen=True)
class Question:
    """A question, taken apart once."""

    text: str

    @cached_property
    def kind(self) -> Kind:
        """The kind of thing that is asked for."""
        return kind_of(self.text)

    @cached_property
    def terms(self) -> frozenset[str]:
        """Its content terms."""
        return frozenset(content_terms(self.text))

    @cached_property
    def doer(self) -> mismatch.Name:
        """Who is said to do or be something; empty if nobody is named so."""
        found = _DOER.search(self.text)
        names = mismatch.names_asked(f"x {found['name']}") if found else ()
        return names[0] if names else ()

    @cached_property
    def asks_if(self) -> bool:
        """Whether it is to be answered with yes or no."""
        return bool(_IS_IT_SO.match(self.text))

    @cached_property
    def fate(self) -> str:
        """What befell those who are to be counted; empty if that is not asked, or not one thing."""
        found = families(self.terms, _FATES) if self.kind is Kind.HOW_MANY else frozenset()
        return next(iter(found)) if len(found) == 1 else ""

    @cached_property
    def deed(self) -> str:
        """The family of the verb, if it is asked who won or who killed."""
        found = _WHO_DID.match(self.text)
        return next(iter(families(terms(found["verb"]), (WON, KILLED))), "") if found else ""

    @cached_property
    def relation(self) -> Relation | None:
        """Whose brother or chairman is asked for."""
        return relation_of(self.text)

    @cached_property
    def counted(self) -> str:
        """The term of the things that are to be counted; empty for people, whom articles call many names."""
        found = _COUNTED.search(self.text)
        return terms(found[1])[0] if found and found[1].lower() not in _PERSONS and terms(found[1]) else ""

    def is_joined(self, said: Said) -> bool:
        """Whether a sentence joins the relation that is asked for to the one whose it is."""
        return self.relation is not None and is_joined(self.relation, said.text)

    def is_beside(self, said: Said) -> bool:
        """Whether a sentence tells of another one than "the winning" or "the first", or what was not done."""
        chosen = {term for word in _SELECTED.findall(self.text) for term in terms(word)}
        is_plan = _DID.match(self.text) and _UNDONE.search(said.text) and not _UNDONE.search(self.text)
        return bool(chosen - said.near) or bool(is_plan)

    def is_against(self, said: Said) -> bool:
        """Whether something speaks against a sentence as the answer."""
        return any(rule(self, said) for rule in _RULES)


def _counts_another_fate(asked: Question, said: Said) -> bool:
    """The injured are not the dead."""
    told = families(said.own, _FATES)
    return bool(asked.fate and told) and asked.fate not in told


def _is_no_total(asked: Question, said: Said) -> bool:
    """What one attack cost is not what all of them cost."""
    if asked.kind is not Kind.HOW_MANY or not _TOTAL_ASKED.search(asked.text):
        return False
    return not _TOTAL_TOLD.search(said.text)


def _is_of_another_doer(asked: Question, said: Said) -> bool:
    """What another one scored; whether another one is free."""
    if (
        not asked.doer
        or not (asked.kind is Kind.HOW_MANY or asked.asks_if)
        or _has(asked.doer, said.text, said.own)
    ):
        return False
    if _POINTS_BACK.search(said.text):
        return False
    if not _has(asked.doer, f"{said.before} {said.title}", said.around):
        return True
    opening = _OPENS_WITH_NAME.match(said.text)
    return bool(opening and re.search(rf"[\w,] {re.escape(opening[1])}\b", said.article))


def _tells_no_state(asked: Question, said: Said) -> bool:
    """Whether somebody is captain is not told by a sentence that only names him."""
    if not asked.asks_if or not asked.doer:
        return False
    wanted = asked.terms - {term for word in asked.doer for term in word.terms}
    there = said.near if _POINTS_BACK.search(said.text) else said.own
    return bool(wanted) and not wanted & there and not families(wanted) & families(there)


def _tells_no_deed(asked: Question, said: Said) -> bool:
    """Who was host did not win; who was killed is no killer."""
    if asked.deed == KILLED and _NO_DOER.search(said.text) and not _ACTIVE.search(said.text):
        return True
    return bool(asked.deed) and asked.deed not in families(said.near)


def _is_of_another_relation(asked: Question, said: Said) -> bool:
    return asked.relation is not None and is_objectionable(
        asked.relation, said.text, f"{said.before} {said.title}", said.words, said.place
    )


def _gives_no_reason(asked: Question, said: Said) -> bool:
    """That something happened is not why: no sign of a reason, unless the reader is sure of one."""
    if asked.kind is not Kind.WHY or (reason := names_reason(said.text, asked.text)):
        return False
    return reason is False or said.certainty < CERTAIN or bool(set(content_terms(said.words)) & asked.terms)


def _counts_another_thing(asked: Question, said: Said) -> bool:
    """Eighty-three balls are no wickets."""
    if not asked.counted or asked.counted in said.near or not said.words:
        return False
    after = _THINGS.match(said.text[said.place + len(said.words) :]) or _THINGS.search(f" {said.words}")
    return after is not None and asked.counted not in terms(after[1])


def _tells_other_end(asked: Question, said: Said) -> bool:
    """When it ended is not when it began."""
    wanted = families(asked.terms, _ENDS) if asked.kind is Kind.WHEN else frozenset()
    told = families(said.own, _ENDS)
    return len(wanted) == 1 and bool(told) and not wanted & told


def _has(name: mismatch.Name, text: str, there: frozenset[str]) -> bool:
    return any(mismatch.has(word, text, there) for word in name)


Rule = Callable[[Question, Said], bool]
_RULES: tuple[Rule, ...] = (
    _counts_another_fate,
    _counts_another_thing,
    _is_no_total,
    _is_of_another_doer,
    _tells_no_state,
    _tells_no_deed,
    _is_of_another_relation,
    _gives_no_reason,
    _tells_other_end,
)
