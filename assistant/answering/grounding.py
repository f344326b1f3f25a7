"""Whether passages support a sentence, by a local check: no second chat model is asked.

Numbers, dates and names of the sentence must stand in its passages, and its words in one place of them; a
logistic regression over that, and over what the entailment model makes of it, gives the support. A second
one, fitted on sentences of a small model, is asked where the sentence names no passage. It does not know what
is true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.answering.calibration import probability
from assistant.answering.contradictions import contradiction
from assistant.answering.facts import Fact
from assistant.answering.premises import (
    FEATURES,
    MANNER,
    NAMES,
    Premise,
    asks,
    claim_of,
    features,
    with_products,
)
from assistant.answering.verbatim import is_verbatim
from assistant.entailment import EntailmentModel
from assistant.errors import ModelError
from assistant.types import Hit

EmbedTexts = Callable[[Sequence[str]], NDArray[np.float32]]

PATH = Path(__file__).parent.parent / "weights" / "grounding.json"
LEFT = 0.25  # of the support, where one of `_RULED_OUT` is so or the passage says otherwise
_RULED_OUT = tuple(map(FEATURES.index, ("any_missing", "unsaid", "turned")))
AGAINST = 0.1  # support by the first opinion below which the second counts for little
MIN_CLAUSE_TERMS = 2  # content terms of what can be checked by itself
_JOINT = re.compile(r"[,;]\s+(?:and|but|while|whereas)\s+|;\s+")
NOT_SOUGHT = 0.05  # support that no passage is looked for below
SOUGHT = 4  # passages in which an unmarked sentence is sought, those that share most words with it


@dataclass(frozen=True, eq=False)
class GroundingWeights:
    """What was fitted by `benchmarks/grounding.py`.

    Attributes:
        support: Weight of each of `premises.NAMES`, features and their products, in the logit of "it is
            supported"; shape (len(NAMES),).
        bias: Added to that logit.
        threshold: Least support to count as supported.
        unnamed: Weight of each of `premises.FEATURES` and `MANNER` in a second logit, for a sentence and a
            passage that it does not name; shape (len(FEATURES) + len(MANNER),).
        unnamed_bias: Added to that logit.
        clear: Least support by a passage that is not named: below, it is unsupported.
    """

    support: NDArray[np.float64]
    bias: float
    threshold: float
    unnamed: NDArray[np.float64]
    unnamed_bias: float
    clear: float


@cache
def grounding_weights(path: Path = PATH) -> GroundingWeights:
    """Read the file, once; a ModelError says that it is missing or damaged."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        weights = np.array([float(known["support"][name]) for name in NAMES])
        unnamed = np.array([float(known["unnamed"][name]) for name in (*FEATURES, *MANNER)])
        return GroundingWeights(
            weights, known["bias"], known["threshold"], unnamed, known["unnamed_bias"], known["clear"]
        )
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelError(f"{path} cannot be read: {exc}", hint="Reinstall the package.") from exc


@dataclass(frozen=True, slots=True)
class Support:
    """What the check makes of a sentence.

    Attributes:
        value: In [0, 1].
        is_supported: Whether that is enough.
        reason: Why it is not; empty if it is.
        places: (number of the hit from 0, start, end in its article) of each sentence that supports it.
        is_unconfirmed: Whether a passage that it does not name may well say so, in other words.
    """

    value: float
    is_supported: bool
    reason: str = ""
    places: tuple[tuple[int, int, int], ...] = ()
    is_unconfirmed: bool = False


