from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import (
    MAX_TURNS,
    Understood,
    is_courtesy,
    is_new_topic,
    leans,
    standalone_question,
    understand,
)
from assistant.elliptical import MAX_CHARS, filled, is_for_others, wants_others, with_else, without_else
from assistant.types import Turn
from tests.strategies import PROPERTY, texts

HISTORY = (
    Turn("user", "Who met in Baku?"),
    Turn("assistant", "Ding Xuexiang met Shehbaz Sharif in Baku. [1]"),
)


@pytest.mark.parametrize(
    "question",
    ["What did they say?", "And where?", "Why?", "When was that?", "what about security?"],
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


@pytest.mark.parametrize(
    "question",
    [
        "Why did India refuse to travel to Pakistan?",
        "So why didn't India travel to Pakistan?",
        "And who won the Champions Trophy?",
        "But what did the Taliban say?",
        "so, how many people were killed in Dasu?",
    ],
)
def test_a_full_question_that_names_something_stands_alone_whatever_word_it_begins_with(question: str):
    assert not leans(question)
    assert standalone_question(question, HISTORY) == question
    assert understand(question, HISTORY) == Understood(question)
    history = (*HISTORY, Turn("user", question), Turn("assistant", "Nobody knows."))
    assert standalone_question("Since when?", history) == f"Since when? {question}"


@pytest.mark.parametrize(
    "question",
    [
        "Why India?",
        "Why did he refuse to travel to Pakistan?",
        "Why did India do that?",
        "Why at Besham in March?",
        "Why should I care about prices?",
        "Why were the two engineers killed?",
        "And who else met in Baku on Monday?",
        "And who in the Baku talks?",
        "And how many in Dasu in 2021?",
        "So what about Kashmir and India?",
        "And India did not go to Pakistan?",
    ],
)
def test_a_question_that_begins_so_and_points_back_or_is_a_part_leans(question: str):
    assert leans(question)


@pytest.mark.parametrize(
    ("earlier", "question", "dated"),
    [
        ("How many died at Besham in March 2024?", "or Dasu?", ("How many died at Dasu in March 2024?",)),
        ("Who met in Baku in 2024?", "Who else?", ("Who else met in Baku in 2024?",)),
        ("Who met in Baku in 2024?", "And where?", ("And where?", "Who met in Baku in 2024?")),
        ("Who met in Baku in 2024?", "Which hotels in Baku were full?", ("Which hotels in Baku were full?",)),
        ("Who met in Baku in 2024?", "Who won the Trophy?", ("Who won the Trophy?",)),
    ],
)
def test_a_period_is_looked_for_in_the_whole_question_or_first_in_the_one_that_leans(
    earlier: str, question: str, dated: tuple[str, ...]
):
    assert understand(question, (Turn("user", earlier), Turn("assistant", "X. [1]"))).dated == dated


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


ELLIPTICAL = [
    ("Where will COP31 be held?", "and COP32?", "Where will COP32 be held?"),
    ("Where will COP31 be held?", "what about cop30", "Where will COP30 be held?"),
    ("When does Artemis II launch?", "And Artemis III?", "When does Artemis III launch?"),
    ("How many died at Besham?", "and in Dasu?", "How many died in Dasu?"),
    ("How many died at Besham in March 2024?", "or Dasu?", "How many died at Dasu in March 2024?"),
    ("How many died in the Besham attack?", "and the Dasu attack?", "How many died in the Dasu attack?"),
    ("How many died in the Besham attack?", "and in Dasu?", "How many died in the Dasu attack?"),
    ("In Baku, who spoke?", "And at Lahore?", "At Lahore, who spoke?"),
    ("Who won in 2022?", "But in 2023?", "Who won in 2023?"),
    ("What happened on Monday?", "and on Tuesday?", "What happened on Tuesday?"),
    ("What did Prime Minister Sharif say?", "and President Zardari?", "What did President Zardari say?"),
    ("Who is Pakistan’s prime minister?", "And India?", "Who is India’s prime minister?"),
    ("Who is the Pakistani prime minister?", "What about the president?", "Who is the Pakistani president?"),
    ("Who is the Pakistani prime minister?", "And the Indian?", "Who is the Indian prime minister?"),
    ("Who is the Pakistani prime minister?", "And the Indian king?", "Who is the Indian king?"),
    ("Who is prime minister of Pakistan?", "and the king of Nepal?", "Who is the king of Nepal?"),
    ("What is the population of Karachi?", "How about the area?", "What is the area of Karachi?"),
    ("How many men were killed?", "and women?", "How many women were killed?"),
    ("Tell me about the current system.", "What about the old systems?", "Tell me about the old systems."),
]


@pytest.mark.parametrize(("earlier", "question", "expected"), ELLIPTICAL)
def test_a_new_part_takes_the_place_of_the_one_like_it(earlier: str, question: str, expected: str):
    history = (Turn("user", earlier), Turn("assistant", "Nobody knows."))
    assert understand(question, history) == Understood(expected)
    assert standalone_question(question, history) == expected


@pytest.mark.parametrize(
    ("earlier", "question"),
    [
        ("Where will COP31 be held?", "And who hosts it?"),  # a question of its own
        ("Who is the Pakistani prime minister?", "And the Indian one?"),
        ("Where will COP31 be held?", "And Turkey?"),  # no number
        ("Where will COP31 be held?", "and COP31?"),
        ("Did Ding Xuexiang visit Baku?", "And Lahore?"),  # instead of whom or of what?
        ("How many died at Besham?", "and in March?"),  # no time for a place
        ("Who met in Baku?", "what about security?"),
        ("Who is the Pakistani prime minister?", "And India?"),  # not "the India prime minister"
        ("What did Prime Minister Sharif say?", "And the president?"),
        ("How many people were injured?", "and the number?"),
        ("Who met in Baku? What for?", "And in Lahore?"),
        ("Who met in Baku" + " and elsewhere" * 30, "And in Lahore?"),
    ],
)
def test_a_part_that_is_like_none_or_several_changes_nothing(earlier: str, question: str):
    assert filled(question, earlier) == ""


def test_what_was_changed_of_a_question_is_what_the_next_one_is_about():
    asked = ("Where will COP31 be held?", "and COP32?", "And when?", "And COP30?", "Why?")
    history = tuple(Turn("user", question) for question in asked)
    assert standalone_question("And COP29?", history[:3]) == "Where will COP29 be held?"
    assert standalone_question("Since when?", history) == "Since when? Where will COP30 be held?"


def test_a_question_about_somebody_brings_the_names_of_the_last_answer():
    history = (Turn("user", "who met?"), Turn("assistant", "Ding Xuexiang met Shehbaz Sharif. [1]"))
    expected = "What did he say? who met? Ding Xuexiang Shehbaz Sharif"
    assert standalone_question("What did he say?", history) == expected
    assert standalone_question("When?", history) == "When? who met?"


OTHERS = [
    ("Who met in Baku?", "And who else?", "Who else met in Baku?"),
    ("who met in Baku", "any others?", "Who else met in Baku?"),
    ("Who else met in Baku?", "Others?", "Who else met in Baku?"),
    ("Which countries pledged money?", "Who else?", "Which other countries pledged money?"),
    ("What did Li say?", "anything else?", "What else did Li say?"),
    ("Where did they meet?", "where else?", "Where else did they meet?"),
    ("What happened in Baku?", "Who else?", ""),
    ("What teams played?", "What else?", ""),
    ("Which is larger?", "Any others?", ""),
    ("Which of them met?", "Any others?", ""),
    ("How many met?", "Any others?", ""),
    ("Who met? In Baku?", "Who else?", ""),
    ("Who met in Baku?", "Who else spoke?", ""),
    ("Who met" + " and met" * 40, "Who else?", ""),
]


@pytest.mark.parametrize(("earlier", "question", "expected"), OTHERS)
def test_a_question_is_asked_for_others(earlier: str, question: str, expected: str):
    assert with_else(question, earlier) == expected


def test_who_asks_for_others_says_what_was_quoted_to_that_question():
    understood = understand("Who else?", HISTORY)
    quoted = (HISTORY[1].text,)
    assert understood == Understood("Who else met in Baku?", earlier="Who met in Baku?", quoted=quoted)
    assert understood.read == "Who met in Baku?"
    assert understand("And where?", HISTORY).quoted == ()
    assert understand("What else happened?", HISTORY).quoted == ()
    other = (Turn("user", "Who won the Trophy?"), Turn("assistant", "India won it. [1]"))
    more = (Turn("user", "Who else?"), Turn("assistant", "Nobody else."), Turn("user", "thanks"))
    history = (*HISTORY, *other, *more)
    assert understand("Any others?", history).quoted == ("India won it. [1]",)
    assert understand("Any others?", history).standalone == "Who else won the Trophy?"
    assert understand("Who else met in Baku?", (*other, *HISTORY)).quoted == quoted


def test_what_was_quoted_to_those_who_asked_for_others_is_no_answer_either():
    second = "Ilham Aliyev met Li in Baku. [1]"
    for again in ("Who else?", "Who else met in Baku?"):
        history = (*HISTORY, Turn("user", again), Turn("assistant", second))
        understood = understand("others?", history)
        assert understood.quoted == (HISTORY[1].text, second)
        assert understood.standalone == "Who else met in Baku?"
        assert understood.read == "Who met in Baku?"


@pytest.mark.parametrize(
    ("question", "is_so"),
    [
        ("Who else?", True),
        ("ok, anyone else?", True),
        ("Are there any others?", True),
        ("Who else met?", True),
        ("Where else?", False),  # no place was asked for
        ("Who else was killed?", False),
        ("Who?", False),
        ("What about the other hotel?", False),
    ],
)
def test_others_are_those_of_the_question_before(question: str, is_so: bool):
    assert wants_others(question, "Who met in Baku?") is is_so


@pytest.mark.parametrize(
    "question", ["thanks", "Thank you very much!", "ok, thanks", "OK.", "Great, thank you"]
)
def test_a_courtesy_is_no_question(question: str):
    assert is_courtesy(question)
    assert understand(question, HISTORY) == Understood(question)
    assert standalone_question(question, HISTORY) == question
    history = (*HISTORY, Turn("user", question))
    assert standalone_question("And where?", history) == "And where? Who met in Baku?"


@pytest.mark.parametrize("question", ["Thanks, and when was it?", "good", "thanks to whom?", "ok " * 100])
def test_a_courtesy_with_more_is_a_question(question: str):
    assert not is_courtesy(question)


def test_a_question_that_leans_is_searched_for_alone_as_well():
    about = "Who met in Baku?"
    assert understand("And where?", HISTORY) == Understood(f"And where? {about}", "And where?", 0.5, about)


def test_a_question_that_stands_alone_on_the_same_topic_is_searched_for_with_the_one_before():
    question = "Which hotels in Baku were full?"
    about = "Who met in Baku?"
    assert understand(question, HISTORY) == Understood(question, f"{about} {question}", 0.3, about)


@pytest.mark.parametrize("question", ["Which team won the Champions League?", "How are truffles grown?"])
def test_a_new_topic_carries_nothing_over(question: str):
    assert is_new_topic(question, HISTORY)
    assert understand(question, HISTORY) == Understood(question)


def test_without_a_conversation_a_question_is_itself():
    assert understand("And where?", ()) == Understood("And where?")
    assert understand(" ", HISTORY) == Understood(" ")


def test_only_the_last_turns_count():
    later = (Turn("user", "Who spoke?"), Turn("assistant", "Nobody.")) * (MAX_TURNS // 2)
    assert understand("Which hotels in Baku were full?", (*HISTORY, *later)).also == ""


@pytest.mark.parametrize("question", ["", "  ", "\n"])
def test_a_blank_question_stays_blank(question: str):
    assert standalone_question(question, HISTORY) == question


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["A" + " " * 50_000 + "b", "A of " * 20_000, "Ab" * 50_000, "and " * 20_000])
def test_long_turns_take_no_long_time(text: str):
    history = (Turn("user", text), Turn("assistant", text))
    assert standalone_question(text, history).startswith(text.strip()[:10])
    assert standalone_question("Why?", history).startswith("Why? ")


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        "A ",
        "A-",
        "of A ",
        "the a ",
        "in the A ",
        "COP3 ",
        "A.B.",
        "who is the a ",
        " ",
        "ok, ",
        "thanks again ",
    ],
)
def test_long_parts_take_no_long_time(piece: str):
    text = (piece * MAX_CHARS)[:MAX_CHARS].rstrip()
    filled(f"and the {text}"[:MAX_CHARS], text)
    filled("and the old one of us", text)
    filled("and in the old aa", text)
    for question in (text, f"who else {text}", f"who else {piece * 20_000}"):
        is_for_others(question), wants_others(question, text), without_else(question), is_courtesy(question)
        with_else("who else?", question)


@PROPERTY
@given(texts, st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), texts), max_size=4))
def test_the_question_comes_first_whatever_was_said_before(question: str, history: list[Turn]):
    if not is_for_others(question):
        assert standalone_question(question, history).strip().startswith(question.strip())
