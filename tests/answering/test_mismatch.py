from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from assistant.answering import mismatch
from assistant.answering.mismatch import names_asked, share_missing
from assistant.stores.lexical import terms
from tests.strategies import PROPERTY, texts


def missing(question: str, text: str) -> float:
    return share_missing(names_asked(question), text, set(terms(text)))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did Joe Biden arrive in Baku?", [["Joe", "Biden"], ["Baku"]]),
        ("Who won the World Cup of 2022?", [["World", "Cup"]]),
        ("Why did President Xi Jinping's plane leave on Monday in May?", [["Xi", "Jinping"]]),
        ("Where will COP34 take place?", [["COP34"]]),
        ("Trump and Musk", [["Musk"]]),
        ("who met whom", []),
        ("", []),
    ],
)
def test_the_names_of_a_question(question: str, expected: list[list[str]]):
    assert [[word.text for word in name] for name in names_asked(question)] == expected


@pytest.mark.parametrize(
    ("question", "text", "share"),
    [
        ("When did Joe Biden arrive in Baku?", "Ding met Sharif in Baku.", 0.5),
        ("When did Joe Biden arrive in Baku?", "Biden was in Baku.", 0.0),
        ("Why did the Pakistani team leave?", "Pakistan went home.", 0.0),
        ("Why did the French minister stay?", "France sent nobody.", 0.0),
        ("Why did the EU object?", "The European Union objected.", 0.0),
        ("Why did the EU object?", "Everybody objected.", 1.0),
        ("Did it reach the ISS?", "It reached the International Space Station.", 0.0),
        ("What did Türkiye say?", "Turkiye was silent.", 0.0),
        ("Where will COP34 be held?", "COP33 was held in Baku.", 1.0),
        ("who met whom?", "Nobody.", 0.0),
    ],
)
def test_a_text_has_a_name_by_any_of_its_words_and_by_what_is_made_of_it(
    question: str, text: str, share: float
):
    assert missing(question, text) == share


@pytest.mark.parametrize(
    ("sentence", "asked", "value"),
    [
        ("The $100 billion was promised in 2009.", [], 1.0),
        ("The $100 billion was promised in 2009.", ["2009"], 0.0),
        ("The sum promised in 2009 is tripled in 2024.", [], 0.0),
        ("The sum is tripled.", [], 0.0),
    ],
)
def test_a_sentence_about_earlier_years_is_older_than_its_article(
    sentence: str, asked: list[str], value: float
):
    assert mismatch.is_older(asked, sentence, date(2024, 11, 24)) == value
    assert mismatch.is_older(asked, sentence, None) == 0


@PROPERTY
@given(texts, texts)
def test_whatever_is_asked_the_signs_are_shares(question: str, text: str):
    assert 0 <= missing(question, text) <= 1
    assert mismatch.is_older(mismatch.years(question), text, date(2024, 1, 1)) in (0, 1)


@pytest.mark.parametrize(
    ("question", "sentence", "is_another"),
    [
        ("Who hosted COP30?", "Antalya follows; Addis Ababa is host of COP32.", True),
        ("Who hosted COP30?", "COP30 was held in Belém, and COP31 will be in Antalya.", False),
        ("Who hosted COP30?", "The conference was held in Belém.", False),
        ("Who hosted COP 30?", "Addis Ababa hosts COP32.", True),
        ("Where were COP27 and COP28 held?", "COP28 was in Dubai.", False),
        ("Who met on November 13?", "They left on November 14.", True),
        ("What is CPEC?", "COP32 is in Addis Ababa.", False),
    ],
)
def test_another_of_a_series_is_told_by_its_number(question: str, sentence: str, is_another: bool) -> None:
    assert mismatch.is_of_another(question, sentence) is is_another
