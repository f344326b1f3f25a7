"""A follow-up question made standalone with what the conversation was about, without a chat model.

A question that changes a part of the last one that stands alone ("And COP32?") is that one with the new part,
and "Who else?" is that one with "else"; what was quoted to it so far is no answer any more.
Another that leans on the conversation ("And where was it held?") takes the user's last question that stands
alone with it. One that stands alone is read as it is, and is searched for with that one as well, if it
shares a word with the conversation. What stands beside the answers to that one is looked for in both cases; a
new topic carries nothing over. It knows words only; whether the result
retrieves better is measured by benchmarks/dialogue.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.keywords import as_question
from assistant.answering.questions import content_terms
from assistant.elliptical import filled, is_for_others, wants_others, with_else, without_else
from assistant.types import Turn

_PERSON = re.compile(r"\b(he|she|they|him|her|his|hers|their|theirs|them)\b", re.IGNORECASE)
_POINTER = re.compile(  # "there is", "that" and "it" point back only where the question names nothing itself
    r"\b(it|its|there|that|this|those|these|then|else|same|both|ones?|former|latter)\b", re.IGNORECASE
)
_OPENING = re.compile(
    r"\s*(and|but|so|what about|how about|why|how so|who else|where else|when else)\b", re.IGNORECASE
)
_AUXILIARY = (
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|might|must)(?:n['’]t)?\b"
)
_IN_FULL = re.compile(  # a question with a verb, whatever word leads to it: "So who won …?", "Why did …?"
    r"\s*(?:(?:and|but|so)\b,?\s+)?(?:"
    rf"why\s+{_AUXILIARY}|who\s+(?!(?:else|in|at|on|of|for|from|with|by|and|or)\b)[a-z]"
    rf"|(?:who|whom|whose|what|when|where|which|how)\b(?!\s+(?:about|else|so)\b)(?=.*{_AUXILIARY})"
    r")(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NAME = re.compile(r"\b[A-Z][\w'’-]*(?:\s+(?:(?:of|the|de|al|bin)\s+)?[A-Z][\w'’-]*)*")
_WELL = r"(?:ok(?:ay)?|all ?right|great|good|perfect|fine|nice|got it)"
_MUCH = r"(?: (?:very much|so much|a lot|again|for (?:that|this|your help)))*"
_THANKS = rf"(?:{_WELL}[ ,.!]*)?(?:(?:many )?thanks|thank you|thx|cheers){_MUCH}"
_COURTESY = re.compile(rf"(?:{_THANKS}|ok(?:ay)?|all ?right|got it)[ .!]*", re.IGNORECASE)
_MARKER = re.compile(r"\[\d+\]")
MAX_COURTESY_CHARS = 60
MAX_WORDS_ALONE = 3  # a question this short hardly says what it is about
MAX_TURNS = 12  # of a conversation that are looked at, the last ones
MAX_EARLIER_CHARS = 2000  # of a turn before; longer questions were not answered
MAX_NAMES = 4  # carried over from the last answer
LEANING_SHARE = 0.5  # of a search by the question alone, if it leans on the one before; see docs/log.md
GOING_ON_SHARE = 0.3  # of a search with the question before, if this one stands alone


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as the conversation explains it.

    Args:
        standalone: What is searched for, read and shown.
        also: A second text to search for; empty if the question is a topic of its own.
        also_share: How much it counts, in [0, 1].
        earlier: The question before that stands alone, if this one goes on with it.
        quoted: The answers to that one so far, if others are asked for; empty otherwise.
        note: What the reader should know of how it was understood; often empty.
    """

    standalone: str
    also: str = ""
    also_share: float = LEANING_SHARE
    earlier: str = ""
    quoted: tuple[str, ...] = ()
    note: str = ""

    @property
    def read(self) -> str:
        """What sentences are to answer: of "Who else met?", as "Who met?"."""
        return without_else(self.earlier) if self.quoted else self.standalone

    @property
    def dated(self) -> tuple[str, ...]:
        """Where the period asked about is looked for; the first text that names one counts."""
        is_leaning = self.earlier and self.also and self.standalone.startswith(self.also.strip())
        return (self.also, self.earlier) if is_leaning else (self.standalone,)


