"""How well a reader reads: exact match and F1 of spans, and how well it tells answers from near misses."""

from __future__ import annotations

import random
import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.reader_input import Pair, encode_pairs
from training.data import Row

MAX_SPAN_TOKENS = 30
Logits = Callable[[object], tuple[NDArray[np.float32], NDArray[np.float32]]]


class DevSet:
    """Questions on articles that are never trained on.

    Args:
        rows: All of them; a part is drawn.
        size: How many of each of: answerable, near misses, short ones on news.
    """

    def __init__(self, rows: Sequence[Row], size: int = 250) -> None:
        rng = random.Random(0)
        wiki = [row for row in rows if row.source.startswith("squad")]
        answerable = [row for row in wiki if row.answers]
        misses = [row for row in wiki if not row.answers]
        news = [row for row in rows if row.source == "qamr_wikinews"]
        self._parts = [rng.sample(part, min(size, len(part))) for part in (answerable, misses, news)]

    def measure(self, model: torch.nn.Module, tokenizer: Tokenizer) -> dict[str, float]:
        """Exact match and F1 on answerable ones, AUROC of answerable ones against near misses."""
        answerable, misses, news = ([_read(model, tokenizer, row) for row in part] for part in self._parts)
        both = [*answerable, *misses]
        labels = [True] * len(answerable) + [False] * len(misses)
        values = {
            "em": np.mean([read.exact for read in answerable]),
            "f1": np.mean([read.f1 for read in answerable]),
            "news_f1": np.mean([read.f1 for read in news]),
            "auroc_span": auroc([read.span_score for read in both], labels),
            "auroc_head": auroc([read.head_score for read in both], labels),
        }
        return {name: round(float(value), 4) for name, value in values.items()}


class _Reading:
    def __init__(self, row: Row, text: str, span_score: float, head_score: float) -> None:
        self.span_score, self.head_score = span_score, head_score
        self.exact = max((normalise(text) == normalise(answer) for answer in row.answer_texts), default=False)
        self.f1 = max((f1(text, answer) for answer in row.answer_texts), default=0.0)


@torch.inference_mode()
def _read(model: torch.nn.Module, tokenizer: Tokenizer, row: Row) -> _Reading:
    encoded = encode_pairs(tokenizer, [Pair(row.question, row.readable_title, row.context)])
    model.eval()
    with torch.autocast("cpu", torch.bfloat16):
        spans, head = model(
            torch.from_numpy(encoded.input_ids),
            torch.from_numpy(encoded.attention_mask),
            torch.from_numpy(encoded.token_type_ids),
        )
    model.train()
    first, last, score = best_span(spans[0].numpy(), encoded.in_text[0])
    start, end = encoded.characters_of(0, first, last)
    return _Reading(row, row.context[start:end], score, float(head[0]))


def best_span(logits: NDArray[np.float32], in_text: NDArray[np.bool_]) -> tuple[int, int, float]:
    """The best span in the passage: (first token, last token, score over "no answer").

    Args:
        logits: Shape (tokens, 2), start and end.
        in_text: Shape (tokens,), the passage's tokens.
    """
    places = np.flatnonzero(in_text)
    starts, ends = logits[places, 0], logits[places, 1]
    sums = starts[:, None] + ends[None, :]
    length = np.arange(len(places))[None, :] - np.arange(len(places))[:, None]
    sums[(length < 0) | (length >= MAX_SPAN_TOKENS)] = -np.inf
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    null = logits[0, 0] + logits[0, 1]
    return int(places[first]), int(places[last]), float(sums[first, last] - null)


def normalise(text: str) -> str:
    """Lower case without punctuation and articles, as SQuAD's own scorer does."""
    text = "".join(" " if char in string.punctuation else char for char in text.lower())
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def f1(text: str, answer: str) -> float:
    """Overlap in words of a text and an answer, 0 to 1."""
    ours, theirs = normalise(text).split(), normalise(answer).split()
    common = sum((Counter(ours) & Counter(theirs)).values())
    if not ours or not theirs or not common:
        return float(ours == theirs)
    return 2 * common / (len(ours) + len(theirs))


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """How often a positive scores above a negative; ties count half."""
    values, is_positive = np.asarray(scores, float), np.asarray(labels, bool)
    positive, negative = values[is_positive], values[~is_positive]
    wins = (positive[:, None] > negative[None, :]).mean()
    return float(wins + (positive[:, None] == negative[None, :]).mean() / 2)
