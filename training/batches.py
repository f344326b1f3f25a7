"""Examples as padded tensors, those of like length together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from assistant.reader_input import MAX_TOKENS, EncodedPairs, Pair, encode_pairs
from training.examples import Example


@dataclass(frozen=True)
class Batch:
    """What one step reads: tensors of shape (pairs, tokens), see `training.model.loss`."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    may_answer: torch.Tensor
    spans: torch.Tensor


#: Tokens that pairs are padded to: few shapes, since each new one costs the processor's kernels a second.
WIDTHS = (48, 64, 80, 96, 112, 128, 160, 192, 224, 256, MAX_TOKENS)
ENCODE_AT_ONCE = 2000


def batches(
    examples: Sequence[Example], tokenizer: Tokenizer, *, max_tokens: int, rng: random.Random
) -> list[list[int]]:
    """Group examples of like length, in random order: lists of indices, as many in each as fit.

    Args:
        examples: In random order.
        tokenizer: Of the model.
        max_tokens: Largest size of a padded batch.
        rng: Where chance comes from.
    """
    by_width: dict[int, list[int]] = {width: [] for width in WIDTHS}
    for n, length in enumerate(_lengths(examples, tokenizer)):
        by_width[padded_width(length)].append(n)
    groups = [
        group
        for width, members in by_width.items()
        for group in _full_groups(members, max_tokens // width, rng)
    ]
    rng.shuffle(groups)
    return groups


def _full_groups(members: Sequence[int], size: int, rng: random.Random) -> list[list[int]]:
    """The last group is filled up with members of others."""
    groups = [list(members[start : start + size]) for start in range(0, len(members), size)]
    if groups:
        groups[-1] += rng.choices(members, k=size - len(groups[-1]))
    return groups


def padded_width(length: int) -> int:
    """The width of `WIDTHS` that so many tokens are padded to."""
    return next(width for width in WIDTHS if length <= width)


def _lengths(examples: Sequence[Example], tokenizer: Tokenizer) -> Iterator[int]:
    for start in range(0, len(examples), ENCODE_AT_ONCE):
        mask = _encoded(examples[start : start + ENCODE_AT_ONCE], tokenizer).attention_mask
        yield from (int(length) for length in mask.sum(axis=1))


def _encoded(examples: Sequence[Example], tokenizer: Tokenizer, width: int = 0) -> EncodedPairs:
    pairs = [Pair(example.question, example.title, example.text) for example in examples]
    return encode_pairs(tokenizer, pairs, width)


def collate(examples: Sequence[Example], tokenizer: Tokenizer) -> Batch:
    """Encode examples together.

    An answer that the cut at the model's length leaves out counts as none.
    """
    longest = int(_encoded(examples, tokenizer).attention_mask.sum(axis=1).max())
    encoded = _encoded(examples, tokenizer, padded_width(longest))
    may_answer = torch.from_numpy(encoded.in_text).clone()
    may_answer[:, 0] = True
    spans = [
        encoded.tokens_of(n, *example.answer) or (0, 0) if example.answer else (0, 0)
        for n, example in enumerate(examples)
    ]
    return Batch(
        torch.from_numpy(encoded.input_ids),
        torch.from_numpy(encoded.attention_mask),
        torch.from_numpy(encoded.token_type_ids),
        may_answer,
        torch.tensor(spans),
    )