def understand(question: str, history: Sequence[Turn]) -> Understood:
    """Fold a conversation into a question, without a chat model.

    Args:
        question: What the user asks now.
        history: The turns before, oldest first; the last `MAX_TURNS` count.

    Returns:
        The question as it is to be searched for and read.
    """
    recent = history[-MAX_TURNS:]
    earlier = _asked(recent)
    if not earlier or not question.strip() or is_courtesy(question):
        return Understood(question)
    about = _about(earlier)
    if changed := filled(question, about):
        return Understood(changed)
    quoted = _answers_to(about, recent) if wants_others(question, about) else ()
    if alone := with_else(question, as_question(about)):
        return Understood(alone, earlier=about, quoted=quoted)
    if leans(question):
        return Understood(standalone_question(question, recent), question, LEANING_SHARE, about, quoted)
    if is_new_topic(question, recent):
        return Understood(question)
    return Understood(question, f"{about} {question.strip()}", GOING_ON_SHARE, about, quoted)


def standalone_question(question: str, history: Sequence[Turn]) -> str:
    """Fold a conversation into a question, if the question leans on it.

    Args:
        question: What the user asks now.
        history: The turns before, oldest first.

    Returns:
        The question itself; the last one before it that stands alone, with the part that the question
        changes or with "else"; or the question followed by that one.
    """
    earlier = _asked(history)
    if not earlier or not question.strip() or is_courtesy(question):
        return question
    about = _about(earlier)
    if changed := filled(question, about) or with_else(question, as_question(about)):
        return changed
    if not leans(question):
        return question
    is_about_somebody = _PERSON.search(question) and not _NAME.search(about[1:])
    names = _names_of_last_answer(history) if is_about_somebody else []
    return " ".join([question.strip(), about, *names])


def is_courtesy(text: str) -> bool:
    """Whether a message asks nothing: "thanks", "ok"."""
    return len(text) <= MAX_COURTESY_CHARS and bool(_COURTESY.fullmatch(" ".join(text.split())))


def is_explained(question: str, history: Sequence[Turn]) -> bool:
    """Whether a question asks something and comes after another, so that the conversation may explain it."""
    return bool(_said(history[-MAX_TURNS:], "user") and question.strip()) and not is_courtesy(question)


def leans(question: str) -> bool:
    """Whether a question points at something said before."""
    if _OPENING.match(question) and not _is_in_full(question):
        return True
    if _PERSON.search(question):
        return True
    if _NAME.search(question.strip()[1:]):
        return False
    return bool(_POINTER.search(question)) or len(question.split()) <= MAX_WORDS_ALONE


def _is_in_full(question: str) -> bool:
    """Whether a question that begins with "why" or "and" has a verb and a name, and points at nothing."""
    if len(question.split()) <= MAX_WORDS_ALONE or _POINTER.search(question):
        return False
    found = _IN_FULL.match(question)
    return bool(found and any(name != "I" for name in _NAME.findall(found["rest"])))


def is_new_topic(question: str, history: Sequence[Turn]) -> bool:
    """Whether a question neither leans on the conversation nor shares a word with it."""
    if leans(question):
        return False
    said = {term for turn in history for term in content_terms(turn.text[:MAX_EARLIER_CHARS])}
    return said.isdisjoint(content_terms(question))


def _said(history: Sequence[Turn], role: str) -> list[str]:
    return [text for turn in history if turn.role == role and (text := turn.text.strip()[:MAX_EARLIER_CHARS])]


def _asked(history: Sequence[Turn]) -> list[str]:
    """The user's questions but for those that name nothing and so are never what another is about."""
    return [text for text in _said(history, "user") if not is_courtesy(text) and not is_for_others(text)]


def _answers_to(about: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """The cited answers to a question and to those that asked it for others."""
    answers: list[str] = []
    for number, turn in enumerate(history):
        earlier = _asked(history[:number]) if turn.role == "assistant" and _MARKER.search(turn.text) else []
        if earlier and _is_same(_about(earlier), about):
            answers.append(turn.text)
    return tuple(answers)


def _is_same(question: str, other: str) -> bool:
    first, second = (without_else(text).rstrip(" ?.!").casefold() for text in (question, other))
    return first == second


def _about(earlier: Sequence[str]) -> str:
    """The last question that stands alone, with what was changed of it since; the last one if none does."""
    about = ""
    for text in earlier:
        if changed := filled(text, about):
            about = changed
        elif not leans(text):
            about = text
    return about or earlier[-1]


def _names_of_last_answer(history: Sequence[Turn]) -> list[str]:
    answers = [turn.text for turn in history if turn.role == "assistant"]
    return list(dict.fromkeys(_NAME.findall(answers[-1])))[:MAX_NAMES] if answers else []
