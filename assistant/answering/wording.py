"""Whether a sentence says what a passage says in the passage's own words and order.

It knows words; how sure one is of a sentence in other words is for `grounding` to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from assistant.answering.premises import Claim, Premise, ends
from assistant.stores.lexical import terms

KEPT = 0.85  # least share of a sentence's words that stand in the passage; of content terms, all
MIN_TERMS = 3  # content terms of a sentence, or words of one that is a whole one of the passage
_OPENING = re.compile(
    r"(?:according to the (?:passage|article|text),?|the answer (?:to (?:the|this) question )?is:?"
    r"|the (?:passage|article|text) (?:says|states|mentions|reports)(?: that)?)\s+",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+|[%$€£]")
# Left out of a sentence, one of these changes what it says.
_CHANGING = frozenset(
    "not no never none nor without neither nobody nothing cannot deny denied denies denying reject rejected "
    "rejects false falsely untrue hoax rumour rumours rumor rumors if unless whether would could may might "
    "should alleged allegedly reportedly accused claim claims claimed fail failed fails refuse refused "
    "refuses before until almost nearly less fewer under over more than except only".split()
)


def stands_in(claim: Claim, premise: Premise) -> bool:
    """Whether a sentence, or two neighbouring ones, of a passage have a claim's words in its order.

    Args:
        claim: A whole sentence; an opening such as "According to the article" is left aside.
        premise: The passage.

    Returns:
        Whether all content terms of the claim, and `KEPT` of its words, stand there in its order, and none of
        the words that change a meaning was left out. Its part before the first comma may stand last.
    """
    said = _OPENING.sub("", claim.text, count=1) if _OPENING.match(claim.text) else claim.text
    if not ends(said):
        return False
    ordered = _words(said)
    if len(ordered) >= MIN_TERMS and any(_words(place) == ordered for place in _places(premise)):
        return True
    opening, comma, rest = said.partition(", ")
    orders = (
        [said, f"{rest} {opening}"] if comma else [said]
    )  # "In Baku, Ann met Bob." is "Ann met Bob in Baku."
    return len(claim.terms) >= MIN_TERMS and any(
        _has(place, order, claim.terms) for place in _places(premise) for order in orders
    )


def _places(premise: Premise) -> list[str]:
    """Each sentence of a passage, then each two neighbouring ones."""
    text, spans = premise.hit.passage.text, premise.spans
    return [
        *(text[start:end] for start, end in spans),
        *(text[start:end] for (start, _), (_, end) in pairwise(spans)),
    ]


def _has(place: str, said: str, content: frozenset[str]) -> bool:
    words, there = _words(said), _words(place)
    terms_there = iter(terms(place))
    return (
        all(term in terms_there for term in terms(said) if term in content)  # each after the one before
        and _common(words, there) >= KEPT * len(words)
        and not (_CHANGING & set(there)) - set(words)
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'").replace("'s", ""))


def _common(some: Sequence[str], others: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    before = [0] * (len(others) + 1)
    for word in some:
        row = [0]
        for n, other in enumerate(others):
            row.append(before[n] + 1 if word == other else max(row[n], before[n + 1]))
        before = row
    return before[-1]
