"""A sentence beside the passages that it is said to rest on: features of how well the two agree.

It knows words, facts and vectors; what the features weigh was fitted by `benchmarks/grounding.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.answering.alignment import Text, align, beside_names
from assistant.answering.calibration import probability
from assistant.answering.facts import Fact, facts, opens_sentence, values
from assistant.answering.questions import content_terms
from assistant.answering.roles import roles
from assistant.chunking import sentences
from assistant.entailment import EntailmentModel
from assistant.stores.lexical import terms
from assistant.types import Hit

EmbedTexts = Callable[[Sequence[str]], NDArray[np.float32]]

FEATURES = (
    "numbers_missing",  # share of the sentence's numbers that no passage has
    "dates_missing",  # the same of years, months and weekdays
    "names_missing",  # the same of its names
    "any_missing",  # whether any number in digits, or any date, is missing
    "numbers_away",  # share of numbers and dates that do not stand where most of the words do
    "names_away",  # the same of names
    "coverage",  # share of the sentence's content terms in the passages
    "near_coverage",  # the same in the best sentence of them and its neighbours
    "best_coverage",  # the same in the best sentence alone
    "pairs",  # share of its neighbouring terms that are neighbours there, too, one word between them allowed
    "similarity",  # cosine with the best sentence
    "near_similarity",  # cosine with the best sentence and its neighbours
    "opener_missing",  # whether its first word has a capital, is no common one, and is in no passage
    "number_rival",  # how much more of the words around a number stand around another; .5 is even
    "date_rival",  # the same of dates
    "name_rival",  # the same of names
    "any_name_missing",  # whether any part of a name is in no passage
    "name_apart",  # share of names with no neighbouring word that they have in the passages, too
    "name_strange",  # share of the words beside names that are not beside them in the passages
    "name_broken",  # share of the words beside one another in names that are not so in the passages
    "context",  # share of the words around a fact that are around it in the passages, the worst
    "denial",  # whether one of the two has a "not" and the other has none
    "side_rival",  # how much better another name fits between the words left and right of a name; .5 is even
    "turned",  # share of pairs of names with the words between them there only the other way round
    "unsaid",  # whether the best sentence is a question and the claim is none, or the claim alone has a "not"
    "entailed",  # what the entailment model makes of it
)
MANNER = (  # how the sentence is made, whatever the passage says
    "about_passage",  # whether it says what "the passage" or "it" is
    "few_terms",  # whether it has fewer than two content terms
    "unfinished",  # whether it does not end as a sentence does
)
SOFTER = 2.0  # that the entailment model's logits are divided by: it is too sure
UNRIVALLED = 0.25  # where there is nothing to compare
NAMES = (*FEATURES, *(f"{a} * {b}" for n, a in enumerate(FEATURES) for b in FEATURES[n + 1 :]))
_ABOUT_PASSAGE = re.compile(
    r"(?:the|this|these|both|each)\s+(?:\w+\s+)?"
    r"(?:passage|article|text|question|report|story|document|sentence|answer|topic)s?\b|(?:it|this)\s+(?:is|was)\b",
    re.IGNORECASE,
)
_END = re.compile(r"""[.!]["'”’»)\]]*$""")
_DENIALS = frozenset("not no never none nor without neither nobody nothing cannot".split())


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence to be checked."""

    text: str
    terms: frozenset[str]
    order: tuple[str, ...]
    facts: tuple[Fact, ...]
    opener: str = ""


def claim_of(sentence: str) -> Claim:
    """Take a sentence apart."""
    order = tuple(terms(sentence))
    content = frozenset(content_terms(sentence)) or frozenset(order)
    every = facts(sentence)
    openers = [fact for fact in every if fact.kind == "name" and _is_opener(sentence, fact)]
    found = tuple(fact for fact in every if fact not in openers)
    opener = (terms(openers[0].value) or [""])[0] if openers else ""
    return Claim(sentence, content, order, found, opener)


def _is_opener(sentence: str, fact: Fact) -> bool:
    """Whether a word has a capital only because it opens the sentence, as far as one can see."""
    is_long = any(f.start == fact.end + 1 for f in facts(sentence) if f.kind == "name")
    return (
        opens_sentence(sentence, fact.start)
        and not is_long
        and fact.value.isalpha()
        and len(sentence) > fact.end
    )


class Premise:
    """A passage that may support a sentence.

    Args:
        hit: The passage and its article; title and date count as said.
    """

    def __init__(self, hit: Hit) -> None:
        self.hit = hit

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Its sentences, as offsets in the passage."""
        return sentences(self.hit.passage.text, self.hit.article.language) or [
            (0, len(self.hit.passage.text))
        ]

    @cached_property
    def _terms(self) -> list[list[str]]:
        return [terms(self.hit.passage.text[start:end]) for start, end in self.spans]

    @cached_property
    def taken_apart(self) -> Text:
        """Its text with words and facts."""
        return Text(self.hit.passage.text)

    @cached_property
    def around(self) -> str:
        """What is known beside the passage's text: title, source and date."""
        article = self.hit.article
        day = f"{article.published:%A %d %B %Y}" if article.published else ""
        return f"{article.title.replace('_', ' ')} {article.source} {day}"

    @cached_property
    def values(self) -> frozenset[str]:
        """What the passage, its title and its date say of numbers, dates and names."""
        return values(self.hit.passage.text) | self.values_around

    @cached_property
    def values_around(self) -> frozenset[str]:
        """The same of title and date alone."""
        return values(self.around)

    @cached_property
    def all_terms(self) -> frozenset[str]:
        """The terms of the passage, its title and its date."""
        return frozenset(terms(self.around)).union(*self._terms)

    def share(self, claim: Claim) -> float:
        """Share of a sentence's content terms that the passage has."""
        return len(claim.terms & self.all_terms) / max(1, len(claim.terms))

    def best(self, claim: Claim) -> int:
        """Number of the sentence that agrees most with a claim: in terms, facts, and pairs of terms."""
        wanted = {fact.value for fact in claim.facts}
        pairs = set(pairwise(claim.order))

        def agreement(n: int) -> tuple[float, int]:
            start, end = self.spans[n]
            own = set(self._terms[n])
            held = len(claim.terms & own) / max(1, len(claim.terms))
            known = len(wanted & values(self.hit.passage.text[start:end])) / max(1, len(wanted))
            kept = len(pairs & set(pairwise(self._terms[n]))) / max(1, len(pairs))
            return held + 0.5 * known + 0.5 * kept, -n

        return max(range(len(self.spans)), key=agreement)

    def best_place(self, claim: Claim) -> tuple[int, int]:
        """Start and end in the article of the sentence that agrees most."""
        start, end = self.spans[self.best(claim)]
        return self.hit.passage.start + start, self.hit.passage.start + end

    def near(self, number: int) -> str:
        """A sentence with its neighbours."""
        first, last = self.spans[max(0, number - 1)], self.spans[min(len(self.spans) - 1, number + 1)]
        return self.hit.passage.text[first[0] : last[1]]

    def alone(self, number: int) -> str:
        """A sentence by itself."""
        return self.hit.passage.text[slice(*self.spans[number])]


