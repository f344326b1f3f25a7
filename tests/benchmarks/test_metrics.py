from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.matching import normalise
from benchmarks import metrics
from benchmarks.datasets import Evidence, Question
from benchmarks.metrics import Span
from tests.strategies import PROPERTY, texts

TEXT = "Ding met Sharif in Baku. They spoke of security. The talks took an hour."
TEXTS = {"a": TEXT, "b": "Sharif was in Baku too, says another article."}
MEETING = Question("q", 1, "Who met Sharif?", ("Ding",), (Evidence("a", 0, 24),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Squid Game”", "squid game"),
        ("  $7.5\u00a0billion\n", "7 5 billion"),
        ("Ｂａｋｕ", "baku"),
        ("—", ""),
    ],
)
def test_normalise_takes_out_case_punctuation_and_white_space(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("It was DING, they said.", ["Ding"], True),
        ("In the year 1288.", ["12"], False),
        ("In the year 1288.", ["1299", "1288"], True),
        ("Anything.", [], False),
    ],
)
def test_an_answer_is_held_as_whole_words_only(text: str, answers: list[str], expected: bool) -> None:
    assert metrics.holds_answer(text, answers) is expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span("a", 0, 24), True),
        (Span("a", 5, 24), False),  # in the evidence, but the answer is cut off
        (Span("a", 25, 48), False),  # after the evidence
        (Span("b", 0, 24), False),  # another article
    ],
)
def test_a_hit_overlaps_the_evidence_and_holds_the_answer(span: Span, expected: bool) -> None:
    assert metrics.is_hit(span, MEETING, TEXTS) is expected


def test_an_answer_outside_the_evidence_is_no_hit() -> None:
    question = Question("q", 1, "How long?", ("Ding",), (Evidence("a", 49, 72),))
    assert not metrics.is_hit(Span("a", 0, 24), question, TEXTS)


def test_a_ranking_is_cut_at_the_budget() -> None:
    ranking = [Span("a", 0, 40), Span("b", 10, 40), Span("a", 50, 60)]
    assert metrics.cut(ranking, 60) == [Span("a", 0, 40), Span("b", 10, 30)]
    assert metrics.cut(ranking, 40) == [Span("a", 0, 40)]


def test_a_hit_counts_only_as_far_as_the_budget_reaches() -> None:
    ranking = [Span("b", 0, 10), Span("a", 0, 24)]
    assert not metrics.hit_within(ranking, MEETING, TEXTS, 13)  # "Din"
    assert metrics.hit_within(ranking, MEETING, TEXTS, 14)


def test_the_rank_of_the_first_hit_counts_from_one() -> None:
    ranking = [Span("b", 0, 10), Span("a", 0, 24), Span("a", 0, 24)]
    assert metrics.first_hit(ranking, MEETING, TEXTS) == 2
    assert metrics.first_hit(ranking[:1], MEETING, TEXTS) == 0


def test_reciprocal_rank_ends_at_its_depth() -> None:
    assert [metrics.reciprocal_rank(rank) for rank in (0, 1, 4, 10, 11)] == [0.0, 1.0, 0.25, 0.1, 0.0]


def test_articles_rank_by_their_best_passage() -> None:
    assert metrics.rank_articles([Span("b", 0, 1), Span("a", 0, 1), Span("b", 2, 3)]) == ["b", "a"]


def test_ndcg_equals_the_formula() -> None:
    questions = [
        Question("one", 1, "", relevance={"a": 1, "b": 1}),
        Question("two", 2, "", relevance={"c": 1}),
        Question("unjudged", 3, ""),
    ]
    found = metrics.ndcg({"one": ["x", "a", "b"], "two": ["x"], "unjudged": ["x"]}, questions)
    ideal = 1 + 1 / math.log2(3)
    assert found == {"one": pytest.approx((1 / math.log2(3) + 1 / math.log2(4)) / ideal), "two": 0.0}


def test_coverage_counts_characters() -> None:
    excerpts = [Evidence("a", 0, 10), Evidence("a", 20, 30)]
    found = metrics.coverage([Span("a", 5, 15), Span("a", 20, 25), Span("b", 0, 5)], excerpts)
    assert found == metrics.TokenScores(recall=10 / 20, precision=10 / 20, iou=10 / (20 + 10))


def test_what_is_retrieved_twice_costs_precision() -> None:
    found = metrics.coverage([Span("a", 0, 10), Span("a", 0, 10)], [Evidence("a", 0, 10)])
    assert found == metrics.TokenScores(recall=1.0, precision=0.5, iou=0.5)


