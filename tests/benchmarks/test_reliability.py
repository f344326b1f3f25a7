from __future__ import annotations

from xml.etree import ElementTree

import pytest

from benchmarks.reliability import Bin, bins, stored, svg


def test_bins_hold_the_same_number_in_order_of_probability():
    found = bins([0.9, 0.1, 0.3, 0.7], [True, False, True, True], number=2)
    assert found == [Bin(pytest.approx(0.2), 0.5, 2), Bin(pytest.approx(0.8), 1.0, 2)]


def test_there_are_fewer_bins_than_asked_for_if_there_are_fewer_answers():
    assert [each.count for each in bins([0.5, 0.6], [True, False], number=10)] == [1, 1]


def test_the_newest_run_of_a_set_counts_on_its_odd_lines():
    old = {"questions": {"wiki": {"answers": [{"score": 0.1, "is_right": False, "line": 1}]}}}
    new = {
        "questions": {
            "wiki": {
                "answers": [
                    {"score": 0.9, "is_right": True, "line": 3},
                    {"score": 0.8, "is_right": True, "line": 4},
                ]
            },
            "searched": {"ids": ["a"], "retrieval": {}},
            "dates": [{"line": 1, "as shipped": {"first_sentence": 1.0}}],
        }
    }
    assert stored([old, new, {}]) == {"wiki": [(0.9, True)]}


def test_the_drawing_shows_each_set_and_what_is_right_more_often_higher():
    drawn = svg({"a <set>": [(0.2, False), (0.2, False)], "b": [(0.2, True), (0.2, True)]})
    root = ElementTree.fromstring(drawn)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a <set>", "b"} <= set(texts)
    assert "2 answers, expected calibration error 0.200" in texts
    assert "2 answers, expected calibration error 0.800" in texts
    dots = [dot for dot in root.iter("{http://www.w3.org/2000/svg}circle") if dot.get("r") == "3.5"]
    below, _, above, _ = (float(dot.get("cy", "nan")) for dot in dots)
    assert above < below


def test_beside_the_error_stands_what_chance_alone_makes_of_true_probabilities():
    drawn = svg({"a": [(0.0, False), (1.0, True)]})
    assert "by chance alone 0.000, 1 in 20 above 0.000" in drawn
