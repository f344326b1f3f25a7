from __future__ import annotations

import json
from pathlib import Path

from benchmarks.bars import measured, newest, section
from tests.benchmarks.test_curves import NEWS, row


def test_each_bar_has_its_number_how_many_questions_and_how_far_chance_goes():
    found = {one.what: one for one in measured({"news_quiz": [{**each, "is_right": True} for each in NEWS]})}
    gained = found["news_quiz: hit@1 gained by reading"]
    assert (gained.value[:5], gained.count, gained.bar) == ("0.250", 4, "at least .05")
    assert found["… by the best order of the passages read"].value.startswith("0.500")
    refused = found["news_quiz: unanswerable refused at .85 answered"]
    assert (refused.value[:5], refused.count) == ("0.500", 2)
    assert "true probabilities" in found["news_quiz: expected calibration error"].value


def test_what_was_not_measured_is_left_out():
    assert list(measured({})) == []
    assert [one.what for one in measured({"corpus": [{**row(0.5, rank=1), "is_right": True}]})] == [
        "corpus: expected calibration error",
        "corpus: first sentence holds the answer",
    ]


def test_the_section_names_its_run_and_shows_the_curves():
    text = section({"run": "tune-answer-2026-11-28", "questions": {}})
    assert "tune-answer-2026-11-28" in text
    for drawing in ("ranking.svg", "refusal.svg", "sentences.svg", "reliability.svg"):
        assert f"({drawing})" in text


def test_only_a_run_that_kept_its_questions_counts(tmp_path: Path):
    assert newest(tmp_path) is None
    for day, more in (("01", {"questions": {}}), ("02", {})):
        file = tmp_path / f"tune-answer-2026-11-{day}.json"
        file.write_text(json.dumps({"run": day, **more}), encoding="utf-8")
    found = newest(tmp_path)
    assert found is not None
    assert found["run"] == "01"