def test_nothing_retrieved_covers_nothing() -> None:
    assert metrics.coverage([], [Evidence("a", 0, 10)]) == metrics.TokenScores(0.0, 0.0, 0.0)


def test_an_interval_holds_the_mean_and_narrows_with_more_values() -> None:
    few, many = metrics.interval([0.0, 1.0] * 10), metrics.interval([0.0, 1.0] * 1000)
    assert few[0] < many[0] < 0.5 < many[1] < few[1]
    assert metrics.interval([1.0, 1.0]) == (1.0, 1.0)
    assert metrics.interval([]) == (0.0, 0.0)


@pytest.mark.parametrize(("share", "expected"), [(0.8, 0.2), (0.6, 0.3), (0.61, 0.2), (1.0, 0.1)])
def test_the_threshold_answers_at_least_the_share(share: float, expected: float) -> None:
    scores = [0.1, 0.2, 0.3, 0.4, 0.5]
    assert metrics.threshold_answering(scores, share) == expected
    assert sum(score >= expected for score in scores) / len(scores) >= share


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("Ding Xuexiang", "ding xuexiang!", 1.0),
        ("the summit", "summit", 1.0),
        ("Ding", "Ding Xuexiang", 2 / 3),
        ("Ding Ding", "Ding Li", 0.5),  # each word of the answer is found once
        ("Sharif", "Ding", 0.0),
        ("", "Ding", 0.0),
        ("the", "a", 1.0),  # nothing is left of either
        ("U.S.", "US", 1.0),
        ("twenty-five", "twentyfive", 1.0),
    ],
)
def test_f1_counts_shared_words_as_squad_does(text: str, answer: str, expected: float) -> None:
    assert metrics.f1(text, answer) == metrics.f1(answer, text) == pytest.approx(expected)


def test_the_nearest_answer_counts() -> None:
    answers = ("Sharif", "Ding Xuexiang of China", "Ding Xuexiang")
    assert metrics.best_f1("Mr Ding Xuexiang", answers) == pytest.approx(0.8)
    assert metrics.exact_match("the Ding Xuexiang.", answers) == 1.0
    assert metrics.exact_match("Xuexiang Ding", answers) == 0.0
    assert (metrics.best_f1("Ding", ()), metrics.exact_match("Ding", ())) == (0.0, 0.0)


@PROPERTY
@given(texts, texts)
def test_f1_is_a_share_and_one_only_for_the_same_words(text: str, answer: str) -> None:
    value = metrics.f1(text, answer)
    assert 0 <= value <= 1
    assert (metrics.exact_match(text, [answer]) == 1) <= (value == 1)


SCORES = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=12)


@PROPERTY
@given(SCORES)
def test_auroc_is_the_share_of_pairs_that_are_in_order(drawn: list[tuple[int, bool]]) -> None:
    scores, labels = [float(score) for score, _ in drawn], [label for _, label in drawn]
    pairs = [
        1.0 if up > down else 0.5 if up == down else 0.0
        for up, is_up in drawn
        for down, is_down in drawn
        if is_up and not is_down
    ]
    value = metrics.auroc(scores, labels)
    if pairs:
        assert value == pytest.approx(sum(pairs) / len(pairs))
        low, high = metrics.auroc_interval(scores, labels, samples=50)
        assert 0 <= low <= high <= 1
    else:
        assert math.isnan(value)
        assert all(math.isnan(bound) for bound in metrics.auroc_interval(scores, labels))


def test_the_interval_of_an_auroc_holds_it_and_narrows_with_more_values() -> None:
    def bounds(times: int) -> tuple[float, float]:
        return metrics.auroc_interval([1.0, 2.0, 2.0, 3.0] * times, [False, False, True, True] * times)

    value = metrics.auroc([1.0, 2.0, 2.0, 3.0], [False, False, True, True])
    few, many = bounds(5), bounds(100)
    assert few[0] < many[0] < value < many[1] < few[1]
    assert metrics.auroc_interval([0.0, 1.0], [False, True]) == (1.0, 1.0)


def test_true_probabilities_have_the_less_error_by_chance_the_more_of_them_there_are() -> None:
    few, many = (metrics.chance_calibration_error([0.5] * count) for count in (50, 5000))
    assert 0 < many[0] < few[0] < few[1]
    assert metrics.chance_calibration_error([0.0, 1.0]) == (0.0, 0.0)


def test_the_interval_of_a_share_is_that_of_wilson() -> None:
    assert metrics.share_interval(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert metrics.share_interval(0.0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
