"""A topic: the words that say what a text is to be about, by how rare they are, and its names.

It knows words and how far a text has them; it does not know sentences, hits or what is chosen of them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise

from assistant.answering import abstention, families, mismatch
from assistant.answering.candidates import DocumentFrequency, are_near, word_places
from assistant.answering.questions import content_terms, content_words, name_terms
from assistant.stores.lexical import terms

NAMES = 2.0  # times as much a name counts as another word
_SERIES = re.compile(r"\b([A-Z]{2,})-?\d+\b")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its words by how rare they are, and its names."""

    text: str
    weights: dict[str, float]
    named: dict[str, float]  # the same, its names twice: they say what it is about, other words what of it
    pairs: frozenset[tuple[str, str]]
    names: tuple[mismatch.Name, ...]

    @classmethod
    def of(cls, text: str, frequency: DocumentFrequency) -> Topic:
        """The topic that a text names; without words if it has only vague ones ("everything")."""
        words = " ".join(w for w in text.split() if not abstention.is_vague(w.strip(",.;:?!\"'“”")))
        weights = {}
        for term in content_terms(words):
            df, total = frequency(term)
            weights[term] = math.log(1 + (total - df + 0.5) / (df + 0.5))
        pairs = frozenset(pairwise(content_words(words)))
        names = set(name_terms(f"about {words}"))
        named = {term: weight * (NAMES if term in names else 1) for term, weight in weights.items()}
        return cls(text, weights, named, pairs, mismatch.names_asked(f"about {words}"))

    def coverage(self, text: str) -> float:
        """Share of the topic's words that a text has, by how rare they are, in [0, 1]."""
        return _share(self.weights, self._there(text))

    def relevance(self, text: str) -> float:
        """The same, names counted twice."""
        return _share(self.named, self._there(text))

    def _there(self, text: str) -> set[str]:
        there = topic_terms(text)
        alike = families.told(self.weights, there, families.IN_TOPICS)
        return there | alike | mismatch.spelled(self.names, text)

    def pairs_near(self, text: str) -> float:
        """Share of its neighbouring words that stand near each other in a text; 1 if there are none."""
        where = word_places(text)
        near = [are_near(where, one, other) for one, other in self.pairs]
        return sum(near) / len(near) if near else 1.0

    def unnamed(self, text: str) -> float:
        """Share of its names that a text has not, in [0, 1]."""
        return mismatch.share_missing(self.names, text, topic_terms(text))


def topic_terms(text: str) -> set[str]:
    """The terms of a text; one of a series is of its series, too: COP30 a COP."""
    return set(terms(f"{text} {' '.join(_SERIES.findall(text))}"))


def _share(weights: dict[str, float], there: set[str]) -> float:
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in there) / total if total else 0.0
