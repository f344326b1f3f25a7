"""Names in English text by their surface: capitalised words that stand together.

It knows capitals and titles, no persons; a place or a company is a name, too.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*")
_JOINED = re.compile(
    rf"({_NAME.pattern}),?\s+and\s+(?:[\w'’-]+,?\s+){{0,7}}$"
)  # "Ding Xuexiang, and the minister, "
_TITLES = frozenset(
    """
    mr mrs ms dr sir president minister prime deputy premier general senator ambassador king queen chief vice
    the according in on at january february march april may june july august september october november
    december monday tuesday wednesday thursday friday saturday sunday
    """.split()
)


def alone(sentence: str) -> list[str]:
    """The names of a single word, titles aside, in order: "Ding" of "Deputy Prime Minister Ding met"."""
    cleaned = (
        [word for word in found.split() if word.lower() not in _TITLES] for found in _NAME.findall(sentence)
    )
    return [words[0] for words in cleaned if len(words) == 1]


def in_full(name: str, sentence: str) -> bool:
    """Whether a sentence has a name of one word as part of a longer one: "Ding" in "Ding Xuexiang"."""
    cleaned = (
        [word for word in found.split() if word.lower() not in _TITLES] for found in _NAME.findall(sentence)
    )
    return any(len(words) > 1 and name in words for words in cleaned)


def start_of_joined(sentence: str, start: int) -> int:
    """Where the names joined to one by "and" begin: of "Sharif" in "Ding and Sharif", the place of "Ding".

    Args:
        sentence: Any.
        start: Where the name begins.

    Returns:
        Where the name before the "and" begins; `start` if there is none.
    """
    found = _JOINED.search(sentence[:start])
    return found.start(1) if found else start
