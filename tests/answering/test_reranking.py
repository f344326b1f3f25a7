from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.candidates import FEATURES as CANDIDATE_FEATURES
from assistant.answering.candidates import Candidate, candidates
from assistant.answering.reranking import FEATURES, OF_SENTENCE, features, rerank
from assistant.reader import Reading
from assistant.types import Hit
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


def sentences_of(readings: Sequence[Reading], question: str = "Who met Sharif?") -> list[Candidate]:
    return candidates(question, readings, lambda _term: (1, 10))


@PROPERTY
@given(READINGS)
def test_features_are_shares(readings: Sequence[Reading]):
    found = features(readings, sentences_of(readings))
    assert found.shape == (len(readings), len(FEATURES))
    assert ((found >= 0) & (found <= 1)).all()


def column(readings: Sequence[Reading], name: str) -> list[float]:
    values: list[float] = features(readings, sentences_of(readings))[:, FEATURES.index(name)].tolist()
    return values


def test_what_reading_says_is_scaled_between_its_bounds():
    readings = [reading(0.7, span=8.0, answerable=9.0), reading(0.2, span=None, answerable=-3.0)]
    assert column(readings, "span") == pytest.approx([1.0, 0.0])
    assert column(readings, "answers") == pytest.approx([1.0, 0.25])


def test_how_a_passage_was_found_is_told():
    hits = [replace(make_hit(f"Word {n}."), lexical=words) for n, words in enumerate((5.0, 10.0, None))]
    readings = WordReader().read("Word?", hits)
    assert column(readings, "lexical") == pytest.approx([0.5, 1.0, 0.0])
    assert column(readings, "rank") == pytest.approx([1.0, 1 / 2, 1 / 3])


def test_passages_that_give_the_same_words_agree_as_far_as_they_are_trusted():
    readings = [reading(0.5, span=s, text=text) for s, text in ((0.0, "baku"), (0.0, "Baku"), (0.0, "Lima"))]
    assert column(readings, "agreement") == pytest.approx([0.5 / 3, 0.5 / 3, 0.0])


def test_the_place_in_an_article_is_told():
    hit = make_hit("x" * 700 + " Ding met Sharif in Baku.")
    last = replace(hit, passage=replace(hit.passage, start=701, text=hit.article.text[701:]))
    first = replace(hit, passage=replace(hit.passage, end=700, text=hit.article.text[:700]))
    readings = [reading_of(first), reading_of(last)]
    assert column(readings, "is_opening") == [1.0, 0.0]
    assert column(readings, "start") == pytest.approx([0.0, 701 / len(hit.article.text)])
    assert column(readings, "of_article") == pytest.approx([0.4, 0.4])


def reading_of(hit: Hit) -> Reading:
    return WordReader().read("Who met Sharif?", [hit])[0]


def test_the_best_sentence_of_a_passage_speaks_for_it():
    hits = [make_hit("The weather was fine today. Ding met Sharif in Baku."), make_hit("no.")]
    readings = WordReader().read("Who met Sharif in Baku?", hits)
    found = sentences_of(readings, "Who met Sharif in Baku?")
    rows = features(readings, found)[:, -len(OF_SENTENCE) :]
    assert rows[0].tolist() == [found[0].features[CANDIDATE_FEATURES.index(name)] for name in OF_SENTENCE]
    assert not rows[1].any()


@PROPERTY
@given(READINGS)
def test_every_reading_stays_and_has_a_probability_highest_first(readings: Sequence[Reading]):
    ordered = rerank(readings, sentences_of(readings))
    answers = [each.hit.answers for each in ordered]
    assert all(value is not None and 0 <= value <= 1 for value in answers)
    assert answers == sorted(answers, reverse=True)
    texts = [sorted(each.hit.passage.text for each in some) for some in (ordered, readings)]
    assert texts[0] == texts[1]


def test_equals_keep_their_order():
    same = [reading(0.5, span=1.0, text=text) for text in ("one", "two", "three")]
    assert [each.hit.passage.text for each in rerank(same, sentences_of(same))] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (reading(0.5, span=6.0), reading(0.5, span=-6.0)),
        (reading(0.5, span=0.0, answerable=4.0), reading(0.5, span=0.0, answerable=-4.0)),
        (reading(0.9, span=0.0), reading(0.1, span=0.0)),
    ],
)
def test_each_thing_that_speaks_for_a_passage_raises_it(better: Reading, worse: Reading):
    both = [worse, better]
    assert [each.hit.passage for each in rerank(both, sentences_of(both))] == [
        better.hit.passage,
        worse.hit.passage,
    ]


def test_what_the_reader_says_can_outweigh_how_a_passage_was_found():
    hits = [make_hit("The weather was fine.", score=0.6), make_hit("Ding met Sharif in Baku.", score=0.5)]
    readings = WordReader().read("Who met Sharif in Baku?", hits)
    ordered = rerank(readings, sentences_of(readings, "Who met Sharif in Baku?"))
    assert ordered[0].hit.passage.text == "Ding met Sharif in Baku."


def test_nothing_is_put_in_order():
    assert rerank([], []) == []
