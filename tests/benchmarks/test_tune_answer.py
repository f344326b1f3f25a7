"""The fits of `benchmarks.tune_answer`, on made-up features."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.answering import abstention, candidates, reranking
from assistant.answering.candidates import Candidate
from benchmarks import tune_answer
from benchmarks.tune_answer import Asked, Example, Fitted, Judged, fit, judged, ordered, shipped, summary
from tests.fakes import make_hit

TELLING = candidates.FEATURES.index("fit")
HIT = make_hit("One sentence says this. Another one says that. A third says nothing.")
Floats = NDArray[np.float64]


def example(
    line: int, rng: np.random.Generator, *, kind: str = "answerable", corpus: str = "wiki_qa"
) -> Example:
    """Of three sentences in random order: the one that holds the answer has more of one feature."""
    features = rng.uniform(0, 0.4, (3, len(candidates.FEATURES)))
    holds = np.zeros(3)
    if kind == "answerable":
        place = rng.integers(3)
        holds[place] = 1.0
        features[place, TELLING] = rng.uniform(0.5, 1)
    found = [Candidate(HIT, n, n + 5, tuple(row), 0.0) for n, row in enumerate(features)]
    passages = rng.uniform(0, 0.4, (3, len(reranking.FEATURES)))
    passages[:, 0] += holds / 2
    asked = Asked("Who?", ("this",), kind == "answerable", line, kind)
    return Example(asked, corpus, 1.0, found, holds, passages, holds)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    rng = np.random.default_rng(0)
    return [
        example(line, rng, kind="near" if line % 4 == 0 else "answerable", corpus=corpus)
        for line in range(1, 81)
        for corpus in ("wiki_qa", "corpus")
    ]


@pytest.fixture(scope="module")
def fitted(examples: list[Example]) -> Fitted:
    return fit(examples)


def slopes(loss: tune_answer.Objective, at: Floats) -> Floats:
    step = 1e-6
    return np.array(
        [(loss(at + step * unit)[0] - loss(at - step * unit)[0]) / (2 * step) for unit in np.eye(len(at))]
    )


def test_the_loss_over_sentences_has_the_gradient_that_it_gives(examples: list[Example]) -> None:
    loss = tune_answer._softmax_loss(
        [(each.sentences, each.holds, each.weight) for each in examples if each.holds.any()]
    )
    at = np.linspace(-1, 2, len(candidates.FEATURES))
    np.testing.assert_allclose(loss(at)[1], slopes(loss, at), atol=1e-6)


def test_a_logistic_regression_finds_the_weights_that_made_its_data() -> None:
    rng = np.random.default_rng(1)
    rows = rng.uniform(-2, 2, (4000, 2))
    happened = rng.uniform(size=4000) < 1 / (1 + np.exp(-(0.5 + rows @ [2.0, -1.0])))
    found = tune_answer._logistic(rows, happened.astype(float), np.ones(4000))
    np.testing.assert_allclose(found, [0.5, 2.0, -1.0], atol=0.2)


def test_what_weighs_more_in_a_regression_counts_more() -> None:
    rows, happened = np.zeros((2, 1)), np.array([1.0, 0.0])
    bias = tune_answer._logistic(rows, happened, np.array([3.0, 1.0]))[0]
    assert 1 / (1 + np.exp(-bias)) == pytest.approx(0.75, abs=1e-3)


def test_the_fit_finds_what_tells(fitted: Fitted, examples: list[Example]) -> None:
    assert int(fitted.sentence.argmax()) == TELLING
    assert int(fitted.ranking.argmax()) == 0
    for each in examples:
        found, right = ordered(each, fitted.sentence)
        assert right == float(each.asked.is_answerable)
        assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
        assert {c.start for c in found} == {0, 1, 2}


def test_probabilities_are_higher_where_there_is_an_answer(fitted: Fitted, examples: list[Example]) -> None:
    rows = [judged(each, fitted) for each in examples]
    right = [row.probability for row in rows if row.kind == "answerable"]
    wrong = [row.probability for row in rows if row.kind == "near"]
    assert np.mean(right) > 0.8 > 0.4 > np.mean(wrong)
    assert all(row.passage_rank_1 == 1.0 for row in rows if row.kind == "answerable")


def test_a_question_for_which_nothing_was_found_is_not_answered(fitted: Fitted) -> None:
    asked = Asked("Who?", (), False, 1, "far")
    nothing = Example(asked, "far", 1.0, [], np.zeros(0), np.zeros((0, 4)), np.zeros(0))
    assert judged(nothing, fitted) == Judged("far", "far", 0.0, False, 0.0, 0.0)


def test_weights_are_shipped_under_the_names_of_their_features(fitted: Fitted) -> None:
    found = shipped(fitted, {"lenient": 0.2, "balanced": 0.3, "strict": 0.5}, "a-run")
    assert tuple(found["sentence"]) == candidates.FEATURES
    assert tuple(found["answered"]) == abstention.FEATURES
    assert tuple(found["ranking"]) == reranking.FEATURES
    assert found["sentence"]["fit"] == pytest.approx(fitted.sentence[TELLING], abs=5e-4)
    assert found["run"] == "benchmarks/results/a-run.json"
    assert found["thresholds"] == {"lenient": 0.2, "balanced": 0.3, "strict": 0.5}


def row(
    probability: float, *, kind: str = "answerable", corpus: str = "wiki_qa", right: bool = True
) -> Judged:
    return Judged(kind, corpus, probability, right, 1.0, 0.0)


def test_a_summary_counts_each_corpus_by_itself() -> None:
    rows = [
        *(row(p / 10, right=p > 3) for p in range(1, 11)),
        row(0.05, kind="near", right=False),
        row(0.95, kind="near", right=False),
        *(row(0.5, corpus="corpus") for _ in range(5)),
        row(0.1, kind="far", corpus="far", right=False),
    ]
    found = summary(rows, least=0.5)
    assert found["wiki_qa"]["n"] == 12
    assert found["wiki_qa"]["first_sentence_holds_answer"] == 0.7
    assert found["wiki_qa"]["answered_as_shipped"] == 0.6
    assert found["wiki_qa"]["near_refused_at_80"] == 0.5
    assert found["wiki_qa"]["near_refused_as_shipped"] == 0.5
    assert (found["wiki_qa"]["passage_hit_1_read"], found["wiki_qa"]["passage_hit_1_found"]) == (1.0, 0.0)
    assert found["corpus"]["n"] == 6
    assert found["corpus"]["far_refused_as_shipped"] == 1.0
