from __future__ import annotations

import json
from typing import Any

import pytest

from training.report import README, RESULTS, generate, table

CARD = "before\n<!-- results: made by training.report -->\nold\n<!-- /results -->\nafter\n"


def odd(mean: float) -> dict[str, Any]:
    number = {"mean": mean, "interval": [mean - 0.05, mean + 0.05]}
    names = ("em", "f1", "auroc_span", "auroc_head", "auroc_both")
    return {"answerable": 532, "near_misses": 494, **dict.fromkeys(names, number)}


def reader(mean: float) -> dict[str, Any]:
    return {
        "model": {"step": 3800},
        "chosen": {"passage_chars": 500, "head_weight": 4.0},
        "even": odd(0.1),
        "odd": odd(mean),
    }


def results(**readers: dict[str, Any]) -> dict[str, Any]:
    return {
        "date": "2026-11-25",
        "commit": "0123456789abcdef",
        "dirty": False,
        "machine": {"cores": 2, "processor": "some processor"},
        "data": {"name": "wiki_qa", "sha256": "00"},
        "readers": readers,
    }


def test_each_reader_has_a_row_with_its_intervals():
    lines = table(results(onnx=reader(0.75), torch=reader(0.76))).split("\n")
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|") == 7
    assert lines[2].startswith("| as shipped")
    assert lines[2].count("0.750 [0.700, 0.800]") == 5
    assert lines[3].count("0.760 [0.710, 0.810]") == 5
    assert (
        "532 answerable questions and 494 near misses, 2026-11-25, commit 0123456789ab, 2 cores" in lines[5]
    )
    assert "passages of 500 characters, a weight of 4 for the head" in lines[5]


def test_one_reader_is_enough_and_changes_are_told():
    text = table(results(onnx=reader(0.75)) | {"dirty": True})
    assert "commit 0123456789ab with changes" in text
    assert "torch" not in text


def test_only_what_stands_between_the_marks_is_replaced():
    made = generate(CARD, results(onnx=reader(0.75)))
    assert made.startswith("before\n<!-- results: made by training.report -->\n\n| | F1")
    assert made.endswith("\n\n<!-- /results -->\nafter\n")
    assert "old" not in made
    assert generate(made, results(onnx=reader(0.75))) == made


def test_a_card_without_marks_is_an_error():
    with pytest.raises(ValueError, match="no marks"):
        generate("nothing", results(onnx=reader(0.75)))


def test_the_model_card_says_what_was_measured():
    text = README.read_text(encoding="utf-8")
    assert generate(text, json.loads(RESULTS.read_text(encoding="utf-8"))) == text
