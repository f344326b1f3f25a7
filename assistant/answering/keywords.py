"""A few words without a verb made a question: "Champions Trophy winner" asks who won the Champions Trophy.

The reader was trained on questions. What the last noun, or the one before "of", asks for decides how. It
knows English nouns that name what is wanted; any other words are left as they are.
"""

from __future__ import annotations

import re

from assistant.answering.questions import is_question

MAX_WORDS = 9  # more words are rather a sentence
_FORMS = {
    "winners?|champions?|victor|result|outcome": "Who won {}?",
    "losers?|runners?-up": "Who lost {}?",
    "date|day": "When was {}?",
    "venues?|location|place|site": "Where was {}?",
    "causes?|reasons?": "What caused {}?",
    "costs?|price": "How much did {} cost?",
    "amount|sum": "How much was {}?",
    "death toll|toll|deaths": "How many people died in {}?",
    "injured|injuries": "How many people were injured in {}?",
    "length": "How long is {}?",
    "height": "How high is {}?",
    "turnout": "How many people voted in {}?",
    "votes": "How many votes did {} get?",
    "seats": "How many seats did {} win?",
}
_WHO = (
    "captain|chair(?:man|woman|person)?|head|chief|leader|director|president|(?:prime |foreign )?minister|"
    "mastermind|bomber|author|founder|owner|crew|commander|spokes(?:wo)?man|ambassador|mayor|governor|coach|"
    "host|player of the (?:match|tournament)"
)
_HEAD = "|".join([*_FORMS, _WHO])
_OF = re.compile(rf"(?:the\s+)?(?P<head>{_HEAD})\s+(?:of|for|in|at)\s+(?P<thing>\S.*)", re.IGNORECASE)
_LAST = re.compile(rf"(?P<thing>\S.*?)(?:['’]s?)?\s+(?P<head>{_HEAD})", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|do|does|did|has|have|had|can|could|will|would|who|what|when|where|which|why|how|"
    r"list|name|names|compare|timeline|tell|describe|explain|summari[sz]e|summary|and|or|but)\b|[?.!:]",
    re.IGNORECASE,
)


def as_question(text: str) -> str:
    """The question that a few words ask.

    Args:
        text: What was typed.

    Returns:
        A question; the text itself if it is one, has a verb of a question, or is too long.
    """
    words = " ".join(text.split())
    if is_question(words) or _VERB.search(words) or len(words.split()) > MAX_WORDS:
        return text
    found = _OF.fullmatch(words) or _LAST.fullmatch(words)
    if not found:
        return text
    thing = _with_article(found["thing"])
    if re.fullmatch(_WHO, found["head"], re.IGNORECASE):
        return f"Who is the {found['head']} of {thing}?"
    form = next(form for heads, form in _FORMS.items() if re.fullmatch(heads, found["head"], re.IGNORECASE))
    return form.format(thing)


def _with_article(thing: str) -> str:
    """A thing with "the", unless it has an article or is one name: "the COP30 fire", "Starliner"."""
    words = thing.split()
    is_name = all(word[0].isupper() for word in words) and words[-1].lower() not in _EVENTS
    if words[0].lower() in ("the", "a", "an") or (is_name and len(words) < 2) or words[0].isdigit():
        return thing
    return f"the {thing}" if not is_name or words[-1] in _NAMED else thing


_EVENTS = frozenset("fire final election war summit attack match bombing".split())
_NAMED = frozenset(
    """Trophy Cup Prize Fund League Games Olympics Election Board Council Agreement Bank Dam War Open
    Final""".split()
)