class Grounding:
    """Checks sentences against passages.

    Args:
        embed: Embeds texts: float32, shape (len(texts), dim), rows of unit length.
        entailment: Compares claims with passages.
        min_support: Least support to count as supported; by default the fitted one.
    """

    def __init__(
        self, embed: EmbedTexts, entailment: EntailmentModel, min_support: float | None = None
    ) -> None:
        self._embed = embed
        self._entailment = entailment
        self._min_support = min_support

    def check(self, sentence: str, named: Sequence[Hit], shown: Sequence[Hit]) -> Support:
        """Check one sentence.

        Args:
            sentence: Without markers.
            named: The passages that it cites; among those shown.
            shown: All passages that it may rest on.

        Returns:
            Its support by the passages that it cites. If those do not support it, or there are none, by
            another one that says it in the same words; where one may say it in other words, it is
            unconfirmed. A question has none: it says nothing.
        """
        if asks(sentence):
            return Support(0.0, False, "it only asks")
        weights = grounding_weights()
        least = weights.threshold if self._min_support is None else self._min_support
        numbers = [shown.index(hit) for hit in named]
        best, places = self._by_cited(sentence, numbers, shown, least)
        if best >= least:
            return Support(best, True, "", places)
        near = self._near(sentence, numbers, shown, max(weights.clear, least))
        if near:
            return max(near, key=lambda support: (support.is_supported, support.value))
        return Support(best, False, _why_not(sentence, [shown[n] for n in numbers] or shown, bool(numbers)))

    def _near(self, sentence: str, tried: Sequence[int], shown: Sequence[Hit], least: float) -> list[Support]:
        """Its support by each passage that it does not name and that gives it enough."""
        found = [
            (n, self.support(sentence, shown[n], is_named=False))
            for n in self._likely(sentence, tried, shown)
        ]
        return [_unnamed(sentence, n, shown[n], *support) for n, support in found if support[0] >= least]

    def support(self, sentence: str, hit: Hit, *, is_named: bool = True) -> tuple[float, tuple[int, int]]:
        """How well a passage supports a sentence.

        Args:
            sentence: Without markers.
            hit: The passage.
            is_named: Whether the sentence cites it; if not, a second opinion is asked.

        Returns:
            The support in [0, 1]; start and end in its article of the passage's best sentence.
        """
        claim, premise = claim_of(sentence), Premise(hit)
        found = features(claim, premise, self._embed, self._entailment)
        judge = value_of if is_named else value_unnamed
        value = judge(found, grounding_weights()) * (LEFT if contradiction(claim, premise) else 1)
        return value, premise.best_place(claim)

    def _by_cited(
        self, sentence: str, numbers: Sequence[int], shown: Sequence[Hit], least: float
    ) -> tuple[float, tuple[tuple[int, int, int], ...]]:
        """The best support by one cited passage or, if none is enough, of each clause by one of them."""
        single = [self.support(sentence, shown[number]) for number in numbers]
        enough = [(n, *place) for n, (value, place) in zip(numbers, single, strict=True) if value >= least]
        best = max((value for value, _ in single), default=0.0)
        if enough or len(numbers) < 2:
            return best, tuple(enough)
        found = [self._best_of(clause, numbers, shown) for clause in _clauses(sentence)]
        together = min((value for value, _ in found), default=0.0)
        if len(found) < 2 or together < least:
            return best, ()
        return together, tuple(dict.fromkeys(place for _, place in found))

    def _best_of(
        self, clause: str, numbers: Sequence[int], shown: Sequence[Hit]
    ) -> tuple[float, tuple[int, int, int]]:
        """The best support of a clause by one of some passages, and its place."""
        found = []
        for number in numbers:
            value, place = self.support(clause, shown[number])
            found.append((value, (number, *place)))
        return max(found)

    def _likely(self, sentence: str, tried: Sequence[int], shown: Sequence[Hit]) -> list[int]:
        """The passages that share most words with a sentence, those already tried aside."""
        claim = claim_of(sentence)
        shares = {n: Premise(hit).share(claim) for n, hit in enumerate(shown) if n not in tried}
        return sorted((n for n in shares if shares[n] > NOT_SOUGHT), key=lambda n: -shares[n])[:SOUGHT]


def _unnamed(sentence: str, number: int, hit: Hit, value: float, place: tuple[int, int]) -> Support:
    """Support by a passage that a sentence does not name: for certain only if it is the passage's own."""
    if is_verbatim(claim_of(sentence), Premise(hit)):
        return Support(value, True, "", ((number, *place),))
    title = f"“{hit.article.title}”" if hit.article.title else "a passage"
    return Support(value, False, f"close to what {title} says, in other words", is_unconfirmed=True)


def _clauses(sentence: str) -> list[str]:
    """The main clauses of a sentence, as far as commas and conjunctions tell; none if one is a mere scrap."""
    parts = _JOINT.split(sentence)
    return parts if all(len(claim_of(part).terms) >= MIN_CLAUSE_TERMS for part in parts) else []


def value_of(found: Sequence[float], weights: GroundingWeights) -> float:
    """The support in [0, 1] that features give; little where one of `_RULED_OUT` is so."""
    value = probability(weights.bias + float(weights.support @ with_products(found)))
    return value * _left(found)


def value_unnamed(found: Sequence[float], weights: GroundingWeights) -> float:
    """The same by a passage that the sentence does not name, unless the first opinion is all against it."""
    second = probability(weights.unnamed_bias + float(weights.unnamed @ np.array(found))) * _left(found)
    return second if value_of(found, weights) >= AGAINST else second * LEFT


def _left(found: Sequence[float]) -> float:
    return LEFT if any(found[n] >= 0.5 for n in _RULED_OUT) else 1.0


def _why_not(sentence: str, hits: Sequence[Hit], is_cited: bool) -> str:
    claim, premises = claim_of(sentence), [Premise(hit) for hit in hits]
    known = frozenset().union(*(premise.values for premise in premises))
    missing = [fact for fact in claim.facts if fact.value not in known]
    where = (
        "the cited passage"
        if is_cited and len(hits) == 1
        else "the cited passages"
        if is_cited
        else "any passage"
    )
    if missing:
        return f"{_listed(sentence, missing)} {'is' if len(missing) == 1 else 'are'} not in {where}"
    if not is_cited:
        return "no passage clearly says this"
    otherwise = (contradiction(claim, premise) for premise in premises)
    return next(filter(None, otherwise), f"not said like this in {where}")


def _listed(sentence: str, missing: Sequence[Fact]) -> str:
    words = list(dict.fromkeys(sentence[fact.start : fact.end] for fact in missing))
    return ", ".join(f"“{word}”" for word in words[:3]) + (" and more" if len(words) > 3 else "")
