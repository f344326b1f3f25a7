"""Sentences that share the question's words and answer another one, each in a small article of its own."""

from __future__ import annotations

import pytest

from assistant.answering.objections import Question, Said
from assistant.answering.relations import is_joined, relation_of
from tests.answering.test_extractive import found, hits_of
from tests.fakes import make_article

AGAINST = [  # question, sentence, the reader's words, the sentence before it
    ("How many people died in the fire?", "All 12 people treated after the fire were released.", "12", ""),
    ("How many were injured in the blast?", "Five miners were killed by the blast.", "Five", ""),
    (
        "How many goals did Ann Berg score?",
        "Cruz, who scored 11 goals, was honoured.",
        "11",
        "Berg led the team.",
    ),
    ("How many goals did Ann Berg score?", "Ann Berg ran 12 miles in the match.", "12", ""),
    ("Is Ann Berg free?", "The vote was free and fair, monitors said.", "free and fair", ""),
    ("Is Ann Berg the mayor of Oslo?", "Ann Berg spoke for an hour.", "Ann Berg", ""),
    ("How many miners were killed in total?", "Five miners were killed on May 6.", "Five", ""),
    ("Who won the Nordic Cup?", "Norway gets the Nordic Cup of 2028.", "Norway", ""),
    ("Who killed Olof Palm?", "Berg is the widow of Olof Palm, who was assassinated.", "Berg", ""),
    ("Who is Ann Berg's brother?", "Tor, the coach, and his brother Ann Berg met Eva Lind.", "Eva Lind", ""),
    ("Who is Ann Berg's brother?", "Eva Lind is the sister of Tor Holm.", "Eva Lind", ""),
    ("Who is the chairman of the NSB?", "Ola Dahl, chairman of the Polar Council, spoke.", "Ola Dahl", ""),
    ("Who is the foreign minister of Chile?", "Chile's finance minister, Ana Rey, spoke.", "Ana Rey", ""),
    ("Why did Chile leave the talks?", "Chile left the talks on Monday.", "Monday", ""),
    ("Why did Chile leave the talks?", "The hosts spoke because Chile left the talks.", "Chile left", ""),
    ("What caused the fire?", "A fire broke out at noon.", "fire", ""),
    ("When does the summit begin?", "The summit ended on May 6.", "May 6", ""),
    ("When did the summit end?", "The summit opened on May 6.", "May 6", ""),
]
FOR = [
    ("How many people died in the fire?", "Nine people died and 12 were treated after the fire.", "Nine", ""),
    ("How many goals did Ann Berg score?", "Berg scored 11 goals.", "11", ""),
    ("How many goals did Ann Berg score?", "She scored 11 goals.", "11", "Berg led the team."),
    ("Is Ann Berg free?", "Ann Berg is in prison.", "in prison", ""),
    ("Is Ann Berg the mayor of Oslo?", "Ann Berg, the mayor, spoke.", "mayor", ""),
    ("How many miners were killed in total?", "In all, 40 miners have been killed.", "40", ""),
    ("Who won the Nordic Cup?", "Norway beat Sweden in the Nordic Cup.", "Norway", ""),
    ("Who killed Olof Palm?", "A gunman killed Olof Palm.", "A gunman", ""),
    ("Who is Ann Berg's brother?", "Berg came with her brother, Tor.", "Tor", ""),
    ("Who is Ann Berg's brother?", "Tor is the brother of Ann Berg.", "Tor", ""),
    ("Who is the chairman of the NSB?", "Its chairman, Ola Dahl, spoke.", "Ola Dahl", "The NSB met."),
    ("Who is the chairman of the NSB?", "Ola Dahl, chairman of the Nordic Ski Board, spoke.", "Ola Dahl", ""),
    ("Who is the prime minister of Chile?", "Chile's premier, Ana Rey, spoke.", "Ana Rey", ""),
    ("Why did Chile leave the talks?", "Chile left the talks because the sum was too small.", "sum", ""),
    ("When does the summit begin?", "The summit opened on May 6 and ended on May 9.", "May 6", ""),
    ("When does the summit begin?", "The summit will be held from May 6 to 9.", "May 6", ""),
    ("What caused the fire?", "Firefighters suspect a heater.", "a heater", ""),
]  # fmt: skip


def said(text: str, words: str, before: str) -> Said:
    return Said(text, before, "", words, text.index(words), article=f"Lea Cruz played. {before} {text}")


@pytest.mark.parametrize(("question", "text", "words", "before"), AGAINST)
def test_words_that_agree_are_objected_to_where_the_sentence_tells_of_another_thing(
    question: str, text: str, words: str, before: str
):
    assert Question(question).is_against(said(text, words, before))


@pytest.mark.parametrize(("question", "text", "words", "before"), FOR)
def test_a_sentence_that_answers_is_not_objected_to(question: str, text: str, words: str, before: str):
    assert not Question(question).is_against(said(text, words, before))


def test_a_reason_needs_no_sign_if_the_reader_is_sure_of_it():
    asked = Question("Why did Chile leave the talks?")
    text = "Chile left the talks, the sum being too small."
    assert asked.is_against(Said(text, "", "", "the sum being too small", 22, certainty=1.9))
    assert not asked.is_against(Said(text, "", "", "the sum being too small", 22, certainty=2.0))


def test_what_was_planned_or_another_one_comes_after_what_was_done():
    asked = Question("When did the first probe launch?")
    assert asked.is_beside(Said("The first probe is to lift off on May 6.", "", ""))
    assert asked.is_beside(Said("The probe lifted off on May 6.", "", ""))
    assert not asked.is_beside(Said("The first probe lifted off on May 6.", "", ""))
    assert not Question("When did they meet in the final of the cup?").is_beside(Said("They met.", "", ""))


def test_a_relation_is_joined_to_whose_it_is():
    relation = relation_of("Who is the NSB chairman?")
    assert relation is not None
    assert is_joined(relation, "Ola Dahl, chairman of the Nordic Ski Board, spoke.")
    assert not is_joined(relation, "Ola Dahl, chairman of the Polar Council, spoke.")
    assert relation_of("Who spoke for the NSB?") is None


def test_a_sentence_that_is_objected_to_has_no_short_answer_and_comes_after_others():
    article = make_article(
        "The fire was out in an hour. In all, 12 people were treated after the fire.", title=""
    )
    result = found("How many people died in the fire?", hits_of(article))
    assert [(each.is_objected, each.span is None) for each in result] == [(False, False), (True, True)]
