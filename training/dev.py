"""How the model does while it trains, on questions about articles that are never trained on."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from assistant.reader import Reader
from benchmarks.metrics import auroc, best_f1, exact_match, mean
from training.data import Row
from training.reading import TorchReader, whole


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
        """Exact match and F1 on answerable ones, AUROC of answerable ones against near misses.

        A mean over no questions is 0, such an AUROC nan.
        """
        reader = TorchReader(model, tokenizer, is_rounded=True)
        answerable, misses, news = ([_read(reader, row) for row in part] for part in self._parts)
        both, labels = [*answerable, *misses], [True] * len(answerable) + [False] * len(misses)
        values = {
            "em": mean([exact_match(each.text, each.row.answer_texts) for each in answerable]),
            "f1": mean([best_f1(each.text, each.row.answer_texts) for each in answerable]),
            "news_f1": mean([best_f1(each.text, each.row.answer_texts) for each in news]),
            "auroc_span": auroc([each.span for each in both], labels),
            "auroc_head": auroc([each.head for each in both], labels),
        }
        return {name: round(value, 4) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class _Read:
    row: Row
    text: str
    span: float
    head: float


def _read(reader: Reader, row: Row) -> _Read:
    (reading,) = reader.read(row.question, [whole(row.context, row.readable_title)])
    best = reading.best
    text, score = (row.context[best.start : best.end], best.score) if best else ("", -math.inf)
    return _Read(row, text, score, reading.answerable)
