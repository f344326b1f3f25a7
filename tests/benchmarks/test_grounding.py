"""The weights of the grounding check are fitted and reported as its module says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.answering.grounding import AGAINST, value_of, value_unnamed
from assistant.answering.premises import FEATURES, MANNER, NAMES
from benchmarks.grounding import ACCEPTED, DRAFT, SHARES, WRITTEN, Measured, fit, quantile, shipped, summary
from benchmarks.statements import KINDS, Pair
from tests.fakes import make_hit

HIT = make_hit("It rained.")


def measured(kind: str, coverage: float, line: int = 2) -> Measured:
    found = [0.0] * (len(FEATURES) + len(MANNER))
    found[FEATURES.index("coverage")] = coverage
    return Measured(Pair(line, "set", kind, "It rained.", HIT), tuple(found))


ROWS = [
    *(measured("true", 0.6 + n / 100) for n in range(40)),
    *(measured(kind, n / 100) for kind in KINDS for n in range(40)),
]


def test_every_kind_of_false_statement_has_its_share():
    assert set(SHARES) == {*KINDS, WRITTEN}


def test_what_separates_the_true_ones_is_found():
    weights = fit(ROWS)
    assert weights.support[NAMES.index("coverage")] > 0
    report = summary(ROWS, weights)
    assert [report[kind]["auroc"] for kind in KINDS] == [1.0] * len(KINDS)
    assert report["n_true"] == 40
    assert abs(report["true_accepted"] - ACCEPTED) <= 1 / 40
    assert {report[kind]["accepted"] for kind in KINDS} == {0.0}


def test_the_thresholds_accept_the_share_that_is_asked_for():
    weights = fit(ROWS)
    assert quantile(ROWS, weights, 0.5) > quantile(ROWS, weights, 0.9)


def test_what_a_small_model_wrote_counts_only_where_no_passage_is_named():
    drafts = [
        Measured(Pair(0, DRAFT, kind, "It rained.", HIT), measured(kind, n / 100).features)
        for n, kind in [(100, "true"), (99, "true"), *((n, DRAFT) for n in range(60, 98))]
    ]
    alone, together = fit(ROWS), fit([*ROWS, *drafts])
    assert (together.bias, together.threshold) == (alone.bias, alone.threshold)
    assert together.unnamed_bias != alone.unnamed_bias
    wrong = drafts[-1].features
    assert value_unnamed(wrong, together) < value_unnamed(wrong, alone)


def test_what_the_first_opinion_is_all_against_is_not_supported_by_the_second():
    weights = fit(ROWS)
    for_it = replace(weights, unnamed=np.zeros_like(weights.unnamed), unnamed_bias=9.0)
    agreed, opposed = measured("true", 1.0).features, measured("true", 0.0).features
    assert value_of(opposed, for_it) < AGAINST < value_of(agreed, for_it)
    assert value_unnamed(opposed, for_it) < 0.5 < value_unnamed(agreed, for_it)


def test_the_file_holds_a_weight_for_every_name():
    weights = fit(ROWS)
    known = shipped(weights, "run")
    assert list(known["support"]) == list(NAMES)
    assert np.allclose(list(known["support"].values()), weights.support)
    assert (known["run"], known["threshold"]) == ("benchmarks/results/run.json", weights.threshold)


def test_written_statements_count_for_the_weights_and_not_for_the_threshold():
    strange = [
        Measured(Pair(row.pair.line, WRITTEN, "true", "It rained.", HIT), row.features)
        for row in (measured("true", 0.0), measured("true", 0.01))
    ]
    alone, together = fit(ROWS), fit([*ROWS, *strange])
    assert together.bias != alone.bias
    assert abs(summary(ROWS, together)["true_accepted"] - ACCEPTED) <= 1 / 40
