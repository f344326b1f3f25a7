"""How a question and a passage become the reader's tokens, and tokens a place in the passage again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

CLS, SEP, PAD = 101, 102, 0  # of BERT's uncased vocabulary
MAX_QUESTION_TOKENS = 48
MAX_TITLE_TOKENS = 24
MAX_TOKENS = 288  # of a pair; a passage of 500 characters has about 110


@dataclass(frozen=True)
class Pair:
    """What is read at once: a question and a passage with its article's title, which may be empty."""

    question: str
    title: str
    text: str


@dataclass(frozen=True)
class EncodedPairs:
    """A padded batch: int64 arrays of shape (pairs, tokens).

    Attributes:
        input_ids: [CLS] question [SEP] title [SEP] passage [SEP], the title with its [SEP] left out if empty.
        attention_mask: 1 for tokens, 0 for padding.
        token_type_ids: 1 from the title on.
        in_text: bool, the passage's tokens.
        offsets: For each pair (first token of the passage, (start, end) of each of its tokens in the text).
    """

    input_ids: NDArray[np.int64]
    attention_mask: NDArray[np.int64]
    token_type_ids: NDArray[np.int64]
    in_text: NDArray[np.bool_]
    offsets: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]

    def tokens_of(self, pair: int, start: int, end: int) -> tuple[int, int] | None:
        """First and last token of the characters `start` to `end` of a passage; None if they were cut off."""
        first, offsets = self.offsets[pair]
        inside = [n for n, (begin, stop) in enumerate(offsets) if begin < end and start < stop]
        if not inside or offsets[-1][1] < end:
            return None
        return first + inside[0], first + inside[-1]

    def characters_of(self, pair: int, first: int, last: int) -> tuple[int, int]:
        """(start, end) in the passage of the tokens `first` to `last`, both inside it."""
        base, offsets = self.offsets[pair]
        return offsets[first - base][0], offsets[last - base][1]


def encode_pairs(
    tokenizer: Tokenizer, pairs: Sequence[Pair], width: int = 0, question_tokens: int = MAX_QUESTION_TOKENS
) -> EncodedPairs:
    """Encode pairs together, padded to the longest.

    Args:
        tokenizer: Of the model, without truncation and padding.
        pairs: At least one.
        width: Tokens to pad to if the longest has fewer.
        question_tokens: Tokens of the question that are kept.

    Returns:
        The batch; what is beyond `MAX_TOKENS` of a pair is cut off.
    """
    texts = [text for pair in pairs for text in (pair.question, pair.title, pair.text)]
    encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
    rows = [
        _row(encodings[n], encodings[n + 1], encodings[n + 2], question_tokens)
        for n in range(0, 3 * len(pairs), 3)
    ]
    width = max(width, *(len(ids) for ids, _, _, _ in rows))
    input_ids = np.full((len(rows), width), PAD, np.int64)
    masks = np.zeros((3, len(rows), width), np.int64)
    for n, (ids, title_at, text_at, offsets) in enumerate(rows):
        input_ids[n, : len(ids)] = ids
        masks[0, n, : len(ids)] = 1
        masks[1, n, title_at : len(ids)] = 1
        masks[2, n, text_at : text_at + len(offsets)] = 1
    places = tuple((text_at, offsets) for _, _, text_at, offsets in rows)
    return EncodedPairs(input_ids, masks[0], masks[1], masks[2].astype(bool), places)


def _row(
    question: Encoding, title: Encoding, text: Encoding, question_tokens: int
) -> tuple[list[int], int, int, tuple[tuple[int, int], ...]]:
    """(ids, where the title begins, where the passage begins, offsets of the passage's tokens)."""
    head = [CLS, *question.ids[:question_tokens], SEP]
    middle = [*title.ids[:MAX_TITLE_TOKENS], SEP] if title.ids else []
    room = MAX_TOKENS - len(head) - len(middle) - 1
    ids = [*head, *middle, *text.ids[:room], SEP]
    return ids, len(head), len(head) + len(middle), tuple(text.offsets[:room])
