from __future__ import annotations

import pytest

from assistant.answering.keywords import as_question


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("Nordic Cup winner", "Who won the Nordic Cup?"),
        ("winner of the Nordic Cup", "Who won the Nordic Cup?"),
        ("Oslo summit venue", "Where was the Oslo summit?"),
        ("Oslo fire cause", "What caused the Oslo fire?"),
        ("mine blast death toll", "How many people died in the mine blast?"),
        ("NSB chairman", "Who is the chairman of NSB?"),
        ("ISS crew", "Who is the crew of ISS?"),  # a last letter s is no possessive
        ("Texas governor", "Who is the governor of Texas?"),
        ("Norway's captain", "Who is the captain of Norway?"),
        ("cost of the Oslo tunnel", "How much did the Oslo tunnel cost?"),
    ],
)
def test_a_few_words_ask_what_their_last_noun_asks(typed: str, question: str):
    assert as_question(typed) == question


@pytest.mark.parametrize(
    "text",
    [
        "Who won the Nordic Cup?",
        "the date when it was held",
        "Nordic Cup",
        "names of the dead and the cost",
        "a b c d e f g h i winner",
        "",
    ],
)
def test_questions_and_other_words_stay_as_they_are(text: str):
    assert as_question(text) == text
