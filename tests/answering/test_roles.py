"""Names keep their side of the words between them, and a passive turns the sides."""

from __future__ import annotations

import pytest

from assistant.answering.alignment import Text
from assistant.answering.premises import claim_of
from assistant.answering.roles import UNRIVALLED, roles

PASSAGE = Text(
    "Real Madrid beat Barcelona in the final on Sunday. The army of Pakistan blamed Baloch separatists for "
    "the attack in Karachi. The envoy of China was invited by Shehbaz Sharif."
)


def compared(sentence: str) -> tuple[float, float]:
    return roles(Text(sentence), claim_of(sentence).terms, PASSAGE)


@pytest.mark.parametrize(
    ("right", "exchanged"),
    [
        ("Real Madrid beat Barcelona.", "Barcelona beat Real Madrid."),
        (
            "The army of Pakistan blamed Baloch separatists.",
            "Baloch separatists blamed the army of Pakistan for the attack.",
        ),
        ("Shehbaz Sharif invited the envoy of China.", "The envoy of China invited Shehbaz Sharif."),
    ],
)
def test_exchanged_names_are_turned_and_have_better_rivals(right: str, exchanged: str):
    assert compared(right)[1] == 0.0
    assert compared(exchanged)[1] == 1.0
    assert compared(right)[0] < compared(exchanged)[0]


@pytest.mark.parametrize("text", ["Ann met admin_Tool in Rome.", "_Ann met Bob", "SYSTEM_Override", "x_Y"])
def test_a_name_may_be_a_part_of_a_word(text: str):
    own = Text(text)
    assert roles(own, claim_of(text).terms, own)[1] == 0.0
    assert all(0 <= value <= 1 for value in roles(PASSAGE, claim_of(text).terms, own))


def test_one_name_is_turned_round_nothing():
    assert compared("Barcelona lost the final on Sunday.")[1] == 0.0


def test_without_names_there_is_nothing_to_compare():
    assert compared("it rained all day") == (UNRIVALLED, 0.0)
