"""A model in torch as a reader like the one that is shipped, and texts as the hits that readers read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer

from assistant.chunking import split
from assistant.reader import Logits, Reading, read_one
from assistant.reader_input import EncodedPairs
from assistant.types import Article, Hit, Passage
from training.batches import padded_width


class TorchReader:
    """A `Reader` and a `Network`; the model's mode (training or not) is as it was after each run.

    Args:
        model: A `training.model.ReaderModel`.
        tokenizer: Of its encoder, without truncation and padding.
        is_rounded: Whether it computes in bfloat16, as in training: faster and less exact.
    """

    def __init__(self, model: torch.nn.Module, tokenizer: Tokenizer, *, is_rounded: bool = False) -> None:
        self._model, self._tokenizer, self._is_rounded = model, tokenizer, is_rounded

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """One reading for each hit, in their order."""
        return [read_one(self, self._tokenizer, question, hit) for hit in hits]

    @torch.inference_mode()
    def run(self, encoded: EncodedPairs) -> Logits:
        """Span logits, shape (pairs, tokens, 2), and answerability logits, shape (pairs,)."""
        is_training = self._model.training
        self._model.eval()
        arrays = (encoded.input_ids, encoded.attention_mask, encoded.token_type_ids)
        tokens = encoded.input_ids.shape[1]
        padding = ((0, 0), (0, padded_width(tokens) - tokens))
        with torch.autocast("cpu", torch.bfloat16, enabled=self._is_rounded):
            spans, answerable = self._model(*(torch.from_numpy(np.pad(array, padding)) for array in arrays))
        self._model.train(is_training)
        return spans[:, :tokens].numpy(), answerable.numpy()


def whole(text: str, title: str) -> Hit:
    """A text as one passage, however long; what is beyond the reader's length will be cut off."""
    article = Article(text, title=title)
    return Hit(Passage(article.id, 0, len(text), text, title), article, 1.0)


def in_passages(text: str, title: str, size: int) -> list[Hit]:
    """A text as the passages of at most so many characters that the product makes of it."""
    article = Article(text, title=title)
    return [Hit(passage, article, 1.0) for passage in split(article, max_passage_chars=size)]
