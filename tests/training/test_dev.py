from __future__ import annotations

import math

from tokenizers import Tokenizer

from tests.training.rows import DEV_ROWS, ROWS
from training.dev import DevSet
from training.model import ReaderModel


def test_numbers_are_shares(tiny_model: ReaderModel, tokenizer: Tokenizer):
    measured = DevSet([*DEV_ROWS, *ROWS]).measure(tiny_model, tokenizer)
    assert set(measured) == {"em", "f1", "news_f1", "auroc_span", "auroc_head"}
    assert all(0 <= value <= 1 for value in measured.values())
    assert measured["em"] <= measured["f1"]


def test_the_same_questions_are_asked_each_time(tiny_model: ReaderModel, tokenizer: Tokenizer):
    first, second = (DevSet(ROWS, size=3).measure(tiny_model, tokenizer) for _ in range(2))
    assert first == second


def test_without_questions_there_is_nothing_to_measure(tiny_model: ReaderModel, tokenizer: Tokenizer):
    measured = DevSet([]).measure(tiny_model, tokenizer)
    assert math.isnan(measured.pop("auroc_span"))
    assert math.isnan(measured.pop("auroc_head"))
    assert measured == {"em": 0.0, "f1": 0.0, "news_f1": 0.0}