def features(
    claim: Claim, premise: Premise, embed: EmbedTexts, entailment: EntailmentModel
) -> tuple[float, ...]:
    """How well a passage agrees with a sentence.

    Args:
        claim: The sentence.
        premise: The passage.
        embed: Embeds texts: float32, shape (len(texts), dim), rows of unit length.
        entailment: Compares claims with passages.

    Returns:
        Values in [0, 1], in the order of `FEATURES` and then `MANNER`.
    """
    best = premise.best(claim)
    alone, near, known = premise.alone(best), premise.near(best), premise.values
    title_terms = frozenset(terms(premise.around))
    here = values(near) | premise.values_around
    vectors = embed([claim.text, alone, near])
    numbers, dates, names = (
        [f.value for f in claim.facts if f.kind == kind] for kind in ("number", "date", "name")
    )
    is_strange = claim.opener and claim.opener not in premise.all_terms and claim.opener not in known
    return (
        _missing(numbers, known),
        _missing(dates, known),
        _missing(names, known),
        float(any(fact.value not in known for fact in claim.facts if _is_figure(claim.text, fact))),
        _missing([*numbers, *dates], here),
        _missing(names, here),
        _share(claim.terms, premise.all_terms),
        _share(claim.terms, frozenset(terms(near)) | title_terms),
        _share(claim.terms, frozenset(terms(alone))),
        _pairs(claim, premise.hit.passage.text),
        max(0.0, float(vectors[0] @ vectors[1])),
        max(0.0, float(vectors[0] @ vectors[2])),
        float(bool(is_strange)),
        *_rivals(claim, premise),
        float(_denies(claim.text) != _denies(alone)),
        *roles(Text(claim.text), claim.terms, premise.taken_apart),
        float((asks(alone) and not asks(claim.text)) or (_denies(claim.text) and not _denies(alone))),
        probability(float(entailment.compare(claim.text, [premise.hit])[0]) / SOFTER),
        float(bool(_ABOUT_PASSAGE.match(claim.text))),
        float(len(claim.terms) < 2),
        float(not ends(claim.text)),
    )


