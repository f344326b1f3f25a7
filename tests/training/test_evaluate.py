from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest

from assistant.reader import Reading
from assistant.types import Hit
from tests.training.rows import FOREST, HARBOUR, LONG
from training.evaluate import SIZES, answer, measure, sample, summary
from training.gold import GoldQuestion


class SameWords:
    """A reader that answers with the first word of the passage that the question has, too."""

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        return [self._reading(set(question.lower().split()), hit) for hit in hits]

    def _reading(self, asked: set[str], hit: Hit) -> Reading:
        words = list(re.finditer(r"\w+", hit.passage.text))
        logits = np.array([2.0 if word.group().lower() in asked else -1.0 for word in words], np.float32)
        offsets = np.array([word.span() for word in words], np.int64).reshape(-1, 2) + hit.passage.start
        return Reading(hit, float((logits > 0).any()) - 0.5, offsets, logits, logits)


def question(line: int, text: str, paragraph: str, *answers: str) -> GoldQuestion:
    return GoldQuestion(line, text, "", paragraph, answers)


QUESTIONS = (
    question(1, "granite", HARBOUR, "granite"),
    question(2, "lynx", FOREST, "Lynx", "lynxes"),
    question(3, "57", LONG, "57"),
    question(4, "harbour", HARBOUR, "the harbour of Velmar"),
    question(5, "copper", HARBOUR),
    question(6, "copper", FOREST),
)


def test_each_question_is_answered_from_its_paragraph():
    found = [answer(SameWords(), each, 500) for each in QUESTIONS]
    assert [each.question for each in found] == list(QUESTIONS)
    assert [each.text for each in found[:4]] == ["granite", "Lynx", "57", "harbour"]
    assert [each.is_answerable for each in found] == [True] * 4 + [False] * 2
    assert [each.span for each in found] == [4.0, 4.0, 4.0, 4.0, -2.0, -2.0]


def test_the_best_passage_of_a_long_paragraph_counts():
    found = answer(SameWords(), QUESTIONS[2], 250)
    assert found.text == "57"
    assert found.head > 0


def test_a_summary_has_the_means_of_its_questions():
    found = summary([answer(SameWords(), each, 500) for each in QUESTIONS], head_weight=1.0)
    assert (found["answerable"], found["near_misses"]) == (4, 2)
    assert found["em"]["mean"] == 0.75
    assert found["f1"]["mean"] == pytest.approx((3 + 2 * 1 / 3 / (1 + 1 / 3)) / 4, abs=1e-4)
    assert [found[name]["mean"] for name in ("auroc_span", "auroc_head", "auroc_both")] == [1.0, 1.0, 1.0]
    low, high = found["em"]["interval"]
    assert low < 0.75 < high


def test_even_lines_choose_and_odd_lines_report():
    found = measure(SameWords(), QUESTIONS)
    assert found["chosen"]["passage_chars"] in SIZES
    assert (found["even"]["answerable"], found["even"]["near_misses"]) == (2, 1)
    assert (found["odd"]["answerable"], found["odd"]["near_misses"]) == (2, 1)
    assert found["even"]["em"]["mean"] == 0.5
    assert found["odd"]["em"]["mean"] == 1.0


def test_a_sample_has_as_many_of_both_lines_and_is_the_same_each_time():
    questions = [question(line, "Who?", HARBOUR) for line in range(1, 101)]
    drawn = sample(questions, 10)
    assert sum(each.is_tuning for each in drawn) == 10
    assert len({each.line for each in drawn}) == 20
    assert drawn == sample(questions, 10)
    assert sorted(each.line for each in sample(questions, 1000)) == list(range(1, 101))
