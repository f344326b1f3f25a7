"""What the local check accepts and what it catches, on passages of the corpus's own kind."""

from __future__ import annotations

import pytest
from hypothesis import given

from assistant.answering.alignment import Text as TakenApart
from assistant.answering.alignment import align
from assistant.answering.facts import facts, values
from assistant.answering.grounding import Grounding
from assistant.answering.premises import claim_of
from assistant.entailment import OnnxEntailment
from tests.fakes import WordEmbeddings, make_hit
from tests.strategies import PROPERTY, texts

BOMB = make_hit(
    "A bomb killed two engineers and wounded 17 people near the airport of Karachi on October 6. The army of "
    "Pakistan blamed separatists for the attack. China asked for protection of its 30,000 workers.",
    title="Attack in Karachi",
)
TALKS = make_hit(
    "Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday. They spoke of security on the corridor, which "
    "has cost $62 billion since 2015.",
    title="Talks in Baku",
)
FINAL = make_hit(
    "Real Madrid beat Barcelona in the final on Sunday. Arsenal lost to Leeds on Monday.", title="Football"
)
QUIZ = make_hit("What is the capital of Brazil? Write to us, and win a journey.", title="Quiz")
SHOWN = [BOMB, TALKS]
CHECK = Grounding(WordEmbeddings().embed_passages, OnnxEntailment())


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("A bomb killed two engineers near the airport of Karachi.", BOMB),
        ("Near the airport of Karachi, a bomb killed two engineers and wounded 17 people.", BOMB),
        ("The army blamed separatists for the attack.", BOMB),
        ("Ding Xuexiang met Shehbaz Sharif in Baku.", TALKS),
        ("The corridor has cost $62 billion since 2015.", TALKS),
    ],
)
def test_what_a_passage_says_is_supported_by_its_sentence(sentence: str, cited: object):
    support = CHECK.check(sentence, [cited], SHOWN)  # type: ignore[list-item]
    assert support.is_supported
    ((number, start, end),) = support.places
    assert SHOWN[number] == cited
    assert sentence.split()[-1].strip(".") in SHOWN[number].article.text[start:end]


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("A bomb killed two engineers and wounded 19 people near the airport of Karachi.", "“19” is not in"),
        ("A bomb wounded 17 people near the airport of Karachi on October 9.", "“9” is not in"),
        ("A bomb wounded 17 people near the airport of Karachi in March.", "“March” is not in"),
        ("The corridor has cost $62 million since 2015.", "“62 million” is not in"),
        ("Narendra Modi met Shehbaz Sharif in Baku.", "“Narendra”, “Modi” are not in"),
        ("Penguins swim quickly across the frozen harbour at night.", "not said like this in"),
        ("Deputies discussed the weather over lunch at home.", "not said like this in"),
    ],
)
def test_what_is_changed_is_caught_with_the_reason(sentence: str, reason: str):
    support = CHECK.check(sentence, [BOMB, TALKS], SHOWN)
    assert not support.is_supported
    assert support.places == ()
    assert reason in support.reason


@pytest.mark.parametrize(
    ("right", "exchanged"),
    [
        ("Real Madrid beat Barcelona in the final.", "Barcelona beat Real Madrid in the final."),
        ("Arsenal lost to Leeds on Monday.", "Leeds lost to Arsenal on Monday."),
    ],
)
def test_the_same_words_in_exchanged_roles_are_not_supported(right: str, exchanged: str):
    assert CHECK.check(right, [FINAL], [FINAL]).is_supported
    assert not CHECK.check(exchanged, [FINAL], [FINAL]).is_supported


def test_a_passive_that_says_the_same_is_supported():
    assert CHECK.check("Barcelona was beaten by Real Madrid on Sunday.", [FINAL], [FINAL]).is_supported


def test_what_is_asked_is_not_said():
    assert not CHECK.check("Brasília is the capital of Brazil.", [QUIZ], [QUIZ]).is_supported


@pytest.mark.parametrize("cited", [[QUIZ], []])
def test_a_question_says_nothing_that_could_be_supported(cited: list):
    found = CHECK.check("Question: What is the capital of Brazil?", cited, [QUIZ])
    assert (found.is_supported, found.reason) == (False, "it only asks")