def _rivals(claim: Claim, premise: Premise) -> tuple[float, ...]:
    """From `number_rival` to `context`."""
    aligned = align(claim.text, claim.facts, claim.terms, premise.taken_apart)
    worst = dict.fromkeys(("number", "date", "name"), UNRIVALLED)
    for each in aligned:
        worst[each.kind] = max(worst[each.kind], (1 + each.rival - each.context) / 2)
    return (
        worst["number"],
        worst["date"],
        worst["name"],
        float(any(fact.value not in premise.values for fact in claim.facts if fact.kind == "name")),
        *beside_names(claim.text, claim.facts, f"{premise.hit.passage.text} | {premise.around}"),
        min((a.context for a in aligned), default=0.5),
    )


def asks(text: str) -> bool:
    """Whether a sentence is a question."""
    return text.rstrip(" \n\"'”’)").endswith("?")


def ends(text: str) -> bool:
    """Whether a text ends as a statement does."""
    return bool(_END.search(text))


def _is_figure(text: str, fact: Fact) -> bool:
    return fact.kind == "date" or (fact.kind == "number" and text[fact.start].isdigit())


def with_products(found: Sequence[float]) -> NDArray[np.float64]:
    """`FEATURES` followed by the products of each two of them, in order: shape (n + n (n - 1) / 2,).

    Args:
        found: What `features` gives; its `MANNER` is left aside.

    Returns:
        Values in the order of `NAMES`.
    """
    values = np.asarray(found[: len(FEATURES)], np.float64)
    first, second = np.triu_indices(len(values), 1)
    return np.concatenate([values, values[first] * values[second]])


def _missing(wanted: Sequence[str], known: frozenset[str]) -> float:
    return sum(value not in known for value in wanted) / len(wanted) if wanted else 0.0


def _share(wanted: frozenset[str], present: frozenset[str]) -> float:
    return len(wanted & present) / len(wanted) if wanted else 0.0


def _pairs(claim: Claim, text: str) -> float:
    wanted = set(pairwise(t for t in claim.order if t in claim.terms))
    order = [term for term in terms(text) if term in claim.terms]
    return len(wanted & set(pairwise(order))) / len(wanted) if wanted else 1.0


def _denies(text: str) -> bool:
    words = text.lower().replace("’", "'").split()
    return any(word.strip(".,;") in _DENIALS or word.endswith("n't") for word in words)
