"""The entailment model: for a claim and a passage, whether the passage says what the claim says.

A small encoder trained by `training/entailment.py`, run by onnxruntime. It knows pairs of texts; it does not
know where claims come from or what is done with its opinion.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.chunking import sentences
from assistant.models.sessions import for_each
from assistant.models.weights import WEIGHTS
from assistant.reader import BundledNetwork
from assistant.reader_input import Pair, encode_pairs
from assistant.stores.lexical import terms
from assistant.types import Hit

NETWORK = "entailment"
CLAIM_TOKENS = 64  # of a claim that are read
ROOM = 480  # characters of a passage that are read, unless one sentence is longer


class EntailmentModel(Protocol):
    """Compares a claim with passages."""

    def compare(self, claim: str, hits: Sequence[Hit]) -> NDArray[np.float64]:
        """The logit of "it says so" for each passage, shape (len(hits),)."""


class OnnxEntailment:
    """The model that ships with the package; loaded when it is first used, safe to use from several threads.

    Args:
        folder: Of `entailment.onnx` and `entailment.json`.
    """

    def __init__(self, folder: Path = WEIGHTS) -> None:
        self._bundled = BundledNetwork(folder, NETWORK)

    def compare(self, claim: str, hits: Sequence[Hit]) -> NDArray[np.float64]:
        """Compare a claim with passages.

        Args:
            claim: One sentence, without markers.
            hits: The passages, any number; title and date of an article count as said.

        Returns:
            The logit of "it says so" for each, unbounded, shape (len(hits),).

        Raises:
            ModelError: If the weights are missing or damaged.
        """
        tokenizer, network = self._bundled.load()
        pairs = [_pair(claim, hit) for hit in hits]
        logits = np.zeros(len(pairs))

        def compare(number: int) -> None:
            encoded = encode_pairs(tokenizer, [pairs[number]], question_tokens=CLAIM_TOKENS)
            logits[number] = network.run(encoded)[1][0]  # the head that says "answers" of the reader

        for_each(compare, [len(pair.text) for pair in pairs])
        return logits


def titled(title: str, published: date | None) -> str:
    """What the model is shown of an article beside its text: "13 November 2024: Talks in Baku"."""
    shown = title.replace("_", " ")
    return f"{published.day} {published:%B %Y}: {shown}" if published else shown


def excerpt(claim: str, text: str, language: str = "") -> str:
    """What is read of a passage: sentences that share most words with the claim, each with the one before.

    Args:
        claim: One sentence.
        text: Of the passage.
        language: Of the article, as a code; empty if it is unknown.

    Returns:
        The text if it has at most `ROOM` characters, else sentences of it in their order; the first chosen
        one whatever its length, then as many as there is room for, until no word of the claim is added.
    """
    if len(text) <= ROOM:
        return text
    spans = sentences(text, language) or [(0, len(text))]
    words = [frozenset(terms(text[start:end])) for start, end in spans]
    missing, chosen = frozenset(terms(claim)), set[int]()
    while missing:
        best = max(range(len(spans)), key=lambda n: (len(missing & words[n]), -n))
        if not missing & words[best] or not _fits(spans, chosen | {best}):
            break
        missing -= words[best]
        chosen.add(best)
        if best and _fits(spans, chosen | {best - 1}):  # who "he" is
            missing -= words[best - 1]
            chosen.add(best - 1)
    return " ".join(text[slice(*spans[n])].strip() for n in sorted(chosen or {0}))


def _fits(spans: Sequence[tuple[int, int]], chosen: set[int]) -> bool:
    return len(chosen) == 1 or sum(spans[n][1] - spans[n][0] for n in chosen) <= ROOM


def _pair(claim: str, hit: Hit) -> Pair:
    article = hit.article
    text = excerpt(claim, hit.passage.text, article.language)
    return Pair(claim, titled(article.title, article.published), text)
