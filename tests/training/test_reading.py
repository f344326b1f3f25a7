from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from tokenizers import Tokenizer

from assistant.reader import Reading
from assistant.types import Hit
from tests.training.rows import HARBOUR, LONG
from training.model import ReaderModel
from training.reading import TorchReader, in_passages, whole

HITS = [whole("Ding met Sharif in Baku.", "Talks"), whole("Rain " * 40, ""), whole(" ", "")]


def numbers(readings: Sequence[Reading]) -> np.ndarray:
    return np.concatenate([np.concatenate([[r.answerable], r.starts, r.ends]) for r in readings])


@pytest.fixture
def reader(tiny_model: ReaderModel, tokenizer: Tokenizer) -> TorchReader:
    return TorchReader(tiny_model, tokenizer)


def test_each_hit_is_read_in_its_order(reader: TorchReader):
    readings = reader.read("Who met?", HITS)
    assert [each.hit for each in readings] == HITS
    assert [len(each.offsets) for each in readings] == [6, 40, 0]
    assert [each.best is None for each in readings] == [False, False, True]
    assert reader.read("Who met?", []) == []


def test_logits_are_over_those_of_no_answer(tiny_model: ReaderModel, tokenizer: Tokenizer):
    (before,) = TorchReader(tiny_model, tokenizer).read("Who met?", HITS[:1])
    tiny_model.span.bias.data += 5.0  # of every token, the first among them
    (after,) = TorchReader(tiny_model, tokenizer).read("Who met?", HITS[:1])
    np.testing.assert_allclose(after.starts, before.starts, atol=1e-5)


@pytest.mark.parametrize("is_training", [True, False])
def test_the_model_stays_in_its_mode(tiny_model: ReaderModel, tokenizer: Tokenizer, is_training: bool):
    tiny_model.train(is_training)
    TorchReader(tiny_model, tokenizer).read("Who met?", HITS)
    assert tiny_model.training is is_training


def test_it_is_read_without_chance_while_it_trains(tiny_model: ReaderModel, tokenizer: Tokenizer):
    tiny_model.train()
    for module in tiny_model.modules():
        if hasattr(module, "p"):
            module.p = 0.5  # dropout
    reader = TorchReader(tiny_model, tokenizer)
    np.testing.assert_array_equal(*(numbers(reader.read("Who met?", HITS)) for _ in range(2)))


def test_rounded_numbers_are_near_the_exact_ones(tiny_model: ReaderModel, tokenizer: Tokenizer):
    exact, rounded = (
        TorchReader(tiny_model, tokenizer, is_rounded=is_rounded).read("Who met?", HITS)
        for is_rounded in (False, True)
    )
    np.testing.assert_allclose(numbers(rounded), numbers(exact), atol=0.05)


def test_a_text_is_one_hit():
    hit = whole(HARBOUR, "Velmar")
    assert (hit.passage.text, hit.passage.header, hit.article.text) == (HARBOUR, "Velmar", HARBOUR)


def test_a_text_is_cut_as_the_product_cuts():
    hits: list[Hit] = in_passages(LONG, "Olsen", 250)
    assert len(hits) > 10
    for hit in hits:
        assert hit.passage.text == LONG[hit.passage.start : hit.passage.end]
        assert len(hit.passage.text) <= 250
        assert hit.passage.header == "Olsen"
    assert [hit.passage.text for hit in in_passages(HARBOUR, "", 1000)] == [HARBOUR]
