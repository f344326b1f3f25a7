"""Whether a number, date or name stands in a passage where the sentence says it does.

A sentence with two numbers of its passage exchanged has all its words there. So the words around each fact of
the sentence are looked for around the same fact in the passage, and around its rivals, the others of its
kind: if a rival has more of them, the fact was probably put in its place. It knows words and distances, no
grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.answering.facts import Fact, facts
from assistant.stores.lexical import terms

NEAR_TERMS = 15  # of a passage on each side of a fact that are looked at
FADING_TERMS = 8.0  # distance in a passage at which a term counts half
FADING_CHARS = 20.0  # the same in the sentence
_JOINTS = frozenset([" ", ", ", " of ", " the ", " of the ", "-"])
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Unit:
    """Facts of one kind that stand together, such as "13 November" or "Ding Xuexiang".

    Attributes:
        kind: "number", "date" or "name".
        start: Offset in the text.
        end: Offset in the text, excluded.
        values: Of its facts.
    """

    kind: str
    start: int
    end: int
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a unit of a sentence stands in a text.

    Attributes:
        kind: Of the unit.
        context: Share of the words around it that are around it in the text, too, in [0, 1].
        rival: The same around the best other of its kind.
    """

    kind: str
    context: float
    rival: float


class Text:
    """A text with its words and units, taken apart once."""

    def __init__(self, text: str) -> None:
        self.text = text
        matches = list(_WORD.finditer(text))
        self.places = [match.start() for match in matches]
        self.terms = [(terms(match.group()) or [""])[0] for match in matches]
        self.units = units(text, facts(text))


def units(text: str, found: Iterable[Fact]) -> list[Unit]:
    """Join the facts of a text that belong together."""
    joined: list[Unit] = []
    for fact in found:
        last = joined[-1] if joined else None
        between = text[last.end : fact.start] if last else ""
        if last and last.kind == fact.kind != "number" and between in _JOINTS:
            joined[-1] = Unit(last.kind, last.start, fact.end, last.values | {fact.value})
        else:
            joined.append(Unit(fact.kind, fact.start, fact.end, frozenset([fact.value])))
    return joined


def align(sentence: str, found: Sequence[Fact], wanted: frozenset[str], text: Text) -> list[Alignment]:
    """Compare each unit of a sentence with the same and with its rivals in a text.

    Args:
        sentence: The sentence.
        found: Its facts.
        wanted: Its content terms.
        text: Where it is said to come from.

    Returns:
        One for each unit that the text has, and around which there is a word to look for.
    """
    own_units = units(sentence, found)
    claimed = frozenset().union(*(unit.values for unit in own_units))
    aligned = []
    for unit in own_units:
        weights = _weights(sentence, unit, wanted)
        scored = [(each, _context(text, each, weights)) for each in text.units]
        mine = [score for each, score in scored if each.values & unit.values]
        rivals = [score for each, score in scored if each.kind == unit.kind and not each.values & claimed]
        if weights and mine:
            aligned.append(Alignment(unit.kind, max(mine), max(rivals, default=0.0)))
    return aligned


def _weights(sentence: str, unit: Unit, wanted: frozenset[str]) -> dict[str, float]:
    """The content terms around a unit of the sentence, the nearer the heavier."""
    weights: dict[str, float] = {}
    for match in _WORD.finditer(sentence):
        term = (terms(match.group()) or [""])[0]
        if term in wanted and not unit.start <= match.start() < unit.end:
            distance = max(unit.start - match.end(), match.start() - unit.end, 0)
            weights[term] = max(weights.get(term, 0.0), 1 / (1 + distance / FADING_CHARS))
    return weights


def _context(text: Text, unit: Unit, weights: dict[str, float]) -> float:
    inside = [n for n, place in enumerate(text.places) if unit.start <= place < unit.end]
    if not inside or not weights:
        return 0.0
    first, last = inside[0], inside[-1]
    near: dict[str, float] = {}
    for n in range(max(0, first - NEAR_TERMS), min(len(text.terms), last + NEAR_TERMS + 1)):
        distance = max(first - n, n - last, 0)
        if distance and text.terms[n] in weights:
            near[text.terms[n]] = max(near.get(text.terms[n], 0.0), 1 / (1 + distance / FADING_TERMS))
    return sum(weights[term] * share for term, share in near.items()) / sum(weights.values())


def beside_names(sentence: str, found: Sequence[Fact], text: str) -> tuple[float, float, float]:
    """Whether names have the neighbours in a sentence that they have in a text.

    Args:
        sentence: The sentence.
        found: Its facts.
        text: Where it is said to come from.

    Returns:
        Share of the names none of whose neighbours is one there; share of neighbours that are none there;
        share of the words that follow one another in a name and do not there. In [0, 1], 0 without names.
    """
    pairs = set(_neighbours(_WORD.findall(text)))
    words = [(match.group(), match.start()) for match in _WORD.finditer(sentence)]
    sides: list[list[bool]] = []
    broken: list[bool] = []
    for unit in units(sentence, found):
        inside = [n for n, (_, place) in enumerate(words) if unit.start <= place < unit.end]
        if unit.kind != "name" or not inside:
            continue
        lowered = [word.lower() for word, _ in words]
        outer = [(n, n + 1) for n in (inside[0] - 1, inside[-1]) if n >= 0 and n + 1 < len(words)]
        sides.append([(lowered[a], lowered[b]) in pairs for a, b in outer])
        broken += [(lowered[n], lowered[n + 1]) not in pairs for n in inside[:-1]]
    every = [is_kept for side in sides for is_kept in side]
    return (
        _share([not any(side) for side in sides if side]),
        _share([not is_kept for is_kept in every]),
        _share(broken),
    )


def _neighbours(words: Sequence[str]) -> Iterable[tuple[str, str]]:
    return pairwise(word.lower() for word in words)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
