"""What the reader makes of a sentence; what the words make of it is tested in `test_extractive`."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.candidates import FEATURES, OUTDATED_WEIGHT, SPAN_RANGE, Candidate, candidates
from assistant.reader import Reading
from assistant.types import DateRange, Hit, Passage
from tests.answering.test_extractive import QUESTIONS, found, hits_of
from tests.fakes import WordReader, make_article
from tests.strategies import PROPERTY, articles

TWO = make_article("Ding met Sharif in Baku. Rain fell on the whole valley.", title="")


def read(hit: Hit, logits: list[tuple[float, float]], *, answerable: float = 0.0) -> Reading:
    """A reading with (start, end) logits of each word."""
    words = list(_words(hit))
    starts, ends = (np.array([pair[side] for pair in logits], np.float32) for side in (0, 1))
    assert len(words) == len(logits)
    return Reading(hit, answerable, np.array(words, np.int64).reshape(-1, 2), starts, ends)


def _words(hit: Hit) -> list[tuple[int, int]]:
    places, at = [], hit.passage.start
    for word in hit.passage.text.split(" "):
        places.append((at, at + len(word)))
        at += len(word) + 1
    return places


def feature(candidate: Candidate, name: str) -> float:
    return candidate.features[FEATURES.index(name)]


def by_start(result: list[Candidate]) -> list[Candidate]:
    return sorted(result, key=lambda candidate: candidate.start)


def scored(*readings: Reading, question: str = "Who met in Baku?") -> list[Candidate]:
    return by_start(candidates(question, readings, lambda _: (1, 9)))


def test_a_sentence_has_the_best_span_that_lies_in_it():
    (hit,) = hits_of(TWO)
    logits = [(4.0, 0.0), (0.0, 0.0), (0.0, 5.0), (0.0, 0.0), (0.0, 0.0), *[(-2.0, -2.0)] * 6]
    one, other = scored(read(hit, logits))
    assert one.span is not None
    assert TWO.text[one.span.start : one.span.end] == "Ding met Sharif"
    assert one.span.score == 9.0
    assert feature(one, "span") == 1  # 9 is beyond the range
    assert other.span is not None
    assert (other.span.start, other.span.score) == (TWO.text.index("Rain"), -4.0)
    assert feature(other, "span") == 0.5 - 4 / SPAN_RANGE


def test_the_spans_share_one_certainty_with_no_answer():
    (hit,) = hits_of(TWO)
    shares = [
        feature(each, "span_share") for each in scored(read(hit, [*[(1.0, 1.0)] * 5, *[(0.0, 0.0)] * 6]))
    ]
    total = math.exp(2) + math.exp(0) + 1
    assert shares == pytest.approx([math.exp(2) / total, 1 / total])


def test_a_sentence_without_tokens_has_no_span():
    (hit,) = hits_of(TWO)
    empty = np.zeros(0, np.float32)
    for each in scored(Reading(hit, 0.0, np.zeros((0, 2), np.int64), empty, empty)):
        assert each.span is None
        assert feature(each, "span") == 0
        assert feature(each, "span_share") < 1e-6


def test_every_sentence_of_a_passage_shares_whether_the_passage_answers():
    (hit,) = hits_of(TWO)
    for answerable, expected in ((0.0, 0.5), (math.log(3), 0.75), (-1e6, 0.0)):
        result = scored(read(hit, [(0.0, 0.0)] * 11, answerable=answerable))
        assert [feature(each, "passage_answers") for each in result] == pytest.approx([expected] * 2)


def test_a_sentence_of_two_passages_is_judged_by_the_better_one():
    (hit,) = hits_of(TWO)
    start = TWO.text.index("Rain")
    passage = Passage(TWO.id, start, len(TWO.text), TWO.text[start:])
    result = scored(
        read(hit, [(0.0, 0.0)] * 11, answerable=math.log(3)),
        read(Hit(passage, TWO, 0.1), [(9.0, 9.0)] * 6, answerable=-5.0),
    )
    assert [(each.start, feature(each, "passage_answers")) for each in result] == [
        (0, pytest.approx(0.75)),
        (start, pytest.approx(0.75)),
    ]


def test_a_sentence_tells_what_of_the_question_its_article_does_not_name():
    article = make_article(
        "Ding met Sharif in Baku. They are to meet again. They had met in 2019.",
        title="Talks",
        published=date(2024, 11, 13),
    )
    (hit,) = hits_of(article)
    question = "Where did Trump meet Ding in 2022?"
    met, again, had = by_start(found(question, [hit]))
    assert [feature(each, "unnamed") for each in (met, again, had)] == [0.5] * 3
    assert [feature(each, "unnamed_near") for each in (met, again, had)] == [0.5, 0.5, 1]
    assert [feature(each, "other_year") for each in (met, again, had)] == [1] * 3
    assert [feature(each, "older") for each in (met, again, had)] == [0, 0, 1]


def test_a_place_or_a_number_of_an_earlier_year_comes_after_that_of_this_one():
    text = "Pakistan gave up the final of 2023 to Sri Lanka. The final was in Dubai."
    hits = hits_of(make_article(text, published=date(2025, 3, 10)))
    first, other = found("Where was the final?", hits)
    assert first.text == "The final was in Dubai."
    assert (first.helped, other.helped) == (0, -OUTDATED_WEIGHT)
    assert [each.helped for each in found("Who gave up the final?", hits)] == [0, 0]


def test_the_year_in_which_an_article_was_published_is_not_another_year():
    (hit,) = hits_of(make_article("Ding met Sharif in Baku.", published=date(2024, 11, 13)))
    (met,) = found("Who met in Baku in 2024?", [hit])
    assert feature(met, "other_year") == 0


@PROPERTY
@given(
    QUESTIONS,
    st.lists(articles(), max_size=4),
    st.floats(-1e4, 1e4, width=32),
    st.floats(-1e4, 1e4, width=32),
)
def test_features_stay_in_their_range_whatever_the_reader_says(
    question: str, some: list, answerable: float, logit: float
):
    readings = [
        replace(
            reading,
            answerable=answerable,
            starts=reading.starts * np.float32(logit),
            ends=reading.ends * np.float32(logit),
        )
        for reading in WordReader().read(question, hits_of(*some))
    ]
    result = candidates(question, readings, lambda _: (1, 9))
    for each in result:
        assert all(-1e-6 <= value <= 1 + 1e-6 for value in each.features)
        assert each.span is None or each.start <= each.span.start < each.span.end <= each.end
    assert sum(feature(each, "span_share") for each in result) <= 1 + 1e-6


def test_articles_are_ordered_from_the_oldest_to_the_newest():
    some = [
        make_article(f"Report number {day} says so.", published=date(2024, 1, day), title="")
        for day in (3, 1, 2)
    ]
    undated = make_article("Report without a day says so.", published=None, title="")
    recency = {each.text: feature(each, "recency") for each in found("Who?", hits_of(*some, undated))}
    assert recency == {
        "Report number 1 says so.": 0.0,
        "Report number 2 says so.": 0.5,
        "Report number 3 says so.": 1.0,
        "Report without a day says so.": 0.5,
    }


def test_neighbours_of_the_question_count_where_they_are_neighbours():
    together = make_article("In the end the prime minister resigned.", title="")
    apart = make_article("The minister counted prime numbers.", title="")
    question = "Which prime minister resigned?"
    one, other = (feature(found(question, hits_of(article))[0], "pairs") for article in (together, apart))
    assert (one, other) == (1.0, 0.0)


def test_words_of_the_question_are_near_each_other_whatever_their_order():
    near = make_article("Sharif, Pakistan's prime minister, spoke on Monday.", title="")
    far = make_article(
        "The minister said that the prime concern of all engineers in Pakistan was safety.", title=""
    )
    question = "Who is the prime minister of Pakistan?"
    one, other = (feature(found(question, hits_of(article))[0], "near_pairs") for article in (near, far))
    assert one == 1.0
    assert other < one


@pytest.mark.parametrize(
    ("sentence", "is_read"),
    [
        ("Azerbaijan's president, Ilham Aliyev, had on that day accused France of crimes.", False),
        ("The president of France, Ilham Aliyev, spoke.", True),
        ("France's president is Ilham Aliyev.", True),
    ],
)
def test_an_office_is_held_only_where_the_sentence_joins_it_to_its_country(sentence: str, is_read: bool):
    (best,) = found("Who is the president of France?", hits_of(make_article(sentence, title="")))
    assert (best.span is not None) == is_read
    assert (feature(best, "passage_answers") > 0) == is_read


def test_who_spoke_of_an_office_is_not_asked_for_its_holder():
    sentence = "Azerbaijan's president, Ilham Aliyev, had on that day accused France of crimes."
    (best,) = found("Who accused France?", hits_of(make_article(sentence, title="")))
    assert best.span is not None


def test_only_the_first_sentence_is_the_lead_and_only_for_when_and_where():
    def leads(question: str) -> list[float]:
        return [feature(each, "is_lead") for each in by_start(found(question, hits_of(TWO)))]

    assert leads("Where did they meet?") == [1.0, 0.0]
    assert leads("When did they meet?") == [1.0, 0.0]
    assert leads("Who met?") == [0.0, 0.0]


def in_period(text: str, first: date, last: date, **facts) -> Candidate:
    """The best sentence of an article for a question about a period, all words alike to the reader."""
    hits = hits_of(make_article(text, title="", **facts))
    readings = [read(hit, [(0.0, 0.0)] * len(list(_words(hit)))) for hit in hits]
    return candidates("Who led it then?", readings, lambda _: (1, 9), DateRange(first, last, "then"))[0]


@pytest.mark.parametrize(
    ("year", "expected"),
    [(1930, "Ann led it (1929–1935)."), (1938, "Bob led it (1935–1941)."), (1950, "Eve led it since 1943.")],
)
def test_a_sentence_of_the_period_asked_about_comes_first(year: int, expected: str):
    text = "Ann led it (1929–1935). Bob led it (1935–1941). Eve led it since 1943."
    assert in_period(text, date(year, 5, 1), date(year, 5, 31)).text == expected


@pytest.mark.parametrize(("year", "expected"), [(1931, "Ann"), (1938, "Bob"), (1944, "Eve")])
def test_the_words_beside_a_time_of_the_period_are_its_answer(year: int, expected: str):
    text = "Ann Lee (1929–1935), Bob Day (1935–1941), Eve Fox (1943–1951)"
    best = in_period(text, date(year, 5, 1), date(year, 5, 31))
    assert best.span is not None
    assert text[best.span.start : best.span.end] == expected  # the first word, since all are alike


def test_a_sentence_without_a_time_is_of_that_before_it():
    text = "In 1930 the house burnt. Ann led it. In 1950 it was built again. Bob led it."
    assert in_period(text, date(1951, 1, 1), date(1951, 12, 31)).text in {
        "In 1950 it was built again.",
        "Bob led it.",
    }


def test_without_a_period_times_change_nothing():
    hits = hits_of(make_article("Ann led it (1929–1935). Bob led it (1935–1941).", title=""))
    readings = WordReader().read("Who led it?", hits)
    period = DateRange(date(1800, 1, 1), date(1800, 12, 31), "in 1800")
    plain = candidates("Who led it?", readings, lambda _: (1, 9))
    far = candidates("Who led it?", readings, lambda _: (1, 9), period)
    assert [(c.text, c.score) for c in plain] == [
        (c.text, c.score) for c in far
    ]  # none agrees: none is helped
