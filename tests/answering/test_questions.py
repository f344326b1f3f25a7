from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.questions import Kind, content_terms, fits, kind_of, office_of
from assistant.stores.lexical import terms
from tests.strategies import PROPERTY, texts


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who met in Baku?", ["met", "baku"]),
        ("Which ministers were meeting the minister?", ["minist", "meet"]),
        ("What is it?", []),
        ("Why? How? And then?", []),
        ("", []),
        ("?!", []),
    ],
)
def test_content_terms(question: str, expected: list[str]):
    assert content_terms(question) == expected


@PROPERTY
@given(texts)
def test_content_terms_are_terms_of_the_question_each_once(question: str):
    found = content_terms(question)
    assert len(found) == len(set(found))
    assert set(found) <= set(terms(question))


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who met in Baku?", Kind.WHO),
        ("When did they meet?", Kind.WHEN),
        ("Where did they meet?", Kind.WHERE),
        ("How many people died?", Kind.HOW_MANY),
        ("Why did they meet?", Kind.WHY),
        ("Tell me about Baku.", Kind.OTHER),
        ("What did the residents do when the cuts were announced?", Kind.OTHER),
        ("What stood in the draft where the sum should have been?", Kind.OTHER),
        ("How do members vote, when there is a division?", Kind.OTHER),
        ("How old was she when she left?", Kind.HOW_MANY),
        ("What happened? When was it?", Kind.WHEN),
        ("What year was it when he left?", Kind.WHEN),
        ("", Kind.OTHER),
    ],
)
def test_what_is_asked_for(question: str, kind: Kind):
    assert kind_of(question) is kind


@PROPERTY
@given(st.sampled_from(Kind), texts, texts)
def test_how_well_a_sentence_fits_is_a_share(kind: Kind, sentence: str, question: str):
    assert 0 <= fits(kind, sentence, question) <= 1


@pytest.mark.parametrize(
    ("kind", "sentence", "other"),
    [
        (Kind.WHO, "The talks were led by Ding Xuexiang.", "the talks were led by somebody."),
        (Kind.WHEN, "It began on 13 November 2024.", "It began at last."),
        (Kind.WHERE, "They met in Karachi.", "They met again."),
        (Kind.HOW_MANY, "It killed 26 people.", "It killed some people."),
        (Kind.WHY, "It failed because of the rain.", "It failed."),
    ],
)
def test_a_sentence_that_holds_what_is_asked_for_fits_better(kind: Kind, sentence: str, other: str):
    assert fits(kind, sentence, "x") > fits(kind, other, "x")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece", ["A", "a ", "in the ", "1", "Mr. ", "which a", "“", "A'", " ", "to to to A "]
)
def test_long_texts_take_no_long_time(piece: str):
    long = (piece * 8000)[:8000]
    kind_of(long)
    for kind in Kind:
        fits(kind, long, long)


@pytest.mark.parametrize(
    ("question", "office"),
    [
        ("Who is the president of France?", ("presid", ("franc",))),
        ("who was prime minister of New Zealand", ("minist", ("new", "zealand"))),
        ("Who became the first mayor of the Hague?", ("mayor", ("hagu",))),
        ("Who is the president?", None),
        ("Who met the president of France?", None),
        ("What is the president of France accused of?", None),
    ],
)
def test_the_office_whose_holder_is_asked_for(question: str, office: tuple[str, tuple[str, ...]] | None):
    assert office_of(question) == office
