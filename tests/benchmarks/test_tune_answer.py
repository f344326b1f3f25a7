"""The fits of `benchmarks.tune_answer`, on made-up features."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.answering import abstention, calibration, candidates, reranking
from assistant.answering.candidates import Candidate
from assistant.types import Hit, Passage
from benchmarks import tune_answer
from benchmarks.datasets import Evidence
from benchmarks.tune_answer import (
    DEPTHS,
    Asked,
    Example,
    Fitted,
    Judged,
    answer_rows,
    fit,
    judged,
    ordered,
    refit,
    shipped,
    summary,
)
from tests.fakes import make_article, make_hit

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
    assert judged(nothing, fitted) == Judged("far", "far", 0.0, False, 0.0, 0.0, line=1)


def test_a_row_tells_what_reading_more_passages_puts_first(fitted: Fitted) -> None:
    articles = [make_article(f"{text} " * 70, path=text) for text in ("Nothing.", "Rain.", "It was Ding.")]
    hits = tuple(Hit(Passage(a.id, 0, len(a.text), a.text), a, 0.5) for a in articles)
    evidence = (Evidence(articles[2].id, 0, len(articles[2].text)),)
    asked = Asked("Who?", ("Ding",), True, 3, "answerable", evidence)
    found = [Candidate(HIT, n, n + 5, (0.0,) * len(candidates.FEATURES), 0.0) for n in range(2)]
    holds = np.array([0.0, 0.0, 1.0])
    one = Example(asked, "wiki_qa", 1.0, found, np.array([0.0, 1.0]), np.zeros((3, 20)), holds, hits)
    answered = judged(one, fitted)
    assert answered.right_rank == 2
    assert answered.hit_1 == (False,) * (1 + len(DEPTHS))  # all passages weigh the same, so none moves
    assert answered.best_hit_1 == (False, *(depth >= 3 for depth in DEPTHS))
    assert answer_rows([answered])["wiki_qa"] == [
        {
            "line": 3,
            "kind": "answerable",
            "score": round(answered.probability, 4),
            "is_right": False,
            "right_rank": 2,
            "hit_1": [0] * 8,
            "best_hit_1": [0, 0, 0, 1, 1, 1, 1, 1],
        }
    ]


def test_some_weights_are_fitted_anew_and_the_others_keep_their_proportions(
    fitted: Fitted, examples: list[Example]
) -> None:
    found = refit(fitted, examples, ["fit", "ahead"])
    assert (found.sentence is fitted.sentence, found.ranking is fitted.ranking) == (True, True)
    kept = np.array([name not in ("fit", "ahead") for name in abstention.FEATURES])
    scale = found.answered[kept] / fitted.answered[kept]
    np.testing.assert_allclose(scale, scale[0])
    assert found.answered[TELLING] > 0
    right = [judged(each, found).probability for each in examples if each.asked.is_answerable]
    wrong = [judged(each, found).probability for each in examples if not each.asked.is_answerable]
    assert np.mean(right) > 0.8 > 0.4 > np.mean(wrong)


def test_what_ships_is_what_is_refitted() -> None:
    known = shipped(tune_answer.present(), {}, "run")
    assert known["answered"] == json.loads(calibration.PATH.read_text(encoding="utf-8"))["answered"]


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
