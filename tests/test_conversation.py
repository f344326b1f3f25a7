from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import leans, standalone_question
from assistant.types import Turn
from tests.strategies import PROPERTY, texts

HISTORY = (
    Turn("user", "Who met in Baku?"),
    Turn("assistant", "Ding Xuexiang met Shehbaz Sharif in Baku. [1]"),
)


@pytest.mark.parametrize(
    "question",
    ["What did they say?", "And where?", "Why?", "When was that?", "Who else?", "what about security?"],
)
def test_a_question_that_leans_is_read_with_the_one_before(question: str):
    assert leans(question)
    assert standalone_question(question, HISTORY) == f"{question} Who met in Baku?"


@pytest.mark.parametrize(
    "question", ["Who won the election in Moldova?", "How many people live in Karachi today?"]
)
def test_a_question_that_stands_alone_is_left_alone(question: str):
    assert not leans(question)
    assert standalone_question(question, HISTORY) == question


def test_without_an_earlier_question_nothing_is_folded_in():
    assert standalone_question("What did they say?", ()) == "What did they say?"
    assert standalone_question("What did they say?", (Turn("assistant", "Hello."),)) == "What did they say?"
    assert standalone_question("What did they say?", (Turn("user", "  "),)) == "What did they say?"


def test_a_chain_of_questions_that_lean_goes_back_to_the_one_that_stands_alone():
    history = (*HISTORY, Turn("user", "When?"), Turn("assistant", "On Wednesday. [1]"))
    assert standalone_question("And where?", history) == "And where? Who met in Baku?"


def test_a_question_before_that_was_too_long_is_cut():
    history = (Turn("user", "Who met in Baku? " * 100_000),)
    assert len(standalone_question("Why?", history)) < 2100


def test_only_the_last_question_is_folded_in():
    history = (*HISTORY, Turn("user", "Who spoke at the Summit?"), Turn("assistant", "Nobody."))
    assert standalone_question("When?", history) == "When? Who spoke at the Summit?"


def test_a_question_about_nobody_brings_the_names_of_the_last_answer():
    history = (Turn("user", "who met?"), Turn("assistant", "Ding Xuexiang met Shehbaz Sharif. [1]"))
    assert standalone_question("When?", history) == "When? who met? Ding Xuexiang Shehbaz Sharif"


@pytest.mark.parametrize("question", ["", "  ", "\n"])
def test_a_blank_question_stays_blank(question: str):
    assert standalone_question(question, HISTORY) == question


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["A" + " " * 50_000 + "b", "A of " * 20_000, "Ab" * 50_000, "and " * 20_000])
def test_long_turns_take_no_long_time(text: str):
    history = (Turn("user", text), Turn("assistant", text))
    assert standalone_question(text, history).startswith(text.strip()[:10])
    assert standalone_question("Why?", history).startswith("Why? ")


@PROPERTY
@given(texts, st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), texts), max_size=4))
def test_the_question_comes_first_whatever_was_said_before(question: str, history: list[Turn]):
    assert standalone_question(question, history).strip().startswith(question.strip())
