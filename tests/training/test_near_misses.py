from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import PROPERTY, texts
from training.near_misses import _OPPOSITE, names, near_miss, numbers

NAMES = ("Ada Norling", "Tomas Brandt", "Velmar", "Kestrel", "Bank of Velmar")
NUMBERS = ("1874", "1903", "640", "40,000", "12%")


def misses(
    question: str, pool_names: tuple[str, ...] = (), pool_numbers: tuple[str, ...] = (), draws: int = 200
) -> set[str | None]:
    rng = random.Random(0)
    return {near_miss(question, pool_names, pool_numbers, rng) for _ in range(draws)}


def test_names_are_words_with_capitals_inside_a_sentence():
    text = "Rain fell when Ada Norling and the Bank of Velmar met O'Hara-Lund in June."
    assert names(text) == ["Ada Norling", "Bank of Velmar", "O'Hara-Lund"]


def test_numbers_are_figures_with_their_marks():
    assert numbers("In 1874, 40,000 trees and 3.5 tons were 12% of B2 and 7.") == [
        "1874",
        "40,000",
        "3.5",
        "12%",
        "7",
    ]


def test_a_name_is_exchanged_for_another_one():
    assert misses("Who paid Ada Norling?", ("Ada Norling", "Tomas Brandt", "Velmar")) == {
        "Who paid Tomas Brandt?",
        "Who paid Velmar?",
    }


def test_a_long_name_is_not_exchanged_for_a_short_one():
    assert misses("Who paid the Grand Old Bank of Velmar?", ("Kestrel",)) == {None}


def test_a_name_is_not_exchanged_for_one_that_the_question_has():
    assert misses("So Tomas Brandt met Ada Norling where?", ("Tomas", "ada norling")) == {None}


def test_a_year_is_exchanged_for_a_year_and_a_share_for_a_share():
    assert misses("What broke in 1874?", (), NUMBERS) == {"What broke in 1903?"}
    assert misses("What was 640 metres long?", (), NUMBERS) == {"What was 40,000 metres long?"}
    assert misses("What grew by 9% then?", (), NUMBERS) == {"What grew by 12% then?"}


def test_a_month_is_exchanged_for_another_one():
    found = misses("What burned in June of that year?", draws=2000)
    assert len(found) == 11
    assert "What burned in June of that year?" not in found
    assert "What burned in May of that year?" in found


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who was the first to leave?", {"Who was the last to leave?"}),
        (
            "What was built before the war?",
            {"What was built after the war?", "What was demolished before the war?"},
        ),
    ],
)
def test_a_word_is_exchanged_for_its_opposite(question: str, expected: set[str]):
    assert misses(question) == expected


def test_every_opposite_is_another_word_and_stands_in_a_pair():
    assert all(word != other for word, other in _OPPOSITE.items())
    assert set(_OPPOSITE.values()) <= set(_OPPOSITE)


def test_a_question_with_nothing_to_exchange_is_sometimes_negated():
    found = misses("Which trees did foresters plant there?", draws=500)
    assert found == {None, "Which trees did foresters not plant there?"}


def test_nothing_is_made_of_nothing():
    assert misses("What?", NAMES, NUMBERS) == {None}
    assert misses("", NAMES, NUMBERS) == {None}


QUESTIONS = st.lists(
    st.sampled_from(
        [
            *NAMES,
            *NUMBERS,
            *"who did what was first with June May 1910 before and the in north built ?".split(),
        ]
    ),
    max_size=9,
).map(" ".join)


@PROPERTY
@given(QUESTIONS | texts, st.lists(st.sampled_from(NAMES)), st.lists(st.sampled_from(NUMBERS)), st.integers())
def test_a_near_miss_is_never_the_same_question(
    question: str, pool_names: list[str], pool_numbers: list[str], seed: int
):
    for number in range(5):
        miss = near_miss(question, pool_names, pool_numbers, random.Random(seed + number))
        assert miss is None or miss.split() != question.split()
        assert miss == near_miss(question, pool_names, pool_numbers, random.Random(seed + number))


@PROPERTY
@given(st.permutations(NAMES), st.integers(0, 1000))
def test_the_order_of_the_pool_does_not_matter(pool: list[str], seed: int):
    question = "Who paid Ada Norling of Velmar?"
    assert near_miss(question, pool, (), random.Random(seed)) == near_miss(
        question, NAMES, (), random.Random(seed)
    )


def test_one_thing_is_exchanged_at_a_time():
    question = "Who sold the northern quay of Velmar to Ada Norling in June of 1903 after the fire?"
    words = question.split(" ")
    for miss in misses(question, ("Tomas Brandt", "Kestrel"), ("1874",)) - {None}:
        assert miss is not None
        changed = [n for n, word in enumerate(words) if word not in miss.split(" ")]
        assert len(changed) in {1, 2}
        assert all(after - before == 1 for before, after in pairwise(changed))
