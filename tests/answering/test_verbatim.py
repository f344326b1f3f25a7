"""Which sentences stand in a passage nearly word for word, and which only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given

from assistant.answering.premises import Premise, claim_of
from assistant.answering.verbatim import is_verbatim
from tests.fakes import make_hit
from tests.strategies import PROPERTY, texts

QUARRY = make_hit(
    "The quarry above Lund was closed in 1987 after two workers died. Its owner, Ann Berg, denied that the "
    "walls were unsafe. In May, she sold the land to the town for 40,000 crowns. Nobody there protested. The "
    "pumps will be switched off, the mayor said on Monday. But Carl Lind, who succeeded Ann Berg, was born "
    "in Malmö. The town will cut its water bill by 12 percent if it rains.",
    title="Quarry sold",
)


def stands(sentence: str) -> bool:
    return is_verbatim(claim_of(sentence), Premise(QUARRY))


@pytest.mark.parametrize(
    "sentence",
    [
        "The quarry above Lund was closed in 1987 after two workers died.",
        "The quarry above Lund was closed in 1987.",
        "According to the article, a quarry above Lund was closed in 1987.",
        "Nobody there protested. The pumps will be switched off, the mayor said on Monday.",
        "She sold the land to the town for 40,000 crowns in May.",
        "In May, she sold the land to the town.",
        "Carl Lind, who succeeded Ann Berg, was born in Malmö.",
        "Nobody there protested.",
    ],
)
def test_a_sentence_of_the_passage_or_its_beginning_stands_there(sentence: str):
    assert stands(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The town closed the quarry above Lund, where two workers had died.",  # other words
        "The quarry was sold to the town for 40,000 crowns.",
        "After two workers died in 1987, the quarry above Lund was closed.",  # another order
        "The quarry above Lund was closed in 1986 after two workers died.",
        "The quarry above Malmö was closed in 1987 after two workers died.",
        "Its owner, Ann Berg, said that the walls were unsafe.",  # "denied" is left out
        "The walls were unsafe.",
        "The pumps will be switched off.",  # somebody says so
        "Ann Berg was born in Malmö.",  # somebody else was
        "The town will cut its water bill by 12 percent.",  # if it rains
        "The town will cut its water bill to 12 percent if it rains.",
        "The quarry above Lund",  # no sentence
        "Ann Berg.",
        "Ann Berg sold the quarry in 1987.",
    ],
)
def test_other_words_and_what_is_left_out_that_could_change_it_do_not(sentence: str):
    assert not stands(sentence)


@PROPERTY
@given(texts, texts)
def test_any_two_texts_can_be_compared(sentence: str, passage: str):
    assert is_verbatim(claim_of(sentence), Premise(make_hit(f"Ann met Bob. {passage}"))) in (True, False)
