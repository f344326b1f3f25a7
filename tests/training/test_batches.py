from __future__ import annotations

import random
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from assistant.models import bundled_tokenizer
from assistant.reader_input import MAX_TOKENS
from tests.strategies import FEW
from training.batches import WIDTHS, batches, collate, padded_width
from training.examples import Example

TOKENIZER = bundled_tokenizer()


def example(words: int, answer: tuple[int, int] | None = None, *, title: str = "") -> Example:
    return Example("Who?", title, " ".join(["ding"] * words), answer, "gold")


@FEW
@given(st.lists(st.integers(0, 400), max_size=60), st.integers(MAX_TOKENS, 3000), st.integers(0, 9))
def test_every_example_has_one_place_and_the_rest_fills_up(sizes: list[int], max_tokens: int, seed: int):
    examples = [example(size) for size in sizes]
    groups = batches(examples, TOKENIZER, max_tokens=max_tokens, rng=random.Random(seed))
    counts = Counter(n for group in groups for n in group)
    assert set(counts) == set(range(len(examples)))
    by_width: dict[int, list[list[int]]] = {}
    for group in groups:
        (width,) = {padded_width(min(MAX_TOKENS, sizes[n] + 5)) for n in group}
        assert len(group) == max_tokens // width
        by_width.setdefault(width, []).append(group)
    for width, some in by_width.items():
        members = sum(padded_width(min(MAX_TOKENS, size + 5)) == width for size in sizes)
        fillers = sum(map(len, some)) - members
        assert 0 <= fillers < max_tokens // width


def test_groups_are_the_same_for_the_same_seed_and_come_in_random_order():
    examples = [example(size % 150) for size in range(300)]

    def groups(seed: int) -> list[list[int]]:
        return batches(examples, TOKENIZER, max_tokens=1000, rng=random.Random(seed))

    assert groups(1) == groups(1) != groups(2)
    first = [padded_width(len(examples[group[0]].text.split()) + 5) for group in groups(1)]
    assert first != sorted(first)


@pytest.mark.parametrize(("length", "expected"), [(1, 48), (48, 48), (49, 64), (MAX_TOKENS, MAX_TOKENS)])
def test_few_widths_are_used(length: int, expected: int):
    assert padded_width(length) == expected
    assert WIDTHS[-1] == MAX_TOKENS


def test_a_batch_is_padded_and_knows_where_answers_are(tokenizer: Tokenizer):
    some = [
        Example("Who met?", "Talks", "Ding met Sharif.", (9, 15), "gold"),
        Example("Who met?", "", "Rain fell.", None, "rest"),
    ]
    batch = collate(some, tokenizer)
    assert batch.input_ids.shape == batch.attention_mask.shape == batch.token_type_ids.shape == (2, 48)
    # [CLS] who met ? [SEP] talks [SEP] ding met sharif . [SEP]
    assert batch.spans.tolist() == [[9, 9], [0, 0]]
    assert torch.nonzero(batch.may_answer[0]).flatten().tolist() == [0, 7, 8, 9, 10]
    assert torch.nonzero(batch.may_answer[1]).flatten().tolist() == [0, 5, 6, 7]


def test_the_answer_is_always_among_the_tokens_that_may_answer(tokenizer: Tokenizer):
    some = [example(words, (5 * (words // 2), 5 * (words // 2) + 4)) for words in (1, 20, 200)]
    batch = collate(some, tokenizer)
    for row, (first, last) in enumerate(batch.spans.tolist()):
        assert 0 < first == last
        assert batch.may_answer[row, first]


def test_an_answer_that_is_cut_off_counts_as_none(tokenizer: Tokenizer):
    far = (5 * 350, 5 * 350 + 4)
    batch = collate([example(400, far), example(400, (0, 4))], tokenizer)
    assert batch.input_ids.shape == (2, MAX_TOKENS)
    assert batch.spans.tolist() == [[0, 0], [4, 4]]
