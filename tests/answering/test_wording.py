"""Which sentences stand in a passage nearly word for word, and which only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given

from assistant.answering.premises import Premise, claim_of
from assistant.answering.wording import stands_in
from tests.fakes import make_hit
from tests.strategies import PROPERTY, texts

QUARRY = make_hit(
    "The quarry above Lund was closed in 1987 after two workers died, the council said on Monday. Its owner, "
    "Ann Berg, denied that the walls were unsafe. She sold the land to the town for 40,000 crowns. Nobody "
    "there protested.",
    title="Quarry sold",
)


def stands(sentence: str) -> bool:
    return stands_in(claim_of(sentence), Premise(QUARRY))


@pytest.mark.parametrize(
    "sentence",
    [
        "The quarry above Lund was closed in 1987 after two workers died, the council said on Monday.",
        "The quarry above Lund was closed in 1987 after two workers died.",
        "For 40,000 crowns, she sold the land to the town.",
        "According to the article, the quarry above Lund was closed in 1987.",
        "She sold the land to the town for 40,000 crowns.",
        "Nobody there protested.",
    ],
)
def test_the_passages_own_words_in_their_order_stand_there(sentence: str):
    assert stands(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The council closed the quarry above Lund, where two workers had died.",  # other words
        "The quarry was sold to the town for 40,000 crowns.",  # of two sentences, in other words
        "After two workers died in 1987, the quarry above Lund was closed.",  # another order
        "The quarry above Lund was closed in 1986 after two workers died.",
        "The quarry above Malmö was closed in 1987 after two workers died.",
        "Its owner, Ann Berg, said that the walls were unsafe.",  # "denied" is left out
        "The walls were unsafe.",
        "The quarry above Lund",  # no sentence
        "Ann Berg.",
        "Ann Berg sold the quarry in 1987.",
        "The quarry above Lund was closed in 40,000 after two workers died, the council said on Monday.",
        "The quarry above Berg was closed in 1987 after two workers died, the council said on Monday, Ann.",
    ],
)
def test_other_words_another_order_and_what_a_word_left_out_would_change_do_not(sentence: str):
    assert not stands(sentence)


@PROPERTY
@given(texts, texts)
def test_any_two_texts_can_be_compared(sentence: str, passage: str):
    assert stands_in(claim_of(sentence), Premise(make_hit(f"Ann met Bob. {passage}"))) in (True, False)
