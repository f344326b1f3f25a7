from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.abstention import answerable_score, missing_words, not_supported
from assistant.answering.candidates import FEATURES
from assistant.types import Filters, Reason
from tests.answering.test_extractive import candidate, found, hits_of
from tests.fakes import make_article
from tests.strategies import PROPERTY, texts

BAKU = make_article("Ding met Sharif in Baku on Wednesday.", title="Talks")
IN_CORPUS = {"ding", "met", "sharif", "baku", "wednesday", "talk", "zebra"}


def frequency(term: str) -> tuple[int, int]:
    return int(term in IN_CORPUS), 5


@PROPERTY
@given(st.lists(st.floats(0, 1), min_size=len(FEATURES), max_size=len(FEATURES)))
def test_the_score_is_a_probability_whatever_the_features(features: list[float]):
    best = dataclasses.replace(candidate(1, 0.0), features=tuple(features))
    assert 0 < answerable_score([best]) < 1
    assert 0 < answerable_score([best, candidate(2, -1.0)]) < 1


def test_without_sentences_there_is_no_answer():
    assert answerable_score([]) == 0


def test_a_sentence_that_answers_is_more_answerable_than_one_that_does_not():
    asked = "Who met Sharif in Baku on Wednesday?"
    other = found(asked, hits_of(make_article("Rockets were launched at night.", title="Space"), score=0.1))
    assert answerable_score(found(asked, hits_of(BAKU, score=1.0))) > answerable_score(other)


def test_it_says_what_was_searched_and_what_was_not_found():
    asked = "Is Ding a zebra or a unicorn in Baku?"
    nearest = found(asked, hits_of(BAKU))
    abstention = not_supported(asked, nearest, frequency, searched=1200, filters=Filters())
    assert abstention.reason is Reason.NOT_SUPPORTED
    assert "1,200 articles were searched" in abstention.message
    assert "Not found anywhere in the corpus: “unicorn”." in abstention.message
    assert "“zebra”" in abstention.message.partition("Found, but not near the rest of the question:")[2]
    assert {"zebra", "unicorn"} <= set(abstention.missing_terms)
    assert not {"Ding", "Baku"} & set(abstention.missing_terms)


def test_it_says_what_the_search_was_limited_to():
    filters = Filters(published_from=date(2024, 1, 2))
    abstention = not_supported("Who met Sharif?", [], frequency, searched=1, filters=filters)
    assert abstention.message.startswith("1 article was searched (from 2024-01-02); no sentence in it ")


def test_a_word_is_shown_as_it_was_written():
    assert missing_words("“Unicorns”, (zebras)?", [], frequency) == [("Unicorns", True), ("zebras", False)]


@PROPERTY
@given(texts)
def test_any_question_can_be_abstained_from(question: str):
    abstention = not_supported(
        question, found(question, hits_of(BAKU)), frequency, searched=1, filters=Filters()
    )
    assert abstention.reason is Reason.NOT_SUPPORTED
    assert all(any(word in part for part in question.split()) for word in abstention.missing_terms)


@pytest.mark.parametrize("question", ["", "what is it?"])
def test_without_content_nothing_is_missing(question: str):
    assert missing_words(question, [], frequency) == []


def test_words_that_judge_or_want_are_not_named_as_missing():
    nearest = found("What went wrong with the unicorn in Baku?", hits_of(BAKU))
    asked = "What went wrong with the unicorn in Baku?"
    message = not_supported(asked, nearest, frequency, searched=2, filters=Filters()).message
    assert "“unicorn”" in message
    assert "“wrong”" not in message


def test_it_says_that_something_is_told_but_not_why():
    article = make_article("Chile left the talks on Monday.", title="")
    for asked, told in (("Why did Chile leave the talks?", False), ("Why had Chile left the talks?", True)):
        nearest = found(asked, hits_of(article))
        message = not_supported(asked, nearest, frequency, searched=2, filters=Filters()).message
        assert message.startswith("2 articles were searched; they tell that, but not why.") is told
