"""A follow-up question made standalone with what the conversation was about, without a chat model.

A question that leans on the conversation ("And where was it held?") takes the names and words of the user's
last question with it. It knows words only; whether the result retrieves better is measured in benchmarks/.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.types import Turn

_PERSON = re.compile(r"\b(he|she|they|him|her|his|hers|their|theirs|them)\b", re.IGNORECASE)
_POINTER = re.compile(  # "there is", "that" and "it" point back only where the question names nothing itself
    r"\b(it|its|there|that|this|those|these|then|else|same|both|ones?|former|latter)\b", re.IGNORECASE
)
_OPENING = re.compile(
    r"\s*(and|but|so|what about|how about|why|how so|who else|where else|when else)\b", re.IGNORECASE
)
_NAME = re.compile(r"\b[A-Z][\w'’-]*(?:\s+(?:(?:of|the|de|al|bin)\s+)?[A-Z][\w'’-]*)*")
MAX_WORDS_ALONE = 3  # a question this short hardly says what it is about
MAX_EARLIER_CHARS = 2000  # of a question before; longer ones were not answered
MAX_NAMES = 4  # carried over from the last answer


def standalone_question(question: str, history: Sequence[Turn]) -> str:
    """Fold a conversation into a question, if the question leans on it.

    Args:
        question: What the user asks now.
        history: The turns before, oldest first.

    Returns:
        The question itself, or the question followed by the last one before it that stands alone.
    """
    earlier = [
        text for turn in history if turn.role == "user" and (text := turn.text.strip()[:MAX_EARLIER_CHARS])
    ]
    if not earlier or not question.strip() or not leans(question):
        return question
    about = next((text for text in reversed(earlier) if not leans(text)), earlier[-1])
    names = [] if _NAME.search(about[1:]) else _names_of_last_answer(history)
    return " ".join([question.strip(), about, *names])


def leans(question: str) -> bool:
    """Whether a question points at something said before."""
    if _OPENING.match(question):
        return True
    if _PERSON.search(question):
        return True
    if _NAME.search(question.strip()[1:]):
        return False
    return bool(_POINTER.search(question)) or len(question.split()) <= MAX_WORDS_ALONE


def _names_of_last_answer(history: Sequence[Turn]) -> list[str]:
    answers = [turn.text for turn in history if turn.role == "assistant"]
    return list(dict.fromkeys(_NAME.findall(answers[-1])))[:MAX_NAMES] if answers else []
