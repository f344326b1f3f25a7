from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import abstention, candidates, reranking
from assistant.answering.calibration import PATH, Calibration, calibration, probability
from assistant.errors import ModelError
from assistant.settings import AnsweringSettings
from assistant.types import Confidence
from tests.strategies import PROPERTY


@pytest.fixture
def shipped() -> dict[str, Any]:
    known: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return known


def test_every_weight_stands_where_its_feature_does(shipped: dict[str, Any]):
    assert tuple(shipped["sentence"]) == candidates.FEATURES
    assert tuple(shipped["answered"]) == abstention.FEATURES
    assert tuple(shipped["ranking"]) == reranking.FEATURES


def test_levels_go_from_lenient_to_strict(shipped: dict[str, Any]):
    thresholds = shipped["thresholds"]
    assert 0 < thresholds["lenient"] < thresholds["balanced"] < thresholds["strict"] < 1
    assert 0 < shipped["likely"] < shipped["sure"] < 1


def test_the_run_that_chose_the_numbers_is_stored(shipped: dict[str, Any]):
    run = PATH.parent.parent.parent / shipped["run"]
    assert json.loads(run.read_text(encoding="utf-8"))["thresholds"] == shipped["thresholds"]


SMALL = {
    "sentence": {"a": 1.0, "b": 2.0},
    "answered": {"a": 3.0},
    "answered_bias": -1.0,
    "ranking": {"c": 4.0},
    "ranking_bias": -2.0,
    "thresholds": {"lenient": 0.1, "balanced": 0.2, "strict": 0.3},
    "sure": 0.8,
    "likely": 0.5,
}


def test_a_file_is_read_as_it_stands(tmp_path: Path):
    path = tmp_path / "answering.json"
    path.write_text(json.dumps(SMALL), encoding="utf-8")
    assert calibration(path) == Calibration(
        sentence=(1.0, 2.0),
        answered=(3.0,),
        answered_bias=-1.0,
        ranking=(4.0,),
        ranking_bias=-2.0,
        thresholds={"lenient": 0.1, "balanced": 0.2, "strict": 0.3},
        sure=0.8,
        likely=0.5,
    )


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", json.dumps(SMALL | {"sentence": [1]}), "\xff\xfe"]
)
def test_a_damaged_file_is_an_error_with_a_hint(tmp_path: Path, text: str):
    path = tmp_path / "answering.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError, match="cannot be read") as raised:
        calibration(path)
    assert raised.value.hint == "Reinstall the package."


def test_a_missing_file_is_an_error_with_a_hint(tmp_path: Path):
    with pytest.raises(ModelError, match="cannot be read"):
        calibration(tmp_path / "answering.json")


@PROPERTY
@given(st.floats(-30, 30))
def test_a_probability_is_the_logistic_function_of_its_logit(logit: float):
    assert probability(logit) == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-12)


@pytest.mark.parametrize(("logit", "expected"), [(-1e30, 0.0), (-800.0, 0.0), (0.0, 0.5), (1e30, 1.0)])
def test_no_logit_is_too_large(logit: float, expected: float):
    assert probability(logit) == expected


class TestThresholds:
    def test_are_the_levels_of_the_setting(self, shipped: dict[str, Any]):
        found = {
            level: abstention.threshold(AnsweringSettings(caution=level))
            for level in ("lenient", "balanced", "strict")
        }
        assert found == shipped["thresholds"]

    @pytest.mark.parametrize("least", [0.0, 0.42, 1.0])
    def test_are_a_number_where_one_is_set(self, least: float):
        assert abstention.threshold(AnsweringSettings(caution="strict", min_score=least)) == least


def test_a_probability_in_a_word(shipped: dict[str, Any]):
    sure, likely = shipped["sure"], shipped["likely"]
    words = [abstention.confidence(score) for score in (1.0, sure, sure - 1e-9, likely, likely - 1e-9, 0.0)]
    assert words == [
        Confidence.SURE,
        Confidence.SURE,
        Confidence.LIKELY,
        Confidence.LIKELY,
        Confidence.WEAK,
        Confidence.WEAK,
    ]