@pytest.mark.parametrize(
    ("right", "altered", "reason"),
    [
        (
            "The owner denies that the walls were unsafe.",
            "The owner admits that the walls were unsafe.",
            "the passage has “denies”, not “admits”",
        ),
        ("The town did not close the road.", "The town closed the road.", "the passage denies “close”"),
        (
            "“We had luck,” said Moira Kerr.",
            "“We had courage,” said Moira Kerr.",
            "“We had courage” is not quoted like this in the passage",
        ),
    ],
)
def test_what_the_cited_passage_says_otherwise_is_not_supported(right: str, altered: str, reason: str):
    hit = make_hit(
        "The owner denies that the walls were unsafe. The town did not close the road. “We had luck,” said "
        "Moira Kerr.",
        title="Quarry",
    )
    assert CHECK.check(right, [hit], [hit]).is_supported
    support = CHECK.check(altered, [hit], [hit])
    assert (support.is_supported, support.reason) == (False, reason)


def test_what_only_the_sentence_denies_is_not_supported():
    assert not CHECK.check(
        "A bomb did not kill two engineers near the airport of Karachi.", [BOMB], [BOMB]
    ).is_supported


def test_a_sentence_of_two_passages_is_checked_clause_by_clause():
    both = "Ding Xuexiang met Shehbaz Sharif in Baku, and a bomb killed two engineers in Karachi."
    assert [SHOWN[n] for n, _, _ in CHECK.check(both, [BOMB, TALKS], SHOWN).places] == [TALKS, BOMB]
    wrong = both.replace("two", "nine")
    assert not CHECK.check(wrong, [BOMB, TALKS], SHOWN).is_supported


def test_without_a_marker_the_passage_that_clearly_says_it_is_found():
    support = CHECK.check("Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday.", [], SHOWN)
    assert [SHOWN[number] for number, _, _ in support.places] == [TALKS]


def test_a_passage_that_is_not_named_has_to_say_it_more_clearly():
    sentence = "China asked for protection of the engineers in Karachi."
    named, place = CHECK.support(sentence, BOMB)
    unnamed, same = CHECK.support(sentence, BOMB, is_named=False)
    assert place == same
    assert unnamed < named - 0.1


def test_a_threshold_of_one_accepts_nothing():
    strict = Grounding(WordEmbeddings().embed_passages, OnnxEntailment(), min_support=1.0)
    assert not strict.check("Ding Xuexiang met Shehbaz Sharif in Baku.", [TALKS], SHOWN).is_supported


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000", "1000"), ("two", "2"), ("twenty-two", "22"), ("5 million", "5,000,000"),
        ("$2.5bn", "2.5 billion"),
        ("3rd", "third"), ("Nov", "November"), ("1980s", "1980"),
    ],
)  # fmt: skip
def test_numbers_and_dates_are_the_same_in_other_words(one: str, other: str):
    assert {fact.value for fact in facts(f"it was {one} then")} <= values(f"it was {other} then")


@pytest.mark.parametrize(("one", "other"), [("5 million", "5"), ("15", "16"), ("Nov", "Dec"), ("2.5", "25")])
def test_other_numbers_and_dates_are_others(one: str, other: str):
    assert not {fact.value for fact in facts(f"it was {one} then")} <= values(f"it was {other} then")


def test_a_number_in_the_place_of_another_has_a_rival():
    text = "The bomb killed 12 engineers in Karachi, and 45 soldiers died in Quetta."
    for sentence, is_in_place in (
        ("The bomb killed 12 engineers.", True),
        ("The bomb killed 45 engineers.", False),
    ):
        claim = claim_of(sentence)
        aligned = align(sentence, claim.facts, claim.terms, TakenApart(text))
        (number,) = [each for each in aligned if each.kind == "number"]
        assert (number.context > number.rival) is is_in_place


@PROPERTY
@given(texts, texts)
def test_any_sentence_is_checked_against_any_passage(sentence: str, passage: str):
    hit = make_hit(f"Ann met admin_Tool. {passage}")
    for claim in (sentence, f"Ann_met_Bob {sentence}", hit.passage.text):
        found = CHECK.check(claim, [hit], [hit, BOMB])
        assert 0 <= found.value <= 1
