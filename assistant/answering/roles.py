"""Whether names stand on the side of the words around them on which they stand in a passage.

"Y beat X" has all the words of "X beat Y". So the words left and right of each name of a sentence are looked
for left and right of the same name in the passage, and of its rivals, all other names; and the words between
two names of the sentence are looked for between the same two. A passive ("was beaten by") turns the sides. It
knows words and their order, no grammar.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from assistant.answering.alignment import NEAR_TERMS, Text, Unit

FADING_TERMS = 4.0  # distance at which a word counts half
UNRIVALLED = 0.25  # where there is nothing to compare
REACH_CHARS = 12  # between a name and the passive that it belongs to
PAIR_TERMS = 25  # between two names that one thing is said of
_PASSIVE = re.compile(
    r"\b(?:was|were|been|being|is|are|be)\s+(?:\w+\s+){0,2}?\w+(?:ed|en|wn|nt|lt|ld|de|ad|ck|ght|id|un)\s+by\b"
)

Sides = dict[tuple[str, bool], float]


def roles(own: Text, wanted: frozenset[str], there: Text) -> tuple[float, float]:
    """Compare the sides of the names of a sentence with those in a passage.

    Args:
        own: The sentence.
        wanted: Its content terms.
        there: The passage.

    Returns:
        How much better another name fits in the place of the worst one, .5 is even; share of the pairs of
        neighbouring names that have the words between them only the other way round. In [0, 1].
    """
    sides = [(unit, _sides(there, unit)) for unit in _names(there)]
    worst = UNRIVALLED
    for unit in _names(own):
        looked = {key: weight for key, weight in _sides(own, unit).items() if key[0] in wanted}
        if not looked:
            continue
        mine = [_agreement(looked, at) for each, at in sides if each.values & unit.values]
        rivals = [_agreement(looked, at) for each, at in sides if not each.values & unit.values]
        if mine:
            worst = max(worst, (1 + max(rivals, default=0.0) - max(mine)) / 2)
    return worst, _turned(own, wanted, there)


def _names(text: Text) -> list[Unit]:
    return [unit for unit in text.units if unit.kind == "name"]


def _ends(text: Text, unit: Unit) -> tuple[int, int]:
    """The numbers of the first and last word of a unit; it may be a part of a word, as in "admin_Tool"."""
    first = max(0, bisect_right(text.places, unit.start) - 1)
    return first, max(first, bisect_left(text.places, unit.end) - 1)


def _sides(text: Text, unit: Unit) -> Sides:
    """The terms around a unit, each with its side (right is True), the nearer the heavier."""
    first, last = _ends(text, unit)
    is_turned = any(_belongs(unit, match) for match in _PASSIVE.finditer(text.text))
    found: Sides = {}
    for n in range(max(0, first - NEAR_TERMS), min(len(text.terms), last + NEAR_TERMS + 1)):
        if distance := max(first - n, n - last, 0):
            key = (text.terms[n], (n > last) is not is_turned)
            found[key] = max(found.get(key, 0.0), 1 / (1 + distance / FADING_TERMS))
    return found


def _belongs(unit: Unit, passive: re.Match[str]) -> bool:
    """Whether a name is what a passive is said of, or by whom it was done."""
    return 0 < passive.start() - unit.end < REACH_CHARS or 0 < unit.start - passive.end() < REACH_CHARS


def _agreement(looked: Sides, there: Sides) -> float:
    return sum(weight * there.get(key, 0.0) for key, weight in looked.items()) / sum(looked.values())


def _turned(own: Text, wanted: frozenset[str], there: Text) -> float:
    orders = []
    for one, other in pairwise(_names(own)):
        if not (words := frozenset(_between(own, one, other)) & wanted) or one.values & other.values:
            continue
        is_passive = _is_passive(own, one, other)
        found = {
            _is_passive(there, first, second) is is_passive
            if is_same
            else _is_passive(there, first, second) is not is_passive
            for first, second, is_same in _placed(one, other, there)
            if words & frozenset(_between(there, first, second))
        }
        orders.append(found == {False})
    return sum(orders) / len(orders) if orders else 0.0


def _placed(one: Unit, other: Unit, there: Text) -> Iterator[tuple[Unit, Unit, bool]]:
    """The pairs of names there that are the two, and whether they come in this order."""
    ones = [unit for unit in _names(there) if unit.values & one.values]
    others = [unit for unit in _names(there) if unit.values & other.values and unit not in ones]
    for a in ones:
        for b in others:
            yield (a, b, True) if a.start < b.start else (b, a, False)


def _between(text: Text, first: Unit, second: Unit) -> list[str]:
    start, end = _ends(text, first)[1] + 1, _ends(text, second)[0]
    return text.terms[start:end] if end - start <= PAIR_TERMS else []


def _is_passive(text: Text, first: Unit, second: Unit) -> bool:
    return bool(_PASSIVE.search(text.text[first.end : second.start]))
