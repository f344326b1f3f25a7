"""The reader: for a question and a passage, where in it the answer stands and whether it answers at all.

A small encoder with two heads, trained by `training/`, run by onnxruntime. It knows pairs of texts; it does
not know how passages were found or what is done with an answer.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.models import bundled_tokenizer
from assistant.models.sessions import for_each, open_session
from assistant.models.weights import WEIGHTS, checked
from assistant.reader_input import EncodedPairs, Pair, encode_pairs
from assistant.types import Hit

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_SPAN_TOKENS = 30  # of a short answer

Logits = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """A place in an article that may be the short answer.

    Attributes:
        start: Offset in the article's text.
        end: Offset in the article's text, excluded.
        score: Logit over "no answer in this passage", unbounded.
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True, eq=False)
class Reading:
    """What the reader makes of one passage.

    Attributes:
        hit: The passage.
        answerable: Logit of whether the passage answers the question, unbounded.
        offsets: int64, shape (tokens, 2), start and end of each of the passage's tokens in the article.
        starts: float32, shape (tokens,), logit over "no answer" of an answer that begins there.
        ends: float32, shape (tokens,), the same of one that ends there.
    """

    hit: Hit
    answerable: float
    offsets: NDArray[np.int64]
    starts: NDArray[np.float32]
    ends: NDArray[np.float32]

    @cached_property
    def best(self) -> ReadSpan | None:
        """The best span of the passage; None if it has no tokens."""
        return self.best_within(self.hit.passage.start, self.hit.passage.end)

    def best_within(self, start: int, end: int) -> ReadSpan | None:
        """The best span between two offsets of the article; None if no token of the passage lies there."""
        inside = np.flatnonzero((self.offsets[:, 0] >= start) & (self.offsets[:, 1] <= end))
        if not len(inside):
            return None
        first, last, score = best_span(self.starts[inside], self.ends[inside])
        return ReadSpan(int(self.offsets[inside[first], 0]), int(self.offsets[inside[last], 1]), score)


def best_span(starts: NDArray[np.float32], ends: NDArray[np.float32]) -> tuple[int, int, float]:
    """The best of the spans of at most `MAX_SPAN_TOKENS` tokens.

    Args:
        starts: Shape (tokens,), at least one; logit of a span that begins there.
        ends: Shape (tokens,), logit of one that ends there.

    Returns:
        First token, last token, sum of their logits.
    """
    sums = starts[:, None] + ends[None, :]
    length = np.arange(len(starts))[None, :] - np.arange(len(starts))[:, None]
    sums[(length < 0) | (length >= MAX_SPAN_TOKENS)] = -np.inf
    first, last = divmod(int(sums.argmax()), len(starts))
    return first, last, float(sums[first, last])


class Reader(Protocol):
    """Reads passages for a question."""

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """One reading for each hit, in their order."""


class Network(Protocol):
    """What runs a reader's network."""

    def run(self, encoded: EncodedPairs) -> Logits:
        """Span logits, shape (pairs, tokens, 2), and answerability logits, shape (pairs,)."""


class OnnxReader:
    """The reader that ships with the package; loaded when it is first used, safe to use from several threads.

    Args:
        folder: Of `reader.onnx` and `reader.json`.
    """

    def __init__(self, folder: Path = WEIGHTS) -> None:
        self._bundled = BundledNetwork(folder, "reader")

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """Read passages for a question.

        Args:
            question: A question that stands by itself.
            hits: The passages, any number.

        Returns:
            One reading for each hit, in their order.

        Raises:
            ModelError: If the weights are missing or damaged.
        """
        tokenizer, network = self._bundled.load()
        readings: dict[int, Reading] = {}

        def read(number: int) -> None:
            readings[number] = read_one(network, tokenizer, question, hits[number])

        for_each(read, [len(hit.passage.text) for hit in hits])
        return [readings[number] for number in range(len(hits))]


class BundledNetwork:
    """A network of the package and its tokenizer, loaded when first used and kept; several threads may ask.

    Args:
        folder: Of the network and the JSON file beside it.
        name: Of both files, without suffix.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, ReaderNetwork] | None = None

    def load(self) -> tuple[Tokenizer, ReaderNetwork]:
        """The tokenizer and the network; a ModelError says that the weights are missing or damaged."""
        with self._lock:
            if self._loaded is None:
                self._loaded = bundled_tokenizer(), ReaderNetwork(checked(self._folder, self._name))
            return self._loaded


class ReaderNetwork:
    """A network in onnxruntime: encoded pairs in, logits out.

    Args:
        path: An ONNX file made by `training.export`.

    Raises:
        ModelError: If onnxruntime cannot load it.
    """

    def __init__(self, path: Path) -> None:
        name = f"the network {path}"
        self._session = open_session(path.read_bytes(), name=name, hint="Reinstall the package.")

    def run(self, encoded: EncodedPairs) -> Logits:
        """Span logits, shape (pairs, tokens, 2), and answerability logits, shape (pairs,)."""
        spans, answerable = self._session.run(
            ["span_logits", "answerable_logits"],
            {
                "input_ids": encoded.input_ids,
                "attention_mask": encoded.attention_mask,
                "token_type_ids": encoded.token_type_ids,
            },
        )
        return np.asarray(spans, np.float32), np.asarray(answerable, np.float32)


def read_one(network: Network, tokenizer: Tokenizer, question: str, hit: Hit) -> Reading:
    """Read one passage.

    Args:
        network: What runs the network.
        tokenizer: Of the network, without truncation and padding.
        question: A question that stands by itself.
        hit: The passage.

    Returns:
        What the network makes of it.
    """
    encoded = encode_pairs(tokenizer, [Pair(question, hit.passage.header, hit.passage.text)])
    spans, answerable = network.run(encoded)
    first, offsets = encoded.offsets[0]
    tokens = spans[0, first : first + len(offsets)] - spans[0, 0]
    places = np.array(offsets, np.int64).reshape(-1, 2) + hit.passage.start
    return Reading(hit, float(answerable[0]), places, tokens[:, 0], tokens[:, 1])
