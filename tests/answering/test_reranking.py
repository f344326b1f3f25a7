from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.candidates import NO_SPAN, SPAN_RANGE
from assistant.answering.reranking import FEATURES, features, rerank
from assistant.reader import Reading
from tests.fakes import WordReader, make_hit
from tests.strategies import PROPERTY


def reading(score: float, *, span: float | None, answerable: float = 0.0, text: str = "word") -> Reading:
    """Of a passage of one word, or of none if there is no span."""
    logits = np.array([] if span is None else [span / 2], np.float32)
    offsets = np.array([[0, len(text)]] if len(logits) else [], np.int64).reshape(-1, 2)
    return Reading(make_hit(text, score=score), answerable, offsets, logits, logits)


READINGS = st.lists(
    st.builds(
        reading,
        st.floats(0, 1),
        span=st.none() | st.floats(-1e3, 1e3),
        answerable=st.floats(-1e3, 1e3),
        text=st.sampled_from(["one", "two", "three"]),
    ),
    max_size=8,
)


@PROPERTY
@given(READINGS)
def test_features_are_shares(readings: Sequence[Reading]):
    found = features(readings)
    assert found.shape == (len(readings), len(FEATURES))
    assert ((found >= 0) & (found <= 1)).all()
    assert found[:, FEATURES.index("span_share")].sum() <= 1 + 1e-9


def test_features_by_hand():
    found = features([reading(0.7, span=2.0, answerable=math.log(3)), reading(0.2, span=None)])
    total = math.exp(2) + 1 + math.exp(NO_SPAN)
    assert found.tolist() == [
        pytest.approx([0.7, 0.5 + 2 / SPAN_RANGE, math.exp(2) / total, 0.75]),
        pytest.approx([0.2, 0.0, math.exp(NO_SPAN) / total, 0.5]),
    ]


@PROPERTY
@given(READINGS)
def test_every_reading_stays_and_has_a_probability_highest_first(readings: Sequence[Reading]):
    ordered = rerank(readings)
    answers = [each.hit.answers for each in ordered]
    assert all(value is not None and 0 <= value <= 1 for value in answers)
    assert answers == sorted(answers, reverse=True)
    texts = [sorted(each.hit.passage.text for each in some) for some in (ordered, readings)]
    assert texts[0] == texts[1]


def test_equals_keep_their_order():
    same = [reading(0.5, span=1.0, text=text) for text in ("one", "two", "three")]
    assert [each.hit.passage.text for each in rerank(same)] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (reading(0.5, span=6.0), reading(0.5, span=-6.0)),
        (reading(0.5, span=0.0, answerable=4.0), reading(0.5, span=0.0, answerable=-4.0)),
        (reading(0.9, span=0.0), reading(0.1, span=0.0)),
    ],
)
def test_each_thing_that_speaks_for_a_passage_raises_it(better: Reading, worse: Reading):
    assert [each.hit.passage for each in rerank([worse, better])] == [better.hit.passage, worse.hit.passage]


def test_what_the_reader_says_can_outweigh_how_a_passage_was_found():
    hits = [make_hit("The weather was fine.", score=0.6), make_hit("Ding met Sharif in Baku.", score=0.5)]
    ordered = rerank(WordReader().read("Who met Sharif in Baku?", hits))
    assert ordered[0].hit.passage.text == "Ding met Sharif in Baku."


def test_nothing_is_put_in_order():
    assert rerank([]) == []
